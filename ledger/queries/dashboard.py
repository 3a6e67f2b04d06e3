"""The manager's screen in one reading: queues against what was promised, points, budgets, stock, the month's best."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from ledger.domain.accounts import POINTS, Purpose
from ledger.domain.calendar import Month, local_day, month_bounds, month_of
from ledger.domain.redemptions import RedemptionState
from ledger.domain.reports import ReportState
from ledger.domain.transactions import TransactionKind
from ledger.queries.rankings import RankedRider, read_ranking
from ledger.storage.tables import accounts, entries, items, redemptions, reports, stations, transactions

TOP = 10
_COUNTED = (TransactionKind.AWARD, TransactionKind.REVERSE, TransactionKind.CAPTURE)
LOW_STOCK_MAX = 20
"""Lines of stock that a screen can hold; the emptiest come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What waits for a person. `overdue` is past what was promised; `next_due_at` is the earliest promise."""

    waiting: int
    overdue: int
    oldest_at: datetime | None
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsSummary:
    """Issued: awarded less taken back. Redeemed: taken for what was handed over. Local days, by moment of effect."""

    issued_today: int
    issued_this_month: int
    redeemed_today: int
    redeemed_this_month: int
    available: int
    held: int
    owed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LowStock:
    """At or below the item's reorder point on a station's shelf."""

    sku: str
    name: str
    station_code: str
    station_name: str
    shelf: int
    reorder_point: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """`ready` vouchers wait for their riders; `ready_overdue` are past their last day and about to lapse."""

    at: datetime
    day: str
    month: Month
    reports: Queue
    redemptions: Queue
    ready: int
    ready_overdue: int
    points: PointsSummary
    low_stock: list[LowStock]
    top: list[RankedRider]


def read_dashboard(connection: Connection, programme_id: int, *, now: datetime, zone: ZoneInfo) -> Dashboard:
    """Everything but the budgets, which have a query of their own."""
    today = local_day(now, zone)
    month = month_of(today)
    ready, ready_overdue = connection.execute(
        select(func.count(), func.coalesce(func.sum(case((redemptions.c.pick_up_by < today, 1), else_=0)), 0))
        .where(redemptions.c.programme_id == programme_id)
        .where(redemptions.c.state == RedemptionState.READY.value)
    ).one()
    return Dashboard(
        at=now,
        day=today.isoformat(),
        month=month,
        reports=_read_queue(
            connection,
            and_(reports.c.programme_id == programme_id, reports.c.state == ReportState.SUBMITTED.value),
            since=reports.c.submitted_at,
            due=reports.c.review_due_at,
            now=now,
        ),
        redemptions=_read_queue(
            connection,
            and_(
                redemptions.c.programme_id == programme_id,
                redemptions.c.state == RedemptionState.REQUESTED.value,
            ),
            since=redemptions.c.requested_at,
            due=redemptions.c.decide_due_at,
            now=now,
        ),
        ready=ready,
        ready_overdue=int(ready_overdue),
        points=_read_points(connection, programme_id, month=month, now=now, zone=zone),
        low_stock=read_low_stock(connection, programme_id),
        top=read_ranking(connection, programme_id, month, limit=TOP, after=None).items,
    )


def read_low_stock(connection: Connection, programme_id: int) -> list[LowStock]:
    """The emptiest shelves of items that have a reorder point; a shelf that never had the item is no shelf."""
    rows = connection.execute(
        select(
            items.c.sku,
            items.c.name,
            items.c.reorder_point,
            stations.c.code,
            stations.c.name.label("station_name"),
            accounts.c.balance,
        )
        .select_from(items)
        .join(
            accounts,
            (accounts.c.programme_id == programme_id)
            & (accounts.c.commodity == "ITEM:" + items.c.sku)
            & (accounts.c.purpose == Purpose.SHELF.value),
        )
        .join(stations, (stations.c.programme_id == programme_id) & (stations.c.id == accounts.c.owner_id))
        .where(items.c.programme_id == programme_id)
        .where(items.c.is_stocked)
        .where(stations.c.is_active)
        .where(accounts.c.balance <= items.c.reorder_point)
        .order_by(accounts.c.balance, items.c.sku, stations.c.code)
        .limit(LOW_STOCK_MAX)
    )
    return [
        LowStock(
            sku=row.sku,
            name=row.name,
            station_code=row.code,
            station_name=row.station_name,
            shelf=row.balance,
            reorder_point=row.reorder_point,
        )
        for row in rows
    ]


def _read_queue(
    connection: Connection,
    is_waiting: ColumnElement[bool],
    *,
    since: ColumnElement[datetime],
    due: ColumnElement[datetime],
    now: datetime,
) -> Queue:
    row = connection.execute(
        select(
            func.count(),
            func.coalesce(func.sum(case((due < now, 1), else_=0)), 0),
            func.min(since),
            func.min(due),
        ).where(is_waiting)
    ).one()
    return Queue(waiting=row[0], overdue=int(row[1]), oldest_at=row[2], next_due_at=row[3])


def _read_points(
    connection: Connection, programme_id: int, *, month: Month, now: datetime, zone: ZoneInfo
) -> PointsSummary:
    begin, end = month_bounds(month, zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(begin.tzinfo)

    # Which accounts these are is asked apart: joined in here, they would tempt a planner to walk their whole history
    # instead of the month's transactions.
    purpose_of = {
        row.id: row.purpose
        for row in connection.execute(
            select(accounts.c.id, accounts.c.purpose)
            .where(accounts.c.programme_id == programme_id)
            .where(accounts.c.purpose.in_([Purpose.BUDGET.value, Purpose.REDEEMED.value]))
        )
    }
    amount = entries.c.side * entries.c.amount
    is_today = and_(transactions.c.effective_at >= midnight, transactions.c.effective_at < midnight + timedelta(days=1))
    rows = connection.execute(
        select(
            entries.c.account_id,
            func.sum(amount).label("this_month"),
            func.sum(case((is_today, amount), else_=0)).label("today"),
        )
        .select_from(transactions)
        .join(entries, (entries.c.programme_id == programme_id) & (entries.c.transaction_id == transactions.c.id))
        .where(transactions.c.programme_id == programme_id)
        .where(transactions.c.effective_at >= begin)
        .where(transactions.c.effective_at < end)
        .where(transactions.c.kind.in_([kind.value for kind in _COUNTED]))
        .group_by(entries.c.account_id)
    )
    moved = {Purpose.BUDGET.value: [0, 0], Purpose.REDEEMED.value: [0, 0]}
    for row in rows:
        if (purpose := purpose_of.get(row.account_id)) is not None:
            moved[purpose][0] += int(row.today)
            moved[purpose][1] += int(row.this_month)
    spent_today, spent_this_month = moved[Purpose.BUDGET.value]  # what budgets gave is on their debit side
    redeemed_today, redeemed_this_month = moved[Purpose.REDEEMED.value]
    balances = connection.execute(
        select(accounts.c.purpose, func.sum(accounts.c.balance).label("total"))
        .where(accounts.c.programme_id == programme_id)
        .where(accounts.c.commodity == POINTS)
        .where(accounts.c.purpose.in_([Purpose.AVAILABLE.value, Purpose.HELD.value, Purpose.OWED.value]))
        .group_by(accounts.c.purpose)
    )
    total = {row.purpose: int(row.total) for row in balances}
    return PointsSummary(
        issued_today=-spent_today,
        issued_this_month=-spent_this_month,
        redeemed_today=redeemed_today,
        redeemed_this_month=redeemed_this_month,
        available=total.get(Purpose.AVAILABLE.value, 0),
        held=total.get(Purpose.HELD.value, 0),
        owed=total.get(Purpose.OWED.value, 0),
    )
