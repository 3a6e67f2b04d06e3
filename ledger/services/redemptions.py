"""Requesting and approving redemptions. How they end is in `closing.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.domain.calendar import local_day
from ledger.domain.catalog import (
    Item,
    ItemNotActive,
    LimitReached,
    StationNotActive,
    StationRequired,
    check_limit,
    shelf_account,
)
from ledger.domain.errors import InvalidField, NotFound, Refusal
from ledger.domain.journal import OutOfStock
from ledger.domain.redemptions import Redemption, check_approval, decide_points
from ledger.domain.reports import RiderNotActive
from ledger.domain.riders import Rider, RiderStatus
from ledger.services.redeeming import Redeemed, Redeeming
from ledger.storage import catalog as catalog_store
from ledger.storage import redemptions as redemption_store
from ledger.storage import riders as rider_store
from ledger.storage.redemptions import Counted
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRedemption:
    """One unit of an item for a rider. `station` None: the only one that has it. `points` only for a donation."""

    rider_code: str
    sku: str
    actor: str
    station: str | None = None
    points: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveRedemption:
    """`redemption` is what the client named it by: the UUID or the code."""

    redemption: str
    actor: str
    key: str | None = None


def request_redemptions(uow: UnitOfWork, batch: Sequence[RequestRedemption]) -> list[Redeemed | Refusal]:
    """Per item the redemption, its points and unit held, or in this order: no such rider, not active; no such item, not
    on offer, points not those of the item; station; limit reached; out of stock; too few points."""
    items = catalog_store.lock_items(uow, {command.sku for command in batch})
    riders = rider_store.lock_riders_by_code(uow, {command.rider_code for command in batch})
    redeeming = Redeeming(uow, riders=riders.values(), items=items.values())
    limits = _Limits(
        redeeming,
        redemption_store.read_counted(
            uow, {rider.id for rider in riders.values()}, {item.id for item in items.values() if item.limit_count}
        ),
    )

    outcomes: list[Redeemed | Refusal] = []
    for command in batch:
        rider, item = riders.get(command.rider_code), items.get(command.sku)
        if rider is None or item is None:
            missing = ("rider", command.rider_code) if rider is None else ("item", command.sku)
            outcomes.append(NotFound(noun=missing[0], name=missing[1]))
            continue
        wish = _check_request(redeeming, limits, command, rider, item)
        if isinstance(wish, Refusal):
            outcomes.append(wish)
            continue
        points, station_id = wish
        requested = redeeming.request(
            rider, item, station_id=station_id, points=points, actor=command.actor, key=command.key
        )
        if isinstance(requested, Refusal):
            outcomes.append(requested)
            continue
        limits.count(rider, item)
        outcomes.append(redeeming.outcome(requested))
    redeeming.write()
    return outcomes


def approve_redemptions(uow: UnitOfWork, batch: Sequence[ApproveRedemption]) -> list[Redeemed | Refusal]:
    """Per item the redemption with one approval more, or: no such redemption, wrong state, own request, already
    approved by the same person, the rider has left. The last approval makes the voucher."""
    found = redemption_store.lock_redemptions(uow, {command.redemption for command in batch})
    redeeming = open_redeeming(uow, found)

    outcomes: list[Redeemed | Refusal] = []
    for command in batch:
        if command.redemption not in found:
            outcomes.append(NotFound(noun="redemption", name=command.redemption))
            continue
        redemption = redeeming.current(found[command.redemption])
        refusal = check_approval(redemption, command.actor) or _check_rider(redeeming.rider_of(redemption))
        if refusal is not None:
            outcomes.append(refusal)
            continue
        approved = redeeming.approve(redemption, actor=command.actor, key=command.key)
        outcomes.append(redeeming.outcome(approved))
    redeeming.write()
    return outcomes


def open_redeeming(uow: UnitOfWork, found: dict[str, Redemption]) -> Redeeming:
    """Redeeming on stored redemptions that were locked, with their items and their riders, who are locked next."""
    stored = {redemption.id: redemption for redemption in found.values()}.values()
    items = catalog_store.read_items(uow, {redemption.item_id for redemption in stored})
    riders = rider_store.lock_riders(uow, {redemption.rider_id for redemption in stored})
    return Redeeming(uow, riders=riders.values(), items=items.values(), stored=stored)


def _check_request(
    redeeming: Redeeming, limits: "_Limits", command: RequestRedemption, rider: Rider, item: Item
) -> tuple[int, UUID | None] | Refusal:
    """The points it takes and the station it is taken from."""
    if refusal := _check_rider(rider):
        return refusal
    if not item.is_active_on(redeeming.today):
        return ItemNotActive(sku=item.sku, active_from=item.active_from, active_until=item.active_until)
    points = decide_points(item, command.points)
    if isinstance(points, Refusal):
        return points
    station_id = _find_station(redeeming, item, command.station)
    if isinstance(station_id, Refusal):
        return station_id
    return limits.check(rider, item) or (points, station_id)


def _check_rider(rider: Rider) -> RiderNotActive | None:
    if rider.status is RiderStatus.ACTIVE:
        return None
    return RiderNotActive(rider_code=rider.code, rider_status=rider.status)


def _find_station(redeeming: Redeeming, item: Item, code: str | None) -> UUID | Refusal | None:
    """Where a unit is to be taken from: the station named, or the only one that has the item; None without stock."""
    if not item.is_stocked:
        if code is None:
            return None
        return InvalidField(
            field="station",
            problem_zh=f"{item.sku} 在哪个驿站都可以用，不用选；请去掉 station。",
            problem_en=f"{item.sku} is not kept at a station; leave `station` out.",
        )
    if code is not None:
        station = next((found for found in redeeming.stations.values() if found.code == code), None)
        if station is None:
            return NotFound(noun="station", name=code)
        return station.id if station.is_active else StationNotActive(station=code)

    shelves = {
        station: redeeming.books.balance(shelf_account(item, station.id))
        for station in redeeming.stations.values()
        if station.is_active
    }
    filled = {station: units for station, units in shelves.items() if units}
    if not filled:
        return OutOfStock(available=0, wanted=1)
    if len(filled) == 1:
        return next(iter(filled)).id
    known = "，".join(f"{station.code} {station.name}（{units}）" for station, units in filled.items())
    return StationRequired(sku=item.sku, known=known)


class _Limits:
    """On which days riders have had limited items, as earlier items of the batch left it."""

    def __init__(self, redeeming: Redeeming, counted: Sequence[Counted]) -> None:
        self._today = redeeming.today
        self._days: dict[tuple[UUID, UUID], list[date]] = {}
        for found in counted:
            day = local_day(found.requested_at, redeeming.zone)
            self._days.setdefault((found.rider_id, found.item_id), []).append(day)

    def check(self, rider: Rider, item: Item) -> LimitReached | None:
        return check_limit(item, self._days.get((rider.id, item.id), ()), self._today)

    def count(self, rider: Rider, item: Item) -> None:
        self._days.setdefault((rider.id, item.id), []).append(self._today)
