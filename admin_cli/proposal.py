"""`points proposal`: what one person proposes and another approves: points for riders, budgets, debts let go.

Decisions are in `proposal_decisions.py`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, RiderCode
from admin_cli.output import show_answer, show_list, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import Column, change, code, moment, number, phrase, text, word
from admin_cli.printing.words import PROPOSAL_KINDS, PROPOSAL_STATES

app = typer.Typer(
    help=t("提案：一人提出、他人批准的调整和拨付", "Proposals: corrections that one proposes and another approves")
)

State = Literal["proposed", "approved", "rejected", "withdrawn", "lapsed"]
Kind = Literal["adjustment", "funding", "write_off", "rulebook"]
Order = Literal["newest", "oldest"]


def approvals_words(proposal: Mapping[str, Any]) -> str:
    """1/2: given and needed."""
    return f"{len(proposal.get('approvals') or [])}/{proposal.get('approvals_required')}"


def _approvers(proposal: Mapping[str, Any]) -> str:
    return ", ".join(str(approval.get("approved_by")) for approval in proposal.get("approvals") or [])


def proposal_columns(prefix: str = "") -> list[Column]:
    """Columns of a proposal; `prefix` where it stands inside an answer, such as `proposal.`."""
    return [
        code(f"{prefix}code", t("提案", "Proposal")),
        word(f"{prefix}state", t("状态", "State"), PROPOSAL_STATES),
        word(f"{prefix}kind", t("种类", "Kind"), PROPOSAL_KINDS),
        change(f"{prefix}points", t("积分", "Points")),
        code(f"{prefix}rider_code", t("骑手", "Rider"), rank=2),
        text(f"{prefix}rider_name", t("姓名", "Name"), rank=6),
        code(f"{prefix}sponsor", t("预算", "Budget"), rank=4),
        number(f"{prefix}version", t("提议的版本", "Version proposed"), rank=6),
        code(f"{prefix}valid_from", t("生效日", "Valid from"), rank=6),
        text(f"{prefix}reason", t("理由", "Reason"), rank=2),
        code(f"{prefix}proposed_by", t("提出人", "Proposed by"), rank=3),
        moment(f"{prefix}proposed_at", t("提出时间", "Proposed"), rank=5),
        phrase(f"{prefix}approvals_given", t("批准", "Approvals"), approvals_words, approvals_words, rank=3),
        phrase(f"{prefix}approved_by", t("批准人", "Approved by"), _approvers, _approvers, rank=6),
        moment(f"{prefix}lapses_at", t("最晚批准", "Approve by"), rank=5),
        code(f"{prefix}closed_by", t("了结人", "Closed by"), rank=7),
        moment(f"{prefix}closed_at", t("了结时间", "Closed"), rank=7),
        text(f"{prefix}closing_reason", t("了结说明", "Closing reason"), rank=7),
        code(f"{prefix}transaction_id", t("交易", "Transaction"), rank=8),
        number(f"{prefix}rulebook_version", t("规则版本", "Rulebook"), rank=9),
        code(f"{prefix}id", "ID", rank=9),
    ]


PROPOSED_COLUMNS = [
    *proposal_columns("proposal."),
    number("balances.available", t("骑手可用", "Rider's points")),
    number("balances.owed", t("骑手欠分", "Rider's debt")),
    number("balances.budget", t("预算余额", "Budget left")),
]

Points = Annotated[int, typer.Argument(metavar="POINTS", min=1, help=t("多少分", "How many points"))]
Reason = Annotated[
    str,
    typer.Option("--reason", metavar="TEXT", help=t("理由；批准人和骑手都看得到", "Why; approver and rider read it")),
]
Budget = Annotated[
    str | None,
    typer.Option("--budget", metavar="SPONSOR", help=t("哪个出资方的预算；默认 general", "Whose budget; else general")),
]
Sponsor = Annotated[
    str, typer.Argument(metavar="SPONSOR", help=t("出资方代码，例如 general", "The sponsor's code, such as general"))
]


@app.command("list", help=t("列出提案，新的在前", "List proposals, newest first"))
def list_proposals(
    ctx: typer.Context,
    state: Annotated[State | None, typer.Option("--state", help=t("只看这种状态", "Only in this state"))] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help=t("只看这一种", "Only of this kind"))] = None,
    rider: Annotated[
        str | None, typer.Option("--rider", metavar="CODE", help=t("只看这位骑手的", "Only of this rider"))
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="ACTOR", help=t("谁提出的，例如 operator/wang", "Made by, such as operator/wang")),
    ] = None,
    order: Annotated[
        Order | None, typer.Option("--order", help=t("先新后旧，或先旧后新", "Newest or oldest first"))
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(state=state, kind=kind, rider=rider, proposed_by=by, order=order)
    show_list(ctx.obj, path("proposals"), proposal_columns(), params=filters, limit=limit, everything=everything)


@app.command(
    "show",
    help=t("查看一个提案，和现在的余额", "Show one proposal, and the balances as they are now"),
)
def show_proposal(
    ctx: typer.Context,
    proposal: Annotated[str, typer.Argument(metavar="PROPOSAL", help=t("提案号", "The proposal's code"))],
) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("proposals", proposal)), PROPOSED_COLUMNS)


@app.command(
    "give",
    help=t(
        "提议给骑手补积分\n批准后从预算记给骑手；骑手有欠分就先还。",
        "Propose points for a rider\nOnce approved they come from the budget; what the rider owes is repaid first.",
    ),
)
def propose_giving(
    ctx: typer.Context,
    rider: RiderCode,
    points: Points,
    reason: Reason,
    budget: Budget = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    body = given(kind="adjustment", rider_code=rider, points=points, reason=reason, sponsor=budget)
    _propose(ctx.obj, body, dry_run=dry_run, key=key)


@app.command(
    "take",
    help=t(
        "提议扣骑手的积分\n批准后退回预算，最多扣到没有；上报造假不用这个，用 points report revoke。",
        "Propose to take points from a rider\nOnce approved they go back to the budget, no more than there are. "
        "A report that was false is revoked instead: points report revoke.",
    ),
)
def propose_taking(
    ctx: typer.Context,
    rider: RiderCode,
    points: Points,
    reason: Reason,
    budget: Budget = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    body = given(kind="adjustment", rider_code=rider, points=-points, reason=reason, sponsor=budget)
    _propose(ctx.obj, body, dry_run=dry_run, key=key)


@app.command(
    "write-off",
    help=t("提议核销骑手的欠分\n批准后由预算承担。", "Propose to let a rider's debt go\nThe budget bears it."),
)
def propose_write_off(
    ctx: typer.Context,
    rider: RiderCode,
    points: Points,
    reason: Reason,
    budget: Budget = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    body = given(kind="write_off", rider_code=rider, points=points, reason=reason, sponsor=budget)
    _propose(ctx.obj, body, dry_run=dry_run, key=key)


@app.command("fund", help=t("提议给预算拨付积分", "Propose to fund a budget"))
def propose_funding(
    ctx: typer.Context, sponsor: Sponsor, points: Points, reason: Reason, dry_run: DryRun = False, key: Key = None
) -> None:
    body = given(kind="funding", sponsor=sponsor, points=points, reason=reason)
    _propose(ctx.obj, body, dry_run=dry_run, key=key)


@app.command("return", help=t("提议退回没用完的预算", "Propose to return what is unspent of a budget"))
def propose_return(
    ctx: typer.Context, sponsor: Sponsor, points: Points, reason: Reason, dry_run: DryRun = False, key: Key = None
) -> None:
    body = given(kind="funding", sponsor=sponsor, points=-points, reason=reason)
    _propose(ctx.obj, body, dry_run=dry_run, key=key)


def _propose(run: Run, body: Mapping[str, object], *, dry_run: bool, key: str | None) -> None:
    answer = run.client().post(path("proposals"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, PROPOSED_COLUMNS, is_dry_run=dry_run)
