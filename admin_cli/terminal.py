"""Talking with a person: words on stderr, questions on the terminal, secrets without echo.

Results never go through here; see `output.py`.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from typer.exceptions import Exit

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.printing.text import width_of, wrap

TERMINAL = "/dev/tty"
"""The person's terminal itself: a question can be answered even when stdin carries a list of codes."""

SECRET_BYTES_MAX = 4096


def say(words: str) -> None:
    """A sentence for the person, on stderr, so that a pipe carries results only. A terminal would break it within a
    word or a code; here it is broken between them."""
    if sys.stderr.isatty():
        width = shutil.get_terminal_size().columns
        words = "\n".join(line for part in words.split("\n") for line in _broken(part, width))
    print(words, file=sys.stderr, flush=True)


def _broken(line: str, width: int) -> list[str]:
    return wrap(line, width) if width_of(line) > width else [line]


def check_can_confirm() -> None:
    """Raises, before anything is shown, when nobody could answer a question; the remedy is `--yes`."""
    with _terminal() as person:
        if person is None:
            raise _nobody_there()


def _nobody_there() -> Failure:
    return usage_failure(
        t(
            "这一步要先确认，而这里没有终端；确定要做就加上 --yes，想先看看就用 --dry-run。",
            "This asks first, and there is no terminal here. Add --yes to do it, or --dry-run to look first.",
        )
    )


def confirm(question: str) -> bool:
    """True when the person says yes."""
    with _terminal() as person:
        if person is None:
            raise _nobody_there()
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        answer = person.readline()
    if not answer.endswith("\n"):
        say("")
    return answer.strip().lower() in ("y", "yes", "是", "好", "ｙ")


def stop_unless_confirmed(question: str) -> None:
    """Asks, and ends the command when the answer is no."""
    if not confirm(question):
        say(t("没有做任何改动。", "Nothing was changed."))
        raise Exit(ExitCode.REFUSED)


@contextmanager
def _terminal() -> Iterator[TextIO | None]:
    if not sys.stderr.isatty():
        yield None
    elif sys.stdin.isatty():
        yield sys.stdin
    else:
        with ExitStack() as stack:
            person = None
            with suppress(OSError):
                person = stack.enter_context(Path(TERMINAL).open(encoding="utf-8"))
            yield person


def ask_secret(question: str, *, option: str) -> str:
    """What the person types, unseen. `option` is the way to give it without a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise usage_failure(
            t(
                f"这里没有终端可以输入；请用 {option} 给出。",
                f"There is no terminal to type it on. Give it with {option}.",
            )
        )
    import getpass  # only here: most commands ask for no secret

    secret = getpass.getpass(f"{question}: ", stream=sys.stderr)
    if not secret:
        raise usage_failure(t("没有输入任何内容。", "Nothing was typed."))
    return secret


def ask_new_secret(question: str, *, option: str) -> str:
    """Typed twice, because nobody can read it afterwards."""
    secret = ask_secret(question, option=option)
    if ask_secret(t(f"{question}（再输一次）", f"{question} (again)"), option=option) != secret:
        raise usage_failure(t("两次输入不一样，请重来。", "The two are not the same. Start again."))
    return secret


def ask_line(question: str, *, option: str) -> str:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise usage_failure(
            t(
                f"这里没有终端可以输入；请用 {option} 给出。",
                f"There is no terminal to type it on. Give it with {option}.",
            )
        )
    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def read_secret_from_stdin() -> str:
    """The first line of stdin: how a password manager or a script hands over a secret unseen by `ps`."""
    secret = sys.stdin.readline(SECRET_BYTES_MAX).rstrip("\r\n")
    if not secret:
        raise usage_failure(t("标准输入里没有密码。", "There is no password on standard input."))
    return secret


def is_on_terminal() -> bool:
    """Whether a person is at both ends, and the terminal can move a cursor."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
