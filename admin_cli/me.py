"""`points me`: a rider's own things, for whoever is signed in as a rider."""

from typing import Annotated

import typer

from admin_cli import honor, ranking, report, rider
from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, At, Limit
from admin_cli.output import show_answer, show_list
from admin_cli.paths import path
from admin_cli.printing.columns import code, number, text, word
from admin_cli.printing.times import ask_month
from admin_cli.printing.words import RIDER_STATES

app = typer.Typer(help=t("我：骑手自己的积分和上报", "Me: a rider's own points and reports"))

COLUMNS = [
    code("rider.code", t("编号", "Rider")),
    text("rider.name", t("姓名", "Name")),
    code("rider.phone", t("手机", "Phone")),
    word("rider.status", t("状态", "Status"), RIDER_STATES),
    text("rider.industry_name", t("行业", "Industry")),
    text("rider.subdistrict", t("街道", "Subdistrict")),
    text("rider.titles", t("称号", "Titles")),
    number("balance.available", t("可用积分", "Points")),
    number("balance.held", t("占用积分", "Held")),
    number("balance.owed", t("欠分", "Owed")),
    code("standing.month", t("月份", "Month")),
    number("standing.rank", t("名次", "Rank")),
    number("standing.merit", t("贡献分", "Merit")),
    number("standing.verified_reports", t("核实条数", "Verified")),
]


@app.command("show", help=t("我的资料、余额和最近的名次", "My data, balance and latest standing"))
def show_me(ctx: typer.Context) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("me")), COLUMNS)


TITLE_COLUMNS = [column for column in honor.TITLE_COLUMNS if not column.key.startswith("rider_")]


@app.command("titles", help=t("我的称号，新的在前，和依据", "My titles, newest first, and why I have them"))
def list_titles(ctx: typer.Context) -> None:
    show_list(ctx.obj, path("me", "titles"), TITLE_COLUMNS, is_paged=False)


@app.command("balance", help=t("我的积分，按到期日分批", "My points, lot by lot"))
def show_balance(ctx: typer.Context, at: At = None) -> None:
    rider.print_balance(ctx.obj, path("me", "balance"), at)


@app.command("statement", help=t("我的积分明细，新的在前", "Every change of my points, newest first"))
def show_statement(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("me", "statement"), rider.STATEMENT_COLUMNS, limit=limit, everything=everything)


@app.command("reports", help=t("我的上报，新的在前", "My reports, newest first"))
def list_reports(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("me", "reports"), report.LIST_COLUMNS, limit=limit, everything=everything)


@app.command("ranking", help=t("我在某月排行里的名次，和前后几名", "My line of a month's ranking, and those around it"))
def show_ranking(
    ctx: typer.Context,
    month: Annotated[
        str,
        typer.Argument(
            metavar="MONTH", help=t("月份，例如 2026-11；now 是本月", "Month, such as 2026-11; now is this one")
        ),
    ] = "now",
) -> None:
    run: Run = ctx.obj
    where = path("me", "rankings", ask_month(month, run.zone()))
    show_list(run, where, ranking.COLUMNS, is_paged=False, caption=ranking.caption)


@app.command("standings", help=t("我各月的贡献分和名次", "My merit and rank, month by month"))
def show_standings(ctx: typer.Context) -> None:
    show_list(ctx.obj, path("me", "standings"), rider.STANDING_COLUMNS, is_paged=False)
