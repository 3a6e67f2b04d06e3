"""Redemptions as people see them: the queue that waits, the list, one of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, select

from ledger.domain.calendar import local_day
from ledger.domain.catalog import StockLevel, limit_used
from ledger.domain.errors import NotFound
from ledger.domain.redemptions import Approval, RedemptionCase, RedemptionState, read_redemption_code
from ledger.domain.riders import mask_name
from ledger.queries.catalog import read_counted_days
from ledger.queries.joined import Prefixed, prefixed
from ledger.queries.riders import RiderBalance, read_balance, read_rider
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.catalog import ITEM_COLUMNS, STATION_COLUMNS, read_stock, to_item, to_station
from ledger.storage.redemptions import REDEMPTION_COLUMNS, read_approvals, to_redemption
from ledger.storage.reports import parse_id
from ledger.storage.tables import items, persons, redemptions, riders, stations


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionFilter:
    """What a list is narrowed to; None means any. `overdue_at`: still undecided after what was promised."""

    state: RedemptionState | None = None
    rider_code: str | None = None
    sku: str | None = None
    station_code: str | None = None
    overdue_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionEvidence:
    """A redemption, and what an approver weighs it against, as it stands.

    `limit_used`: how often the rider has had the item in the period in which this was requested, this one included;
    None where there is no limit. `level`: the item's units at the station; None for what is not counted.
    """

    case: RedemptionCase
    balance: RiderBalance
    limit_used: int | None
    level: StockLevel | None


def read_redemptions(
    connection: Connection,
    programme_id: int,
    *,
    narrowed_to: RedemptionFilter,
    is_newest_first: bool,
    limit: int,
    after: SortKey | None,
) -> Slice[RedemptionCase]:
    """By the moment they were requested."""
    statement = _select(programme_id)
    if narrowed_to.state is not None:
        statement = statement.where(redemptions.c.state == narrowed_to.state.value)
    if narrowed_to.rider_code is not None:
        statement = statement.where(riders.c.code == narrowed_to.rider_code)
    if narrowed_to.sku is not None:
        statement = statement.where(items.c.sku == narrowed_to.sku)
    if narrowed_to.station_code is not None:
        statement = statement.where(stations.c.code == narrowed_to.station_code)
    if narrowed_to.overdue_at is not None:
        statement = statement.where(redemptions.c.state == RedemptionState.REQUESTED.value).where(
            redemptions.c.decide_due_at < narrowed_to.overdue_at
        )
    keys = [(redemptions.c.requested_at, is_newest_first), (redemptions.c.id, is_newest_first)]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    approvals = read_approvals(connection, programme_id, {row.id for row in rows}) if rows else {}
    return cut(
        rows,
        limit,
        to_item=lambda row: _to_case(row, approvals.get(row.id, ())),
        to_key=lambda row: (row.requested_at, row.id),
    )


def read_redemption(
    connection: Connection, programme_id: int, name: str, *, rider_id: UUID | None = None
) -> RedemptionCase:
    """By UUID or code. Raises NotFound, also for another rider's where `rider_id` is given."""
    statement = _select(programme_id)
    if (parsed := parse_id(name)) is not None:
        statement = statement.where(redemptions.c.id == parsed)
    else:
        statement = statement.where(redemptions.c.code == (read_redemption_code(name) or ""))
    if rider_id is not None:
        statement = statement.where(redemptions.c.rider_id == rider_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(noun="redemption", name=name)
    return _to_case(row, read_approvals(connection, programme_id, {row.id}).get(row.id, ()))


def read_redemption_evidence(
    connection: Connection, programme_id: int, name: str, *, zone: ZoneInfo
) -> RedemptionEvidence:
    """By UUID or code. Raises NotFound."""
    case = read_redemption(connection, programme_id, name)
    redemption, item = case.redemption, case.item
    rider = read_rider(connection, programme_id, case.rider_code)
    used = None
    if item.limit_count is not None:
        days = read_counted_days(connection, programme_id, rider.id, [item], zone=zone)
        used = limit_used(item, days.get(item.id, ()), local_day(redemption.requested_at, zone))
    [stocked] = read_stock(connection, programme_id, [item])
    station_code = case.station.code if case.station else None
    return RedemptionEvidence(
        case=case,
        balance=read_balance(connection, programme_id, rider),
        limit_used=used,
        level=next((level for level in stocked.levels if level.station_code == station_code), None),
    )


def _select(programme_id: int) -> Select[Any]:
    return (
        select(
            *REDEMPTION_COLUMNS,
            riders.c.code.label("rider_code"),
            persons.c.name.label("rider_name"),
            *prefixed((column for column in ITEM_COLUMNS if column.name != "id"), "item_"),
            *prefixed((column for column in STATION_COLUMNS if column.name != "id"), "station_"),
        )
        .select_from(redemptions)
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == redemptions.c.rider_id))
        .outerjoin(persons, (persons.c.programme_id == programme_id) & (persons.c.rider_id == redemptions.c.rider_id))
        .join(items, (items.c.programme_id == programme_id) & (items.c.id == redemptions.c.item_id))
        .outerjoin(stations, (stations.c.programme_id == programme_id) & (stations.c.id == redemptions.c.station_id))
        .where(redemptions.c.programme_id == programme_id)
    )


def _to_case(row: Row[Any], approvals: tuple[Approval, ...]) -> RedemptionCase:
    return RedemptionCase(
        redemption=to_redemption(row, approvals),
        rider_code=row.rider_code,
        rider_name=mask_name(row.rider_name or ""),
        item=to_item(Prefixed(row, "item_")),
        station=to_station(Prefixed(row, "station_")) if row.station_id is not None else None,
    )
