"""Tables and records in a terminal: which columns fit, how wide each is, and the lines themselves.

The rule: a code or a number is never cut and never wrapped. Less important columns leave first, free text is cut with
an ellipsis, and when even the important ones are wider than the screen each row becomes a small record.
Text is only ever added as plain text, so nothing in the data can be markup.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from admin_cli.language import t
from admin_cli.printing.columns import NAME_WIDTH_MIN, NOTHING, TEXT_WIDTH_MIN, Column, detailed
from admin_cli.printing.text import fit, width_of, wrap

GAP = 2
"""Blank cells between two columns; rules and boxes would take as many and show less."""

COMFORTABLE_TEXT_WIDTH = 32
"""An address or a name that one knows again."""

MINOR_RANK = 6
"""From here on a column is only shown when the texts before it have enough room."""

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Columns that fit with their widths, and how many had to leave."""

    columns: list[tuple[Column, int]]
    left_out_count: int


def lay_out(columns: Sequence[Column], widths: Sequence[int], total: int) -> Layout | None:
    """The columns that fit into `total` cells; None when even those of rank 1 do not.

    `widths` is what each column would like. Room is given by rank; what does not fit leaves it to the next.
    Texts are widened to a comfortable width before minor columns come in, and to their full one with what is left.
    """
    likes = dict(zip((column.key for column in columns), widths, strict=True))
    by_rank = sorted(columns, key=lambda column: column.rank)
    given: dict[str, int] = {}
    spare = total + GAP  # the first column has no gap before it
    for is_minor, widest in ((False, COMFORTABLE_TEXT_WIDTH), (True, total)):
        for column in by_rank:
            needed = _least(column, likes) + GAP
            if (column.rank >= MINOR_RANK) == is_minor and needed <= spare:
                given[column.key] = needed - GAP
                spare -= needed
        for column in by_rank:
            if column.key in given:
                more = max(0, min(spare, min(likes[column.key], widest) - given[column.key]))
                given[column.key] += more
                spare -= more
    if any(column.rank == 1 and column.key not in given for column in columns):
        return None
    return Layout(
        columns=[(column, given[column.key]) for column in columns if column.key in given],
        left_out_count=len(columns) - len(given),
    )


def _least(column: Column, likes: Mapping[str, int]) -> int:
    like = likes[column.key]
    least = NAME_WIDTH_MIN if column.rank <= 2 else TEXT_WIDTH_MIN
    return min(like, max(least, width_of(column.title))) if column.can_be_cut else like


def table_lines(columns: Sequence[Column], items: Sequence[Item], zone: ZoneInfo, total: int) -> tuple[list[Text], str]:
    """The lines of the table, and what has to be said below it: the zone of its times, columns that are not shown."""
    rows = [[column.worded(item, zone) for column in columns] for item in items]
    places = [
        place
        for place, column in enumerate(columns)
        if column.rank == 1 or any(row[place] != NOTHING for row in rows)  # a column of nothing tells nothing
    ]
    columns = [columns[place] for place in places]
    rows = [[row[place] for place in places] for row in rows]
    widths = [
        max([width_of(column.title), *(width_of(row[place]) for row in rows)]) for place, column in enumerate(columns)
    ]
    layout = lay_out(columns, widths, total)
    if layout is None:
        return _records(columns, items, zone, total), _remark(columns, zone, left_out_count=0)
    gap = " " * GAP
    head = gap.join(fit(column.title, width, right=column.is_right) for column, width in layout.columns)
    rule = gap.join("─" * width for _, width in layout.columns)
    lines = [Text(head.rstrip(), style="bold"), Text(rule, style="dim")]
    place_of = {column.key: place for place, column in enumerate(columns)}
    for row, item in zip(rows, items, strict=True):
        line = Text()
        for number, (column, width) in enumerate(layout.columns):
            cell = fit(row[place_of[column.key]], width, right=column.is_right)
            line.append(gap if number else "").append(cell, style=column.colour(item))
        line.rstrip()
        lines.append(line)
    return lines, _remark([column for column, _ in layout.columns], zone, left_out_count=layout.left_out_count)


def _remark(columns: Sequence[Column], zone: ZoneInfo, *, left_out_count: int) -> str:
    remarks = []
    if any(column.has_time for column in columns):
        remarks.append(t(f"时间为 {zone.key}", f"times in {zone.key}"))
    if left_out_count:
        words = f"{left_out_count} more columns" if left_out_count > 1 else "1 more column"
        remarks.append(t(f"另有 {left_out_count} 列放不下（加宽窗口，或用 --json）", f"{words} (widen, or --json)"))
    return t("；", "; ").join(remarks)


def _records(columns: Sequence[Column], items: Sequence[Item], zone: ZoneInfo, total: int) -> list[Text]:
    lines: list[Text] = []
    for item in items:
        lines.extend([*record_lines(columns, item, zone, total), Text()])
    return lines[:-1]


def record_lines(columns: Sequence[Column], item: Item, zone: ZoneInfo, total: int) -> list[Text]:
    """One object, a line or more per value; values that are null or empty are left out."""
    shown = [(column, detailed(column).worded(item, zone)) for column in columns]
    shown = [(column, value) for column, value in shown if value != NOTHING]
    label_width = max((width_of(column.title) for column, _ in shown), default=0)
    lines = []
    for column, value in shown:
        # A code longer than the line is the one thing that is folded rather than lost.
        for number, part in enumerate(wrap(value, max(TEXT_WIDTH_MIN, total - label_width - GAP))):
            label = fit(column.title if number == 0 else "", label_width)
            lines.append(Text.assemble((label, "dim"), " " * GAP, (part, column.colour(item))))
    return lines
