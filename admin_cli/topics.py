"""`points help` and `points exits`: what one looks up rather than does."""

import sys
from typing import Annotated, Any

import typer

from admin_cli.exits import MEANINGS
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.output import make_console, write_row
from admin_cli.printing.text import fit, wrap

EXITS_TOPIC = "exits"


def show_exits(ctx: typer.Context) -> None:
    """The table of exit codes; tab-separated in a pipe like any other."""
    if not sys.stdout.isatty():
        write_row(("exit_code", "name", "meaning"))
        for code, meaning in MEANINGS.items():
            write_row((str(code.value), code.name.lower(), meaning))
        return
    width = make_console().width
    for code, meaning in MEANINGS.items():
        for number, line in enumerate(wrap(meaning, width - 6)):
            print(fit(str(code.value) if number == 0 else "", 4, right=True) + "  " + line)


def show_help(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help=t("命令，或 exits", "A command, or exits"))
    ] = None,
) -> None:
    if words == [EXITS_TOPIC]:
        show_exits(ctx)
        return
    assert ctx.parent is not None, "this command stands below the program itself"
    at: Any = ctx.parent
    for word in words or []:
        command = at.command.get_command(at, word) if hasattr(at.command, "get_command") else None
        if command is None:
            name = " ".join(words or [])
            raise usage_failure(
                t(f"没有命令「{name}」。看看有哪些：points --help", f"There is no command {name!r}. See points --help")
            )
        at = type(at)(command, parent=at, info_name=word)
    typer.echo(at.get_help())
