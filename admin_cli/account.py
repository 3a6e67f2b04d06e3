"""`points account`: the books, account by account, and the proof that they balance."""

from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import t
from admin_cli.options import All, At, Limit
from admin_cli.output import show_answer, show_list, show_rows, write_json
from admin_cli.paths import given, path
from admin_cli.printing.columns import change, code, moment, number, text, word
from admin_cli.printing.times import ask_instant
from admin_cli.printing.words import KINDS, OWNER_KINDS, PURPOSES, SIDES

app = typer.Typer(help=t("账户：余额、明细、试算平衡", "Accounts: balances, statements, trial balance"))

AccountId = Annotated[str, typer.Argument(metavar="ACCOUNT", help=t("账户的 ID", "The account's id"))]

COLUMNS = [
    code("id", "ID"),
    word("purpose", t("用途", "Purpose"), PURPOSES),
    code("owner", t("所有者", "Owner")),
    code("bucket", t("批次", "Bucket"), rank=2),
    number("balance", t("余额", "Balance")),
    code("commodity", t("品种", "Commodity"), rank=3),
    word("normal_side", t("方向", "Side"), SIDES, rank=5),
    number("version", t("版本", "Version"), rank=5),
    word("owner_kind", t("所有者类别", "Owner kind"), OWNER_KINDS, rank=6),
    moment("opened_at", t("开户时间", "Opened"), rank=6),
]

BALANCE_COLUMNS = [
    code("account_id", t("账户", "Account")),
    moment("at", t("截至", "As of")),
    number("balance", t("余额", "Balance")),
    number("version", t("版本", "Version")),
]

STATEMENT_COLUMNS = [
    number("version", t("序号", "No.")),
    moment("effective_at", t("时间", "Time"), rank=1),
    word("kind", t("事由", "Kind"), KINDS),
    word("side", t("方向", "Side"), SIDES),
    number("amount", t("数额", "Amount")),
    number("balance_after", t("余额", "Balance")),
    code("transaction_id", t("交易", "Transaction"), rank=3),
    code("counter_account_id", t("对方账户", "Counter account"), rank=4),
    text("memo", t("说明", "Memo"), rank=5),
    code("actor", t("经办", "Actor"), rank=6),
    number("leg", t("分录", "Leg"), rank=7),
    number("balance_before", t("之前", "Before"), rank=7),
    moment("recorded_at", t("记账时间", "Recorded"), rank=8),
]

TOTAL = "total"
"""Stands where a purpose does, in the rows that sum them up."""

TRIAL_COLUMNS = [
    code("commodity", t("品种", "Commodity")),
    word("purpose", t("用途", "Purpose"), {**PURPOSES, TOTAL: t("合计", "total")}),
    word("normal_side", t("方向", "Side"), SIDES, rank=2),
    number("accounts", t("账户数", "Accounts"), rank=2),
    number("debit", t("借方", "Debit")),
    number("credit", t("贷方", "Credit")),
    change("difference", t("差额", "Difference")),
]


@app.command("list", help=t("列出账户", "List accounts"))
def list_accounts(
    ctx: typer.Context,
    purpose: Annotated[
        str | None,
        typer.Option(
            "--purpose", metavar="PURPOSE", help=t("用途，例如 available、budget", "Purpose: available, budget …")
        ),
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="OWNER", help=t("所有者，例如 R00001", "Owner, such as R00001"))
    ] = None,
    commodity: Annotated[
        str | None, typer.Option("--commodity", metavar="NAME", help=t("品种：POINTS", "Commodity: POINTS"))
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(purpose=purpose, owner=owner, commodity=commodity)
    show_list(ctx.obj, path("accounts"), COLUMNS, params=filters, limit=limit, everything=everything)


@app.command("show", help=t("查看一个账户", "Show one account"))
def show_account(ctx: typer.Context, account: AccountId) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("accounts", account)), COLUMNS)


@app.command("balance", help=t("账户余额，可以是过去某一刻的", "Balance of an account, now or as of then"))
def show_balance(ctx: typer.Context, account: AccountId, at: At = None) -> None:
    run: Run = ctx.obj
    when = ask_instant(at, run.zone()) if at else None
    show_answer(run, run.client().get(path("accounts", account, "balance"), given(at=when)), BALANCE_COLUMNS)


@app.command("statement", help=t("账户明细，新的在前", "Entries of an account, newest first"))
def show_statement(ctx: typer.Context, account: AccountId, limit: Limit = None, everything: All = False) -> None:
    where = path("accounts", account, "statement")
    show_list(ctx.obj, where, STATEMENT_COLUMNS, limit=limit, everything=everything)


@app.command(
    "trial-balance",
    help=t(
        "试算平衡：借贷合计必须相等，不等则退出码为 1",
        "Trial balance: debit must equal credit, else the exit code is 1",
    ),
)
def show_trial_balance(ctx: typer.Context, at: At = None) -> None:
    run: Run = ctx.obj
    when = ask_instant(at, run.zone()) if at else None
    answer = run.client().get(path("trial_balance"), given(at=when))
    if run.json:
        write_json(answer)
    else:
        totals = [{**total, "purpose": TOTAL} for total in answer.body["totals"]]
        show_rows(run, TRIAL_COLUMNS, [*answer.body["items"], *totals])
    wrong = [total["commodity"] for total in answer.body["totals"] if total["difference"] != 0]
    if wrong:
        names = ", ".join(wrong)
        raise Failure(
            t(
                f"账不平：{names}。请停止记账，并告诉管理员。",
                f"Out of balance: {names}. Stop posting and tell the keeper.",
            ),
            ExitCode.REFUSED,
        )
