"""`points event`: every change in its order, as other systems receive it."""

from typing import Annotated

import typer

from admin_cli.language import t
from admin_cli.options import All, Limit
from admin_cli.output import show_list
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, text

app = typer.Typer(help=t("事件：按次序的每一次变化", "Events: every change in its order"))

COLUMNS = [
    number("number", t("序号", "No.")),
    moment("recorded_at", t("时间", "Time"), rank=1),
    code("kind", t("事件", "Kind")),
    code("subject", t("对象", "Subject"), rank=2),
    text("data", t("内容", "Data"), rank=3),
]


@app.command("list", help=t("列出事件，早的在前", "List events, oldest first"))
def list_events(
    ctx: typer.Context,
    after: Annotated[
        int | None,
        typer.Option("--after", metavar="N", min=0, help=t("只看这个序号之后的", "Only those after this number")),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    show_list(ctx.obj, path("events"), COLUMNS, params=given(after=after), limit=limit, everything=everything)
