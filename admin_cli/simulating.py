"""`points rulebook simulate`: what history would have earned under a document, before anybody proposes it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from admin_cli.audit import read_lines
from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import t
from admin_cli.output import print_table, write_fields
from admin_cli.paths import path
from admin_cli.printing.columns import change, code, number
from admin_cli.printing.times import ask_day
from admin_cli.rulebook_proposals import File, read_document
from admin_cli.terminal import say

HELP = t(
    "用一份规则重算过去的奖励，看谁多谁少、要多少预算\n什么都不改；只算仍然有效的奖励，上限也一并重算。",
    "Rate past awards under a document: who gains, who loses, what it costs\n"
    "Changes nothing. Only awards that still stand are rated, their caps with them.",
)

CATEGORY_COLUMNS = [
    code("category", t("类别", "Category")),
    number("points_before", t("原来", "Before")),
    number("points_after", t("之后", "After")),
]
BUDGET_COLUMNS = [
    code("sponsor", t("预算", "Budget")),
    change("change", t("变动", "Change")),
    number("budget_after", t("还剩", "Left then")),
]
RIDER_COLUMNS = [
    code("rider_code", t("骑手", "Rider")),
    number("points_before", t("原来", "Before")),
    number("points_after", t("之后", "After")),
    change("change", t("差", "Difference")),
]

FirstDay = Annotated[
    str, typer.Option("--from", metavar="DATE", help=t("上报的第一天，例如 2026-01-01", "First day of the reports"))
]
LastDay = Annotated[
    str, typer.Option("--to", metavar="DATE", help=t("上报的最后一天，含当天", "Last day of the reports, included"))
]


def simulate_rulebook(ctx: typer.Context, file: File, first_day: FirstDay, last_day: LastDay) -> None:
    run: Run = ctx.obj
    body = {"document": read_document(Path(file)), "from": ask_day(first_day), "to": ask_day(last_day)}
    summary: Mapping[str, Any] | None = None
    with run.client().download(path("rulebooks", "simulation"), {}, body=body) as pieces:
        for content in read_lines(pieces):
            line = json.loads(content)
            if line["type"] == "progress":
                _show_progress(line)
            else:
                summary = line
                if run.json:
                    print(content.decode())
    if summary is None:
        raise Failure(
            t("模拟没有做完连接就断了；请再来一次。", "The answer broke off before the end; simulate again."),
            ExitCode.UNAVAILABLE,
        )
    if not run.json:
        _show(run, summary)


def _show_progress(line: Mapping[str, Any]) -> None:
    if sys.stderr.isatty():
        done, total = line["done"], line["total"]
        sys.stderr.write(t(f"\r已算 {done:,}/{total:,} 名骑手……", f"\r{done:,}/{total:,} riders …") + "\033[K")
        if done >= total:
            sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def _show(run: Run, summary: Mapping[str, Any]) -> None:
    if not sys.stdout.isatty():
        write_fields(summary)
        return
    zone = run.zone()
    for heading, columns, rows in (
        (t("按类别", "By category"), CATEGORY_COLUMNS, summary["categories"]),
        (t("得到最多的", "Who gains most"), RIDER_COLUMNS, summary["most_gained"]),
        (t("失去最多的", "Who loses most"), RIDER_COLUMNS, summary["most_lost"]),
        (t("预算", "Budgets"), BUDGET_COLUMNS, summary["budgets"]),
    ):
        if rows:
            print(heading)
            print_table(columns, rows, zone)
    say(_sentence(summary))


def _sentence(summary: Mapping[str, Any]) -> str:
    before, after = summary["points_before"], summary["points_after"]
    words = t(
        f"{summary['riders']:,} 名骑手的 {summary['awards']:,} 笔奖励：{before:,} 分变为 {after:,} 分"
        f"（{after - before:+,}），{summary['winners']:,} 人多、{summary['losers']:,} 人少。什么都没有改。",
        f"{summary['awards']:,} awards of {summary['riders']:,} riders: {before:,} points become {after:,} "
        f"({after - before:+,}); {summary['winners']:,} gain, {summary['losers']:,} lose. Nothing was changed.",
    )
    if unknown := summary["of_unknown_categories"]:
        words += t(
            f"注意：{unknown:,} 笔属于新规则里没有的类别，按 0 分算。",
            f" Note: {unknown:,} are of categories that the document does not have, and count as 0.",
        )
    return words
