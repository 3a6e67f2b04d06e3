"""Single keys from the terminal, with a time limit, and whole lines in between.

The limit is what makes undo work without threads: waiting for a key ends when a held decision has to go out.
"""

import os
import select
import sys
import termios
import tty
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

ESCAPE = "escape"
END = "end"
"""The terminal is gone."""

ESCAPE_WAIT_SECONDS = 0.05
"""Within this an arrow key's further bytes arrive; later there was only the escape key."""

READ_BYTES_MAX = 64


class Keys:
    """The keyboard while a review runs. Ctrl-C stays what it is everywhere: KeyboardInterrupt."""

    def __init__(self) -> None:
        self._descriptor = sys.stdin.fileno()
        self._before: list[Any] = []

    def __enter__(self) -> "Keys":
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    def read(self, timeout_seconds: float) -> str | None:
        """One key in lower case, `ESCAPE`, `END`, or None when the time is over. Arrows and the like are swallowed."""
        if not self._is_ready(timeout_seconds):
            return None
        data = os.read(self._descriptor, 1)
        if not data or data == b"\x04":
            return END
        if data == b"\x1b":
            if not self._is_ready(ESCAPE_WAIT_SECONDS):
                return ESCAPE
            os.read(self._descriptor, READ_BYTES_MAX)
            return None
        # A Chinese input method sends whole characters of two to four bytes, full-width letters among them.
        while len(data) < _length_of(data[0]) and self._is_ready(ESCAPE_WAIT_SECONDS):
            data += os.read(self._descriptor, 1)
        return unicodedata.normalize("NFKC", data.decode("utf-8", errors="replace")).lower()

    def _is_ready(self, timeout_seconds: float) -> bool:
        return bool(select.select([self._descriptor], [], [], timeout_seconds)[0])

    def read_line(self, question: str) -> str:
        """A typed line, with the usual editing keys; empty when nothing was typed or the line was left with Ctrl-D."""
        with self._as_before():
            try:
                return _line_with_editing(question).strip()
            except EOFError:
                return ""

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
        try:
            yield
        finally:
            tty.setcbreak(self._descriptor)


def _length_of(first_byte: int) -> int:
    """Bytes of the UTF-8 character that begins so."""
    if first_byte >= 0xF0:
        return 4
    if first_byte >= 0xE0:
        return 3
    return 2 if first_byte >= 0xC0 else 1


def _line_with_editing(question: str) -> str:
    with suppress(ImportError):
        # Its mere presence makes input() erase a Chinese character whole, both its cells.
        import readline  # noqa: F401
    return input(question)
