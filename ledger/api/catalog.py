"""/v1/catalog: what points buy, what is in stock where, and units that come in."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from ledger.api.forms import LINE, PROSE, WEB_ADDRESS, WRITTEN_LINE, WRITTEN_PROSE, members_given
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Printer, Write, answers
from ledger.domain.access import Principal
from ledger.domain.catalog import COUNT_MAX, ITEM_NAME_MAX, PRICE_MAX, ItemKind, LimitPeriod, StockedItem
from ledger.domain.reports import TEXT_MAX
from ledger.queries import catalog as queries
from ledger.queries.catalog import CatalogFilter
from ledger.services.catalog import Change, ChangeItem, PutItem, RestockItem, put_items, restock_items

Sku = Annotated[str, msgspec.Meta(min_length=1, max_length=20, pattern=LINE)]
StationCode = Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=LINE)]
Count = Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)]
ItemName = Annotated[str, msgspec.Meta(max_length=ITEM_NAME_MAX, pattern=WRITTEN_LINE)]
Price = Annotated[int, msgspec.Meta(ge=1, le=PRICE_MAX)]
Description = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=PROSE)]
ReorderPoint = Annotated[int, msgspec.Meta(ge=0, le=COUNT_MAX)]
PictureUrl = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=WEB_ADDRESS)]


class ItemForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`price_points` is for one unit; of a donation, the least that can be given. Days are local, both included."""

    name: ItemName
    kind: ItemKind
    price_points: Price
    description: Description = ""
    is_stocked: bool = True
    reorder_point: ReorderPoint | None = None
    limit_count: Count | None = None
    limit_period: LimitPeriod | None = None
    picture_url: PictureUrl | None = None
    active_from: date | None = None
    active_until: date | None = None


class ItemChanges(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays; null takes a value away."""

    name: ItemName | msgspec.UnsetType = msgspec.UNSET
    kind: ItemKind | msgspec.UnsetType = msgspec.UNSET
    price_points: Price | msgspec.UnsetType = msgspec.UNSET
    description: Description | msgspec.UnsetType = msgspec.UNSET
    is_stocked: bool | msgspec.UnsetType = msgspec.UNSET
    reorder_point: ReorderPoint | msgspec.UnsetType | None = msgspec.UNSET
    limit_count: Count | msgspec.UnsetType | None = msgspec.UNSET
    limit_period: LimitPeriod | msgspec.UnsetType | None = msgspec.UNSET
    picture_url: PictureUrl | msgspec.UnsetType | None = msgspec.UNSET
    active_from: date | msgspec.UnsetType | None = msgspec.UNSET
    active_until: date | msgspec.UnsetType | None = msgspec.UNSET


class ItemLine(ItemForm, kw_only=True, forbid_unknown_fields=True):
    sku: Sku


class ItemLines(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[ItemLine], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class Restock(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A negative quantity takes units back. `memo` is kept in the books: where they came from, or why they go."""

    station: StationCode
    quantity: Annotated[int, msgspec.Meta(ge=-COUNT_MAX, le=COUNT_MAX)]
    memo: Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=WRITTEN_PROSE)]


class RestockLine(Restock, kw_only=True, forbid_unknown_fields=True):
    sku: Sku


