"""The catalogue: putting items and stations, and the units that come in and go out again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from ledger.domain.calendar import local_day
from ledger.domain.catalog import (
    Item,
    ItemKind,
    KeptStation,
    LimitPeriod,
    NotOnShelf,
    Station,
    StationNotActive,
    StockedItem,
    check_item,
    check_sku,
    check_station_code,
    shelf_account,
    supply_account,
)
from ledger.domain.errors import InvalidField, NotFound, Refusal
from ledger.domain.transactions import Leg, Transaction, TransactionKind
from ledger.services.posting import open_books, write_books
from ledger.storage import catalog as catalog_store
from ledger.storage import programmes as programme_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


class Change(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class PutItem:
    """The item is to be like this, whether it was there before or not."""

    sku: str
    name: str
    kind: ItemKind
    price_points: int
    actor: str
    description: str = ""
    is_stocked: bool = True
    reorder_point: int | None = None
    limit_count: int | None = None
    limit_period: LimitPeriod | None = None
    picture_url: str | None = None
    active_from: date | None = None
    active_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeItem:
    """Only the members in `changes`, by their names in `Item`, are to be like this; the rest stays whatever it is by
    then, so two people who change different things do not undo each other's work."""

    sku: str
    changes: Mapping[str, Any]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PutOutcome:
    stocked: StockedItem
    change: Change


@dataclass(frozen=True, slots=True, kw_only=True)
class PutStation:
    """`keepers` are operators by name: these and nobody else hand over there from now on."""

    code: str
    name: str
    actor: str
    subdistrict: str = ""
    address: str = ""
    is_active: bool = True
    keepers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeStation:
    """Only the members in `changes`, by their names in `Station`, and the keepers unless they are None."""

    code: str
    changes: Mapping[str, Any]
    actor: str
    keepers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestockItem:
    """So many units come to the station's shelf; a negative quantity takes them away again."""

    sku: str
    station: str
    quantity: int
    memo: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restocked:
    stocked: StockedItem
    transaction_id: UUID


def put_items(uow: UnitOfWork, batch: Sequence[PutItem | ChangeItem]) -> list[PutOutcome | Refusal]:
    """Per item what it is now and whether that is new, or: no such item to change, SKU malformed, what does not go
    together."""
    stored = catalog_store.lock_items(uow, {command.sku for command in batch})
    present = dict(stored)
    outcomes: list[tuple[Item, Change] | Refusal] = []
    for command in batch:
        before = present.get(command.sku)
        item = _item(uow, command, before)
        if isinstance(item, Refusal):
            outcomes.append(item)
            continue
        if refusal := check_sku(command.sku) or check_item(item):
            outcomes.append(refusal)
            continue
        if before is not None and item == replace(before, changed_at=item.changed_at):
            outcomes.append((before, Change.UNCHANGED))
            continue
        present[item.sku] = item
        outcomes.append((item, Change.CREATED if before is None else Change.CHANGED))

    touched = {outcome[0].sku for outcome in outcomes if isinstance(outcome, tuple)}
    catalog_store.insert_items(uow, [present[sku] for sku in sorted(touched - set(stored))])
    catalog_store.update_items(uow, [present[sku] for sku in sorted(touched & set(stored))])
    append_events(
        uow,
        [
            Event(
                kind=f"item.{outcome[1].value}",
                subject=f"item/{outcome[0].sku}",
                data={"name": outcome[0].name, "price_points": outcome[0].price_points, "by": command.actor},
            )
            for command, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, tuple) and outcome[1] is not Change.UNCHANGED
        ],
    )
    found = catalog_store.read_stock(uow.connection, uow.programme_id, [present[sku] for sku in sorted(touched)])
    stock = {stocked.item.sku: stocked for stocked in found}
    return [
        outcome
        if isinstance(outcome, Refusal)
        else PutOutcome(stocked=replace(stock[outcome[0].sku], item=outcome[0]), change=outcome[1])
        for outcome in outcomes
    ]


def put_stations(uow: UnitOfWork, batch: Sequence[PutStation | ChangeStation]) -> list[KeptStation | Refusal]:
    """Per item the station as it is now, or: no such station to change, code malformed, no such operator."""
    present = {station.code: station for station in catalog_store.read_stations(uow).values()}
    kept_by = catalog_store.read_keepers(uow.connection, uow.programme_id)
    keepers = {station.code: tuple(kept_by.get(station.id, ())) for station in present.values()}
    known = set(present)
    operator_ids = catalog_store.read_operator_ids(uow, {name for command in batch for name in command.keepers or ()})
    assigned: dict[UUID, list[UUID]] = {}
    outcomes: list[KeptStation | Refusal] = []
    for command in batch:
        if refusal := check_station_code(command.code):
            outcomes.append(refusal)
            continue
        if unknown := sorted(set(command.keepers or ()) - set(operator_ids)):
            outcomes.append(NotFound(noun="operator", name=unknown[0]))
            continue
        station = _station(uow, command, present.get(command.code))
        if isinstance(station, Refusal):
            outcomes.append(station)
            continue
        present[station.code] = station
        if command.keepers is not None:
            keepers[station.code] = tuple(sorted(set(command.keepers)))
            assigned[station.id] = [operator_ids[name] for name in keepers[station.code]]
        outcomes.append(KeptStation(station=station, keepers=keepers[station.code]))

    kept = {outcome.station.code: outcome for outcome in outcomes if isinstance(outcome, KeptStation)}
    catalog_store.insert_stations(uow, [kept[code].station for code in sorted(set(kept) - known)])
    catalog_store.update_stations(uow, [kept[code].station for code in sorted(set(kept) & known)])
    catalog_store.replace_keepers(uow, assigned)
    append_events(
        uow,
        [
            Event(
                kind="station.put",
                subject=f"station/{command.code}",
                data={"name": outcome.station.name, "keepers": list(outcome.keepers), "by": command.actor},
            )
            for command, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, KeptStation)
        ],
    )
    return outcomes


