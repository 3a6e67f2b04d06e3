"""`points month`: where each month's list stands, publishing it, making it final, corrections, the proof."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, Yes
from admin_cli.output import show_answer, show_list, show_rows, show_with_rows, show_written
from admin_cli.paths import path
from admin_cli.printing.columns import code, flag, moment, number, text, word
from admin_cli.printing.times import ask_month
from admin_cli.printing.words import MONTH_STATES
from admin_cli.terminal import check_can_confirm, is_on_terminal, say, stop_unless_confirmed

if TYPE_CHECKING:
    from admin_cli.client import Answer

app = typer.Typer(
    help=t("月度榜单：公布、定榜、更正、核对", "Months: publishing their lists, making them final, corrections, proof")
)

COLUMNS = [
    code("month", t("月份", "Month")),
    word("state", t("状态", "State"), MONTH_STATES),
    number("published.riders", t("上榜人数", "Riders"), rank=2),
    number("published.merit", t("公布时贡献分", "Merit"), rank=3),
    moment("publication_due_at", t("公布时间起", "Due"), rank=5),
    moment("published_at", t("公布时间", "Published"), rank=3),
    text("published_by", t("公布人", "Published by"), rank=6),
    code("objections_until", t("公示至", "Objections until"), rank=2),
    moment("finalized_at", t("定榜时间", "Final"), rank=4),
    text("finalized_by", t("定榜人", "Made final by"), rank=6),
    number("corrections", t("更正", "Corrections"), rank=2),
]

DETAIL_COLUMNS = [
    *COLUMNS,
    number("corrections_in_list", t("已并入榜单的更正", "Corrections in the list")),
    number("rulebook_version", t("规则版本", "Rulebook")),
    code("published.digest", t("公布榜单的摘要", "Digest as published")),
    number("final.riders", t("定榜人数", "Riders, final")),
    number("final.merit", t("定榜贡献分", "Merit, final")),
    code("final.digest", t("定榜的摘要", "Digest, final")),
]

CORRECTION_COLUMNS = [
    code("name", t("更正", "Correction")),
    code("rider_code", t("骑手", "Rider")),
    number("merit", t("贡献分", "Merit")),
    number("verified_reports", t("核实条数", "Verified"), rank=3),
    number("serious_points", t("较重和紧急", "Serious"), rank=4),
    text("reason", t("理由", "Reason"), rank=2),
    code("report_code", t("上报", "Report"), rank=3),
    moment("recorded_at", t("更正时间", "Recorded"), rank=4),
    text("recorded_by", t("经办", "By"), rank=5),
    code("transaction_id", t("交易", "Transaction"), rank=9),
]

PROOF_COLUMNS = [
    code("month", t("月份", "Month")),
    flag("is_intact", t("一致", "Intact"), rank=1),
    number("differs", t("不一致的骑手", "Riders that differ")),
    code("stored.digest", t("现存榜单的摘要", "Digest as stored")),
]

SEAL_COLUMNS = [
    word("state", t("榜单", "List"), MONTH_STATES),
    flag("is_intact", t("一致", "Intact"), rank=1),
    number("recomputed.riders", t("重算人数", "Riders")),
    number("recomputed.merit", t("重算贡献分", "Merit")),
    code("sealed.digest", t("定下的摘要", "Digest as sealed"), rank=2),
    code("recomputed.digest", t("重算的摘要", "Digest recomputed"), rank=3),
]

DIFFERENCE_COLUMNS = [
    code("rider_code", t("骑手", "Rider")),
    text("stored", t("存的", "Stored"), rank=2),
    text("recomputed", t("重算", "Recomputed"), rank=2),
]

Question = Callable[[Mapping[str, Any]], str]
"""What a preview would do → the question before it is done."""

MonthName = Annotated[str, typer.Argument(metavar="MONTH", help=t("月份，例如 2026-10", "The month, such as 2026-10"))]


@app.command("list", help=t("列出各月的榜单，新的在前", "List the months, newest first"))
def list_months(ctx: typer.Context) -> None:
    show_list(ctx.obj, path("months"), COLUMNS, is_paged=False)


@app.command("show", help=t("查看一个月：状态、经办、摘要", "Show a month: its state, who did what, its digest"))
def show_month(ctx: typer.Context, month: MonthName) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("months", ask_month(month, run.zone()))), DETAIL_COLUMNS)


@app.command(
    "publish",
    help=t(
        "公布一个月的榜单，开始公示\n先按奖励全部重算，有出入就不公布；公布后榜单只能以更正改动。",
        "Publish the list of a month and hear objections\n"
        "Everything is recomputed from the awards first. Afterwards only corrections change it.",
    ),
)
def publish_month(
    ctx: typer.Context, month: MonthName, dry_run: DryRun = False, yes: Yes = False, key: Key = None
) -> None:
    def question(preview: Mapping[str, Any]) -> str:
        listed = preview["published"]
        return t(
            f"公布 {preview['month']} 的榜单（{listed['riders']:,} 人，{listed['merit']:,} 分），"
            f"公示到 {preview['objections_until']}？",
            f"Publish the list of {preview['month']} ({listed['riders']:,} riders, {listed['merit']:,} merit) "
            f"and hear objections until {preview['objections_until']}?",
        )

    _close(ctx.obj, month, "publication", question, is_dry_run=dry_run, is_sure=yes, key=key)


@app.command(
    "finalise",
    help=t(
        "公示期满后定榜\n不能由公布的人来做；公示期内的更正并入榜单，以后的更正列在旁边。",
        "Make a published list final when the objections have ended\n"
        "Not by whoever published it. Corrections until now go into the list; later ones stand beside it.",
    ),
)
def finalise_month(
    ctx: typer.Context, month: MonthName, dry_run: DryRun = False, yes: Yes = False, key: Key = None
) -> None:
    def question(preview: Mapping[str, Any]) -> str:
        listed, corrections = preview["final"], preview["corrections_in_list"]
        return t(
            f"{preview['month']} 定榜（{listed['riders']:,} 人，{listed['merit']:,} 分，"
            f"并入 {corrections:,} 条更正）？定榜后不能再改。",
            f"Make the list of {preview['month']} final ({listed['riders']:,} riders, {listed['merit']:,} merit, "
            f"{corrections:,} corrections in it)? This cannot be undone.",
        )

    _close(ctx.obj, month, "finalization", question, is_dry_run=dry_run, is_sure=yes, key=key)


@app.command("corrections", help=t("列出公布以后的更正", "List what was corrected after the list was published"))
def list_corrections(ctx: typer.Context, month: MonthName, limit: Limit = None, everything: All = False) -> None:
    run: Run = ctx.obj
    where = path("months", ask_month(month, run.zone()), "corrections")
    show_list(run, where, CORRECTION_COLUMNS, limit=limit, everything=everything)


@app.command(
    "verify",
    help=t(
        "按奖励重算一个月，与定下的摘要核对\n不一致时退出码为 1。",
        "Recompute a month from its awards and compare it with its digests\nThe exit code is 1 when they differ.",
    ),
)
def verify_month(ctx: typer.Context, month: MonthName) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("months", ask_month(month, run.zone()), "verification"))
    _show_proof(run, answer)
    if not answer.body["is_intact"]:
        raise typer.Exit(ExitCode.REFUSED)


def _close(
    run: Run, month: str, what: str, question: Question, *, is_dry_run: bool, is_sure: bool, key: str | None
) -> None:
    where = path("months", ask_month(month, run.zone()), what)
    if not (is_dry_run or is_sure):
        check_can_confirm()
        stop_unless_confirmed(question(run.client().post(where, {}, is_dry_run=True).body))
    answer = run.client().post(where, {}, key=key, is_dry_run=is_dry_run)
    show_written(run, answer, DETAIL_COLUMNS, is_dry_run=is_dry_run)


def _show_proof(run: Run, answer: "Answer") -> None:
    """The verdict, then each list that was sealed, then riders that differ; a pipe gets the verdict's fields."""
    show_with_rows(run, answer, PROOF_COLUMNS, SEAL_COLUMNS, "seals")
    if run.json or not is_on_terminal():
        return
    proof = answer.body
    if proof["differences"]:
        show_rows(run, DIFFERENCE_COLUMNS, proof["differences"])
    if not proof["seals"]:
        say(t("这个月还没有公布，只核对了成绩。", "The month is not published: only its standings were compared."))
