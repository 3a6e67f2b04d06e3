"""Redemptions: requested → ready → fulfilled; or rejected, cancelled, lapsed, which give everything back.

Requesting holds the points and a unit of stock. The last approval makes the voucher in the same step, so there is no
state "approved" in between; nobody has to approve up to the rulebook's threshold, and a donation has nothing to pick
up: it is fulfilled when it is approved. A person never approves what they requested themselves.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.domain import codes
from ledger.domain.access import PrincipalKind
from ledger.domain.catalog import Item, Station
from ledger.domain.errors import InvalidField, Kind, Refusal, Text


class RedemptionState(StrEnum):
    REQUESTED = "requested"
    READY = "ready"
    FULFILLED = "fulfilled"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


OPEN_STATES = frozenset({RedemptionState.REQUESTED, RedemptionState.READY})
"""Points and stock are held."""
COUNTED_STATES = frozenset({*OPEN_STATES, RedemptionState.FULFILLED})
"""What counts towards a rider's limit: what was given back does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    approved_by: str
    approved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One unit of one item for one rider. `code` is what people say and type; the voucher's code is the rider's alone.

    `hold_id` and `closing_id` are the transactions that held the points and that captured or released them.
    `pick_up_by` is the last local day on which the voucher is good.
    """

    id: UUID
    code: str
    rider_id: UUID
    item_id: UUID
    station_id: UUID | None
    points: int
    state: RedemptionState
    approvals_required: int
    requested_at: datetime
    requested_by: str
    decide_due_at: datetime
    rulebook_version: int
    hold_id: UUID
    approvals: tuple[Approval, ...] = ()
    voucher_code: str | None = None
    ready_at: datetime | None = None
    pick_up_by: date | None = None
    closing_id: UUID | None = None
    closed_at: datetime | None = None
    closed_by: str | None = None
    reason: str = ""

    @property
    def is_approved(self) -> bool:
        return len(self.approvals) >= self.approvals_required

    def approved(self, *, by: str, at: datetime) -> "Redemption":
        return replace(self, approvals=(*self.approvals, Approval(approved_by=by, approved_at=at)))

    def made_ready(self, *, voucher_code: str, at: datetime, pick_up_by: date) -> "Redemption":
        return replace(self, state=RedemptionState.READY, voucher_code=voucher_code, ready_at=at, pick_up_by=pick_up_by)

    def closed(
        self, state: RedemptionState, *, closing_id: UUID, by: str, at: datetime, reason: str = ""
    ) -> "Redemption":
        return replace(self, state=state, closing_id=closing_id, closed_by=by, closed_at=at, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionCase:
    """A redemption with what belongs to it: what the services answer, the queries read and the API prints."""

    redemption: Redemption
    rider_code: str
    rider_name: str
    item: Item
    station: Station | None


def gives_grace(state: RedemptionState, closed_by: str) -> bool:
    """Whether points whose lot lapsed meanwhile get grace: we ended it, by rejecting or cancelling, and not the rider.

    Source: hard-cases.md, "a redemption is cancelled and its points have lapsed meanwhile".
    """
    is_own = closed_by.startswith(f"{PrincipalKind.RIDER}/")
    return state is RedemptionState.REJECTED or (state is RedemptionState.CANCELLED and not is_own)


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class RedemptionWrongState(Refusal):
    """Says what it is now, by whom and since when: the second of two approvers learns who was first."""

    redemption_code: str
    state: RedemptionState
    changed_by: str | None
    changed_at: datetime | None

    code: ClassVar[str] = "redemption_wrong_state"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这张兑换单不能这样处理", "The redemption is in another state")
    detail: ClassVar[Text] = Text(
        "兑换单 {redemption_code} 现在是“{state}”{who}；这次没有改动，请刷新后再看。",
        "Redemption {redemption_code} is {state}{who}. Nothing changed; look at it again.",
    )

    def wordings(self) -> dict[str, Text]:
        if self.changed_by is None or self.changed_at is None:
            return {"who": Text("", "")}
        return {"who": Text(f"（{self.changed_by} 处理）", f", by {self.changed_by}")}


@dataclass(eq=False)
class OwnRequest(Refusal):
    redemption_code: str

    code: ClassVar[str] = "own_request"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能审批自己提交的", "Your own request")
    detail: ClassVar[Text] = Text(
        "兑换单 {redemption_code} 是您自己提交的，不能自己审批；请另一位审批员来做。",
        "You requested redemption {redemption_code} yourself and cannot approve it. Have another approver do it.",
    )


@dataclass(eq=False)
class AlreadyApproved(Refusal):
    redemption_code: str
    approved_at: datetime

    code: ClassVar[str] = "already_approved"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("您已经批过了", "You have approved it already")
    detail: ClassVar[Text] = Text(
        "兑换单 {redemption_code} 您已于 {approved_at} 批过，还要另一位审批员批一次。",
        "You approved redemption {redemption_code} at {approved_at}; it needs another person's approval.",
    )


@dataclass(eq=False)
class VoucherUsed(Refusal):
    redemption_code: str
    fulfilled_by: str
    fulfilled_at: datetime

    code: ClassVar[str] = "voucher_used"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这张券已经用过了", "The voucher has been used")
    detail: ClassVar[Text] = Text(
        "这张券（兑换单 {redemption_code}）已于 {fulfilled_at} 由 {fulfilled_by} 核销，不能再用；请不要发货。",
        "The voucher of redemption {redemption_code} was used at {fulfilled_at}, by {fulfilled_by}. Hand nothing over.",
    )


@dataclass(eq=False)
class VoucherLapsed(Refusal):
    redemption_code: str
    pick_up_by: date

    code: ClassVar[str] = "voucher_lapsed"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("这张券过期了", "The voucher has lapsed")
    detail: ClassVar[Text] = Text(
        "这张券（兑换单 {redemption_code}）最晚 {pick_up_by} 领取，已经过期；积分会退回，请骑手重新兑换。",
        "The voucher of redemption {redemption_code} was good until {pick_up_by}. The points go back; redeem again.",
    )


@dataclass(eq=False)
class WrongStation(Refusal):
    redemption_code: str
    station: str

    code: ClassVar[str] = "wrong_station"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不是这个驿站的券", "Another station's voucher")
    detail: ClassVar[Text] = Text(
        "兑换单 {redemption_code} 要在 {station} 领取；请骑手到那里去。",
        "Redemption {redemption_code} is to be picked up at {station}. Send the rider there.",
    )


# --- checks ------------------------------------------------------------------------------------------------------


def check_state(redemption: Redemption, *wanted: RedemptionState) -> RedemptionWrongState | None:
    if redemption.state in wanted:
        return None
    last = redemption.approvals[-1] if redemption.approvals else None
    return RedemptionWrongState(
        redemption_code=redemption.code,
        state=redemption.state,
        changed_by=redemption.closed_by or (last.approved_by if last else None),
        changed_at=redemption.closed_at or redemption.ready_at,
    )


def check_approval(redemption: Redemption, actor: str) -> Refusal | None:
    """In this order: wrong state, own request, already approved by the same person."""
    if refusal := check_state(redemption, RedemptionState.REQUESTED):
        return refusal
    if redemption.requested_by == actor:
        return OwnRequest(redemption_code=redemption.code)
    for approval in redemption.approvals:
        if approval.approved_by == actor:
            return AlreadyApproved(redemption_code=redemption.code, approved_at=approval.approved_at)
    return None


def check_voucher(redemption: Redemption, today: date) -> Refusal | None:
    """Good once, until its last day. Used before, closed in another way, or past the day though not closed yet."""
    if redemption.state is RedemptionState.FULFILLED and redemption.closed_by and redemption.closed_at:
        return VoucherUsed(
            redemption_code=redemption.code, fulfilled_by=redemption.closed_by, fulfilled_at=redemption.closed_at
        )
    if refusal := check_state(redemption, RedemptionState.READY):
        return refusal
    if redemption.pick_up_by is not None and redemption.pick_up_by < today:
        return VoucherLapsed(redemption_code=redemption.code, pick_up_by=redemption.pick_up_by)
    return None


def decide_points(item: Item, points: int | None) -> int | InvalidField:
    """The price; of a donation what the rider gives, at least the price."""
    if not item.is_donation:
        if points is None or points == item.price_points:
            return item.price_points
        return InvalidField(
            field="points",
            problem_zh=f"{item.sku} 的价格是 {item.price_points} 分，不能自己定；请去掉 points。",
            problem_en=f"{item.sku} costs {item.price_points} points; leave `points` out.",
        )
    if points is None or points < item.price_points:
        return InvalidField(
            field="points",
            problem_zh=f"请填捐多少分，至少 {item.price_points} 分。",
            problem_en=f"say how many points you give: at least {item.price_points}.",
        )
    return points


CODE_LENGTH = 10


def redemption_code(redemption_id: UUID) -> str:
    """Ten characters from the random end of a UUIDv7, as a report has them."""
    return codes.spell(redemption_id.int, CODE_LENGTH)


def read_redemption_code(name: str) -> str | None:
    """The code somebody meant; None: it cannot be one."""
    return codes.read(name, CODE_LENGTH)