def restock_items(uow: UnitOfWork, batch: Sequence[RestockItem]) -> list[Restocked | Refusal]:
    """Per item the stock afterwards, or: no such item, item without stock, no such station, station closed, more taken
    away than is on the shelf."""
    items = catalog_store.lock_items(uow, {command.sku for command in batch})
    stations = {station.code: station for station in catalog_store.read_stations(uow).values()}
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, programme_store.read_zone_of(uow)))
    books = open_books(uow, owner_ids=(), commodities={item.commodity for item in items.values()})

    outcomes: list[Transaction | Refusal] = []
    for command in batch:
        item, station = items.get(command.sku), stations.get(command.station)
        if item is None or station is None:
            missing = ("item", command.sku) if item is None else ("station", command.station)
            outcomes.append(NotFound(noun=missing[0], name=missing[1]))
            continue
        if refusal := _check_restock(command, item, station):
            outcomes.append(refusal)
            continue
        supply, shelf = supply_account(item), shelf_account(item, station.id)
        on_shelf = books.balance(shelf)
        if on_shelf + command.quantity < 0:
            outcomes.append(NotOnShelf(sku=item.sku, station=station.code, on_shelf=on_shelf, wanted=-command.quantity))
            continue
        debit, credit = (supply, shelf) if command.quantity > 0 else (shelf, supply)
        transaction = Transaction(
            id=uow.new_id(),
            kind=TransactionKind.RESTOCK,
            effective_at=uow.now,
            recorded_at=uow.now,
            actor=command.actor,
            source_id=item.id,
            rulebook_version=rulebook.version,
            memo=command.memo,
            idempotency_key=command.key,
            legs=(Leg(debit_account=debit, credit_account=credit, amount=abs(command.quantity)),),
        )
        outcomes.append(books.post(transaction) or transaction)

    write_books(uow, books)
    return _restocked(uow, batch, outcomes, items)


def _restocked(
    uow: UnitOfWork, batch: Sequence[RestockItem], outcomes: Sequence[Transaction | Refusal], items: dict[str, Item]
) -> list[Restocked | Refusal]:
    found = catalog_store.read_stock(uow.connection, uow.programme_id, items.values())
    stock = {stocked.item.sku: stocked for stocked in found}
    append_events(
        uow,
        [
            Event(
                kind="item.restocked",
                subject=f"item/{command.sku}",
                data={
                    "station": command.station,
                    "quantity": command.quantity,
                    "memo": command.memo,
                    "by": command.actor,
                    "shelf_after": stock[command.sku].shelf,
                },
            )
            for command, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Transaction)
        ],
    )
    return [
        outcome if isinstance(outcome, Refusal) else Restocked(stocked=stock[command.sku], transaction_id=outcome.id)
        for command, outcome in zip(batch, outcomes, strict=True)
    ]


def _check_restock(command: RestockItem, item: Item, station: Station) -> Refusal | None:
    if not item.is_stocked:
        return InvalidField(
            field="sku",
            problem_zh=f"{item.sku} 不计库存，不用补货。",
            problem_en=f"{item.sku} is kept without stock and needs none.",
        )
    if not station.is_active and command.quantity > 0:
        return StationNotActive(station=station.code)
    if not command.quantity:
        return InvalidField(
            field="quantity",
            problem_zh="数量不能是 0；进货填正数，退货填负数。",
            problem_en="must not be 0: a positive number comes in, a negative one goes out.",
        )
    return None


def _item(uow: UnitOfWork, command: PutItem | ChangeItem, before: Item | None) -> Item | NotFound:
    if isinstance(command, ChangeItem):
        if before is None:
            return NotFound(noun="item", name=command.sku)
        return replace(before, **command.changes, changed_at=uow.now)
    return Item(
        id=before.id if before else uow.new_id(),
        sku=command.sku,
        name=command.name,
        kind=command.kind,
        description=command.description,
        price_points=command.price_points,
        is_stocked=command.is_stocked,
        reorder_point=command.reorder_point,
        limit_count=command.limit_count,
        limit_period=command.limit_period,
        picture_url=command.picture_url,
        active_from=command.active_from,
        active_until=command.active_until,
        created_at=before.created_at if before else uow.now,
        changed_at=uow.now,
    )


def _station(uow: UnitOfWork, command: PutStation | ChangeStation, before: Station | None) -> Station | NotFound:
    if isinstance(command, ChangeStation):
        if before is None:
            return NotFound(noun="station", name=command.code)
        return replace(before, **command.changes)
    return Station(
        id=before.id if before else uow.new_id(),
        code=command.code,
        name=command.name,
        subdistrict=command.subdistrict,
        address=command.address,
        is_active=command.is_active,
        created_at=before.created_at if before else uow.now,
    )
