"""`points budget`: what the sponsors have given for awards, and what is left of it."""

import typer

from admin_cli.language import t
from admin_cli.options import All, Limit
from admin_cli.output import show_list
from admin_cli.paths import path
from admin_cli.printing.columns import code, number, text

app = typer.Typer(help=t("预算：出资方拨付的积分", "Budgets: points that sponsors have given"))

COLUMNS = [
    code("sponsor", t("出资方", "Sponsor")),
    text("name", t("名称", "Name"), rank=2),
    number("funded", t("已拨付", "Funded")),
    number("awarded", t("已奖励", "Awarded")),
    number("available", t("剩余", "Left")),
    code("account_id", t("账户", "Account"), rank=3),
]


@app.command("list", help=t("列出预算", "List budgets"))
def list_budgets(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("budgets"), COLUMNS, limit=limit, everything=everything)
