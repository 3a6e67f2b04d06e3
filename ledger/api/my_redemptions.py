"""/v1/me: what a rider can afford, and the rider's own redemptions with their vouchers."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from ledger.api.catalog import ItemBody, item_body
from ledger.api.languages import language_of
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.redemption_decisions import OptionallyReasoned
from ledger.api.redemptions import (
    SVG,
    OwnWish,
    RedemptionBody,
    RiderBalancesBody,
    draw_voucher,
    redemption_members,
)
from ledger.api.runtime import Runtime
from ledger.api.writes import Printer, Write, answers
from ledger.domain.access import Principal
from ledger.domain.catalog import PERIOD_WORDS, StockedItem
from ledger.domain.errors import Language, Text
from ledger.domain.redemptions import RedemptionCase, RedemptionState
from ledger.domain.vouchers import spell_voucher_code
from ledger.queries import catalog as catalog_queries
from ledger.queries import redemptions as queries
from ledger.queries import riders as rider_queries
from ledger.queries.catalog import CatalogFilter
from ledger.queries.redemptions import RedemptionFilter
from ledger.services.closing import CancelRedemption, cancel_redemptions
from ledger.services.redemptions import RequestRedemption, request_redemptions


class OfferBody(msgspec.Struct, kw_only=True):
    """An item as it is for me. `limit_left` is null where there is no limit. `reason` says in words why I cannot."""

    item: ItemBody
    is_affordable: bool
    points_missing: int
    limit_left: int | None
    can_redeem: bool
    reason: str | None


class MyRedemptionBody(RedemptionBody, kw_only=True):
    """`voucher` while it is ready to be picked up."""

    voucher: str | None


class MyRedeemedBody(msgspec.Struct, kw_only=True):
    redemption: MyRedemptionBody
    balances: RiderBalancesBody


class MyCatalogController(Controller):
    path = "/me/catalog"
    tags = ["me"]

    @get(operation_id="list_my_catalog", summary="What is on offer, and what I can afford", sync_to_thread=True)
    def list_my_catalog(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        affordable: Annotated[bool, QueryParameter(description="Only what I could redeem now.")] = False,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[OfferBody]:
        """By SKU. With `affordable` a page may hold fewer than asked for, and there may still be a next."""
        cursors = Cursors(runtime.vault, principal.programme_id, f"my items {principal.name} {affordable}")
        today, zone = runtime.today(principal.programme_id), runtime.zone_of(principal.programme_id)
        language = language_of(request)
        with runtime.reading() as connection:
            found = catalog_queries.read_items(
                connection,
                principal.programme_id,
                narrowed_to=CatalogFilter(is_active=True),
                today=today,
                limit=limit,
                after=cursors.read(cursor),
            )
            left = catalog_queries.read_limits_left(
                connection,
                principal.programme_id,
                principal.subject_id,
                [stocked.item for stocked in found.items],
                today=today,
                zone=zone,
            )
            rider = rider_queries.read_rider(connection, principal.programme_id, principal.name)
            balance = rider_queries.read_balance(connection, principal.programme_id, rider)
        points = sum(lot.available for lot in balance.lots if lot.lapses_on >= today.isoformat())
        offers = [_offer(stocked, points, left[stocked.item.id], today, language) for stocked in found.items]
        return Page(
            items=[offer for offer in offers if offer.can_redeem or not affordable], next=cursors.write(found.after)
        )


class MyRedemptionsController(Controller):
    path = "/me/redemptions"
    tags = ["me"]

    @get(operation_id="list_my_redemptions", summary="My redemptions, newest first", sync_to_thread=True)
    def list_my_redemptions(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        in_state: Annotated[RedemptionState | None, QueryParameter(name="state")] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[MyRedemptionBody]:
        now = runtime.clock()
        cursors = Cursors(runtime.vault, principal.programme_id, f"my redemptions {principal.name} {in_state}")
        with runtime.reading() as connection:
            found = queries.read_redemptions(
                connection,
                principal.programme_id,
                narrowed_to=RedemptionFilter(rider_code=principal.name, state=in_state),
                is_newest_first=True,
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, lambda case: _my_body(case, now))

    @get("/{redemption:str}", operation_id="get_my_redemption", summary="One of mine", sync_to_thread=True)
    def get_my_redemption(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], redemption: FromPath[str]
    ) -> MyRedemptionBody:
        return _my_body(_read_mine(runtime, principal, redemption), runtime.clock())

    @post(
        operation_id="create_my_redemption",
        summary="Redeem points for an item",
        responses=answers(MyRedeemedBody, 404, 422, success=201),
    )
    async def create_my_redemption(self, write: NamedDependency[Write], data: JSONBody[OwnWish]) -> Response[bytes]:
        """Points and a unit are held at once. What needs nobody's approval is ready with its voucher in this answer."""
        command = RequestRedemption(
            rider_code=write.principal.name,
            sku=data.sku,
            station=data.station,
            points=data.points,
            actor=write.actor,
            key=write.key,
        )
        return await write.one(request_redemptions, command, to_body=_my_printer(write), status=201)

    @post(
        "/{redemption:str}/cancellation",
        operation_id="cancel_my_redemption",
        summary="I do not want it any more",
        status_code=200,
        responses=answers(MyRedeemedBody, 404, 409),
    )
    async def cancel_my_redemption(
        self,
        write: NamedDependency[Write],
        redemption: FromPath[str],
        data: JSONBody[OptionallyReasoned | None] = None,
    ) -> Response[bytes]:
        command = CancelRedemption(
            redemption=redemption,
            reason=data.reason if data else "",
            actor=write.actor,
            rider_id=write.principal.subject_id,
            key=write.key,
        )
        return await write.one(cancel_redemptions, command, to_body=_my_printer(write))

    @get(
        "/{redemption:str}/voucher.svg",
        operation_id="get_my_voucher_svg",
        summary="My voucher as a QR code",
        media_type=SVG,
        sync_to_thread=True,
    )
    def get_my_voucher_svg(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], redemption: FromPath[str]
    ) -> bytes:
        return draw_voucher(_read_mine(runtime, principal, redemption).redemption)


