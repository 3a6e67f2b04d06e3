"""Accounts: lists, balances now and at any past instant, statements, and the trial balance."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, select

from ledger.domain.accounts import PROGRAMME_OWNER, PURPOSES, OwnerKind, Purpose
from ledger.domain.errors import NotFound
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.tables import accounts, entries, riders, sponsors, transactions

_other = entries.alias("other")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """`owner` is the owner's code: a rider's, a sponsor's, or the programme's id. Balance on the normal side."""

    id: UUID
    owner_kind: OwnerKind
    owner: str
    purpose: Purpose
    commodity: str
    bucket: str
    normal_side: str
    balance: int
    version: int
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """Now, or counting every entry that took effect up to and including `at`. `version` is None for a past one."""

    account_id: UUID
    at: datetime | None
    balance: int
    version: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """One entry. Amounts are positive; `side` says which; balances are on the account's normal side."""

    version: int
    transaction_id: UUID
    leg: int
    kind: str
    effective_at: datetime
    recorded_at: datetime
    side: str
    amount: int
    balance_before: int
    balance_after: int
    counter_account_id: UUID
    memo: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    commodity: str
    purpose: Purpose
    normal_side: str
    accounts: int
    debit: int
    credit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialTotal:
    """`difference` is debit − credit, and 0 in books that are right."""

    commodity: str
    debit: int
    credit: int
    difference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """A line per commodity and purpose, a total per commodity."""

    at: datetime | None
    items: list[TrialLine]
    totals: list[TrialTotal]


def side_name(side: int) -> str:
    return "credit" if side > 0 else "debit"


def read_accounts(
    connection: Connection,
    programme_id: int,
    *,
    purpose: Purpose | None,
    owner: str | None,
    commodity: str | None,
    limit: int,
    after: SortKey | None,
) -> Slice[AccountRecord]:
    """By (purpose, id), which for accounts of one purpose is the order in which they were opened."""
    statement = _select(programme_id)
    if purpose is not None:
        statement = statement.where(accounts.c.purpose == purpose.value)
    if commodity is not None:
        statement = statement.where(accounts.c.commodity == commodity)
    if owner is not None:
        is_owner: ColumnElement[bool] = (riders.c.code == owner) | (sponsors.c.code == owner)
        if owner == str(programme_id):
            is_owner = accounts.c.owner_id == PROGRAMME_OWNER
        statement = statement.where(is_owner)
    keys = [(accounts.c.purpose, False), (accounts.c.id, False)]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    return cut(rows, limit, to_item=lambda row: _to_record(row, programme_id), to_key=lambda row: (row.purpose, row.id))


def read_account(connection: Connection, programme_id: int, account_id: UUID) -> AccountRecord:
    row = connection.execute(_select(programme_id).where(accounts.c.id == account_id)).one_or_none()
    if row is None:
        raise NotFound(noun="account", name=str(account_id))
    return _to_record(row, programme_id)


def read_account_balance(
    connection: Connection, programme_id: int, account_id: UUID, *, at: datetime | None
) -> AccountBalance:
    account = read_account(connection, programme_id, account_id)
    if at is None:
        return AccountBalance(account_id=account_id, at=None, balance=account.balance, version=account.version)
    moved = connection.scalar(
        select(func.coalesce(func.sum(entries.c.side * entries.c.amount), 0))
        .where(entries.c.programme_id == programme_id)
        .where(entries.c.account_id == account_id)
        .where(entries.c.effective_at <= at)
    )
    sign = int(PURPOSES[account.purpose].normal_side)
    return AccountBalance(account_id=account_id, at=at, balance=sign * int(moved or 0), version=None)


def read_account_statement(
    connection: Connection, programme_id: int, account_id: UUID, *, limit: int, after: SortKey | None
) -> Slice[AccountLine]:
    """The account's entries in the order of posting, newest first, each with the balance before and after."""
    account = read_account(connection, programme_id, account_id)
    statement = (
        select(
            entries.c.version,
            entries.c.transaction_id,
            entries.c.leg,
            entries.c.side,
            entries.c.amount,
            entries.c.balance_after,
            transactions.c.kind,
            transactions.c.effective_at,
            transactions.c.recorded_at,
            transactions.c.memo,
            transactions.c.actor,
            _other.c.account_id.label("counter_account_id"),
        )
        .select_from(entries)
        .join(
            transactions,
            (transactions.c.programme_id == programme_id) & (transactions.c.id == entries.c.transaction_id),
        )
        .join(
            _other,
            and_(
                _other.c.programme_id == programme_id,
                _other.c.transaction_id == entries.c.transaction_id,
                _other.c.leg == entries.c.leg,
                _other.c.side != entries.c.side,
            ),
        )
        .where(entries.c.programme_id == programme_id)
        .where(entries.c.account_id == account_id)
    )
    rows = connection.execute(ordered(statement, [(entries.c.version, True)], limit=limit, after=after)).all()
    sign = int(PURPOSES[account.purpose].normal_side)
    return cut(rows, limit, to_item=lambda row: _to_line(row, sign), to_key=lambda row: (row.version,))


