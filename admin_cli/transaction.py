"""`points transaction`: what was posted, by whom, from where to where."""

from typing import Annotated, Any

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, Limit
from admin_cli.output import show_list, show_with_rows
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, text, word
from admin_cli.printing.times import ask_instant
from admin_cli.printing.words import KINDS, PURPOSES

app = typer.Typer(help=t("交易：每一笔记账", "Transactions: everything that was posted"))

COLUMNS = [
    code("id", "ID"),
    word("kind", t("事由", "Kind"), KINDS),
    moment("effective_at", t("时间", "Time"), rank=1),
    code("actor", t("经办", "Actor"), rank=4),
    text("memo", t("说明", "Memo"), rank=3),
    code("source_id", t("来源", "Source"), rank=5),
    number("rulebook_version", t("规则版本", "Rulebook"), rank=6),
    code("reverses", t("冲回", "Reverses"), rank=4),
    code("reversed_by", t("被冲回", "Reversed by"), rank=4),
    moment("recorded_at", t("记账时间", "Recorded"), rank=6),
    code("idempotency_key", t("幂等键", "Idempotency key"), rank=7),
]

LEG_COLUMNS = [
    word("debit_account.purpose", t("借方", "Debit"), PURPOSES),
    code("debit_account.owner", t("所有者", "Owner")),
    code("debit_account.bucket", t("批次", "Bucket"), rank=3),
    word("credit_account.purpose", t("贷方", "Credit"), PURPOSES),
    code("credit_account.owner", t("所有者", "Owner")),
    code("credit_account.bucket", t("批次", "Bucket"), rank=3),
    number("amount", t("数额", "Amount")),
    code("commodity", t("品种", "Commodity"), rank=2),
    code("debit_account.id", t("借方账户", "Debit account"), rank=5),
    code("credit_account.id", t("贷方账户", "Credit account"), rank=5),
]


@app.command("list", help=t("列出交易，新的在前", "List transactions, newest first"))
def list_transactions(
    ctx: typer.Context,
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help=t("事由，例如 award、reverse", "Kind: award, reverse …")),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="ACCOUNT", help=t("只看动过这个账户的", "Only those that touch it")),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help=t("从何时起（项目时区）", "From (the programme's zone)")),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help=t("到何时止（项目时区）", "To (the programme's zone)"))
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    run: Run = ctx.obj
    filters: dict[str, Any] = given(kind=kind, account=account)
    if since:
        filters["from"] = ask_instant(since, run.zone())
    if until:
        filters["to"] = ask_instant(until, run.zone())
    show_list(run, path("transactions"), COLUMNS, params=filters, limit=limit, everything=everything)


@app.command("show", help=t("查看一笔交易和它的分录", "Show one transaction and its legs"))
def show_transaction(
    ctx: typer.Context,
    transaction: Annotated[str, typer.Argument(metavar="TRANSACTION", help=t("交易的 ID", "The transaction's id"))],
) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("transactions", transaction))
    show_with_rows(run, answer, COLUMNS, LEG_COLUMNS, "legs")
