"""Riders as people see them: who they are, what they have, and why it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from ledger.domain.accounts import POINTS, Purpose
from ledger.domain.appointments import Appointment
from ledger.domain.errors import NotFound
from ledger.domain.riders import Rider, RiderStatus
from ledger.queries.honors import read_title_names
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.appointments import read_appointments
from ledger.storage.bulk import is_in
from ledger.storage.riders import RIDER_COLUMNS, to_rider
from ledger.storage.tables import accounts, entries, persons, proposals, redemptions, reports, riders, transactions

LOTS_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRider:
    """A rider and the person, as far as known. The phone is sealed; only the API opens it, to mask it."""

    rider: Rider
    name: str
    phone_encrypted: bytes | None
    titles: list[str]
    appointment: Appointment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderFilter:
    """What a list is narrowed to. `query` is the beginning of a code or of a name."""

    industry_code: str | None = None
    subdistrict: str | None = None
    status: RiderStatus | None = None
    query: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Points that lapse on the same day, in points."""

    lapses_on: str
    available: int
    held: int
    account_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiderBalance:
    """`lots` soonest lapse first, without the empty ones. `at` is None for now."""

    rider_code: str
    at: datetime | None
    available: int
    held: int
    owed: int
    lots: list[Lot]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One change of the points a rider can spend, over all lots, in the order of posting.

    It comes from a report, a redemption or a proposal, whose code is given; `memo` says in words what it was for.
    """

    transaction_id: UUID
    kind: str
    effective_at: datetime
    recorded_at: datetime
    change: int
    balance_before: int
    balance_after: int
    lapses_on: str
    report_code: str | None
    redemption_code: str | None
    proposal_code: str | None
    memo: str
    actor: str


def read_rider(connection: Connection, programme_id: int, code: str) -> Rider:
    """Who they are in the books, and nothing of the person. Raises NotFound."""
    row = connection.execute(
        select(*RIDER_COLUMNS).where(riders.c.programme_id == programme_id).where(riders.c.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound(noun="rider", name=code)
    return to_rider(row)


def read_known_rider(connection: Connection, programme_id: int, code: str) -> KnownRider:
    row = connection.execute(_select(programme_id).where(riders.c.code == code)).one_or_none()
    if row is None:
        raise NotFound(noun="rider", name=code)
    [known] = _to_known(connection, programme_id, [row])
    return known


def read_riders(
    connection: Connection, programme_id: int, *, narrowed_to: RiderFilter, limit: int, after: SortKey | None
) -> Slice[KnownRider]:
    """By code."""
    statement = _select(programme_id)
    if narrowed_to.industry_code is not None:
        statement = statement.where(riders.c.industry_code == narrowed_to.industry_code)
    if narrowed_to.subdistrict is not None:
        statement = statement.where(riders.c.subdistrict == narrowed_to.subdistrict)
    if narrowed_to.status is not None:
        statement = statement.where(riders.c.status == narrowed_to.status.value)
    if narrowed_to.query is not None:
        statement = statement.where(
            riders.c.code.startswith(narrowed_to.query, autoescape=True)
            | persons.c.name.startswith(narrowed_to.query, autoescape=True)
        )
    rows = connection.execute(ordered(statement, [(riders.c.code, False)], limit=limit, after=after)).all()
    known = iter(_to_known(connection, programme_id, rows[:limit]))
    return cut(rows, limit, to_item=lambda row: next(known), to_key=lambda row: (row.code,))


def read_rider_by_phone(connection: Connection, programme_id: int, phone_hash: bytes) -> Rider | None:
    row = connection.execute(_select(programme_id).where(persons.c.phone_hash == phone_hash)).one_or_none()
    return to_rider(row) if row else None


def read_balance(
    connection: Connection, programme_id: int, rider: Rider, *, at: datetime | None = None
) -> RiderBalance:
    """What the rider can spend, has on hold and owes; now, or counting what took effect up to `at`."""
    mine = (accounts.c.programme_id == programme_id) & (accounts.c.owner_id == rider.id)
    balance: Any = accounts.c.balance
    statement = select(accounts.c.id, accounts.c.purpose, accounts.c.bucket)
    if at is not None:
        balance = func.coalesce(func.sum(accounts.c.normal_side * entries.c.side * entries.c.amount), 0)
        statement = statement.outerjoin(
            entries,
            (entries.c.programme_id == programme_id)
            & (entries.c.account_id == accounts.c.id)
            & (entries.c.effective_at <= at),
        ).group_by(accounts.c.id, accounts.c.purpose, accounts.c.bucket)
    rows = connection.execute(
        statement.add_columns(balance.label("balance"))
        .where(mine)
        .where(accounts.c.commodity == POINTS)
        .order_by(accounts.c.bucket, accounts.c.id)
        .limit(LOTS_MAX)
    ).all()
    return _to_balance(rider.code, at, rows)


def _to_balance(rider_code: str, at: datetime | None, rows: Any) -> RiderBalance:
    totals = {Purpose.AVAILABLE: 0, Purpose.HELD: 0, Purpose.OWED: 0}
    lots: dict[str, dict[str, Any]] = {}
    for row in rows:
        purpose, amount = Purpose(row.purpose), int(row.balance)
        totals[purpose] += amount
        if purpose is Purpose.OWED or not amount:
            continue
        lot = lots.setdefault(row.bucket, {"available": 0, "held": 0, "account_id": None})
        lot[purpose.value] += amount
        if purpose is Purpose.AVAILABLE:
            lot["account_id"] = row.id
    return RiderBalance(
        rider_code=rider_code,
        at=at,
        available=totals[Purpose.AVAILABLE],
        held=totals[Purpose.HELD],
        owed=totals[Purpose.OWED],
        lots=[Lot(lapses_on=bucket, **lot) for bucket, lot in sorted(lots.items())],
    )


def read_statement(
    connection: Connection, programme_id: int, rider: Rider, *, limit: int, after: SortKey | None
) -> Slice[StatementLine]:
    """Every change of the spendable points, newest posting first, with the total before and after it."""
    change = (entries.c.side * accounts.c.normal_side * entries.c.amount).label("change")
    order = (transactions.c.recorded_at, transactions.c.id, entries.c.leg, accounts.c.id)
    running = (
        select(
            transactions.c.id.label("transaction_id"),
            transactions.c.kind,
            transactions.c.effective_at,
            transactions.c.recorded_at,
            transactions.c.memo,
            transactions.c.actor,
            transactions.c.source_id,
            entries.c.leg,
            accounts.c.id.label("account_id"),
            accounts.c.bucket,
            change,
            func.sum(change).over(order_by=order, rows=(None, 0)).label("balance_after"),
        )
        .select_from(entries)
        .join(accounts, (accounts.c.programme_id == programme_id) & (accounts.c.id == entries.c.account_id))
        .join(
            transactions,
            (transactions.c.programme_id == programme_id) & (transactions.c.id == entries.c.transaction_id),
        )
        .where(entries.c.programme_id == programme_id)
        .where(is_in(connection, entries.c.account_id, _read_lot_ids(connection, programme_id, rider.id)))
        .subquery()
    )
    statement = (
        select(
            running,
            reports.c.code.label("report_code"),
            redemptions.c.code.label("redemption_code"),
            proposals.c.code.label("proposal_code"),
        )
        .outerjoin(reports, (reports.c.programme_id == programme_id) & (reports.c.id == running.c.source_id))
        .outerjoin(
            redemptions, (redemptions.c.programme_id == programme_id) & (redemptions.c.id == running.c.source_id)
        )
        .outerjoin(proposals, (proposals.c.programme_id == programme_id) & (proposals.c.id == running.c.source_id))
    )
    keys = [
        (running.c.recorded_at, True),
        (running.c.transaction_id, True),
        (running.c.leg, True),
        (running.c.account_id, True),
    ]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    return cut(
        rows,
        limit,
        to_item=_to_line,
        to_key=lambda row: (row.recorded_at, row.transaction_id, row.leg, row.account_id),
    )


def _read_lot_ids(connection: Connection, programme_id: int, rider_id: UUID) -> Sequence[UUID]:
    """The accounts of the rider's spendable points, a handful.

    Asked for first: in one statement with the entries, SQLite begins with the entries, all of the programme's.
    """
    return connection.scalars(
        select(accounts.c.id)
        .where(accounts.c.programme_id == programme_id)
        .where(accounts.c.owner_id == rider_id)
        .where(accounts.c.purpose == Purpose.AVAILABLE.value)
    ).all()


def _to_line(row: Row[Any]) -> StatementLine:
    return StatementLine(
        transaction_id=row.transaction_id,
        kind=row.kind,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        change=row.change,
        balance_before=int(row.balance_after) - row.change,
        balance_after=int(row.balance_after),
        lapses_on=row.bucket,
        report_code=row.report_code,
        redemption_code=row.redemption_code,
        proposal_code=row.proposal_code,
        memo=row.memo,
        actor=row.actor,
    )


def _select(programme_id: int) -> Select[Any]:
    return (
        select(*RIDER_COLUMNS, persons.c.name, persons.c.phone_encrypted)
        .select_from(riders)
        .outerjoin(persons, (persons.c.programme_id == programme_id) & (persons.c.rider_id == riders.c.id))
        .where(riders.c.programme_id == programme_id)
    )


def _to_known(connection: Connection, programme_id: int, rows: Sequence[Row[Any]]) -> list[KnownRider]:
    """In the order of the rows, with titles and appointments read for all of them at once."""
    rider_ids = {row.id for row in rows}
    titles = read_title_names(connection, programme_id, rider_ids) if rows else {}
    appointments = read_appointments(connection, programme_id, rider_ids) if rows else {}
    return [
        KnownRider(
            rider=to_rider(row),
            name=row.name or "",
            phone_encrypted=row.phone_encrypted,
            titles=titles.get(row.id, []),
            appointment=appointments.get(row.id),
        )
        for row in rows
    ]
