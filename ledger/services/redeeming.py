"""Redeeming: the redemptions of one unit of work, with books and limits as earlier items of the batch left them.

Used by all use-cases on redemptions, so that a hold is made, captured and released in one place each.
"""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from ledger.domain.accounts import PROGRAMME_OWNER, Purpose, redeemed_account
from ledger.domain.calendar import local_day
from ledger.domain.catalog import Item, delivered_account, reserved_account, shelf_account
from ledger.domain.errors import BrokenInvariant, Refusal
from ledger.domain.journal import OutOfStock
from ledger.domain.moves import capture_legs, hold_legs, release_legs
from ledger.domain.redemptions import (
    Approval,
    Redemption,
    RedemptionCase,
    RedemptionState,
    gives_grace,
    redemption_code,
)
from ledger.domain.reports import TEXT_MAX
from ledger.domain.riders import Rider, mask_name
from ledger.domain.transactions import Leg, Transaction, TransactionKind
from ledger.domain.vouchers import VOUCHER_BITS, voucher_code
from ledger.services.posting import open_books, write_books
from ledger.storage import catalog as catalog_store
from ledger.storage import journal as journal_store
from ledger.storage import programmes as programme_store
from ledger.storage import redemptions as redemption_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderPoints:
    """What a posting left the rider, in points."""

    available: int
    held: int
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """The redemption as it is now, and the balances the step left."""

    case: RedemptionCase
    balances: RiderPoints