def _read_mine(runtime: Runtime, principal: Principal, name: str) -> RedemptionCase:
    with runtime.reading() as connection:
        return queries.read_redemption(connection, principal.programme_id, name, rider_id=principal.subject_id)


def _my_body(case: RedemptionCase, now: datetime) -> MyRedemptionBody:
    redemption = case.redemption
    is_ready = redemption.state is RedemptionState.READY and redemption.voucher_code is not None
    return MyRedemptionBody(
        **redemption_members(case, now),
        voucher=spell_voucher_code(redemption.voucher_code or "") if is_ready else None,
    )


def _my_printer(write: Write) -> Printer:
    now = write.now

    def print_outcome(redeemed: Any) -> dict[str, Any]:
        after = redeemed.balances
        return {
            "redemption": _my_body(redeemed.case, now),
            "balances": RiderBalancesBody(available=after.available, held=after.held, owed=after.owed),
        }

    return print_outcome


def _offer(stocked: StockedItem, points: int, left: int | None, today: date, language: Language) -> OfferBody:
    item = stocked.item
    missing = max(0, item.price_points - points)
    reason = None
    if item.is_stocked and not stocked.shelf:
        reason = Text("没有库存了，等补货", "out of stock; wait for a restock")
    elif left == 0 and item.limit_period is not None:
        period = PERIOD_WORDS[item.limit_period]
        reason = Text(f"{period.zh}限兑次数已用完", f"you had it as often as allowed {period.en}")
    elif missing:
        reason = Text(f"还差 {missing} 分", f"{missing} points are missing")
    return OfferBody(
        item=item_body(stocked, today),
        is_affordable=not missing,
        points_missing=missing,
        limit_left=left,
        can_redeem=reason is None,
        reason=reason.in_language(language) if reason else None,
    )
