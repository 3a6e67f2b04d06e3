"""Lapsing points: what is left of lots whose day is over goes to `expired`, in bounded pieces, a transaction a rider.

It looks at lots and at nothing else, so no lot is missed because something about it is labelled differently; and it
takes exactly what is left, so a balance never falls by more than what lapsed. Points on hold stay on hold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from ledger.domain.access import SYSTEM_ACTOR
from ledger.domain.accounts import PROGRAMME_OWNER, Purpose
from ledger.domain.calendar import local_day
from ledger.domain.errors import BrokenInvariant, Refusal
from ledger.domain.journal import Books
from ledger.domain.moves import expiry_legs
from ledger.domain.riders import Rider
from ledger.domain.transactions import Transaction, TransactionKind
from ledger.services.posting import open_books, write_books
from ledger.services.redeeming import RiderPoints
from ledger.storage import lapses as lapse_store
from ledger.storage import programmes as programme_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork

LOTS_MAX = 1_000
"""Lots of one piece: one unit of work well under a second. On the first of January it is run until none is left."""

MEMO = "到期作废 · lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsePoints:
    """Take what is left of up to `limit` lots that have lapsed, and of their riders' other lapsed lots."""

    limit: int = LOTS_MAX
    actor: str = SYSTEM_ACTOR
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsedLot:
    lapsed_on: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LapsedRider:
    """What lapsed of one rider's, soonest first, and the balances it left."""

    rider_code: str
    lots: tuple[LapsedLot, ...]
    balances: RiderPoints

    @property
    def points(self) -> int:
        return sum(lot.points for lot in self.lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """One piece: whose points lapsed, soonest first. `is_more`: another piece may find more."""

    riders: tuple[LapsedRider, ...]
    is_more: bool

    @property
    def points(self) -> int:
        return sum(rider.points for rider in self.riders)


def lapse_points(uow: UnitOfWork, batch: Sequence[LapsePoints]) -> list[Lapsed | Refusal]:
    """Per item what it took. Nothing is refused, and what is done is not found again: safe twice and side by side."""
    today = local_day(uow.now, programme_store.read_zone_of(uow))
    found = lapse_store.find_lapsed(uow, today, limit=sum(command.limit for command in batch) + 1)
    riders = rider_store.lock_riders(uow, set(found))
    books = open_books(uow, owner_ids={PROGRAMME_OWNER, *riders})
    rulebook = programme_store.read_rulebook_in_force(uow, today)

    waiting, left = iter(found), len(found)
    events: list[Event] = []
    outcomes: list[Lapsed | Refusal] = []
    for command in batch:
        mine = [riders[rider_id] for rider_id in dict.fromkeys(islice(waiting, command.limit))]
        lapsed: list[LapsedRider] = []
        for rider in mine:
            expiry = _expiry(uow, books, rider, command, today=today, rulebook_version=rulebook.version)
            if expiry is not None:
                lapsed.append(_book(books, rider, expiry))
                events.append(_event(lapsed[-1], expiry))
        left -= command.limit
        is_more = left > 0 or any(expiry_legs(books, rider_id=rider.id, today=today.isoformat()) for rider in mine)
        outcomes.append(Lapsed(riders=tuple(lapsed), is_more=is_more))
    write_books(uow, books)
    append_events(uow, events)
    return outcomes


def _expiry(
    uow: UnitOfWork, books: Books, rider: Rider, command: LapsePoints, *, today: date, rulebook_version: int
) -> Transaction | None:
    """None where an earlier item of the batch has taken everything."""
    legs = expiry_legs(books, rider_id=rider.id, today=today.isoformat())
    if not legs:
        return None
    return Transaction(
        id=uow.new_id(),
        kind=TransactionKind.EXPIRE,
        effective_at=uow.now,
        recorded_at=uow.now,
        actor=command.actor,
        source_id=rider.id,
        rulebook_version=rulebook_version,
        memo=MEMO,
        idempotency_key=command.key,
        legs=legs,
    )


def _book(books: Books, rider: Rider, expiry: Transaction) -> LapsedRider:
    if refusal := books.post(expiry):
        raise BrokenInvariant(f"expiry of lapsed lots of {rider.code} refused: {refusal}")
    return LapsedRider(
        rider_code=rider.code,
        lots=tuple(LapsedLot(lapsed_on=leg.debit_account.bucket, points=leg.amount) for leg in expiry.legs),
        balances=RiderPoints(
            available=books.total(rider.id, Purpose.AVAILABLE),
            held=books.total(rider.id, Purpose.HELD),
            owed=books.total(rider.id, Purpose.OWED),
        ),
    )


def _event(lapsed: LapsedRider, expiry: Transaction) -> Event:
    after = lapsed.balances
    return Event(
        kind="points.lapsed",
        subject=f"rider/{lapsed.rider_code}",
        data={
            "rider": lapsed.rider_code,
            "points": lapsed.points,
            "lots": [{"lapsed_on": lot.lapsed_on, "points": lot.points} for lot in lapsed.lots],
            "by": expiry.actor,
            "transaction": str(expiry.id),
            "available_after": after.available,
            "held_after": after.held,
            "owed_after": after.owed,
        },
    )
