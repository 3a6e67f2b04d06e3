"""Deciding proposals from the command line: approve, reject, withdraw. What an approval books cannot be undone, so all
of them ask first; one uses the single endpoint, many the bulk form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from admin_cli.bulk import Bulk, Row, Rows, do_many, read_names
from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.options import DryRun, Key, Yes
from admin_cli.output import show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import change, code, number, pick, text, word
from admin_cli.printing.text import visible
from admin_cli.printing.words import OUTCOMES, PROPOSAL_KINDS, PROPOSAL_STATES
from admin_cli.proposal import PROPOSED_COLUMNS, approvals_words
from admin_cli.redemption import ask_first

HEADERS = ("code", "proposal")
"""First cells of our own tab-separated lists, so that `points proposal list | points proposal approve -` works."""

OUTCOME_COLUMNS = [
    code("proposal", t("提案", "Proposal")),
    word("outcome", t("结果", "Outcome"), OUTCOMES),
    word("state", t("状态", "State"), PROPOSAL_STATES),
    word("kind", t("种类", "Kind"), PROPOSAL_KINDS),
    change("points", t("积分", "Points")),
    code("rider_code", t("骑手", "Rider"), rank=2),
    code("sponsor", t("预算", "Budget"), rank=4),
    code("approvals", t("批准", "Approvals"), rank=3),
    text("reason", t("理由", "Reason"), rank=2),
    number("available", t("骑手可用", "Rider's points"), rank=5),
    number("budget", t("预算余额", "Budget left"), rank=5),
]

Proposals = Annotated[
    list[str],
    typer.Argument(metavar="PROPOSAL", help=t("提案号，可以多个；- 从标准输入读", "Codes, one or many; - reads stdin")),
]
Reason = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help=t("理由，提出人看得到", "Why; the maker reads it"))
]
OptionalReason = Annotated[
    str | None, typer.Option("--reason", metavar="TEXT", help=t("为什么撤回", "Why it is withdrawn"))
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`single` and `many` are the last segments of the two endpoints."""

    single: str
    many: str
    question: Callable[[str], str]


APPROVE = Verb(
    single="approval",
    many="approvals",
    question=lambda what: t(
        f"批准{what}？批准就照办，不能恢复。", f"Approve {what}? It takes effect and cannot be undone."
    ),
)
REJECT = Verb(
    single="rejection",
    many="rejections",
    question=lambda what: t(f"否决{what}？", f"Reject {what}?"),
)
WITHDRAW = Verb(
    single="withdrawal",
    many="withdrawals",
    question=lambda what: t(f"撤回{what}？", f"Withdraw {what}?"),
)


def approve_proposals(
    ctx: typer.Context, proposals: Proposals, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    decide(ctx.obj, APPROVE, proposals, {}, yes=yes, dry_run=dry_run, key=key)


def reject_proposals(
    ctx: typer.Context,
    proposals: Proposals,
    reason: Reason,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, REJECT, proposals, {"reason": reason}, yes=yes, dry_run=dry_run, key=key)


def withdraw_proposals(
    ctx: typer.Context,
    proposals: Proposals,
    reason: OptionalReason = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    decide(ctx.obj, WITHDRAW, proposals, given(reason=reason), yes=yes, dry_run=dry_run, key=key)


def decide(
    run: Run,
    verb: Verb,
    codes: Sequence[str],
    fields: Mapping[str, object],
    *,
    yes: bool,
    dry_run: bool,
    key: str | None,
) -> None:
    """Decides the proposals of these codes; `fields` go with each. Raises a REFUSED failure when any was refused."""
    question = t("请输入提案号，一行一个，Ctrl-D 结束：", "Type the codes, one a line, and end with Ctrl-D:")
    found = read_names(codes, headers=HEADERS, question=question)
    if not found:
        raise usage_failure(t("没有给出提案号。", "No proposal's code was given."))
    if len(found) > 1:
        items = [{"proposal": proposal, **fields} for proposal in found]
        do_many(run, _bulk(verb), items, yes=yes, dry_run=dry_run, key=key)
        return
    where = path("proposals", found[0], verb.single)
    if not (yes or dry_run):
        what = t(f"「{visible(found[0])}」", visible(found[0]))
        ask_first(run, where, fields, PROPOSED_COLUMNS, lambda _preview: verb.question(what))
    answer = run.client().post(where, fields, key=key, is_dry_run=dry_run)
    show_written(run, answer, PROPOSED_COLUMNS, is_dry_run=dry_run)


def _bulk(verb: Verb) -> Bulk:
    return Bulk(
        where=path("proposals", verb.many),
        name="proposal",
        columns=OUTCOME_COLUMNS,
        make_row=_row_of,
        summarize=_summarize,
        question=lambda done: verb.question(t(f"这 {done} 个", f"these {done}")),
    )


def _row_of(item: Mapping[str, object], outcome: Mapping[str, Any]) -> Row:
    proposal = outcome.get("proposal") or {}
    shown = {name: proposal.get(name) for name in ("state", "kind", "points", "rider_code", "sponsor", "reason")}
    return {
        "proposal": proposal.get("code") or item["proposal"],
        **shown,
        "approvals": approvals_words(proposal) if proposal else None,
        "available": pick(outcome, "balances.available"),
        "budget": pick(outcome, "balances.budget"),
    }


def _summarize(rows: Rows, is_preview: bool) -> str:
    done = [row for row in rows if row["outcome"] == "done"]
    booked = sum(row["state"] == "approved" for row in done)
    refused = len(rows) - len(done)
    if is_preview:
        return t(
            f"{len(done)} 个可以办，其中 {booked} 个会入账；{refused} 个会被拒",
            f"{len(done)} would be done, {booked} of them booked; {refused} would be refused",
        )
    return t(
        f"办成 {len(done)} 个，其中 {booked} 个入账；{refused} 个被拒",
        f"{len(done)} done, {booked} of them booked; {refused} refused",
    )


def add_decision_commands(app: typer.Typer) -> None:
    """`approve`, `reject` and `withdraw` are verbs of the noun."""
    app.command(
        "approve",
        help=t(
            "批准提案；最后一个批准就入账，所以先问\n自己提的不能自己批，数额大的要两个人。",
            "Approve proposals; the last approval books, so it asks first\n"
            "Nobody approves what they proposed, and large ones take two people.",
        ),
    )(approve_proposals)
    app.command("reject", help=t("否决别人的提案，写明理由；先问", "Reject others' proposals, with the reason; asks"))(
        reject_proposals
    )
    app.command("withdraw", help=t("撤回自己的提案；先问", "Withdraw your own proposals; asks first"))(
        withdraw_proposals
    )
