"""Many things in one command: names from the command line or a pipe, a preview, a question, an outcome for each.

The API's bulk forms do what they can and say of each item what came of it, so some may be refused while the others are
done; then the exit code is 1. What is decided, and how it reads, is the noun's own affair.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.output import print_caption, print_definitions, print_table, show_rows, write_json
from admin_cli.printing.columns import Column, code, pick, text, word
from admin_cli.printing.words import OUTCOMES
from admin_cli.terminal import check_can_confirm, say, stop_unless_confirmed

BULK_MAX = 1_000
"""Items in one request. Source: the API's own maximum."""

NAMES_MAX = 20_000
"""Names in one command: more is a mistake in a pipe, and a person could not look through the preview."""

FROM_STDIN = "-"

Row = dict[str, Any]
Rows = Sequence[Mapping[str, Any]]
Items = Sequence[Mapping[str, object]]

REASON_COLUMNS = [code("problem_code", t("代码", "Code"), rank=6), text("detail", t("说明", "Why"), rank=6)]
"""In a terminal the sentences stand in full below the table; a pipe has them as columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """`where` is the bulk endpoint, `name` the member that names an item there, and the column that names a row.

    `make_row` takes the item that was sent and its outcome. `summarize` takes the rows and whether they are a preview;
    `question` how many would be done. `show_first` prints, before the table, what the noun wants to be seen; it takes
    the rows and whether it is for stderr. More rows than `rows_shown_max` are left to it altogether in a terminal.
    """

    where: str
    name: str
    columns: Sequence[Column]
    make_row: Callable[[Mapping[str, object], Mapping[str, Any]], Row]
    summarize: Callable[[Rows, bool], str]
    question: Callable[[int], str]
    show_first: Callable[[Rows, bool], None] | None = None
    rows_shown_max: int = NAMES_MAX


def read_names(names: Sequence[str], *, headers: Sequence[str], question: str, has_blanks: bool = False) -> list[str]:
    """The names without repetitions; `-` stands for those on stdin. `headers` are first cells of our own lists.

    `question` is said when stdin is a person. `has_blanks`: a line is one name, whatever blanks are in it.
    """
    found: list[str] = []
    for given in names:
        for name in _names_from_stdin(headers, question, has_blanks) if given == FROM_STDIN else [given]:
            found.append(name)
            if len(found) > NAMES_MAX:
                raise usage_failure(
                    t(
                        f"编号超过 {NAMES_MAX:,} 个；请分几次做。",
                        f"More than {NAMES_MAX:,} codes. Do it in several goes.",
                    )
                )
    return list(dict.fromkeys(found))


def _names_from_stdin(headers: Sequence[str], question: str, has_blanks: bool) -> Iterator[str]:
    """The first cell of each line, or every word of a line without tabs; our own header line is passed over."""
    if sys.stdin.isatty():
        say(question)
    for number_of_line, line in enumerate(sys.stdin):
        first = line.split("\t", 1)[0].strip()
        words = [first] if has_blanks and first else first.split()
        if number_of_line == 0 and words[:1] and words[0] in headers:
            continue
        yield from words


def do_many(run: Run, bulk: Bulk, items: Items, *, yes: bool, dry_run: bool, key: str | None) -> None:
    """Previews, asks, does, and shows what came of each. Raises a REFUSED failure when any was refused."""
    if not (dry_run or yes):
        check_can_confirm()
        expected = list(_send(run, bulk, items, is_dry_run=True))
        _show(bulk, expected, is_preview=True, is_error=True)
        done = sum(row["outcome"] == "done" for row in expected)
        if done == 0:
            raise Failure(
                t("一条也办不了，没有做任何改动。", "None of them can be done. Nothing was changed."), ExitCode.REFUSED
            )
        stop_unless_confirmed(bulk.question(done))
    rows = list(_send(run, bulk, items, key=key, is_dry_run=dry_run, write=run.json))
    if sys.stdout.isatty() and not run.json:
        _show(bulk, rows, is_preview=dry_run, is_error=False)
    elif not run.json:
        show_rows(run, [*bulk.columns, *REASON_COLUMNS], rows)
    if dry_run:
        say(t("这是预演，什么都没有保存。", "This was a try: nothing was stored."))
    if refused := sum(row["outcome"] == "refused" for row in rows):
        raise Failure(t(f"{refused} 条被拒。", f"{refused} refused."), ExitCode.REFUSED)


def _show(bulk: Bulk, rows: Rows, *, is_preview: bool, is_error: bool) -> None:
    """The table, and below it why some were or would be refused."""
    if bulk.show_first:
        bulk.show_first(rows, is_error)
    if len(rows) <= bulk.rows_shown_max:
        expected = {"done": t("可以", "would do"), "refused": t("会被拒", "would refuse")}
        outcome = word("outcome", t("结果", "Outcome"), expected if is_preview else OUTCOMES)
        columns = [outcome if column.key == "outcome" else column for column in bulk.columns]
        print_table(columns, rows, ZoneInfo("UTC"), is_error=is_error)
    print_caption(bulk.summarize(rows, is_preview), is_error=is_error)
    refused = [row for row in rows if row["outcome"] == "refused"]
    print_definitions([(str(row[bulk.name]), str(row["detail"])) for row in refused], is_error=is_error)


def _send(
    run: Run, bulk: Bulk, items: Items, *, key: str | None = None, is_dry_run: bool = False, write: bool = False
) -> Iterator[Row]:
    """One row per item, in order. A part of a long list gets its own key, made from the given one."""
    for start in range(0, len(items), BULK_MAX):
        part = items[start : start + BULK_MAX]
        part_key = f"{key}-{start}" if key and len(items) > BULK_MAX else key
        answer = run.client().post(bulk.where, {"items": part}, key=part_key, is_dry_run=is_dry_run)
        if write:
            write_json(answer)
        for outcome in answer.body["items"]:
            row = bulk.make_row(part[outcome["index"]], outcome)
            problem = {"detail": pick(outcome, "problem.detail"), "problem_code": pick(outcome, "problem.code")}
            yield {**row, "outcome": outcome["outcome"], **problem}
