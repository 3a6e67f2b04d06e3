"""Deciding reports from the command line: one, or many with a preview, a question and an outcome per report.

One report uses the single endpoint and its exit code says all. Many use the bulk form; some of them may be refused
while the others are done, and then the exit code is 1. `points review` decides one at a time and has its own way.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from admin_cli.bulk import Bulk, Row, Rows, do_many, read_names
from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.output import print_record, show_written
from admin_cli.paths import path
from admin_cli.printing.columns import code, flag, moment, number, pick, text, word
from admin_cli.printing.text import visible
from admin_cli.printing.words import LIMITS, OUTCOMES, REPORT_STATES, SHARES
from admin_cli.terminal import check_can_confirm, stop_unless_confirmed

HEADERS = ("code", "report", "report_code")
"""First cells of our own tab-separated lists, so that `points report list | points report verify -` works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`single` and `many` are the last segments of the two endpoints; `question` takes what is to be decided. `points`
    names what it brings the rider, of those points that the answer tells."""

    single: str
    many: str
    can_be_undone: bool
    question: Callable[[str], str]
    points: str = "report.award.points_granted"


DECISION_COLUMNS = [
    code("report.code", t("上报", "Report")),
    word("report.state", t("状态", "State"), REPORT_STATES),
    code("report.rider_code", t("骑手", "Rider")),
    text("report.category_name", t("类别", "Category")),
    text("report.address", t("地址", "Address")),
    number("report.award.points_granted", t("积分", "Points")),
    number("report.award.points_wanted", t("应得", "Points wanted")),
    word("report.award.limited_by", t("受限于", "Limited by"), LIMITS),
    code("report.incident.code", t("隐患", "Incident")),
    number("report.incident.number", t("第几位报告人", "Reporter no.")),
    word("report.incident.share", t("份额", "Share"), SHARES),
    code("report.award.lapses_on", t("到期日", "Lapses on")),
    flag("report.award.is_waiting", t("等预算入账", "Waits for the budget")),
    code("report.duplicate_of", t("重复于", "Duplicate of")),
    text("report.reason", t("理由", "Reason")),
    number("report.bonus.points_granted", t("办结奖励", "Bonus")),
    text("report.after_photo_url", t("整改后照片", "Photo afterwards")),
    moment("report.settled_at", t("办结时间", "Settled")),
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
    question = t("请输入上报编号，一行一个，Ctrl-D 结束：", "Type the reports' codes, one a line, and end with Ctrl-D:")
    reports = read_names(codes, headers=HEADERS, question=question)
    if not reports:
        raise usage_failure(t("没有给出上报编号。", "No report's code was given."))
    if len(reports) == 1:
        _decide_one(run, verb, reports[0], fields, yes=yes, dry_run=dry_run, key=key)
    else:
        items = [{"report": report, **fields} for report in reports]
        do_many(run, _bulk(verb), items, yes=yes, dry_run=dry_run, key=key)


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


def _bulk(verb: Verb) -> Bulk:
    return Bulk(
        where=path("reports", verb.many),
        name="report",
        columns=OUTCOME_COLUMNS,
        make_row=lambda item, outcome: _row(verb, item, outcome),
        summarize=_summary,
        question=lambda done: verb.question(t(f"这 {done} 条", f"these {done}")),
    )


def _row(verb: Verb, item: Mapping[str, object], outcome: Mapping[str, Any]) -> Row:
    return {
        "report": pick(outcome, "report.code") or item["report"],
        "points_granted": pick(outcome, verb.points),
        "rider_code": pick(outcome, "report.rider_code"),
        "category_name": pick(outcome, "report.category_name"),
        "available": pick(outcome, "balances.available"),
    }


def _summary(rows: Rows, is_preview: bool) -> str:
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
