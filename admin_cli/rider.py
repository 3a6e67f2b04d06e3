"""`points rider`: riders, what they hold, and why."""

from typing import Annotated, Literal

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, At, DryRun, Key, Limit, RiderCode
from admin_cli.output import show_answer, show_list, show_with_rows, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import change, code, moment, number, text, word
from admin_cli.printing.times import ask_instant
from admin_cli.printing.words import KINDS, RIDER_STATES
from admin_cli.sheets.riders import add_sheet_commands

app = typer.Typer(help=t("骑手：名册、积分余额、明细、名次", "Riders: roll, balance, statement, standings"))

Status = Literal["active", "suspended", "left"]

COLUMNS = [
    code("code", t("编号", "Rider")),
    text("name", t("姓名", "Name"), rank=2),
    code("phone", t("手机", "Phone"), rank=3),
    word("status", t("状态", "Status"), RIDER_STATES),
    text("industry_name", t("行业", "Industry"), rank=4),
    text("subdistrict", t("街道", "Subdistrict"), rank=4),
    moment("enrolled_at", t("登记时间", "Enrolled"), rank=3),
    text("titles", t("称号", "Titles"), rank=6),
    code("source", t("来源", "Source"), rank=6),
    code("industry_code", t("行业代码", "Industry code"), rank=7),
    code("id", "ID", rank=8),
]

LOT_COLUMNS = [
    code("lapses_on", t("到期日", "Lapses on")),
    number("available", t("可用", "Available")),
    number("held", t("占用", "Held")),
    code("account_id", t("账户", "Account"), rank=3),
]

BALANCE_COLUMNS = [
    code("rider_code", t("骑手", "Rider")),
    moment("at", t("截至", "As of")),
    number("available", t("可用", "Available")),
    number("held", t("占用", "Held")),
    number("owed", t("欠分", "Owed")),
]

STATEMENT_COLUMNS = [
    moment("effective_at", t("时间", "Time"), rank=1),
    word("kind", t("事由", "Kind"), KINDS),
    change("change", t("变动", "Change")),
    number("balance_after", t("余额", "Balance")),
    code("report_code", t("上报", "Report"), rank=4),
    code("redemption_code", t("兑换单", "Redemption"), rank=4),
    code("proposal_code", t("提案", "Proposal"), rank=5),
    code("lapses_on", t("到期日", "Lapses on"), rank=3),
    text("memo", t("说明", "Memo"), rank=2),
    code("actor", t("经办", "Actor"), rank=5),
    number("balance_before", t("之前", "Before"), rank=7),
    code("transaction_id", t("交易", "Transaction"), rank=6),
    moment("recorded_at", t("记账时间", "Recorded"), rank=8),
]

STANDING_COLUMNS = [
    code("month", t("月份", "Month")),
    number("rank", t("名次", "Rank")),
    number("merit", t("贡献分", "Merit")),
    number("verified_reports", t("核实条数", "Verified")),
    number("serious_points", t("较重和紧急得分", "Serious points"), rank=2),
    moment("reached_at", t("达到时间", "Reached"), rank=3),
]


@app.command("list", help=t("列出骑手（按编号）", "List riders, by code"))
def list_riders(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Option("--query", metavar="TEXT", help=t("编号或姓名中的字", "Part of a code or a name"))
    ] = None,
    industry: Annotated[
        str | None, typer.Option("--industry", metavar="CODE", help=t("行业代码，例如 01", "Industry code, such as 01"))
    ] = None,
    subdistrict: Annotated[
        str | None, typer.Option("--subdistrict", metavar="NAME", help=t("街道", "Subdistrict"))
    ] = None,
    status: Annotated[
        Status | None, typer.Option("--status", metavar="active|suspended|left", help=t("状态", "Status"))
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(query=query, industry=industry, subdistrict=subdistrict, status=status)
    show_list(ctx.obj, path("riders"), COLUMNS, params=filters, limit=limit, everything=everything)


@app.command("show", help=t("查看一名骑手", "Show one rider"))
def show_rider(ctx: typer.Context, rider: RiderCode) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("riders", rider)), COLUMNS)


@app.command(
    "enroll",
    help=t(
        "登记一名骑手\n不给编号就由系统编。姓名和手机号可以不填，以后只存在名册里，账本里没有。",
        "Enroll a rider\nWithout a code one is made. Name and phone may be left out; only the roll keeps them.",
    ),
)
def enroll_rider(
    ctx: typer.Context,
    code: Annotated[
        str | None,
        typer.Option("--code", metavar="CODE", help=t("骑手编号，例如 R00001", "The rider's code, such as R00001")),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help=t("姓名", "Name"))] = None,
    phone: Annotated[
        str | None, typer.Option("--phone", metavar="PHONE", help=t("11 位手机号", "Mobile number, 11 digits"))
    ] = None,
    industry: Annotated[
        str | None, typer.Option("--industry", metavar="CODE", help=t("行业代码，例如 01", "Industry code, such as 01"))
    ] = None,
    subdistrict: Annotated[
        str | None, typer.Option("--subdistrict", metavar="NAME", help=t("街道", "Subdistrict"))
    ] = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    body = given(code=code, name=name, phone=phone, industry_code=industry, subdistrict=subdistrict)
    answer = run.client().post(path("riders"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, COLUMNS, is_dry_run=dry_run)


@app.command("balance", help=t("查看积分余额，按到期日分批", "Show the points a rider holds, lot by lot"))
def show_balance(ctx: typer.Context, rider: RiderCode, at: At = None) -> None:
    print_balance(ctx.obj, path("riders", rider, "balance"), at)


def print_balance(run: Run, where: str, at: str | None = None) -> None:
    moment_wanted = ask_instant(at, run.zone()) if at else None
    answer = run.client().get(where, given(at=moment_wanted))
    caption = t("先到期的先用", "what lapses first is spent first")
    show_with_rows(run, answer, BALANCE_COLUMNS, LOT_COLUMNS, "lots", caption)


@app.command("statement", help=t("积分明细，新的在前", "Every change of a rider's points, newest first"))
def show_statement(ctx: typer.Context, rider: RiderCode, limit: Limit = None, everything: All = False) -> None:
    where = path("riders", rider, "statement")
    show_list(ctx.obj, where, STATEMENT_COLUMNS, limit=limit, everything=everything)


@app.command("standings", help=t("各月的贡献分和名次", "Merit and rank, month by month"))
def show_standings(ctx: typer.Context, rider: RiderCode) -> None:
    show_list(ctx.obj, path("riders", rider, "standings"), STANDING_COLUMNS, is_paged=False)


add_sheet_commands(app)
