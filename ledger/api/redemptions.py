"""/v1/redemptions: requesting for a rider, the queue, one of them, and vouchers. Decisions are in the module beside."""

from datetime import date, datetime
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

import msgspec
import segno
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from ledger.api.catalog import Sku, StationCode
from ledger.api.forms import LINE, ORDER
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Printer, Write, answers
from ledger.domain.access import Principal
from ledger.domain.catalog import PRICE_MAX, ItemKind
from ledger.domain.redemptions import Redemption, RedemptionCase, RedemptionState, check_state
from ledger.domain.vouchers import spell_voucher_code
from ledger.queries import redemptions as queries
from ledger.queries.redemptions import RedemptionFilter
from ledger.services.redemptions import RequestRedemption, request_redemptions

SVG = "image/svg+xml"
QR_MODULE_PIXELS = 8
"""Width of one dark square: a nine-character code is then 232 pixels wide, readable from a cracked screen."""

Points = Annotated[int, msgspec.Meta(ge=1, le=PRICE_MAX)]


class OwnWish(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`station` may be left out where only one has the item; `points` is for donations alone."""

    sku: Sku
    station: StationCode | None = None
    points: Points | None = None


class Wish(OwnWish, kw_only=True, forbid_unknown_fields=True):
    rider_code: Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=LINE)]


class Wishes(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[Wish], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class ApprovalBody(msgspec.Struct, kw_only=True):
    approved_by: str
    approved_at: datetime


class RedemptionBody(msgspec.Struct, kw_only=True):
    """`pick_up_by` is the last local day of the voucher. The voucher's code is the rider's alone and not in here."""

    id: UUID
    code: str
    state: RedemptionState
    rider_code: str
    rider_name: str
    sku: str
    item_name: str
    kind: ItemKind
    station_code: str | None
    station_name: str | None
    points: int
    approvals_required: int
    approvals: list[ApprovalBody]
    requested_at: datetime
    requested_by: str
    decide_due_at: datetime
    is_overdue: bool
    ready_at: datetime | None
    pick_up_by: date | None
    closed_at: datetime | None
    closed_by: str | None
    reason: str
    rulebook_version: int


class RiderBalancesBody(msgspec.Struct, kw_only=True):
    """The rider's points afterwards."""

    available: int
    held: int
    owed: int


class RedeemedBody(msgspec.Struct, kw_only=True):
    redemption: RedemptionBody
    balances: RiderBalancesBody


class RedemptionOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    redemption: RedemptionBody | None = None
    balances: RiderBalancesBody | None = None


class RedemptionOutcomes(BulkBody, kw_only=True):
    items: list[RedemptionOutcome]


class VoucherBody(msgspec.Struct, kw_only=True):
    voucher: str
    redemption: RedemptionBody


def redemption_body(case: RedemptionCase, now: datetime) -> RedemptionBody:
    return RedemptionBody(**redemption_members(case, now))


def redemption_members(case: RedemptionCase, now: datetime) -> dict[str, Any]:
    """What every body of a redemption has."""
    redemption, item, station = case.redemption, case.item, case.station
    return {
        "id": redemption.id,
        "code": redemption.code,
        "state": redemption.state,
        "rider_code": case.rider_code,
        "rider_name": case.rider_name,
        "sku": item.sku,
        "item_name": item.name,
        "kind": item.kind,
        "station_code": station.code if station else None,
        "station_name": station.name if station else None,
        "points": redemption.points,
        "approvals_required": redemption.approvals_required,
        "approvals": [
            ApprovalBody(approved_by=approval.approved_by, approved_at=approval.approved_at)
            for approval in redemption.approvals
        ],
        "requested_at": redemption.requested_at,
        "requested_by": redemption.requested_by,
        "decide_due_at": redemption.decide_due_at,
        "is_overdue": redemption.state is RedemptionState.REQUESTED and redemption.decide_due_at < now,
        "ready_at": redemption.ready_at,
        "pick_up_by": redemption.pick_up_by,
        "closed_at": redemption.closed_at,
        "closed_by": redemption.closed_by,
        "reason": redemption.reason,
        "rulebook_version": redemption.rulebook_version,
    }


def redeemed_printer(write: Write) -> Printer:
    now = write.now

    def print_outcome(redeemed: Any) -> dict[str, Any]:
        after = redeemed.balances
        return {
            "redemption": redemption_body(redeemed.case, now),
            "balances": RiderBalancesBody(available=after.available, held=after.held, owed=after.owed),
        }

    return print_outcome


class RedemptionsController(Controller):
    path = "/redemptions"
    tags = ["redemptions"]

    @get(operation_id="list_redemptions", summary="Redemptions, by when they were requested", sync_to_thread=True)
    def list_redemptions(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        in_state: Annotated[RedemptionState | None, QueryParameter(name="state")] = None,
        rider: Annotated[str | None, QueryParameter(max_length=16)] = None,
        sku: Annotated[str | None, QueryParameter(max_length=20)] = None,
        station: Annotated[str | None, QueryParameter(max_length=16)] = None,
        overdue: FromQuery[bool] = False,
        order: Annotated[str, QueryParameter(pattern=ORDER, description="newest or oldest first")] = "newest",
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[RedemptionBody]:
        """`overdue`: those still undecided after what the rider was promised."""
        now = runtime.clock()
        narrowed_to = RedemptionFilter(
            state=in_state,
            rider_code=rider,
            sku=sku,
            station_code=station,
            overdue_at=now if overdue else None,
        )
        name = f"redemptions {in_state} {rider} {sku} {station} {overdue} {order}"
        cursors = Cursors(runtime.vault, principal.programme_id, name)
        with runtime.reading() as connection:
            found = queries.read_redemptions(
                connection,
                principal.programme_id,
                narrowed_to=narrowed_to,
                is_newest_first=order == "newest",
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, lambda case: redemption_body(case, now))

    @get("/{redemption:str}", operation_id="get_redemption", summary="One redemption", sync_to_thread=True)
    def get_redemption(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], redemption: FromPath[str]
    ) -> RedemptionBody:
        with runtime.reading() as connection:
            case = queries.read_redemption(connection, principal.programme_id, redemption)
        return redemption_body(case, runtime.clock())

    @post(
        operation_id="create_redemption",
        summary="Redeem on behalf of a rider",
        responses=answers(RedeemedBody, 404, 422, success=201),
    )
    async def create_redemption(self, write: NamedDependency[Write], data: JSONBody[Wish]) -> Response[bytes]:
        """Points and a unit are held. Whoever asks for it here cannot approve it."""
        return await write.one(request_redemptions, _request(data, write), to_body=redeemed_printer(write), status=201)

    @post(
        "/requests",
        operation_id="create_redemptions",
        summary="Redeem on behalf of up to 1,000 riders",
        status_code=200,
        responses=answers(RedemptionOutcomes),
    )
    async def create_redemptions(self, write: NamedDependency[Write], data: JSONBody[Wishes]) -> Response[bytes]:
        return await write.many(
            request_redemptions, [_request(wish, write) for wish in data.items], to_body=redeemed_printer(write)
        )

    @get(
        "/{redemption:str}/voucher",
        operation_id="get_redemption_voucher",
        summary="A ready redemption's voucher, for a rider without a phone",
        sync_to_thread=True,
    )
    def get_redemption_voucher(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], redemption: FromPath[str]
    ) -> VoucherBody:
        with runtime.reading() as connection:
            case = queries.read_redemption(connection, principal.programme_id, redemption)
        return VoucherBody(voucher=voucher_of(case.redemption), redemption=redemption_body(case, runtime.clock()))

    @get(
        "/{redemption:str}/voucher.svg",
        operation_id="get_redemption_voucher_svg",
        summary="The same as a QR code to print",
        media_type=SVG,
        sync_to_thread=True,
    )
    def get_redemption_voucher_svg(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], redemption: FromPath[str]
    ) -> bytes:
        with runtime.reading() as connection:
            case = queries.read_redemption(connection, principal.programme_id, redemption)
        return draw_voucher(case.redemption)


def voucher_of(redemption: Redemption) -> str:
    """The voucher's code in groups. Raises RedemptionWrongState unless it is ready to be picked up."""
    if refusal := check_state(redemption, RedemptionState.READY):
        raise refusal
    assert redemption.voucher_code is not None, f"redemption {redemption.code} is ready without a voucher"
    return spell_voucher_code(redemption.voucher_code)


def draw_voucher(redemption: Redemption) -> bytes:
    """The code as a QR, black on white with its quiet zone, as SVG. Error correction M: a scratch does no harm."""
    code = voucher_of(redemption).replace("-", "")
    drawing = BytesIO()
    segno.make_qr(code, error="m").save(
        drawing, kind="svg", scale=QR_MODULE_PIXELS, dark="#000", light="#fff", title=voucher_of(redemption)
    )
    return drawing.getvalue()


def _request(wish: Wish, write: Write) -> RequestRedemption:
    return RequestRedemption(
        rider_code=wish.rider_code,
        sku=wish.sku,
        station=wish.station,
        points=wish.points,
        actor=write.actor,
        key=write.key,
    )
