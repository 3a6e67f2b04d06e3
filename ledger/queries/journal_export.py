"""The journal from one end to the other, for exports: accounts with their balances, transactions with their entries.

Everything is read in pieces by key inside the caller's one snapshot, never as one long result: so memory is bounded on
both engines, the first piece comes at once, and no statement runs into the time limit of statements. What is found here
is for one connection; a second one may see a later state.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Row, Select, case, func, literal, select, tuple_

from ledger.domain.accounts import ITEM_PREFIX, PURPOSES, OwnerKind, Purpose
from ledger.domain.transactions import TransactionKind
from ledger.queries.slices import SortKey
from ledger.storage.tables import accounts, entries, riders, sponsors, stations, transactions
from ledger.storage.types import Id, UtcDateTime

TRANSACTIONS_A_PIECE = 1_000
ACCOUNTS_A_PIECE = 2_000
"""Large enough that a statement's own cost does not count, small enough for some megabytes of memory."""


class AccountName(NamedTuple):
    """What tells an account from the others of its programme, in codes that people know."""

    purpose: Purpose
    owner: str
    commodity: str
    bucket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedAccount:
    """Balances are debits less credits. `opening` is before the range, `closing` at its end.

    `closing` is the balance as it is stored, less what takes effect after the range: it does not come from the
    entries that are exported, so a reader who adds those up proves something.
    """

    name: AccountName
    opening: int
    closing: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEntry:
    """`side` is −1 for debit and +1 for credit; `balance_after` is on the account's normal side."""

    account: AccountName
    account_id: UUID
    version: int
    leg: int
    side: int
    amount: int
    balance_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedTransaction:
    """Entries by leg, debit before credit."""

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
    entries: list[ExportedEntry]


def read_first_effect(
    connection: Connection, programme_id: int, *, begin: datetime | None, end: datetime
) -> datetime | None:
    """When the first transaction of the range took effect; None when there is none."""
    first_at: datetime | None = connection.scalar(
        _within(select(func.min(transactions.c.effective_at)), programme_id, begin, end)
    )
    return first_at


def read_exported_accounts(
    connection: Connection, programme_id: int, *, begin: datetime | None, end: datetime
) -> Iterator[ExportedAccount]:
    """Every account that anything took effect on before `end`, in the order of opening."""
    after: UUID | None = None
    while True:
        statement = _select_accounts(programme_id).order_by(accounts.c.id).limit(ACCOUNTS_A_PIECE)
        if after is not None:
            statement = statement.where(accounts.c.id > after)
        rows = connection.execute(statement).all()
        if not rows:
            return
        after = rows[-1].id
        moved = _read_moved(connection, programme_id, first=rows[0].id, last=after, begin=begin, end=end)
        for row in rows:
            if row.id in moved:
                opening, later = moved[row.id]
                yield ExportedAccount(
                    name=_to_name(row, programme_id),
                    opening=-opening,
                    closing=later - row.normal_side * row.balance,
                )


def read_exported_transactions(
    connection: Connection, programme_id: int, *, begin: datetime | None, end: datetime
) -> Iterator[ExportedTransaction]:
    """By (effective_at, id), oldest first."""
    after: SortKey | None = None
    while True:
        rows = connection.execute(_select_piece(programme_id, begin=begin, end=end, after=after)).all()
        if not rows:
            return
        after = (rows[-1].effective_at, rows[-1].id)
        found = _read_entries(connection, programme_id, [row.id for row in rows])
        for row in rows:
            yield _to_transaction(row, found[row.id])


def _within(statement: Select[Any], programme_id: int, begin: datetime | None, end: datetime) -> Select[Any]:
    statement = statement.where(transactions.c.programme_id == programme_id).where(transactions.c.effective_at < end)
    return statement if begin is None else statement.where(transactions.c.effective_at >= begin)


def _select_piece(programme_id: int, *, begin: datetime | None, end: datetime, after: SortKey | None) -> Select[Any]:
    statement = _within(
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
        ),
        programme_id,
        begin,
        end,
    )
    if after is not None:
        # A comparison of rows, because both engines turn it into a place in the index; one spelled out with OR would
        # make PostgreSQL read the index from its beginning for every piece.
        last = tuple_(literal(after[0], UtcDateTime), literal(after[1], Id))
        statement = statement.where(tuple_(transactions.c.effective_at, transactions.c.id) > last)
    return statement.order_by(transactions.c.effective_at, transactions.c.id).limit(TRANSACTIONS_A_PIECE)


