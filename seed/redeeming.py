"""The demo's daily life with points: riders redeem, approvers decide, keepers hand over, some never come.

Deterministic but for voucher codes, which are secrets; whoever is too poor or too late is simply refused, as in life.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any, Protocol

from ledger.api.runtime import Runtime
from ledger.domain.calendar import month_of
from ledger.domain.catalog import ItemKind
from ledger.domain.errors import Refusal
from ledger.domain.redemptions import RedemptionCase, RedemptionState
from ledger.domain.reports import ReportState
from ledger.domain.rulebook import RedemptionRules
from ledger.queries import rankings as ranking_queries
from ledger.queries import reports as report_queries
from ledger.queries import riders as rider_queries
from ledger.queries.reports import ReportFilter
from ledger.services.closing import (
    CancelRedemption,
    FulfilRedemption,
    LapseRedemptions,
    RejectRedemption,
    cancel_redemptions,
    fulfil_redemptions,
    lapse_redemptions,
    reject_redemptions,
)
from ledger.services.redemptions import (
    ApproveRedemption,
    RequestRedemption,
    approve_redemptions,
    request_redemptions,
)
from seed.catalog import OFFERS, STATIONS, Offer, keepers
from seed.owner import PROGRAMME_ID

LARGE = sorted(
    (offer for offer in OFFERS if offer.points > RedemptionRules().by_rule_up_to_points),
    key=lambda offer: (RedemptionRules().approvals_required(offer.points) < 2, offer.points),
)
"""What somebody has to approve: first what needs two people, then the rest from the cheapest."""
TREATS = 8
"""Of the best of the month, so many treat themselves to something large at a time."""
FORGOTTEN_ONE_IN = 15
"""Vouchers that nobody picks up: they lapse after their fifteen days. Counted, so that some always do."""
CANCELLED_SHARE = 0.05
REJECTED_SHARE = 0.12
APPROVERS = ("operator/approver1", "operator/approver2")
SEARCHED_MAX = 500
"""Newest reports among which one to take back is looked for."""
KEEPER_OF = {station: name for name, _, station in keepers()}


class Player(Protocol):
    def try_play(self, use_case: Any, items: Sequence[Any]) -> list[Any]:
        """The outcomes, refusals among them."""
        ...


@dataclass(slots=True, kw_only=True)
class Redeeming:
    """What is open between one day and the next."""

    random: Random
    vouchers_made: int = 0
    to_approve: list[tuple[date, RedemptionCase]] = field(default_factory=list)
    to_hand_over: list[tuple[date, RedemptionCase]] = field(default_factory=list)

    def live_a_day(self, player: Player, day: date, *, riders: Sequence[str], is_late: bool) -> None:
        """Decisions on earlier requests, unless `is_late`; vouchers handed in; what lapsed; the day's requests."""
        if not is_late:
            self._decide(player, day)
        self._hand_over(player, day)
        player.try_play(lapse_redemptions, [LapseRedemptions()])
        self._request(player, day, riders)

    def _request(self, player: Player, day: date, riders: Sequence[str]) -> None:
        wishes = []
        for rider in riders:
            # Cheap things go often.
            offer = self.random.choices(OFFERS, weights=[1 + 2_000 // (found.points + 40) for found in OFFERS])[0]
            wishes.append(self._wish(rider, offer))
        self._ask(player, day, wishes)

    def treat_the_best(self, player: Player, runtime: Runtime, day: date) -> None:
        """The month's best ask for large things they can afford: what waits for one approver, or for two."""
        with runtime.reading() as connection:
            ranked = ranking_queries.read_ranking(connection, PROGRAMME_ID, month_of(day), limit=200, after=None).items
            codes = [line.rider_code for line in ranked]
            riders = [rider_queries.read_rider(connection, PROGRAMME_ID, code) for code in codes]
            points = [rider_queries.read_balance(connection, PROGRAMME_ID, rider).available for rider in riders]
        treated = 0
        for code, balance in zip(codes, points, strict=True):
            available = balance
            for offer in LARGE:
                if treated < TREATS and offer.points <= available and self._ask(player, day, [self._wish(code, offer)]):
                    treated += 1
                    available -= offer.points

    def _wish(self, rider: str, offer: Offer) -> RequestRedemption:
        station = self.random.choice(STATIONS)[0] if offer.stock else None
        points = self.random.choice((10, 20, 50)) if offer.kind is ItemKind.DONATION else None
        return RequestRedemption(
            rider_code=rider, sku=offer.sku, station=station, points=points, actor=f"rider/{rider}"
        )

    def _ask(self, player: Player, day: date, wishes: Sequence[RequestRedemption]) -> int:
        """How many were not refused."""
        outcomes = player.try_play(request_redemptions, wishes)
        requested = [outcome.case for outcome in outcomes if not isinstance(outcome, Refusal)]
        for case in requested:
            self._keep(day, case)
        return len(requested)

    def _keep(self, day: date, case: RedemptionCase) -> None:
        state = case.redemption.state
        if state is RedemptionState.REQUESTED:
            self.to_approve.append((day, case))
            return
        if state is not RedemptionState.READY:
            return
        self.vouchers_made += 1
        if self.vouchers_made % FORGOTTEN_ONE_IN:
            pick_up = day + timedelta(days=self.random.randint(1, 6))
            self.to_hand_over.append((pick_up, case))

    def _decide(self, player: Player, day: date) -> None:
        waiting, self.to_approve = self.to_approve, []
        for _, case in waiting:
            redemption = case.redemption
            if self.random.random() < REJECTED_SHARE:
                reason = "本月同类申领较多，请下月再申请"
                rejection = RejectRedemption(redemption=redemption.code, reason=reason, actor=APPROVERS[0])
                player.try_play(reject_redemptions, [rejection])
                continue
            for actor in APPROVERS[: redemption.approvals_required]:
                [outcome] = player.try_play(
                    approve_redemptions, [ApproveRedemption(redemption=redemption.code, actor=actor)]
                )
                if not isinstance(outcome, Refusal) and outcome.case.redemption.voucher_code:
                    self._keep(day, outcome.case)

    def _hand_over(self, player: Player, day: date) -> None:
        due = [case for pick_up, case in self.to_hand_over if pick_up <= day]
        self.to_hand_over = [(pick_up, case) for pick_up, case in self.to_hand_over if pick_up > day]
        cancels: list[CancelRedemption] = []
        vouchers: list[FulfilRedemption] = []
        for case in due:
            redemption = case.redemption
            if self.random.random() < CANCELLED_SHARE:
                cancel = CancelRedemption(redemption=redemption.code, reason="不需要了", actor=redemption.requested_by)
                cancels.append(cancel)
            else:
                keeper = KEEPER_OF[case.station.code] if case.station else KEEPER_OF[STATIONS[0][0]]
                voucher = redemption.voucher_code or ""
                vouchers.append(FulfilRedemption(voucher=voucher, actor=f"operator/{keeper}", keeper=keeper))
        player.try_play(cancel_redemptions, cancels)
        player.try_play(fulfil_redemptions, vouchers)


def find_clawback(runtime: Runtime) -> str | None:
    """The code of a verified report whose points its rider has spent meanwhile: taken back, it leaves a debt."""
    with runtime.reading() as connection:
        found = report_queries.read_reports(
            connection,
            PROGRAMME_ID,
            narrowed_to=ReportFilter(state=ReportState.VERIFIED),
            is_newest_first=True,
            limit=SEARCHED_MAX,
            after=None,
        )
        for case in found.items:
            rider = rider_queries.read_rider(connection, PROGRAMME_ID, case.rider_code)
            left = rider_queries.read_balance(connection, PROGRAMME_ID, rider).available
            if case.award is not None and left < case.award.points_granted:
                return case.report.code
    return None