class Redeeming:
    """Open it on the redemptions, riders and items of the batch; hold, approve, close one after another; write once."""

    def __init__(
        self,
        uow: UnitOfWork,
        *,
        riders: Iterable[Rider],
        items: Iterable[Item],
        stored: Collection[Redemption] = (),
    ) -> None:
        self._uow = uow
        self._riders = {rider.id: rider for rider in riders}
        self._items = {item.id: item for item in items}
        self._names = rider_store.read_names(uow, self._riders)
        self.stations = catalog_store.read_stations(uow)
        self.zone = programme_store.read_zone_of(uow)
        self.today = local_day(uow.now, self.zone)
        self.rulebook = programme_store.read_rulebook_in_force(uow, self.today)
        self.books = open_books(
            uow,
            owner_ids={PROGRAMME_OWNER, *self._riders},
            commodities={item.commodity for item in self._items.values() if item.is_stocked or stored},
        )
        # Redemptions as they are now; those that were stored are changed, the others are new.
        self._stored = {redemption.id for redemption in stored}
        self._now: dict[UUID, Redemption] = {redemption.id: redemption for redemption in stored}
        self._touched: dict[UUID, None] = {}
        self._new_approvals: list[tuple[UUID, Approval]] = []
        self._hold_legs: dict[UUID, Sequence[Leg]] = {}
        if stored:
            self._hold_legs.update(journal_store.read_legs(uow, {redemption.hold_id for redemption in stored}))
        self._events: list[Event] = []

    def current(self, redemption: Redemption) -> Redemption:
        """As earlier items of the batch left it."""
        return self._now[redemption.id]

    def item_of(self, redemption: Redemption) -> Item:
        return self._items[redemption.item_id]

    def rider_of(self, redemption: Redemption) -> Rider:
        return self._riders[redemption.rider_id]

    def request(
        self, rider: Rider, item: Item, *, station_id: UUID | None, points: int, actor: str, key: str | None
    ) -> Redemption | Refusal:
        """Holds a unit and the points, or returns the refusal, out of stock before too few points. What needs nobody's
        approval is ready at once."""
        legs: list[Leg] = []
        if station_id is not None:
            shelf, reserved = shelf_account(item, station_id), reserved_account(item, station_id)
            if not self.books.balance(shelf):
                return OutOfStock(available=0, wanted=1)
            legs.append(Leg(debit_account=shelf, credit_account=reserved, amount=1))
        held = hold_legs(self.books, rider_id=rider.id, points=points, today=self.today.isoformat())
        if isinstance(held, Refusal):
            return held
        uow, redemption_id = self._uow, self._uow.new_id()
        hold = self._transaction(
            TransactionKind.HOLD, redemption_id, (*legs, *held), actor=actor, key=key, memo=f"{item.sku} {item.name}"
        )
        if refusal := self.books.post(hold):
            return refusal
        self._hold_legs[hold.id] = hold.legs
        rules = self.rulebook.redemption
        redemption = Redemption(
            id=redemption_id,
            code=redemption_code(redemption_id),
            rider_id=rider.id,
            item_id=item.id,
            station_id=station_id,
            points=points,
            state=RedemptionState.REQUESTED,
            approvals_required=rules.approvals_required(points),
            requested_at=uow.now,
            requested_by=actor,
            decide_due_at=uow.now + timedelta(hours=rules.decide_within_hours),
            rulebook_version=self.rulebook.version,
            hold_id=hold.id,
        )
        self._set(redemption)
        self._tell("redemption.requested", redemption, actor)
        return self._made_ready(redemption, actor=actor, key=key) if redemption.is_approved else redemption

    def approve(self, redemption: Redemption, *, actor: str, key: str | None) -> Redemption:
        """One approval more; with the last one the voucher is made, or a donation is given."""
        approved = redemption.approved(by=actor, at=self._uow.now)
        self._new_approvals.append((approved.id, approved.approvals[-1]))
        self._set(approved)
        self._tell("redemption.approved", approved, actor)
        return self._made_ready(approved, actor=actor, key=key) if approved.is_approved else approved

    def capture(self, redemption: Redemption, *, actor: str, key: str | None) -> Redemption:
        """Fulfilled: the points are taken, the unit is delivered."""
        item = self.item_of(redemption)
        legs = capture_legs(
            self._hold_legs[redemption.hold_id], redeemed=redeemed_account(), delivered=delivered_account(item)
        )
        return self._close(
            redemption, RedemptionState.FULFILLED, TransactionKind.CAPTURE, legs, actor=actor, key=key, reason=""
        )

    def release(
        self, redemption: Redemption, state: RedemptionState, *, actor: str, key: str | None, reason: str = ""
    ) -> Redemption:
        """Rejected, cancelled or lapsed: points go back to their lots, the unit to its shelf. Points whose lot lapsed
        meanwhile get some days of grace where we ended it; else they lapse with the next expiry."""
        hold, today = self._hold_legs[redemption.hold_id], self.today.isoformat()
        grace_until = self.rulebook.lapse.grace_until(self.today).isoformat() if gives_grace(state, actor) else None
        legs = release_legs(hold, today=today, grace_until=grace_until)
        return self._close(
            redemption,
            state,
            TransactionKind.RELEASE,
            legs,
            actor=actor,
            key=key,
            reason=reason,
            note=_lapse_note(hold, today=today, grace_until=grace_until),
        )

    def outcome(self, redemption: Redemption) -> Redeemed:
        """The redemption and the rider's balances as they are at this point of the batch."""
        rider = self._riders[redemption.rider_id]
        return Redeemed(
            case=RedemptionCase(
                redemption=redemption,
                rider_code=rider.code,
                rider_name=mask_name(self._names.get(rider.id, "")),
                item=self._items[redemption.item_id],
                station=self.stations[redemption.station_id] if redemption.station_id else None,
            ),
            balances=self._points(rider.id),
        )

    def write(self) -> None:
        """Books first, which the redemptions point at; then redemptions, approvals, events."""
        write_books(self._uow, self.books)
        touched = [self._now[redemption_id] for redemption_id in self._touched]
        redemption_store.insert_redemptions(self._uow, [found for found in touched if found.id not in self._stored])
        redemption_store.update_redemptions(self._uow, [found for found in touched if found.id in self._stored])
        redemption_store.insert_approvals(self._uow, self._new_approvals)
        append_events(self._uow, self._events)

    def _made_ready(self, redemption: Redemption, *, actor: str, key: str | None) -> Redemption:
        if self.item_of(redemption).is_donation:
            return self.capture(redemption, actor=actor, key=key)
        ready = redemption.made_ready(
            voucher_code=voucher_code(secrets.randbits(VOUCHER_BITS)),
            at=self._uow.now,
            pick_up_by=self.today + timedelta(days=self.rulebook.redemption.pick_up_within_days),
        )
        self._set(ready)
        self._tell("redemption.ready", ready, actor)
        return ready

    def _close(
        self,
        redemption: Redemption,
        state: RedemptionState,
        kind: TransactionKind,
        legs: tuple[Leg, ...],
        *,
        actor: str,
        key: str | None,
        reason: str,
        note: str = "",
    ) -> Redemption:
        item = self.item_of(redemption)
        memo = " · ".join(filter(None, (f"{item.sku} {item.name}", note, reason)))[:TEXT_MAX]
        closing = self._transaction(kind, redemption.id, legs, actor=actor, key=key, memo=memo)
        if refusal := self.books.post(closing):
            raise BrokenInvariant(f"closing of open redemption {redemption.code} refused: {refusal}")
        closed = redemption.closed(state, closing_id=closing.id, by=actor, at=self._uow.now, reason=reason)
        self._set(closed)
        self._tell(f"redemption.{state.value}", closed, actor)
        return closed

    def _transaction(
        self,
        kind: TransactionKind,
        source_id: UUID,
        legs: tuple[Leg, ...],
        *,
        actor: str,
        key: str | None,
        memo: str,
    ) -> Transaction:
        return Transaction(
            id=self._uow.new_id(),
            kind=kind,
            effective_at=self._uow.now,
            recorded_at=self._uow.now,
            actor=actor,
            source_id=source_id,
            rulebook_version=self.rulebook.version,
            memo=memo,
            idempotency_key=key,
            legs=legs,
        )

    def _points(self, rider_id: UUID) -> RiderPoints:
        return RiderPoints(
            available=self.books.total(rider_id, Purpose.AVAILABLE),
            held=self.books.total(rider_id, Purpose.HELD),
            owed=self.books.total(rider_id, Purpose.OWED),
        )

    def _set(self, redemption: Redemption) -> None:
        self._now[redemption.id] = redemption
        self._touched[redemption.id] = None

    def _tell(self, kind: str, redemption: Redemption, actor: str) -> None:
        """The event, with the balances at this point. Never the voucher's code: who reads events could use it."""
        item, after = self.item_of(redemption), self._points(redemption.rider_id)
        data: dict[str, Any] = {
            "rider": self._riders[redemption.rider_id].code,
            "sku": item.sku,
            "points": redemption.points,
            "by": actor,
            "available_after": after.available,
            "held_after": after.held,
        }
        if redemption.station_id is not None:
            data["station"] = self.stations[redemption.station_id].code
            data["shelf_after"] = self.books.balance(shelf_account(item, redemption.station_id))
        if redemption.reason:
            data["reason"] = redemption.reason
        self._events.append(Event(kind=kind, subject=f"redemption/{redemption.code}", data=data))


def _lapse_note(hold: Iterable[Leg], *, today: str, grace_until: str | None) -> str:
    """What the rider's statement says of points that come back after their lot lapsed; empty where none do."""
    lots = [leg.debit_account.bucket for leg in hold if leg.debit_account.purpose is Purpose.AVAILABLE]
    if all(lot >= today for lot in lots):
        return ""
    if grace_until is None:
        return "冻结期间已到期，随后作废 · lapsed while on hold, so it lapses now"
    return f"冻结期间已到期，宽限到 {grace_until} · lapsed while on hold, grace until {grace_until}"
