"""How far the import is: a bar in a terminal, a plain line now and then in a pipe or a log. Always on stderr."""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from admin_cli.language import t

PLAIN_LINE_EVERY_SECONDS = 5.0
"""Often enough to see that it lives, seldom enough for a log."""


class RateColumn(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        return Text(t(f"{task.speed or 0:,.0f} 行/秒", f"{task.speed or 0:,.0f} rows/s"))


class ImportProgress:
    """Use it as a context: within, `begin` a phase and `advance` by rows. `total` None is not known yet."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._label = ""
        self._total: int | None = None
        self._done = 0
        self._began_at = self._line_at = clock()
        self._bar = _bar(self._stream) if self._stream.isatty() else None
        self._task = None if self._bar is None else self._bar.add_task("", total=None)

    def __enter__(self) -> "ImportProgress":
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def begin(self, label: str, total: int | None) -> None:
        self._label, self._total, self._done = label, total, 0
        self._began_at = self._line_at = self._clock()
        if self._bar is not None and self._task is not None:
            self._bar.reset(self._task, description=label, total=total)

    def advance(self, rows: int) -> None:
        self._done += rows
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, rows)
            return
        now = self._clock()
        if now - self._line_at >= PLAIN_LINE_EVERY_SECONDS:
            self._line_at = now
            print(self._line(now - self._began_at), file=self._stream, flush=True)

    def say(self, words: str) -> None:
        """A sentence between the bar's drawings, or a line of the log."""
        if self._bar is not None:
            self._bar.console.print(words, markup=False, highlight=False)
        else:
            print(words, file=self._stream, flush=True)

    def _line(self, seconds: float) -> str:
        rate = self._done / seconds
        if self._total is None:
            return t(
                f"{self._label}：{self._done:,} 行，{rate:,.0f} 行/秒",
                f"{self._label}: {self._done:,} rows, {rate:,.0f} rows/s",
            )
        left = (self._total - self._done) / rate
        return t(
            f"{self._label}：{self._done:,} / {self._total:,} 行，{rate:,.0f} 行/秒，还要 {left:,.0f} 秒",
            f"{self._label}: {self._done:,} of {self._total:,} rows, {rate:,.0f} rows/s, {left:,.0f} s left",
        )


def _bar(stream: TextIO) -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
        console=Console(file=stream),
        transient=True,
    )
