"""`points rulebook`: the rules, version by version. Proposing and deciding one is in `rulebook_proposals.py`."""

import sys
from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, Limit
from admin_cli.output import show_answer, show_list
from admin_cli.paths import path
from admin_cli.printing.columns import code, moment, number, text, word
from admin_cli.printing.text import visible
from admin_cli.printing.words import VERSION_STATES

app = typer.Typer(help=t("规则：各个版本", "Rulebooks: the rules, version by version"))

COLUMNS = [
    number("version", t("版本", "Version")),
    code("valid_from", t("生效日", "Valid from")),
    code("proposed_by", t("提出", "Proposed by"), rank=2),
    code("approved_by", t("批准", "Approved by"), rank=2),
    moment("created_at", t("建立时间", "Created"), rank=3),
    text("memo", t("说明", "Memo"), rank=4),
]


HISTORY_COLUMNS = [
    number("version", t("版本", "Version")),
    word("state", t("状态", "State"), VERSION_STATES),
    code("valid_from", t("生效日", "Valid from")),
    code("proposed_by", t("提出", "Proposed by"), rank=2),
    code("approved_by", t("批准", "Approved by"), rank=2),
    text("memo", t("说明", "Memo"), rank=4),
    moment("proposed_at", t("提出时间", "Proposed"), rank=5),
    moment("closed_at", t("了结时间", "Closed"), rank=6),
    code("proposal_code", t("提案", "Proposal"), rank=5),
    text("closing_reason", t("了结说明", "Closing reason"), rank=7),
]

CHANGE_COLUMNS = [
    text("label", t("规则", "Rule"), rank=2),
    code("before", t("原来", "Before")),
    code("after", t("之后", "After")),
    code("key", t("键", "Key"), rank=4),
]

Version = Annotated[str, typer.Argument(metavar="VERSION", help=t("版本号", "The version's number"))]


@app.command("list", help=t("列出规则版本", "List the versions"))
def list_rulebooks(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("rulebooks"), COLUMNS, limit=limit, everything=everything)


@app.command("show", help=t("查看一个版本和它的全文", "Show one version with its document"))
def show_rulebook(
    ctx: typer.Context,
    version: Version,
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


@app.command(
    "history",
    help=t(
        "各版本的来历，没批准的也在内，新的在前", "How the versions came about, also those not approved, newest first"
    ),
)
def show_history(ctx: typer.Context) -> None:
    show_list(ctx.obj, path("rulebooks", "history"), HISTORY_COLUMNS, is_paged=False)


@app.command(
    "diff",
    help=t(
        "比较两个版本，逐项列出不同\n没批准的版本也可以比较。",
        "Compare two versions, rule by rule\nA version that is only proposed can be compared too.",
    ),
)
def compare_versions(
    ctx: typer.Context,
    before: Annotated[str, typer.Argument(metavar="A", help=t("原来的版本号", "The version before"))],
    after: Annotated[str, typer.Argument(metavar="B", help=t("之后的版本号", "The version after"))],
) -> None:
    where = path("rulebooks", after, "changes")
    show_list(ctx.obj, where, CHANGE_COLUMNS, params={"since": before}, is_paged=False)
