"""`points budget`: what the sponsors have given for awards, what is left of it, and what waits for more."""

from typing import Annotated

import typer

from admin_cli.language import t
from admin_cli.options import All, Limit
from admin_cli.output import show_list
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, text, word
from admin_cli.printing.words import AWARD_PARTS

app = typer.Typer(help=t("预算：出资方拨付的积分", "Budgets: points that sponsors have given"))

COLUMNS = [
    code("sponsor", t("出资方", "Sponsor")),
    text("name", t("名称", "Name"), rank=2),
    number("funded", t("已拨付", "Funded")),
    number("awarded", t("已奖励", "Awarded")),
    number("available", t("剩余", "Left")),
    number("waiting_credits", t("等待笔数", "Waiting"), rank=2),
    number("waiting_points", t("等待积分", "Waiting points"), rank=2),
    code("account_id", t("账户", "Account"), rank=3),
]
WAITING_COLUMNS = [
    code("report_code", t("上报", "Report")),
    code("rider_code", t("骑手", "Rider")),
    number("points", t("积分", "Points")),
    word("part", t("哪一部分", "Part"), AWARD_PARTS, rank=3),
    code("category_code", t("类别", "Category"), rank=3),
    code("sponsor", t("预算", "Budget"), rank=2),
    moment("granted_at", t("核实时间", "Granted")),
    code("granted_by", t("核实人", "Granted by"), rank=4),
]


@app.command("list", help=t("列出预算", "List budgets"))
def list_budgets(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("budgets"), COLUMNS, limit=limit, everything=everything)


@app.command(
    "waiting",
    help=t(
        "列出等预算的积分，先核实的在前\n上报已核实，贡献分已计；预算一到位就按这个次序入账。",
        "List credits that wait for a budget, those verified first in front\n"
        "The reports are verified and their merit counts; they are booked in this order as soon as there is money.",
    ),
)
def list_waiting(
    ctx: typer.Context,
    sponsor: Annotated[
        str | None,
        typer.Option("--budget", metavar="SPONSOR", help=t("只看这个出资方的", "Only those of this sponsor's budget")),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    where = path("waiting_credits")
    show_list(ctx.obj, where, WAITING_COLUMNS, params=given(sponsor=sponsor), limit=limit, everything=everything)
