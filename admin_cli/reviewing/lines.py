"""What the cards of all queues are made of: labelled lines, the promised time in colour, a table that gives way."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.text import Text

from admin_cli.language import t
from admin_cli.printing.text import fit
from admin_cli.printing.times import read_instant

LABEL_WIDTH = 8
TABLE_LINES_MIN = 3
"""Title, rule and one row: what the lines above a table have to leave free for it."""

SOON = timedelta(minutes=30)
"""From here on the promised time counts as nearly over."""

HYPERLINK_VARIABLES = ("VTE_VERSION", "KITTY_WINDOW_ID", "WT_SESSION", "KONSOLE_VERSION")
HYPERLINK_PROGRAMS = ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper")
"""Terminals known to open OSC 8 links. Source: the list kept by the authors of the OSC 8 specification."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The room that a card has, and the moment at which it is looked at."""

    now: datetime
    zone: ZoneInfo
    width: int
    height: int
    has_links: bool = False


def supports_hyperlinks(environment: Mapping[str, str] = os.environ) -> bool:
    return environment.get("TERM_PROGRAM", "") in HYPERLINK_PROGRAMS or any(
        environment.get(name) for name in HYPERLINK_VARIABLES
    )


def labelled(label: str, value: Text, width: int) -> Text:
    line = Text.assemble((fit(label, LABEL_WIDTH), "dim"), value)
    if line.cell_len > width:
        line.truncate(width, overflow="ellipsis")
    return line


def promised(due_at: object, view: View) -> Text:
    """How long is left until what was promised, with its colour, and when that is; nothing without a promise."""
    due = read_instant(str(due_at))
    if due is None:
        return Text()
    words, style = time_left(due - view.now)
    local = due.astimezone(view.zone)
    when = t(f"（期限 {local:%m-%d %H:%M}）", f" (due {local:%m-%d %H:%M})")
    return Text.assemble(" · ", (words, style), (when, "dim"))


def time_left(left: timedelta) -> tuple[str, str]:
    """How long until the promised decision, or since; with its colour."""
    words = _duration(abs(left))
    if left < timedelta(0):
        return t(f"已超时 {words}", f"{words} late"), "bold red"
    return t(f"还有 {words}", f"{words} left"), "yellow" if left <= SOON else "green"


def _duration(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 60:
        return t(f"{minutes} 分钟", f"{minutes} min")
    if minutes < 48 * 60:
        return t(f"{minutes // 60} 小时 {minutes % 60} 分", f"{minutes // 60} h {minutes % 60} min")
    return t(f"{minutes // 1440} 天", f"{minutes // 1440} days")


def table_part(lines: list[Text], count: int, say_more: Callable[[int], str]) -> list[Text]:
    """The first `count` lines of a table, the last of them saying how many rows have no room."""
    if len(lines) <= count:
        return lines
    shown = lines[: count - 1] if count > TABLE_LINES_MIN else []
    more = len(lines) - max(len(shown), TABLE_LINES_MIN - 1)
    return [*shown, Text(say_more(more), style="dim")]