class RestockLines(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[RestockLine], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class StockBody(msgspec.Struct, kw_only=True):
    """In units, over all stations; `delivered` ever."""

    shelf: int
    reserved: int
    delivered: int


class StationStockBody(msgspec.Struct, kw_only=True):
    code: str
    name: str
    shelf: int
    reserved: int


class ItemBody(msgspec.Struct, kw_only=True):
    """`stock` is null for what is not counted. `is_active`: on offer today."""

    sku: str
    name: str
    kind: ItemKind
    description: str
    price_points: int
    is_stocked: bool
    reorder_point: int | None
    limit_count: int | None
    limit_period: LimitPeriod | None
    picture_url: str | None
    active_from: date | None
    active_until: date | None
    is_active: bool
    stock: StockBody | None
    stations: list[StationStockBody]


class PutItemBody(msgspec.Struct, kw_only=True):
    item: ItemBody
    change: Change


class PutItemOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    item: ItemBody | None = None
    change: Change | None = None


class PutItemOutcomes(BulkBody, kw_only=True):
    items: list[PutItemOutcome]


class RestockedBody(msgspec.Struct, kw_only=True):
    item: ItemBody
    transaction_id: UUID


class RestockOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    item: ItemBody | None = None
    transaction_id: UUID | None = None


class RestockOutcomes(BulkBody, kw_only=True):
    items: list[RestockOutcome]


def item_body(stocked: StockedItem, today: date) -> ItemBody:
    item = stocked.item
    stock = StockBody(shelf=stocked.shelf, reserved=stocked.reserved, delivered=stocked.delivered)
    return ItemBody(
        sku=item.sku,
        name=item.name,
        kind=item.kind,
        description=item.description,
        price_points=item.price_points,
        is_stocked=item.is_stocked,
        reorder_point=item.reorder_point,
        limit_count=item.limit_count,
        limit_period=item.limit_period,
        picture_url=item.picture_url,
        active_from=item.active_from,
        active_until=item.active_until,
        is_active=item.is_active_on(today),
        stock=stock if item.is_stocked else None,
        stations=[
            StationStockBody(
                code=level.station_code, name=level.station_name, shelf=level.shelf, reserved=level.reserved
            )
            for level in stocked.levels
        ],
    )


class CatalogController(Controller):
    path = "/catalog"
    tags = ["catalog"]

    @get(operation_id="list_items", summary="The catalogue, by SKU, with its stock", sync_to_thread=True)
    def list_items(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        kind: FromQuery[ItemKind | None] = None,
        active: FromQuery[bool | None] = None,
        piece: Annotated[
            str | None,
            QueryParameter(name="query", max_length=40, description="Beginning of a SKU or piece of a name."),
        ] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[ItemBody]:
        narrowed_to = CatalogFilter(kind=kind, is_active=active, query=piece)
        cursors = Cursors(runtime.vault, principal.programme_id, f"items {narrowed_to}")
        today = runtime.today(principal.programme_id)
        with runtime.reading() as connection:
            found = queries.read_items(
                connection,
                principal.programme_id,
                narrowed_to=narrowed_to,
                today=today,
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, lambda stocked: item_body(stocked, today))

    @get("/{sku:str}", operation_id="get_item", summary="One item with its stock", sync_to_thread=True)
    def get_item(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], sku: FromPath[str]
    ) -> ItemBody:
        today = runtime.today(principal.programme_id)
        with runtime.reading() as connection:
            return item_body(queries.read_item(connection, principal.programme_id, sku), today)

    @put(
        "/{sku:str}",
        operation_id="put_item",
        summary="An item as it is to be, new or changed",
        responses=answers(PutItemBody),
    )
    async def put_item(
        self, write: NamedDependency[Write], sku: FromPath[str], data: JSONBody[ItemForm]
    ) -> Response[bytes]:
        """What is left out gets its default: this says what the whole item is. Open redemptions keep their price."""
        return await write.one(put_items, _put(sku, data, write), to_body=_put_printer(write))

    @patch(
        "/{sku:str}",
        operation_id="change_item",
        summary="Some members of an item, the rest as it is",
        responses=answers(PutItemBody, 404),
    )
    async def change_item(
        self, write: NamedDependency[Write], sku: FromPath[str], data: JSONBody[ItemChanges]
    ) -> Response[bytes]:
        """Two people who change different members do not undo each other's change, as two whole items would."""
        command = ChangeItem(sku=sku, changes=members_given(data), actor=write.actor)
        return await write.one(put_items, command, to_body=_put_printer(write))

    @post(
        operation_id="put_items",
        summary="Up to 1,000 items as they are to be",
        status_code=200,
        responses=answers(PutItemOutcomes),
    )
    async def put_items(self, write: NamedDependency[Write], data: JSONBody[ItemLines]) -> Response[bytes]:
        return await write.many(
            put_items, [_put(line.sku, line, write) for line in data.items], to_body=_put_printer(write)
        )

    @post(
        "/{sku:str}/restocks",
        operation_id="restock_item",
        summary="Units come to a station's shelf, or are taken back",
        status_code=200,
        responses=answers(RestockedBody, 404, 422),
    )
    async def restock_item(
        self, write: NamedDependency[Write], sku: FromPath[str], data: JSONBody[Restock]
    ) -> Response[bytes]:
        return await write.one(restock_items, _restock(sku, data, write), to_body=_restock_printer(write))

    @post(
        "/restocks",
        operation_id="restock_items",
        summary="Up to 1,000 restocks",
        status_code=200,
        responses=answers(RestockOutcomes),
    )
    async def restock_items(self, write: NamedDependency[Write], data: JSONBody[RestockLines]) -> Response[bytes]:
        return await write.many(
            restock_items, [_restock(line.sku, line, write) for line in data.items], to_body=_restock_printer(write)
        )


def _put(sku: str, form: ItemForm, write: Write) -> PutItem:
    return PutItem(
        sku=sku,
        name=form.name,
        kind=form.kind,
        price_points=form.price_points,
        description=form.description,
        is_stocked=form.is_stocked,
        reorder_point=form.reorder_point,
        limit_count=form.limit_count,
        limit_period=form.limit_period,
        picture_url=form.picture_url,
        active_from=form.active_from,
        active_until=form.active_until,
        actor=write.actor,
    )


def _put_printer(write: Write) -> Printer:
    today = write.today

    def print_outcome(outcome: Any) -> dict[str, Any]:
        return {"item": item_body(outcome.stocked, today), "change": outcome.change}

    return print_outcome


def _restock(sku: str, form: Restock, write: Write) -> RestockItem:
    return RestockItem(
        sku=sku, station=form.station, quantity=form.quantity, memo=form.memo, actor=write.actor, key=write.key
    )


def _restock_printer(write: Write) -> Printer:
    today = write.today
    return lambda outcome: {
        "item": item_body(outcome.stocked, today),
        "transaction_id": outcome.transaction_id,
    }