def _read_entries(
    connection: Connection, programme_id: int, transaction_ids: list[UUID]
) -> dict[UUID, list[ExportedEntry]]:
    """By transaction. The ids are listed, because joined to the piece SQLite reads all entries for each of them."""
    rows = connection.execute(
        select(
            entries.c.transaction_id,
            entries.c.account_id,
            entries.c.version,
            entries.c.leg,
            entries.c.side,
            entries.c.amount,
            entries.c.balance_after,
            *_NAME_COLUMNS,
        )
        .select_from(entries)
        .join(accounts, (accounts.c.programme_id == programme_id) & (accounts.c.id == entries.c.account_id))
        .outerjoin(riders, (riders.c.programme_id == programme_id) & (riders.c.id == accounts.c.owner_id))
        .outerjoin(sponsors, (sponsors.c.programme_id == programme_id) & (sponsors.c.id == accounts.c.owner_id))
        .outerjoin(stations, (stations.c.programme_id == programme_id) & (stations.c.id == accounts.c.owner_id))
        .where(entries.c.programme_id == programme_id)
        .where(entries.c.transaction_id.in_(transaction_ids))
        .order_by(entries.c.transaction_id, entries.c.leg, entries.c.side)
    )
    found: dict[UUID, list[ExportedEntry]] = {}
    for row in rows:
        entry = ExportedEntry(
            account=_to_name(row, programme_id),
            account_id=row.account_id,
            version=row.version,
            leg=row.leg,
            side=row.side,
            amount=row.amount,
            balance_after=row.balance_after,
        )
        found.setdefault(row.transaction_id, []).append(entry)
    return found


def _read_moved(
    connection: Connection, programme_id: int, *, first: UUID, last: UUID, begin: datetime | None, end: datetime
) -> dict[UUID, tuple[int, int]]:
    """For the accounts from `first` to `last`: what had moved before the range, and what moves after it.

    Credits less debits. An account on which nothing took effect before `end` is left out.
    """
    signed = entries.c.side * entries.c.amount
    before = literal(0) if begin is None else func.sum(case((entries.c.effective_at < begin, signed), else_=0))
    later = func.sum(case((entries.c.effective_at >= end, signed), else_=0))
    rows = connection.execute(
        select(entries.c.account_id, before.label("before"), later.label("later"))
        .where(entries.c.programme_id == programme_id)
        .where(entries.c.account_id.between(first, last))
        .group_by(entries.c.account_id)
        .having(func.min(entries.c.effective_at) < end)
    )
    return {row.account_id: (int(row.before), int(row.later)) for row in rows}


_NAME_COLUMNS = (
    accounts.c.purpose,
    accounts.c.commodity,
    accounts.c.bucket,
    func.coalesce(riders.c.code, sponsors.c.code, stations.c.code).label("owner_code"),
)


def _select_accounts(programme_id: int) -> Select[Any]:
    return (
        select(accounts.c.id, accounts.c.normal_side, accounts.c.balance, *_NAME_COLUMNS)
        .select_from(accounts)
        .outerjoin(riders, (riders.c.programme_id == programme_id) & (riders.c.id == accounts.c.owner_id))
        .outerjoin(sponsors, (sponsors.c.programme_id == programme_id) & (sponsors.c.id == accounts.c.owner_id))
        .outerjoin(stations, (stations.c.programme_id == programme_id) & (stations.c.id == accounts.c.owner_id))
        .where(accounts.c.programme_id == programme_id)
    )


def _to_name(row: Any, programme_id: int) -> AccountName:
    purpose = Purpose(row.purpose)
    owner_kind = PURPOSES[purpose].owner_kind
    if owner_kind is OwnerKind.ITEM:
        owner = row.commodity.removeprefix(ITEM_PREFIX)
    elif owner_kind is OwnerKind.PROGRAMME:
        owner = str(programme_id)
    else:
        owner = row.owner_code
    return AccountName(purpose, owner, row.commodity, row.bucket)


def _to_transaction(row: Row[Any], found: list[ExportedEntry]) -> ExportedTransaction:
    return ExportedTransaction(
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
        entries=found,
    )
