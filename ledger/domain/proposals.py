"""Proposals: what one person asks for and another must approve before it is booked. Maker and checker, for all kinds.

proposed → approved | rejected | withdrawn | lapsed. The last approval books it in the same step, so what is approved
has its transaction. Nobody approves what they proposed or what pays them; only its maker withdraws a proposal.
Source: hard-cases.md, "a manual adjustment is misused".
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.domain import codes
from ledger.domain.access import Role
from ledger.domain.errors import Forbidden, InvalidField, Kind, Refusal, Text
from ledger.domain.proposal_rules import ProposalRules

REASON_MAX = 300
"""Characters of a reason: with the names of the maker and two approvers it fits the transaction's memo."""

POINTS_MAX = 1_000_000_000
"""Points of one proposal; what a person may put their name to is in the rulebook, and far less."""


class ProposalKind(StrEnum):
    """What is proposed: points to or from a rider, into or out of a budget, a rider's debt let go, other rules."""

    ADJUSTMENT = "adjustment"
    FUNDING = "funding"
    WRITE_OFF = "write_off"
    RULEBOOK = "rulebook"


RULEBOOK_ROLES = frozenset({Role.MANAGER, Role.OWNER})
"""Who decides about rules; points are a matter of limits."""


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


STATE_WORDS = {
    ProposalState.PROPOSED: Text("待批准", "waiting for approval"),
    ProposalState.APPROVED: Text("已批准", "approved"),
    ProposalState.REJECTED: Text("已否决", "rejected"),
    ProposalState.WITHDRAWN: Text("已撤回", "withdrawn"),
    ProposalState.LAPSED: Text("已过期", "lapsed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalApproval:
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedVersion:
    """The number that a proposed rulebook has, and the first local day on which it is to be in force."""

    version: int
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`points` is signed: what the rider gets, of a funding what the budget gets, of a write-off what is let go.

    `sponsor_id` is whose budget pays or is paid. `transaction_id` is what was booked. `closed_…` say how it ended.
    A rulebook moves no points; `version` is what it proposes, where `rulebook_version` is the one of its own limits.
    """

    id: UUID
    code: str
    kind: ProposalKind
    state: ProposalState
    points: int
    rider_id: UUID | None
    sponsor_id: UUID | None
    reason: str
    approvals_required: int
    rulebook_version: int
    proposed_at: datetime
    proposed_by: str
    lapses_at: datetime
    version: ProposedVersion | None = None
    approvals: tuple[ProposalApproval, ...] = ()
    transaction_id: UUID | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    closing_reason: str = ""

    @property
    def is_funding(self) -> bool:
        return self.kind is ProposalKind.FUNDING

    @property
    def approvals_missing(self) -> int:
        return self.approvals_required - len(self.approvals)

    @property
    def memo(self) -> str:
        """What the books keep: the reason, and everybody's name."""
        approvers = ", ".join(approval.approved_by for approval in self.approvals)
        return f"{self.reason} · 提出 proposed by {self.proposed_by} · 批准 approved by {approvers}"

    def approved(self, *, by: str, at: datetime) -> "Proposal":
        return replace(self, approvals=(*self.approvals, ProposalApproval(approved_by=by, approved_at=at)))

    def closed(
        self, state: ProposalState, *, by: str, at: datetime, reason: str = "", transaction_id: UUID | None = None
    ) -> "Proposal":
        return replace(
            self, state=state, closed_by=by, closed_at=at, closing_reason=reason, transaction_id=transaction_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalCase:
    """A proposal with what belongs to it: what the services answer, the queries read and the API prints."""

    proposal: Proposal
    rider_code: str | None
    rider_name: str
    sponsor: str | None


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class ProposalWrongState(Refusal):
    """Says what it is now and by whom: the second of two approvers learns who was first."""

    proposal_code: str
    state: ProposalState
    closed_by: str | None

    code: ClassVar[str] = "proposal_wrong_state"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这个提案已经了结", "The proposal is closed")
    detail: ClassVar[Text] = Text(
        "提案 {proposal_code} 现在是“{state}”{who}；这次没有改动，要改请另提一个。",
        "Proposal {proposal_code} is {state}{who}. Nothing changed; propose it anew if it is still wanted.",
    )

    def wordings(self) -> dict[str, Text]:
        who = Text(f"（{self.closed_by} 处理）", f", by {self.closed_by}") if self.closed_by else Text("", "")
        return {"state": STATE_WORDS[self.state], "who": who}


@dataclass(eq=False)
class ProposalLapsed(Refusal):
    proposal_code: str
    lapses_at: datetime

    code: ClassVar[str] = "proposal_lapsed"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("这个提案过期了", "The proposal has lapsed")
    detail: ClassVar[Text] = Text(
        "提案 {proposal_code} 到 {lapses_at} 没有批完，已经过期；还需要就请另提一个。",
        "Proposal {proposal_code} was to be approved by {lapses_at} and has lapsed. Propose it anew if it is wanted.",
    )


@dataclass(eq=False)
class ProposedByYourself(Refusal):
    proposal_code: str

    code: ClassVar[str] = "proposed_by_yourself"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能审自己提的", "Your own proposal")
    detail: ClassVar[Text] = Text(
        "提案 {proposal_code} 是您自己提的，要由另一位来批；不要了就撤回（points proposal withdraw）。",
        "You made proposal {proposal_code} yourself: somebody else decides it. Withdraw it if it is not wanted "
        "(points proposal withdraw).",
    )


@dataclass(eq=False)
class PaidToYourself(Refusal):
    rider_code: str

    code: ClassVar[str] = "paid_to_yourself"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能给自己的积分做主", "It concerns your own points")
    detail: ClassVar[Text] = Text(
        "骑手 {rider_code} 就是您自己，不能由您提出或批准；请别人来做。",
        "Rider {rider_code} is yourself: you neither propose nor approve this. Have somebody else do it.",
    )


@dataclass(eq=False)
class ApprovedByYourself(Refusal):
    proposal_code: str
    approved_at: datetime

    code: ClassVar[str] = "approved_by_yourself"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("您已经批过了", "You have approved it already")
    detail: ClassVar[Text] = Text(
        "提案 {proposal_code} 您已于 {approved_at} 批过，还要另一位来批一次。",
        "You approved proposal {proposal_code} at {approved_at}; it needs another person's approval.",
    )


@dataclass(eq=False)
class NotTheMaker(Refusal):
    proposal_code: str
    proposed_by: str

    code: ClassVar[str] = "not_the_maker"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不是您提的", "Not your proposal")
    detail: ClassVar[Text] = Text(
        "提案 {proposal_code} 是 {proposed_by} 提的，只有本人能撤回；您可以否决它（points proposal reject）。",
        "Proposal {proposal_code} was made by {proposed_by}, who alone can withdraw it. You can reject it "
        "(points proposal reject).",
    )


@dataclass(eq=False)
class OverLimit(Refusal):
    points: int
    limit: int

    code: ClassVar[str] = "over_limit"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("超出您的额度", "Above your limit")
    detail: ClassVar[Text] = Text(
        "{points} 分超出您一次最多 {limit} 分的额度；请额度更高的人来做，或由规则调整额度。",
        "{points} points are above your limit of {limit} at a time. Have somebody with a higher limit do it, "
        "or have the rulebook raise it.",
    )


@dataclass(eq=False)
class OverDailyLimit(Refusal):
    points: int
    used: int
    limit: int

    code: ClassVar[str] = "over_daily_limit"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("超出您今天的额度", "Above your limit of the day")
    detail: ClassVar[Text] = Text(
        "您今天已经经手 {used} 分，再加 {points} 分就超出一天 {limit} 分的额度；请明天再来，或请别人来做。",
        "You have put your name to {used} points today; {points} more are above your limit of {limit} a day. "
        "Do it tomorrow, or have somebody else do it.",
    )


@dataclass(eq=False)
class DebtTooSmall(Refusal):
    rider_code: str
    owed: int
    wanted: int

    code: ClassVar[str] = "debt_too_small"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("没有欠那么多", "Less is owed")
    detail: ClassVar[Text] = Text(
        "骑手 {rider_code} 欠 {owed} 分，不能核销 {wanted} 分；请否决，再按实际欠分另提。",
        "Rider {rider_code} owes {owed} points, so {wanted} cannot be written off. Reject it and propose what is owed.",
    )


# --- checks ------------------------------------------------------------------------------------------------------


def check_form(kind: ProposalKind, *, points: int, rider_code: str | None) -> InvalidField | None:
    """A funding concerns a budget, the others a rider too; some points are moved, and a debt can only be let go."""
    if kind is ProposalKind.FUNDING and rider_code is not None:
        return InvalidField(
            field="rider_code",
            problem_zh="拨付只涉及出资方的预算；请去掉 rider_code。",
            problem_en="a funding concerns a sponsor's budget alone; leave `rider_code` out.",
        )
    if kind is not ProposalKind.FUNDING and rider_code is None:
        return InvalidField(
            field="rider_code",
            problem_zh="请写明是哪位骑手，例如 R00001。",
            problem_en="say which rider, such as R00001.",
        )
    least = 1 if kind is ProposalKind.WRITE_OFF else -POINTS_MAX
    if points == 0 or not least <= points <= POINTS_MAX:
        return InvalidField(
            field="points",
            problem_zh=f"请用 {least} 到 {POINTS_MAX} 的整数，不能是 0。",
            problem_en=f"use a whole number from {least} to {POINTS_MAX}, not 0.",
        )
    return None


def check_open(proposal: Proposal, now: datetime) -> Refusal | None:
    """In this order: closed already, past its time though not closed yet."""
    if proposal.state is not ProposalState.PROPOSED:
        return ProposalWrongState(proposal_code=proposal.code, state=proposal.state, closed_by=proposal.closed_by)
    if proposal.lapses_at <= now:
        return ProposalLapsed(proposal_code=proposal.code, lapses_at=proposal.lapses_at)
    return None


def check_roles(proposal: Proposal, roles: Collection[Role]) -> Forbidden | None:
    if proposal.kind is not ProposalKind.RULEBOOK or RULEBOOK_ROLES & set(roles):
        return None
    return Forbidden(operation="decide_rulebook", allowed=", ".join(sorted(RULEBOOK_ROLES)))


def check_payee(rider_code: str | None, actor: str) -> PaidToYourself | None:
    return PaidToYourself(rider_code=rider_code) if rider_code and actor == f"rider/{rider_code}" else None


def check_rejection(proposal: Proposal, actor: str, now: datetime) -> Refusal | None:
    """In this order: not open, own proposal."""
    if refusal := check_open(proposal, now):
        return refusal
    return ProposedByYourself(proposal_code=proposal.code) if proposal.proposed_by == actor else None


def check_approval(proposal: Proposal, actor: str, rider_code: str | None, now: datetime) -> Refusal | None:
    """In this order: not open, own proposal, it pays the same person, already approved by the same person."""
    if refusal := check_rejection(proposal, actor, now) or check_payee(rider_code, actor):
        return refusal
    for approval in proposal.approvals:
        if approval.approved_by == actor:
            return ApprovedByYourself(proposal_code=proposal.code, approved_at=approval.approved_at)
    return None


def check_withdrawal(proposal: Proposal, actor: str, now: datetime) -> Refusal | None:
    """In this order: not open, somebody else's."""
    if refusal := check_open(proposal, now):
        return refusal
    if proposal.proposed_by != actor:
        return NotTheMaker(proposal_code=proposal.code, proposed_by=proposal.proposed_by)
    return None


def check_limits(
    rules: ProposalRules, roles: Collection[Role], *, points: int, used: int, is_funding: bool
) -> Refusal | None:
    """In this order: too much at a time, too much for the day. `points` without their sign, `used` today before."""
    limit = rules.limit_each(roles, is_funding=is_funding)
    if points > limit:
        return OverLimit(points=points, limit=limit)
    limit = rules.limit_per_day(roles, is_funding=is_funding)
    if used + points > limit:
        return OverDailyLimit(points=points, used=used, limit=limit)
    return None


CODE_LENGTH = 10


def proposal_code(proposal_id: UUID) -> str:
    """Ten characters from the random end of a UUIDv7, as a report has them."""
    return codes.spell(proposal_id.int, CODE_LENGTH)


def read_proposal_code(name: str) -> str | None:
    """The code somebody meant; None: it cannot be one."""
    return codes.read(name, CODE_LENGTH)
