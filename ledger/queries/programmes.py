"""Programmes, their rulebooks and budgets, and one page that sums a programme up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, func, select

from ledger.domain.accounts import POINTS, Purpose
from ledger.domain.errors import NotFound
from ledger.domain.reports import ReportState
from ledger.domain.rulebook import Rulebook
from ledger.domain.transactions import TransactionKind
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.queries.waiting import count_waiting
from ledger.storage.programmes import find_rulebook_on
from ledger.storage.tables import accounts, entries, programmes, reports, riders, rulebooks, sponsors, transactions


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeRecord:
    id: int
    name: str
    time_zone: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeSummary:
    """A programme in one page: reports by state, points by purpose (`issued` is what the sponsors were given)."""

    id: int
    name: str
    time_zone: str
    created_at: datetime
    rulebook_version: int
    riders: int
    reports: dict[str, int]
    points: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulebookRecord:
    version: int
    valid_from: date
    memo: str
    proposed_by: str
    approved_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRecord:
    """A sponsor's budget in points: `available` = `funded` − `awarded`, reversals already given back.

    `funded` is less what was returned; `awarded` has what adjustments and write-offs gave to riders in it. Verified
    reports whose credit waits for money are `waiting_credits`, of `waiting_points` together.
    """

    sponsor: str
    name: str
    account_id: UUID
    funded: int
    awarded: int
    available: int
    waiting_credits: int
    waiting_points: int


def read_programme(connection: Connection, programme_id: int) -> ProgrammeRecord:
    row = connection.execute(_select_programmes().where(programmes.c.id == programme_id)).one_or_none()
    if row is None:
        raise NotFound(noun="programme", name=str(programme_id))
    return ProgrammeRecord(**row._mapping)


def read_programmes(connection: Connection, *, limit: int, after: SortKey | None) -> Slice[ProgrammeRecord]:
    """All programmes by id: the one list that is not of one programme, for the platform alone."""
    rows = connection.execute(ordered(_select_programmes(), [(programmes.c.id, False)], limit=limit, after=after)).all()
    return cut(rows, limit, to_item=lambda row: ProgrammeRecord(**row._mapping), to_key=lambda row: (row.id,))


def read_programme_ids(connection: Connection) -> list[int]:
    """Of every programme, for what runs by itself."""
    return list(connection.scalars(select(programmes.c.id).order_by(programmes.c.id)))


def read_summary(connection: Connection, programme_id: int, *, today: date) -> ProgrammeSummary:
    programme = read_programme(connection, programme_id)
    by_state = connection.execute(
        select(reports.c.state, func.count().label("reports"))
        .where(reports.c.programme_id == programme_id)
        .group_by(reports.c.state)
    ).all()
    by_purpose = connection.execute(
        select(accounts.c.purpose, func.sum(accounts.c.balance).label("balance"))
        .where(accounts.c.programme_id == programme_id)
        .where(accounts.c.commodity == POINTS)
        .group_by(accounts.c.purpose)
    ).all()
    counts = {row.state: row.reports for row in by_state}
    balances = {row.purpose: int(row.balance) for row in by_purpose}
    rider_count = connection.scalar(
        select(func.count()).select_from(riders).where(riders.c.programme_id == programme_id)
    )
    return ProgrammeSummary(
        id=programme.id,
        name=programme.name,
        time_zone=programme.time_zone,
        created_at=programme.created_at,
        rulebook_version=read_rulebook_on(connection, programme_id, today).version,
        riders=rider_count or 0,
        reports={state.value: counts.get(state.value, 0) for state in ReportState},
        points={
            name: balances.get(purpose.value, 0)
            for name, purpose in (
                ("issued", Purpose.ISSUANCE),
                ("budgeted", Purpose.BUDGET),
                ("available", Purpose.AVAILABLE),
                ("held", Purpose.HELD),
                ("owed", Purpose.OWED),
                ("redeemed", Purpose.REDEEMED),
                ("expired", Purpose.EXPIRED),
            )
        },
    )


def read_zone(connection: Connection, programme_id: int) -> ZoneInfo:
    return ZoneInfo(read_programme(connection, programme_id).time_zone)


def read_rulebook_on(connection: Connection, programme_id: int, day: date) -> Rulebook:
    """The version in force on the day; before the first one's day, the first."""
    return find_rulebook_on(connection, programme_id, day)


def read_rulebooks(
    connection: Connection, programme_id: int, *, limit: int, after: SortKey | None
) -> Slice[RulebookRecord]:
    """Newest version first, without the documents."""
    statement = select(
        rulebooks.c.version,
        rulebooks.c.valid_from,
        rulebooks.c.memo,
        rulebooks.c.proposed_by,
        rulebooks.c.approved_by,
        rulebooks.c.created_at,
    ).where(rulebooks.c.programme_id == programme_id)
    rows = connection.execute(ordered(statement, [(rulebooks.c.version, True)], limit=limit, after=after)).all()
    return cut(rows, limit, to_item=lambda row: RulebookRecord(**row._mapping), to_key=lambda row: (row.version,))


def read_budgets(
    connection: Connection, programme_id: int, *, limit: int, after: SortKey | None
) -> Slice[BudgetRecord]:
    """By sponsor code. A sponsor that was never funded has no budget yet and is left out."""
    statement = (
        select(sponsors.c.code, sponsors.c.name, sponsors.c.id.label("sponsor_id"), accounts.c.id, accounts.c.balance)
        .select_from(sponsors)
        .join(
            accounts,
            (accounts.c.programme_id == programme_id)
            & (accounts.c.owner_id == sponsors.c.id)
            & (accounts.c.purpose == Purpose.BUDGET.value),
        )
        .where(sponsors.c.programme_id == programme_id)
    )
    rows = connection.execute(ordered(statement, [(sponsors.c.code, False)], limit=limit, after=after)).all()
    funded = {
        row[0]: int(row[1])
        for row in connection.execute(
            select(entries.c.account_id, func.sum(entries.c.side * entries.c.amount))
            .join(
                transactions,
                (transactions.c.programme_id == programme_id) & (transactions.c.id == entries.c.transaction_id),
            )
            .where(entries.c.programme_id == programme_id)
            .where(entries.c.account_id.in_([row.id for row in rows]))
            .where(transactions.c.kind == TransactionKind.FUND.value)
            .group_by(entries.c.account_id)
        )
    }
    waiting = count_waiting(connection, programme_id)
    return cut(
        rows,
        limit,
        to_item=lambda row: BudgetRecord(
            sponsor=row.code,
            name=row.name,
            account_id=row.id,
            funded=funded.get(row.id, 0),
            awarded=funded.get(row.id, 0) - row.balance,
            available=row.balance,
            waiting_credits=waiting.get(row.sponsor_id, (0, 0))[0],
            waiting_points=waiting.get(row.sponsor_id, (0, 0))[1],
        ),
        to_key=lambda row: (row.code,),
    )


def _select_programmes() -> Select[Any]:
    return select(programmes.c.id, programmes.c.name, programmes.c.time_zone, programmes.c.created_at)
