"""The catalogue's items with their stock, and the stations that keep it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, select

from ledger.domain.accounts import Purpose
from ledger.domain.catalog import Item, ItemKind, LimitPeriod, Station, StockedItem, StockLevel
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.tables import accounts, items, operators, station_keepers, stations
from ledger.storage.unit_of_work import UnitOfWork

ITEM_COLUMNS = [column for column in items.c if column.name != "programme_id"]
STATION_COLUMNS = [column for column in stations.c if column.name != "programme_id"]
ITEMS_BY_SKU = Lookup(select(*ITEM_COLUMNS), by=[items.c.sku], locked_in_order_of=[items.c.id])


def lock_items(uow: UnitOfWork, skus: Collection[str]) -> dict[str, Item]:
    """The items by SKU, locked in the order of their ids; a SKU that nothing has is missing."""
    rows = ITEMS_BY_SKU.rows(uow, set(skus))
    return {row.sku: to_item(row) for row in rows}


def read_items(uow: UnitOfWork, item_ids: Collection[UUID]) -> dict[UUID, Item]:
    """Without a lock: for what is said of redemptions that hold their units already."""
    rows = uow.connection.execute(
        select(*ITEM_COLUMNS)
        .where(items.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, items.c.id, set(item_ids)))
    )
    return {row.id: to_item(row) for row in rows}


def insert_items(uow: UnitOfWork, batch: Sequence[Item]) -> None:
    uow.insert(items, [_row(uow, item) for item in batch])


def update_items(uow: UnitOfWork, batch: Sequence[Item]) -> None:
    """Writes everything but what never changes: id, SKU, when it was created."""
    rows = [_row(uow, item) for item in batch]
    for row in rows:
        del row["sku"], row["created_at"]
    uow.update(items, key=("programme_id", "id"), rows=rows)


def read_stations(uow: UnitOfWork) -> dict[UUID, Station]:
    """All stations, by code. A district has dozens."""
    rows = uow.connection.execute(
        select(*STATION_COLUMNS).where(stations.c.programme_id == uow.programme_id).order_by(stations.c.code)
    )
    return {row.id: to_station(row) for row in rows}


def insert_stations(uow: UnitOfWork, batch: Sequence[Station]) -> None:
    uow.insert(stations, [_station_row(uow, station) for station in batch])


def update_stations(uow: UnitOfWork, batch: Sequence[Station]) -> None:
    rows = [_station_row(uow, station) for station in batch]
    for row in rows:
        del row["code"], row["created_at"]
    uow.update(stations, key=("programme_id", "id"), rows=rows)


def read_operator_ids(uow: UnitOfWork, names: Collection[str]) -> dict[str, UUID]:
    """Name → id of the active operators among the names."""
    rows = uow.connection.execute(
        select(operators.c.name, operators.c.id)
        .where(operators.c.programme_id == uow.programme_id)
        .where(operators.c.is_active)
        .where(is_in(uow.connection, operators.c.name, set(names)))
    )
    return {row.name: row.id for row in rows}


def read_keepers(connection: Connection, programme_id: int) -> dict[UUID, list[str]]:
    """Station id → names of its keepers, sorted."""
    rows = connection.execute(
        select(station_keepers.c.station_id, operators.c.name)
        .join(
            operators,
            (operators.c.programme_id == programme_id) & (operators.c.id == station_keepers.c.operator_id),
        )
        .where(station_keepers.c.programme_id == programme_id)
        .order_by(operators.c.name)
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.station_id, []).append(row.name)
    return found


def replace_keepers(uow: UnitOfWork, keepers: Mapping[UUID, Collection[UUID]]) -> None:
    """Station id → operator ids: these and nobody else keep the station from now on."""
    if not keepers:
        return
    uow.connection.execute(
        delete(station_keepers)
        .where(station_keepers.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, station_keepers.c.station_id, set(keepers)))
    )
    uow.insert(
        station_keepers,
        [
            {"programme_id": uow.programme_id, "operator_id": operator_id, "station_id": station_id}
            for station_id, operator_ids in keepers.items()
            for operator_id in sorted(operator_ids)
        ],
    )


def read_stock(connection: Connection, programme_id: int, found: Iterable[Item]) -> list[StockedItem]:
    """The items with their stock as it stands, in the order given."""
    wanted = list(found)
    levels: dict[str, dict[UUID, dict[str, Any]]] = {}
    delivered: dict[str, int] = {}
    rows = connection.execute(
        select(
            accounts.c.commodity,
            accounts.c.owner_id,
            accounts.c.purpose,
            accounts.c.balance,
            stations.c.code,
            stations.c.name,
        )
        .select_from(accounts)
        .outerjoin(stations, (stations.c.programme_id == programme_id) & (stations.c.id == accounts.c.owner_id))
        .where(accounts.c.programme_id == programme_id)
        .where(is_in(connection, accounts.c.commodity, {item.commodity for item in wanted}))
        .order_by(stations.c.code)
    )
    for row in rows:
        if row.purpose == Purpose.DELIVERED.value:
            delivered[row.commodity] = row.balance
        elif row.code is not None:
            station = levels.setdefault(row.commodity, {}).setdefault(
                row.owner_id, {"station_code": row.code, "station_name": row.name, "shelf": 0, "reserved": 0}
            )
            station[row.purpose] += row.balance
    return [
        StockedItem(
            item=item,
            levels=tuple(StockLevel(**level) for level in levels.get(item.commodity, {}).values()),
            delivered=delivered.get(item.commodity, 0),
        )
        for item in wanted
    ]


def to_item(row: Any) -> Item:
    """From a row, or whatever has the columns of `ITEM_COLUMNS` as attributes."""
    return Item(
        id=row.id,
        sku=row.sku,
        name=row.name,
        kind=ItemKind(row.kind),
        description=row.description,
        price_points=row.price_points,
        is_stocked=row.is_stocked,
        reorder_point=row.reorder_point,
        limit_count=row.limit_count,
        limit_period=LimitPeriod(row.limit_period) if row.limit_period else None,
        picture_url=row.picture_url,
        active_from=row.active_from,
        active_until=row.active_until,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def to_station(row: Any) -> Station:
    """From a row, or whatever has the columns of `STATION_COLUMNS` as attributes."""
    return Station(
        id=row.id,
        code=row.code,
        name=row.name,
        subdistrict=row.subdistrict,
        address=row.address,
        is_active=row.is_active,
        created_at=row.created_at,
    )


def _row(uow: UnitOfWork, item: Item) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "id": item.id,
        "sku": item.sku,
        "name": item.name,
        "kind": item.kind.value,
        "description": item.description,
        "price_points": item.price_points,
        "is_stocked": item.is_stocked,
        "reorder_point": item.reorder_point,
        "limit_count": item.limit_count,
        "limit_period": item.limit_period.value if item.limit_period else None,
        "picture_url": item.picture_url,
        "active_from": item.active_from,
        "active_until": item.active_until,
        "created_at": item.created_at,
        "changed_at": item.changed_at,
    }


def _station_row(uow: UnitOfWork, station: Station) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "id": station.id,
        "code": station.code,
        "name": station.name,
        "subdistrict": station.subdistrict,
        "address": station.address,
        "is_active": station.is_active,
        "created_at": station.created_at,
    }
