"""Results on stdout, in one of three forms: a table for a terminal, tab-separated text for a pipe, `--json` as it came.

The pipe's header carries the API's own names and the values themselves (times with their offset), so a script does not
depend on the language, the width or the zone of whoever runs it.

Rich is imported inside the functions that draw: every command module imports this one, and `--help` must stay fast.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from admin_cli.language import t
from admin_cli.printing.columns import Column, pick, raw_value
from admin_cli.printing.text import fit, visible, width_of, wrap
from admin_cli.printing.times import offset_time
from admin_cli.terminal import say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from admin_cli.client import Answer, Client
    from admin_cli.context import Run

ROWS_DEFAULT = 50
"""Rows without `--limit`: two screens, and one request."""

Item = Mapping[str, Any]
Caption = Callable[[Item], str]


def make_console(*, is_error: bool = False) -> Console:
    """A console that takes text as text: no markup, no emoji codes, no highlighting of what looks like a number."""
    from rich.console import Console

    return Console(stderr=is_error, markup=False, emoji=False, highlight=False, soft_wrap=True)


def print_lines(lines: Iterable[Text], *, is_error: bool = False) -> None:
    console = make_console(is_error=is_error)
    for line in lines:
        console.print(line, no_wrap=True, overflow="ignore", crop=False)


def show_list(
    run: Run,
    path: str,
    columns: Sequence[Column],
    *,
    params: Mapping[str, object] | None = None,
    limit: int | None = None,
    everything: bool = False,
    caption: Caption | None = None,
    client: Client | None = None,
    is_paged: bool = True,
) -> None:
    """The list at `path`: `limit` rows, or all; stderr says when there are more. `client` if not the run's own.

    A list that is short by nature has no pages (`is_paged`), and the API would refuse a limit.
    """
    wanted = None if everything else limit or ROWS_DEFAULT
    connection = client or run.client()
    pages = connection.pages(path, params, limit=wanted) if is_paged else iter([connection.get(path, params)])
    first = next(pages)
    last = first
    if run.json:
        for last in chain([first], pages):
            write_json(last)
    elif sys.stdout.isatty():
        items = list(first.body["items"])
        for last in _with_progress(pages, len(items)):
            items.extend(last.body["items"])
        show_rows(run, columns, items, caption(first.body) if caption else "")
    else:
        zone = _zone_for(run, columns)
        write_row(column.key for column in columns)
        for last in chain([first], pages):
            for item in last.body["items"]:
                write_row(column.raw_text(item, zone) for column in columns)
    if last.body.get("next") is not None:
        say(t("后面还有；加 --all 看全部，或用 --limit 多要一些。", "There are more. Add --all, or raise --limit."))


def _with_progress(pages: Iterator[Answer], count: int) -> Iterator[Answer]:
    """Counts on stderr while many pages come in; one page needs no such thing."""
    if not sys.stderr.isatty():
        yield from pages
        return
    is_counting = False
    for page in pages:
        count += len(page.body["items"])
        is_counting = True
        sys.stderr.write(t(f"\r已读 {count:,} 行……", f"\r{count:,} rows …"))
        sys.stderr.flush()
        yield page
    if is_counting:
        sys.stderr.write("\r\033[K")


def show_rows(run: Run, columns: Sequence[Column], items: Sequence[Item], caption: str = "") -> None:
    """Rows that are at hand, as a table or tab-separated. `--json` never comes here: it prints answers."""
    zone = _zone_for(run, columns)
    if not sys.stdout.isatty():
        write_row(column.key for column in columns)
        for item in items:
            write_row(column.raw_text(item, zone) for column in columns)
    elif not items:
        say(t("没有记录。", "Nothing there."))
    else:
        print_table(columns, items, zone, caption)


def print_table(
    columns: Sequence[Column], items: Sequence[Item], zone: ZoneInfo, caption: str = "", *, is_error: bool = False
) -> None:
    from admin_cli.printing.tables import table_lines

    total = make_console(is_error=is_error).width
    lines, remark = table_lines(columns, items, zone, total)
    print_lines(lines, is_error=is_error)
    remarks = [
        t(f"共 {len(items):,} 行", f"{len(items):,} rows") if len(items) != 1 else t("共 1 行", "1 row"),
        remark,
        caption,
    ]
    print_caption(t("；", "; ").join(filter(None, remarks)), is_error=is_error)


def print_caption(words: str, *, is_error: bool = False) -> None:
    """What is said below a table."""
    from rich.text import Text

    for line in wrap(words, make_console(is_error=is_error).width):
        print_lines([Text(line, style="dim")], is_error=is_error)


def show_answer(run: Run, answer: Answer, columns: Sequence[Column], *, part: str = "") -> None:
    """One object of an answer (`part` names it inside the answer): a record, or `field<TAB>value` lines in a pipe."""
    if run.json:
        write_json(answer)
        return
    item = pick(answer.body, part) if part else answer.body
    show_record(run, item, columns)


def show_written(run: Run, answer: Answer, columns: Sequence[Column], *, is_dry_run: bool, part: str = "") -> None:
    """What a write answered; stderr says when it was only a try."""
    show_answer(run, answer, columns, part=part)
    if is_dry_run:
        say(t("这是预演，什么都没有保存。", "This was a try: nothing was stored."))


def show_with_rows(
    run: Run, answer: Answer, columns: Sequence[Column], row_columns: Sequence[Column], rows: str, caption: str = ""
) -> None:
    """An object that holds a list (`rows` names it): the record first, the list as a table below it."""
    show_answer(run, answer, columns)
    items = answer.body.get(rows) or []
    if items and sys.stdout.isatty() and not run.json:
        print()
        print_table(row_columns, items, _zone_for(run, row_columns), caption)


def show_record(run: Run, item: Item, columns: Sequence[Column]) -> None:
    if sys.stdout.isatty():
        print_record(columns, item, _zone_for(run, columns))
    else:
        has_time = any(column.has_time for column in columns)
        write_fields(item, run.zone() if has_time else None)


def print_record(columns: Sequence[Column], item: Item, zone: ZoneInfo, *, is_error: bool = False) -> None:
    from rich.text import Text

    from admin_cli.printing.tables import record_lines

    lines = record_lines(columns, item, zone, make_console(is_error=is_error).width)
    if any(column.has_time and pick(item, column.key) for column in columns):
        lines.append(Text(t(f"时间为 {zone.key}", f"times in {zone.key}"), style="dim"))
    print_lines(lines, is_error=is_error)


def print_definitions(rows: Sequence[tuple[str, str]], *, is_error: bool = False) -> None:
    """Sentences with what they are about in front, wrapped beside it."""
    from rich.text import Text

    total = make_console(is_error=is_error).width
    left = max((width_of(visible(term)) for term, _ in rows), default=0) + 2
    for term, words in rows:
        for number, line in enumerate(wrap(visible(words), max(left, total - left))):
            print_lines([Text(fit(visible(term) if number == 0 else "", left) + line)], is_error=is_error)


def write_json(answer: Answer) -> None:
    """The bytes that the API sent, and a line's end where it sent none."""
    sys.stdout.flush()
    sys.stdout.buffer.write(answer.content)
    if answer.content and not answer.content.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def write_row(cells: Iterable[str]) -> None:
    # A cell holds no tab and no line end: `visible` has made them ␉ and ␊.
    print("\t".join(cells))


def write_fields(item: Item, zone: ZoneInfo | None = None) -> None:
    """A whole object as lines `name<TAB>value`, nested names joined with dots: `lots.0.lapses_on`.

    With a zone, instants (names ending in `at`) are written in it.
    """
    write_row(("field", "value"))
    for name, value in flat(item):
        is_instant = zone is not None and isinstance(value, str) and re.search(r"(^|[._])at$", name)
        write_row((name, offset_time(value, zone) if zone and is_instant else raw_value(value)))


def flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    children: Iterable[tuple[str, Any]]
    if isinstance(value, Mapping):
        children = value.items()
    elif isinstance(value, list):
        children = ((str(place), one) for place, one in enumerate(value))
    else:
        yield name, value
        return
    for key, one in children:
        yield from flat(one, f"{name}.{key}" if name else str(key))


def _zone_for(run: Run, columns: Sequence[Column]) -> ZoneInfo:
    """The programme's zone, asked for only when a time will be shown."""
    return run.zone() if any(column.has_time for column in columns) else ZoneInfo("UTC")
