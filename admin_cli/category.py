"""`points category`: the kinds of hazard, what each is worth and how fast it is to be reviewed."""

import typer

from admin_cli.language import t
from admin_cli.output import show_list
from admin_cli.paths import path
from admin_cli.printing.columns import code, flag, number, text, word
from admin_cli.printing.words import GRADES

app = typer.Typer(help=t("上报类别：等级、积分、审核时限", "Categories: grade, points, time for review"))

COLUMNS = [
    code("code", t("代码", "Code")),
    text("name", t("名称", "Name"), rank=2),
    word("grade", t("等级", "Grade"), GRADES),
    number("points", t("积分", "Points")),
    number("review_within_hours", t("审核时限 h", "Review within h"), rank=2),
    number("re_report_after_days", t("再报间隔 d", "Re-report after d"), rank=3),
    text("group", t("大类", "Group"), rank=4),
    flag("is_hourly", t("按小时", "Per hour"), rank=5),
    flag("is_urgent", t("紧急", "Urgent"), rank=6),
]


@app.command("list", help=t("列出现行规则中的类别", "List the categories of the rulebook in force"))
def list_categories(ctx: typer.Context) -> None:
    show_list(ctx.obj, path("categories"), COLUMNS, is_paged=False)
