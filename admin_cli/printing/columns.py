"""What a table or a record shows of an API object: which values, under which words, what gives way on a narrow screen.

A column knows three forms of its value: raw (a pipe), worded (a table) and its colour. It does not know how wide the
terminal is; that is `tables.py`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from admin_cli.printing.text import visible
from admin_cli.printing.times import long_time, offset_time, short_time
from admin_cli.printing.words import COLOURS, Words, yes_or_no

NOTHING = "–"
"""What a table shows for null, so that an empty cell never has to be guessed at."""

TEXT_WIDTH_MIN = 10
"""Cells below which a cut text says nothing any more; then the column goes instead."""

NAME_WIDTH_MIN = 20
"""The same for a text of rank 2, which names the row: other columns leave before it is cut shorter."""

Show = Callable[[Any, ZoneInfo], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`rank` 1 is always shown and never cut; of the others the largest rank leaves first. `can_be_cut`: free text."""

    key: str
    title: str
    show: Show
    raw: Show
    rank: int = 1
    is_right: bool = False
    can_be_cut: bool = False
    has_time: bool = False
    is_phrase: bool = False

    def worded(self, item: Mapping[str, Any], zone: ZoneInfo) -> str:
        value = self._value(item)
        return NOTHING if value is None or value in ("", []) else self.show(value, zone)

    def raw_text(self, item: Mapping[str, Any], zone: ZoneInfo) -> str:
        value = self._value(item)
        return "" if value is None else self.raw(value, zone)

    def colour(self, item: Mapping[str, Any]) -> str:
        value = pick(item, self.key)
        return COLOURS.get(value, "") if isinstance(value, str) else ""

    def _value(self, item: Mapping[str, Any]) -> Any:
        """What stands at the key; for a phrase the object around it."""
        if not self.is_phrase:
            return pick(item, self.key)
        around = self.key.rpartition(".")[0]
        return pick(item, around) if around else item


def pick(item: Any, key: str) -> Any:
    """The value at a dotted path; None where the path ends early (a report that is not decided has no award)."""
    for part in key.split("."):
        if not isinstance(item, Mapping):
            return None
        item = item.get(part)
    return item


def code(key: str, title: str, *, rank: int = 1) -> Column:
    """A code, an id, a date: short, exact, never cut."""
    return Column(key=key, title=title, rank=rank, show=_plain, raw=_plain)


def text(key: str, title: str, *, rank: int = 5) -> Column:
    return Column(key=key, title=title, rank=rank, show=_plain, raw=_plain, can_be_cut=True)


def number(key: str, title: str, *, rank: int = 1) -> Column:
    return Column(key=key, title=title, rank=rank, show=_grouped, raw=_plain, is_right=True)


def change(key: str, title: str, *, rank: int = 1) -> Column:
    """A number with its sign: what came and what went."""
    return Column(key=key, title=title, rank=rank, show=_signed, raw=_plain, is_right=True)


def moment(key: str, title: str, *, rank: int = 3) -> Column:
    """An instant, in the programme's zone."""
    return Column(key=key, title=title, rank=rank, show=_time, raw=_offset, has_time=True)


def word(key: str, title: str, words: Words, *, rank: int = 1) -> Column:
    """A value of an enumeration, in the person's words."""

    def show(value: Any, zone: ZoneInfo) -> str:
        return words.get(str(value)) or visible(str(value))

    return Column(key=key, title=title, rank=rank, show=show, raw=_plain)


def flag(key: str, title: str, *, rank: int = 3) -> Column:
    return Column(key=key, title=title, rank=rank, show=lambda value, zone: yes_or_no(value), raw=_plain)


def phrase(
    key: str, title: str, say: Callable[[Any], str], raw: Callable[[Any], str], *, rank: int = 1, is_right: bool = False
) -> Column:
    """Several values of an object in one cell: `say` and `raw` get the object that `key` stands in. The key may be a
    name of our own, which then heads the column of a pipe."""
    return Column(
        key=key,
        title=title,
        rank=rank,
        show=lambda value, zone: visible(say(value)) or NOTHING,
        raw=lambda value, zone: visible(raw(value)),
        is_right=is_right,
        is_phrase=True,
    )


def piped(key: str, title: str) -> Column:
    """A value that a table has in other words already: only a pipe shows it."""
    return Column(key=key, title=title, rank=10, show=lambda value, zone: NOTHING, raw=_plain)


def detailed(column: Column) -> Column:
    """The same column for a record: a time to the second."""
    return replace(column, show=_long_time) if column.has_time else column


def raw_value(value: Any) -> str:
    """Any value of the API as one cell of a pipe."""
    return "" if value is None else _plain(value, ZoneInfo("UTC"))


def _plain(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return visible(", ".join(value))
    return visible(json.dumps(value, ensure_ascii=False))


def _grouped(value: Any, zone: ZoneInfo) -> str:
    return f"{value:,}" if isinstance(value, int) else _plain(value, zone)


def _signed(value: Any, zone: ZoneInfo) -> str:
    if not isinstance(value, int):
        return _plain(value, zone)
    return f"{value:+,}" if value else "0"


def _time(value: Any, zone: ZoneInfo) -> str:
    return short_time(str(value), zone)


def _long_time(value: Any, zone: ZoneInfo) -> str:
    return long_time(str(value), zone)


def _offset(value: Any, zone: ZoneInfo) -> str:
    return offset_time(str(value), zone)
