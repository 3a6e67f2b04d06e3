"""`points rulebook`: the rules, version by version."""

import sys
from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, Limit
from admin_cli.output import show_answer, show_list
from admin_cli.paths import path
from admin_cli.printing.columns import code, moment, number, text
from admin_cli.printing.text import visible

app = typer.Typer(help=t("规则：各个版本", "Rulebooks: the rules, version by version"))

COLUMNS = [
    number("version", t("版本", "Version")),
    code("valid_from", t("生效日", "Valid from")),
    code("proposed_by", t("提出", "Proposed by"), rank=2),
    code("approved_by", t("批准", "Approved by"), rank=2),
    moment("created_at", t("建立时间", "Created"), rank=3),
    text("memo", t("说明", "Memo"), rank=4),
]


@app.command("list", help=t("列出规则版本", "List the versions"))
def list_rulebooks(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("rulebooks"), COLUMNS, limit=limit, everything=everything)


@app.command("show", help=t("查看一个版本和它的全文", "Show one version with its document"))
def show_rulebook(
    ctx: typer.Context,
    version: Annotated[str, typer.Argument(metavar="VERSION", help=t("版本号", "The version's number"))],
    document: Annotated[
        bool,
        typer.Option(
            "--document", help=t("只输出规则全文（TOML），可以存成文件", "Only the document (TOML), for a file")
        ),
    ] = False,
) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("rulebooks", version))
    if document and not run.json:
        # A file takes the document as it is; a screen must not let it act.
        body = str(answer.body["document"])
        print(visible(body, keep_lines=True) if sys.stdout.isatty() else body, end="" if body.endswith("\n") else "\n")
        return
    show_answer(run, answer, COLUMNS)
    if sys.stdout.isatty() and not run.json:
        print("\n" + visible(str(answer.body["document"]), keep_lines=True).rstrip())
