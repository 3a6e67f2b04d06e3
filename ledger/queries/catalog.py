"""The catalogue and the stations, as people see them, with the stock as it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, not_, or_, select

from ledger.domain.calendar import local_day
from ledger.domain.catalog import Item, ItemKind, KeptStation, StockedItem, limit_left
from ledger.domain.errors import NotFound
from ledger.domain.redemptions import COUNTED_STATES
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.bulk import is_in
from ledger.storage.catalog import ITEM_COLUMNS, STATION_COLUMNS, read_keepers, read_stock, to_item, to_station
from ledger.storage.tables import items, redemptions, stations


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFilter:
    """What a list is narrowed to; None means any. `query` is a piece of the name or the beginning of the SKU."""

    kind: ItemKind | None = None
    is_active: bool | None = None
    query: str | None = None


def read_items(
    connection: Connection,
    programme_id: int,
    *,
    narrowed_to: CatalogFilter,
    today: date,
    limit: int,
    after: SortKey | None,
) -> Slice[StockedItem]:
    """By SKU. Whether an item is active is asked for `today`, a local day."""
    statement = select(*ITEM_COLUMNS).where(items.c.programme_id == programme_id)
    if narrowed_to.kind is not None:
        statement = statement.where(items.c.kind == narrowed_to.kind.value)
    if narrowed_to.is_active is not None:
        is_active = _is_active(today)
        statement = statement.where(is_active if narrowed_to.is_active else not_(is_active))
    if narrowed_to.query is not None:
        statement = statement.where(
            items.c.sku.startswith(narrowed_to.query.upper(), autoescape=True)
            | items.c.name.contains(narrowed_to.query, autoescape=True)
        )
    rows = connection.execute(ordered(statement, [(items.c.sku, False)], limit=limit, after=after)).all()
    found = cut(rows, limit, to_item=to_item, to_key=lambda row: (row.sku,))
    return Slice(items=read_stock(connection, programme_id, found.items), after=found.after)


def read_item(connection: Connection, programme_id: int, sku: str) -> StockedItem:
    row = connection.execute(
        select(*ITEM_COLUMNS).where(items.c.programme_id == programme_id).where(items.c.sku == sku)
    ).one_or_none()
    if row is None:
        raise NotFound(noun="item", name=sku)
    [found] = read_stock(connection, programme_id, [to_item(row)])
    return found


def read_stations(
    connection: Connection, programme_id: int, *, is_active: bool | None, limit: int, after: SortKey | None
) -> Slice[KeptStation]:
    """By code."""
    statement = select(*STATION_COLUMNS).where(stations.c.programme_id == programme_id)
    if is_active is not None:
        statement = statement.where(stations.c.is_active if is_active else not_(stations.c.is_active))
    rows = connection.execute(ordered(statement, [(stations.c.code, False)], limit=limit, after=after)).all()
    keepers = read_keepers(connection, programme_id)

    def to_kept(row: Any) -> KeptStation:
        return KeptStation(station=to_station(row), keepers=tuple(keepers.get(row.id, ())))

    return cut(rows, limit, to_item=to_kept, to_key=lambda row: (row.code,))


def read_limits_left(
    connection: Connection, programme_id: int, rider_id: UUID, found: Sequence[Item], *, today: date, zone: ZoneInfo
) -> dict[UUID, int | None]:
    """Item id → how often the rider may still have it in the present period; None: as often as they like."""
    days = read_counted_days(connection, programme_id, rider_id, found, zone=zone)
    return {item.id: limit_left(item, days.get(item.id, ()), today) for item in found}


def read_counted_days(
    connection: Connection, programme_id: int, rider_id: UUID, found: Sequence[Item], *, zone: ZoneInfo
) -> dict[UUID, list[date]]:
    """Item id → the local days on which the rider had it, as far as they count towards a limit."""
    rows = connection.execute(
        select(redemptions.c.item_id, redemptions.c.requested_at)
        .where(redemptions.c.programme_id == programme_id)
        .where(redemptions.c.rider_id == rider_id)
        .where(is_in(connection, redemptions.c.item_id, {item.id for item in found}))
        .where(redemptions.c.state.in_(sorted(COUNTED_STATES)))
    )
    days: dict[UUID, list[date]] = {}
    for row in rows:
        days.setdefault(row.item_id, []).append(local_day(row.requested_at, zone))
    return days


def _is_active(today: date) -> ColumnElement[bool]:
    return and_(
        or_(items.c.active_from.is_(None), items.c.active_from <= today),
        or_(items.c.active_until.is_(None), items.c.active_until >= today),
    )
