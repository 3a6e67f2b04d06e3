"""The screen of a review: the card, the line of keys, and the questions that a decision may need.

Drawn on the terminal's second screen, from the top left, line by line without clearing first: nothing flickers, nothing
scrolls, and afterwards the terminal shows what it showed before.
"""

import shutil
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import StringIO
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from admin_cli.language import t
from admin_cli.printing.text import fit, wrap
from admin_cli.reviewing.keys import ESCAPE, Keys
from admin_cli.reviewing.lines import View, supports_hyperlinks

SECOND_SCREEN, FIRST_SCREEN = "\033[?1049h", "\033[?1049l"
TOP_LEFT, CLEAR_LINE, CLEAR_BELOW = "\033[H", "\033[K", "\033[J"
HIDE_CURSOR, SHOW_CURSOR = "\033[?25l", "\033[?25h"

FRAME = 2
"""Cells that the panel takes on each side, and lines above and below together."""

FOOTER = 3
"""What became of the last decision, what is still held, and the keys."""

Status = tuple[str, str]
NO_STATUS = ("", "")

WIDTH_MAX = 120
"""On a wider screen the eye would have to travel; the rest stays empty."""

LONG_SECONDS = 3600.0
"""How long a question waits before it looks at the keyboard again: a question has no deadline."""

KeysLine = Sequence[tuple[str, str]]
"""The keys and what they do, in the order in which they are shown."""


class Screen:
    def __init__(self, keys: Keys, zone: ZoneInfo, keys_line: KeysLine) -> None:
        self._keys = keys
        self._zone = zone
        self._keys_line = keys_line
        self._has_links = supports_hyperlinks()

    def __enter__(self) -> "Screen":
        sys.stdout.write(SECOND_SCREEN + HIDE_CURSOR)
        sys.stdout.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        sys.stdout.write(SHOW_CURSOR + FIRST_SCREEN)
        sys.stdout.flush()

    # --- what is shown -------------------------------------------------------------------------------------------

    def show_card(self, draw: Callable[[View], list[Text]], title: str, count: str, status: Status) -> None:
        self._draw(draw(self._view()), title, count, status, keys_line(self._keys_line))

    def show_end(self, status: Status) -> None:
        words = t(
            "全部看完了。按 u 撤回最后一条，按别的键结束。",
            "That was all. u takes the last one back, any other key ends.",
        )
        self._draw([Text(line) for line in self._wrapped(words)], t("队列", "Queue"), "", status, Text())

    def show_page(self, draw: Callable[[View], list[Text]], title: str) -> None:
        """Until a key is pressed."""
        back = Text(t("按任意键返回", "any key goes back"), style="dim")
        self._draw(draw(self._view()), title, "", NO_STATUS, back)
        self._keys.read(LONG_SECONDS)

    def show_help(self, words: str) -> None:
        self.show_page(lambda view: [Text(line) for line in self._wrapped(words)], t("说明", "Help"))

    # --- what is asked -------------------------------------------------------------------------------------------

    def ask_reason(self, reasons: Sequence[str]) -> str | None:
        """One of the usual reasons by its number, or a typed one; None when the person thought better of it."""
        own = t("自己写", "write one")
        back = t("返回", "back")
        rows = [f"{number}  {reason}" for number, reason in enumerate(reasons, 1)] + [f"0  {own}", f"Esc  {back}"]
        self._draw([Text(row) for row in rows], t("驳回的理由", "Why is it rejected"), "", NO_STATUS, Text())
        while True:
            key = self._keys.read(LONG_SECONDS)
            if key == "0":
                return self.ask_line(t("理由：", "Reason: "))
            if key is not None and key.isdecimal() and int(key) <= len(reasons):
                return reasons[int(key) - 1]
            if key in (ESCAPE, "end", "q"):
                return None

    def ask_line(self, question: str) -> str | None:
        """Asked on the last line; an empty answer means back."""
        _, height = self._size()
        sys.stdout.write(f"\033[{height};1H{CLEAR_LINE}{SHOW_CURSOR}")
        sys.stdout.flush()
        answer = self._keys.read_line(question)
        sys.stdout.write(HIDE_CURSOR)
        return answer or None

    # --- drawing -------------------------------------------------------------------------------------------------

    def _size(self) -> tuple[int, int]:
        size = shutil.get_terminal_size()
        return min(size.columns, WIDTH_MAX), size.lines

    def _view(self) -> View:
        width, height = self._size()
        return View(
            now=datetime.now(UTC),
            zone=self._zone,
            width=width - 2 * FRAME,
            height=height - FRAME - FOOTER,
            has_links=self._has_links,
        )

    def _wrapped(self, words: str) -> list[str]:
        return wrap(words, self._size()[0] - 2 * FRAME)

    def _draw(self, lines: Sequence[Text], title: str, subtitle: str, status: Status, keys: Text) -> None:
        width, height = self._size()
        panel = Panel(
            Group(*lines),
            title=Text(title, style="bold"),
            title_align="left",
            subtitle=Text(subtitle, style="dim") if subtitle else None,
            subtitle_align="right",
            border_style="bright_black",
            width=width,
            height=height - FOOTER,
        )
        drawn = _ansi(panel, width).split("\n")
        for words, style in zip(status, ("cyan", "yellow"), strict=True):
            drawn.append(_ansi(Text(fit(words, width - 1).rstrip(), style=style), width))
        if keys.cell_len > width - 1:
            keys.truncate(width - 1)
        drawn.append(_ansi(keys, width))
        text = f"{CLEAR_LINE}\r\n".join(line for line in drawn)
        sys.stdout.write(f"{TOP_LEFT}{text}{CLEAR_LINE}{CLEAR_BELOW}")
        sys.stdout.flush()


def keys_line(keys: KeysLine) -> Text:
    line = Text()
    for key, words in keys:
        line.append(f" {key} ", style="reverse").append(f" {words}  ")
    return line


def _ansi(what: Any, width: int) -> str:
    """The lines that rich would print, colours and links included, without the last line's end."""
    real = Console()
    buffer = StringIO()
    console = Console(
        file=buffer,
        force_terminal=True,
        color_system="standard" if real.color_system else None,
        no_color=real.no_color,
        width=width,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    console.print(what)
    return buffer.getvalue().rstrip("\n")