def read_trial_balance(connection: Connection, programme_id: int, *, at: datetime | None) -> TrialBalance:
    """Now from the accounts, at a past instant from the entries that had taken effect."""
    signed: ColumnElement[Any] = accounts.c.normal_side * accounts.c.balance
    base = select(accounts.c.id, accounts.c.commodity, accounts.c.purpose, accounts.c.normal_side)
    if at is not None:
        signed = func.coalesce(func.sum(entries.c.side * entries.c.amount), 0)
        base = base.join(
            entries, (entries.c.programme_id == programme_id) & (entries.c.account_id == accounts.c.id)
        ).where(entries.c.effective_at <= at)
        base = base.group_by(accounts.c.id, accounts.c.commodity, accounts.c.purpose, accounts.c.normal_side)
    each = base.add_columns(signed.label("signed")).where(accounts.c.programme_id == programme_id).subquery()
    rows = connection.execute(
        select(
            each.c.commodity,
            each.c.purpose,
            each.c.normal_side,
            func.count().label("accounts"),
            func.sum(case((each.c.signed < 0, -each.c.signed), else_=0)).label("debit"),
            func.sum(case((each.c.signed > 0, each.c.signed), else_=0)).label("credit"),
        )
        .group_by(each.c.commodity, each.c.purpose, each.c.normal_side)
        .order_by(each.c.commodity, each.c.purpose)
    ).all()
    lines = [
        TrialLine(
            commodity=row.commodity,
            purpose=Purpose(row.purpose),
            normal_side=side_name(row.normal_side),
            accounts=row.accounts,
            debit=int(row.debit),
            credit=int(row.credit),
        )
        for row in rows
    ]
    return TrialBalance(at=at, items=lines, totals=[_total(lines, name) for name in _commodities(lines)])


def _commodities(lines: list[TrialLine]) -> list[str]:
    return sorted({line.commodity for line in lines})


def _total(lines: list[TrialLine], commodity: str) -> TrialTotal:
    debit = sum(line.debit for line in lines if line.commodity == commodity)
    credit = sum(line.credit for line in lines if line.commodity == commodity)
    return TrialTotal(commodity=commodity, debit=debit, credit=credit, difference=debit - credit)


def _select(programme_id: int) -> Select[Any]:
    return (
        select(
            accounts.c.id,
            accounts.c.purpose,
            accounts.c.commodity,
            accounts.c.bucket,
            accounts.c.normal_side,
            accounts.c.balance,
            accounts.c.version,
            accounts.c.opened_at,
            riders.c.code.label("rider_code"),
            sponsors.c.code.label("sponsor_code"),
        )
        .select_from(accounts)
        .outerjoin(riders, (riders.c.programme_id == programme_id) & (riders.c.id == accounts.c.owner_id))
        .outerjoin(sponsors, (sponsors.c.programme_id == programme_id) & (sponsors.c.id == accounts.c.owner_id))
        .where(accounts.c.programme_id == programme_id)
    )


def _to_record(row: Row[Any], programme_id: int) -> AccountRecord:
    purpose = Purpose(row.purpose)
    return AccountRecord(
        id=row.id,
        owner_kind=PURPOSES[purpose].owner_kind,
        owner=row.rider_code or row.sponsor_code or str(programme_id),
        purpose=purpose,
        commodity=row.commodity,
        bucket=row.bucket,
        normal_side=side_name(row.normal_side),
        balance=row.balance,
        version=row.version,
        opened_at=row.opened_at,
    )


def _to_line(row: Row[Any], normal_side: int) -> AccountLine:
    return AccountLine(
        version=row.version,
        transaction_id=row.transaction_id,
        leg=row.leg,
        kind=row.kind,
        effective_at=row.effective_at,
        recorded_at=row.recorded_at,
        side=side_name(row.side),
        amount=row.amount,
        balance_before=row.balance_after - normal_side * row.side * row.amount,
        balance_after=row.balance_after,
        counter_account_id=row.counter_account_id,
        memo=row.memo,
        actor=row.actor,
    )
