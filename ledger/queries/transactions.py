"""Journal transactions with their legs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from ledger.domain.accounts import Purpose
from ledger.domain.errors import NotFound
from ledger.domain.transactions import TransactionKind
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.tables import accounts, entries, riders, sponsors, transactions

_reversals = transactions.alias("reversals")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAccount:
    id: UUID
    owner: str
    purpose: Purpose
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRecord:
    debit_account: LegAccount
    credit_account: LegAccount
    commodity: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRecord:
    """A transaction and its legs in order. `reverses` and `reversed_by` point at other transactions."""

    id: UUID
    kind: TransactionKind
    effective_at: datetime
    recorded_at: datetime
    actor: str
    source_id: UUID | None
    rulebook_version: int
    memo: str
    idempotency_key: str | None
    reverses: UUID | None
    reversed_by: UUID | None
    legs: list[LegRecord]


def read_transaction(connection: Connection, programme_id: int, transaction_id: UUID) -> TransactionRecord:
    rows = connection.execute(_select(programme_id).where(transactions.c.id == transaction_id)).all()
    if not rows:
        raise NotFound(noun="transaction", name=str(transaction_id))
    return _with_legs(connection, programme_id, rows)[0]


def read_transactions(
    connection: Connection,
    programme_id: int,
    *,
    kind: TransactionKind | None,
    account_id: UUID | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    after: SortKey | None,
) -> Slice[TransactionRecord]:
    """By (effective_at, id), newest first. `since` is included, `until` is not."""
    statement = _select(programme_id)
    if kind is not None:
        statement = statement.where(transactions.c.kind == kind.value)
    if account_id is not None:
        touched = (
            select(entries.c.transaction_id)
            .where(entries.c.programme_id == programme_id)
            .where(entries.c.account_id == account_id)
        )
        statement = statement.where(transactions.c.id.in_(touched))
    if since is not None:
        statement = statement.where(transactions.c.effective_at >= since)
    if until is not None:
        statement = statement.where(transactions.c.effective_at < until)
    keys = [(transactions.c.effective_at, True), (transactions.c.id, True)]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    records = {record.id: record for record in _with_legs(connection, programme_id, rows[:limit])}
    return cut(rows, limit, to_item=lambda row: records[row.id], to_key=lambda row: (row.effective_at, row.id))


def _select(programme_id: int) -> Select[Any]:
    return (
        select(
            transactions.c.id,
            transactions.c.kind,
            transactions.c.effective_at,
            transactions.c.recorded_at,
            transactions.c.actor,
            transactions.c.source_id,
            transactions.c.rulebook_version,
            transactions.c.memo,
            transactions.c.idempotency_key,
            transactions.c.reverses,
            _reversals.c.id.label("reversed_by"),
        )
        .select_from(transactions)
        .outerjoin(
            _reversals, (_reversals.c.programme_id == programme_id) & (_reversals.c.reverses == transactions.c.id)
        )
        .where(transactions.c.programme_id == programme_id)
    )


def _with_legs(connection: Connection, programme_id: int, rows: Any) -> list[TransactionRecord]:
    sides = connection.execute(
        select(
            entries.c.transaction_id,
            entries.c.leg,
            entries.c.side,
            entries.c.amount,
            accounts.c.id,
            accounts.c.purpose,
            accounts.c.commodity,
            accounts.c.bucket,
            riders.c.code.label("rider_code"),
            sponsors.c.code.label("sponsor_code"),
        )
        .select_from(entries)
        .join(accounts, (accounts.c.programme_id == programme_id) & (accounts.c.id == entries.c.account_id))
        .outerjoin(riders, (riders.c.programme_id == programme_id) & (riders.c.id == accounts.c.owner_id))
        .outerjoin(sponsors, (sponsors.c.programme_id == programme_id) & (sponsors.c.id == accounts.c.owner_id))
        .where(entries.c.programme_id == programme_id)
        .where(entries.c.transaction_id.in_([row.id for row in rows]))
        # Debit (−1) before credit (+1): each leg is two rows in this order.
        .order_by(entries.c.transaction_id, entries.c.leg, entries.c.side)
    ).all()
    legs: dict[UUID, list[LegRecord]] = {}
    for debit, credit in zip(sides[::2], sides[1::2], strict=True):
        legs.setdefault(debit.transaction_id, []).append(
            LegRecord(
                debit_account=_to_leg_account(debit, programme_id),
                credit_account=_to_leg_account(credit, programme_id),
                commodity=debit.commodity,
                amount=debit.amount,
            )
        )
    return [_to_record(row, legs.get(row.id, [])) for row in rows]


def _to_leg_account(row: Any, programme_id: int) -> LegAccount:
    return LegAccount(
        id=row.id,
        owner=row.rider_code or row.sponsor_code or str(programme_id),
        purpose=Purpose(row.purpose),
        bucket=row.bucket,
    )


def _to_record(row: Row[Any], legs: list[LegRecord]) -> TransactionRecord:
    return TransactionRecord(
        id=row.id,
        kind=TransactionKind(row.kind),
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        actor=row.actor,
        source_id=row.source_id,
        rulebook_version=row.rulebook_version,
        memo=row.memo,
        idempotency_key=row.idempotency_key,
        reverses=row.reverses,
        reversed_by=row.reversed_by,
        legs=legs,
    )
