"""Deciding reports from the command line: one, or many with a preview, a question and an outcome per report.

One report uses the single endpoint and its exit code says all. Many use the bulk form; some of them may be refused
while the others are done, and then the exit code is 1. `points review` decides one at a time and has its own way.
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
from admin_cli.output import print_definitions, print_record, print_table, show_rows, show_written, write_json
from admin_cli.paths import path
from admin_cli.printing.columns import code, moment, number, pick, text, word
from admin_cli.printing.text import visible
from admin_cli.printing.words import LIMITS, OUTCOMES, REPORT_STATES
from admin_cli.terminal import check_can_confirm, say, stop_unless_confirmed

BULK_MAX = 1_000
"""Items in one request. Source: the API's own maximum."""

CODES_MAX = 20_000
"""Codes in one command: more is a mistake in a pipe, and a person could not look through the preview."""

HEADERS = ("code", "report", "report_code")
"""First cells of our own tab-separated lists, so that `points report list | points report verify -` works."""

FROM_STDIN = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`single` and `many` are the last segments of the two endpoints; `question` takes what is to be decided."""

    single: str
    many: str
    can_be_undone: bool
    question: Callable[[str], str]


DECISION_COLUMNS = [
    code("report.code", t("上报", "Report")),
    word("report.state", t("状态", "State"), REPORT_STATES),
    code("report.rider_code", t("骑手", "Rider")),
    text("report.category_name", t("类别", "Category")),
    text("report.address", t("地址", "Address")),
    number("report.award.points_granted", t("积分", "Points")),
    number("report.award.points_wanted", t("应得", "Points wanted")),
    word("report.award.limited_by", t("受限于", "Limited by"), LIMITS),
    code("report.award.lapses_on", t("到期日", "Lapses on")),
    code("report.duplicate_of", t("重复于", "Duplicate of")),
    text("report.reason", t("理由", "Reason")),
    moment("report.decided_at", t("审核时间", "Decided")),
    number("balances.available", t("骑手可用", "Rider's points")),
    number("balances.owed", t("骑手欠分", "Rider owes")),
    number("balances.budget", t("预算剩余", "Budget left")),
]


OUTCOME_COLUMNS = [
    code("report", t("上报", "Report")),
    word("outcome", t("结果", "Outcome"), OUTCOMES),
    number("points_granted", t("积分", "Points")),
    code("rider_code", t("骑手", "Rider"), rank=2),
    number("available", t("骑手可用", "Rider's points"), rank=3),
    text("category_name", t("类别", "Category"), rank=4),
]

REASON_COLUMNS = [code("problem_code", t("代码", "Code"), rank=6), text("detail", t("说明", "Why"), rank=6)]
"""In a terminal the sentences stand in full below the table; a pipe has them as columns."""


def decide(
    run: Run,
    verb: Verb,
    codes: Sequence[str],
    fields: Mapping[str, object],
    *,
    yes: bool,
    dry_run: bool,
    key: str | None,
) -> None:
    """Decides the reports of these codes; `fields` go with each. Raises a REFUSED failure when any was refused."""
    reports = list(dict.fromkeys(_read_codes(codes)))
    if not reports:
        raise usage_failure(t("没有给出上报编号。", "No report's code was given."))
    if len(reports) == 1:
        _decide_one(run, verb, reports[0], fields, yes=yes, dry_run=dry_run, key=key)
    else:
        items = [{"report": report, **fields} for report in reports]
        _decide_many(run, verb, items, yes=yes, dry_run=dry_run, key=key)


def _read_codes(codes: Sequence[str]) -> Iterator[str]:
    count = 0
    for given in codes:
        for report in _codes_from_stdin() if given == FROM_STDIN else [given]:
            count += 1
            if count > CODES_MAX:
                raise usage_failure(
                    t(
                        f"编号超过 {CODES_MAX:,} 个；请分几次做。",
                        f"More than {CODES_MAX:,} codes. Do it in several goes.",
                    )
                )
            yield report


def _codes_from_stdin() -> Iterator[str]:
    """The first cell of each line, or every word of a line without tabs; our own header line is passed over."""
    if sys.stdin.isatty():
        say(t("请输入上报编号，一行一个，Ctrl-D 结束：", "Type the reports' codes, one a line, and end with Ctrl-D:"))
    for number_of_line, line in enumerate(sys.stdin):
        words = line.split("\t", 1)[0].split()
        if number_of_line == 0 and words[:1] and words[0] in HEADERS:
            continue
        yield from words


def _decide_one(
    run: Run, verb: Verb, report: str, fields: Mapping[str, object], *, yes: bool, dry_run: bool, key: str | None
) -> None:
    where = path("reports", report, verb.single)
    if not (dry_run or yes or verb.can_be_undone):
        check_can_confirm()
        preview = run.client().post(where, fields, is_dry_run=True)
        print_record(DECISION_COLUMNS, preview.body, run.zone(), is_error=True)
        stop_unless_confirmed(verb.question(t(f"「{visible(report)}」", visible(report))))
    answer = run.client().post(where, fields, key=key, is_dry_run=dry_run)
    show_written(run, answer, DECISION_COLUMNS, is_dry_run=dry_run)


def _decide_many(
    run: Run, verb: Verb, items: Sequence[Mapping[str, object]], *, yes: bool, dry_run: bool, key: str | None
) -> None:
    if not (dry_run or yes):
        check_can_confirm()
        expected = list(_send(run, verb, items, is_dry_run=True))
        _show_outcomes(expected, is_preview=True, is_error=True)
        done = sum(row["outcome"] == "done" for row in expected)
        if done == 0:
            raise Failure(
                t("一条也办不了，没有做任何改动。", "None of them can be done. Nothing was changed."), ExitCode.REFUSED
            )
        stop_unless_confirmed(verb.question(t(f"这 {done} 条", f"these {done}")))
    rows = list(_send(run, verb, items, key=key, is_dry_run=dry_run, write=run.json))
    if sys.stdout.isatty() and not run.json:
        _show_outcomes(rows, is_preview=dry_run)
    elif not run.json:
        show_rows(run, [*OUTCOME_COLUMNS, *REASON_COLUMNS], rows)
    if dry_run:
        say(t("这是预演，什么都没有保存。", "This was a try: nothing was stored."))
    if refused := sum(row["outcome"] == "refused" for row in rows):
        raise Failure(t(f"{refused} 条被拒。", f"{refused} refused."), ExitCode.REFUSED)


def _show_outcomes(rows: Sequence[Mapping[str, Any]], *, is_preview: bool, is_error: bool = False) -> None:
    """The table, and below it why some were or would be refused."""
    expected = {"done": t("可以", "would do"), "refused": t("会被拒", "would refuse")}
    outcome = word("outcome", t("结果", "Outcome"), expected if is_preview else OUTCOMES)
    columns = [outcome if column.key == "outcome" else column for column in OUTCOME_COLUMNS]
    print_table(columns, rows, ZoneInfo("UTC"), _summary(rows, is_preview=is_preview), is_error=is_error)
    refused = [row for row in rows if row["outcome"] == "refused"]
    print_definitions([(str(row["report"]), str(row["detail"])) for row in refused], is_error=is_error)


def _send(
    run: Run,
    verb: Verb,
    items: Sequence[Mapping[str, object]],
    *,
    key: str | None = None,
    is_dry_run: bool = False,
    write: bool = False,
) -> Iterator[dict[str, Any]]:
    """One row per item, in order. A part of a long list gets its own key, made from the given one."""
    for start in range(0, len(items), BULK_MAX):
        part = items[start : start + BULK_MAX]
        part_key = f"{key}-{start}" if key and len(items) > BULK_MAX else key
        answer = run.client().post(path("reports", verb.many), {"items": part}, key=part_key, is_dry_run=is_dry_run)
        if write:
            write_json(answer)
        for outcome in answer.body["items"]:
            yield _row(part[outcome["index"]], outcome)


def _row(item: Mapping[str, object], outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "report": pick(outcome, "report.code") or item["report"],
        "outcome": outcome["outcome"],
        "points_granted": pick(outcome, "report.award.points_granted"),
        "rider_code": pick(outcome, "report.rider_code"),
        "category_name": pick(outcome, "report.category_name"),
        "available": pick(outcome, "balances.available"),
        "detail": pick(outcome, "problem.detail"),
        "problem_code": pick(outcome, "problem.code"),
    }


def _summary(rows: Sequence[Mapping[str, Any]], *, is_preview: bool) -> str:
    done = sum(row["outcome"] == "done" for row in rows)
    points = sum(row["points_granted"] or 0 for row in rows if row["outcome"] == "done")
    refused = len(rows) - done
    if is_preview:
        return t(
            f"{done} 条可以办，积分合计 {points:,}；{refused} 条会被拒",
            f"{done} would be done, {points:,} points in all; {refused} would be refused",
        )
    return t(
        f"办成 {done} 条，积分合计 {points:,}；{refused} 条被拒",
        f"{done} done, {points:,} points in all; {refused} refused",
    )
