"""The catalogue: what points buy, at which price, how often a rider may have it, and where it is handed over.

Stock is no number here: it is units in the journal's accounts, so that it cannot be oversold.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.domain.accounts import ITEM_PREFIX, AccountKey, Purpose
from ledger.domain.errors import InvalidField, Kind, Refusal, Text

SKU = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
"""G-001: a capital letter, then capitals, digits, hyphens; 2 to 20 characters."""
STATION_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,15}")
ITEM_NAME_MAX = 60
PRICE_MAX = 1_000_000
"""Points for one unit: ten times what a rider could earn in four years."""
COUNT_MAX = 1_000_000
"""Units: of a limit, of a reorder point, of one restock."""


class ItemKind(StrEnum):
    GOODS = "goods"
    SERVICE = "service"
    VOUCHER = "voucher"
    DONATION = "donation"


class LimitPeriod(StrEnum):
    """The stretch of local time in which a rider's limit counts; `ever` never ends."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    EVER = "ever"


PERIOD_WORDS = {
    LimitPeriod.DAY: Text("每天", "a day"),
    LimitPeriod.WEEK: Text("每周", "a week"),
    LimitPeriod.MONTH: Text("每月", "a month"),
    LimitPeriod.QUARTER: Text("每季度", "a quarter"),
    LimitPeriod.YEAR: Text("每年", "a year"),
    LimitPeriod.EVER: Text("总共", "in all"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Where goods are handed over (驿站)."""

    id: UUID
    code: str
    name: str
    subdistrict: str
    address: str
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptStation:
    """A station and its keepers: operators by name, sorted."""

    station: Station
    keepers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of the catalogue. `price_points` is for one unit; of a donation, the least that can be given.

    Active from `active_from` to `active_until`, both included, local days. At or below `reorder_point` units on a
    station's shelf, the stock counts as running low.
    """

    id: UUID
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
    created_at: datetime
    changed_at: datetime

    @property
    def commodity(self) -> str:
        return f"{ITEM_PREFIX}{self.sku}"

    @property
    def is_donation(self) -> bool:
        return self.kind is ItemKind.DONATION

    def is_active_on(self, day: date) -> bool:
        return (self.active_from is None or self.active_from <= day) and (
            self.active_until is None or day <= self.active_until
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """Units of an item at a station: on the shelf, and reserved for open redemptions."""

    station_code: str
    station_name: str
    shelf: int
    reserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StockedItem:
    """An item and its stock as it stands, a level a station, by its code. `delivered`: units ever handed over."""

    item: Item
    levels: tuple[StockLevel, ...] = ()
    delivered: int = 0

    @property
    def shelf(self) -> int:
        return sum(level.shelf for level in self.levels)

    @property
    def reserved(self) -> int:
        return sum(level.reserved for level in self.levels)


def supply_account(item: Item) -> AccountKey:
    return AccountKey(owner_id=item.id, purpose=Purpose.SUPPLY, commodity=item.commodity)


def shelf_account(item: Item, station_id: UUID) -> AccountKey:
    return AccountKey(owner_id=station_id, purpose=Purpose.SHELF, commodity=item.commodity)


def reserved_account(item: Item, station_id: UUID) -> AccountKey:
    return AccountKey(owner_id=station_id, purpose=Purpose.RESERVED, commodity=item.commodity)


def delivered_account(item: Item) -> AccountKey:
    return AccountKey(owner_id=item.id, purpose=Purpose.DELIVERED, commodity=item.commodity)


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class ItemNotActive(Refusal):
    sku: str
    active_from: date | None
    active_until: date | None

    code: ClassVar[str] = "item_not_active"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("现在不能兑换", "Not on offer now")
    detail: ClassVar[Text] = Text(
        "{sku} 的兑换期是{window}，现在不能兑换；积分没有动，请换一样。",
        "{sku} is on offer {window}, not now. No points were taken; choose something else.",
    )

    def wordings(self) -> dict[str, Text]:
        since, until = self.active_from, self.active_until
        if since is None:
            return {"window": Text(f"到 {until} 为止", f"until {until}")}
        if until is None:
            return {"window": Text(f"从 {since} 起", f"from {since}")}
        return {"window": Text(f" {since} 至 {until}", f"from {since} to {until}")}


@dataclass(eq=False)
class LimitReached(Refusal):
    """`resets_on` is the first local day on which it can be redeemed again; None when it never can."""

    sku: str
    limit_count: int
    limit_period: LimitPeriod
    resets_on: date | None

    code: ClassVar[str] = "limit_reached"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("已到兑换上限", "The limit is reached")
    detail: ClassVar[Text] = Text(
        "{sku} 每人{period}限兑 {limit_count} 次，已经用完；积分没有动，{again}。",
        "{sku} is limited to {limit_count} {period} for each rider, and you had them. No points were taken; {again}.",
    )

    def wordings(self) -> dict[str, Text]:
        again = Text("请换一样", "choose something else")
        if self.resets_on is not None:
            again = Text(f"{self.resets_on} 起可以再兑", f"from {self.resets_on} on you can have it again")
        return {"period": PERIOD_WORDS[self.limit_period], "again": again}


@dataclass(eq=False)
class NotOnShelf(Refusal):
    """More is to be taken back than lies there. What is reserved is left for the riders who redeemed it."""

    sku: str
    station: str
    on_shelf: int
    wanted: int

    code: ClassVar[str] = "not_on_shelf"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("货架上没有这么多", "Not so many on the shelf")
    detail: ClassVar[Text] = Text(
        "驿站 {station} 的 {sku} 在架 {on_shelf} 件，不能收回 {wanted} 件；请少收回一些，预留给骑手的不能收回。",
        "{on_shelf} of {sku} are on the shelf at {station}, so {wanted} cannot be taken back. Take fewer; what is "
        "reserved for riders stays.",
    )


@dataclass(eq=False)
class StationRequired(Refusal):
    sku: str
    known: str

    code: ClassVar[str] = "station_required"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("请选取货的驿站", "Choose a station")
    detail: ClassVar[Text] = Text(
        "{sku} 在几个驿站都有，请选一个来取：{known}。", "{sku} is kept at several stations; name one of: {known}."
    )


@dataclass(eq=False)
class StationNotActive(Refusal):
    station: str

    code: ClassVar[str] = "station_not_active"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("驿站停用了", "The station is closed")
    detail: ClassVar[Text] = Text("驿站 {station} 已停用；请换一个驿站。", "Station {station} is closed. Name another.")


# --- checks ------------------------------------------------------------------------------------------------------


def check_sku(sku: str) -> InvalidField | None:
    if SKU.fullmatch(sku):
        return None
    return InvalidField(
        field="sku",
        problem_zh=f"「{sku[:24]}」不是货号；要 2 到 20 位大写字母、数字和横线，字母开头，例如 G-001。",
        problem_en=f"{sku[:24]!r} is no SKU: 2 to 20 capitals, digits and hyphens, a letter first, such as G-001.",
    )


def check_station_code(code: str) -> InvalidField | None:
    if STATION_CODE.fullmatch(code):
        return None
    return InvalidField(
        field="code",
        problem_zh=f"「{code[:20]}」不是驿站编号；要 2 到 16 位大写字母、数字和横线，字母开头，例如 ZGM。",
        problem_en=f"{code[:20]!r} is no station code: 2 to 16 capitals, digits, hyphens, a letter first, such as ZGM.",
    )


def check_item(item: Item) -> InvalidField | None:
    """What a form cannot say of one field alone: limit with its period, window in order, stock of a donation."""
    if (item.limit_count is None) is not (item.limit_period is None):
        return InvalidField(
            field="limit_period",
            problem_zh="限兑次数和周期要么都填，要么都不填。",
            problem_en="limit_count and limit_period belong together: give both or neither.",
        )
    if item.active_from and item.active_until and item.active_until < item.active_from:
        return InvalidField(
            field="active_until",
            problem_zh=f"结束日 {item.active_until} 早于开始日 {item.active_from}；请改正。",
            problem_en=f"{item.active_until} lies before active_from, {item.active_from}; correct one of them.",
        )
    if item.is_donation and item.is_stocked:
        return InvalidField(
            field="is_stocked",
            problem_zh="捐赠没有库存；请把 is_stocked 设为 false。",
            problem_en="a donation has no stock: set is_stocked to false.",
        )
    if item.reorder_point is not None and not item.is_stocked:
        return InvalidField(
            field="reorder_point",
            problem_zh="不计库存的不需要补货点；请去掉。",
            problem_en="an item without stock needs no reorder point: leave it out.",
        )
    return None


def limit_bounds(period: LimitPeriod, day: date) -> tuple[date | None, date | None]:
    """The first local day of the period that `day` lies in, and the first day after it; None where it has no end."""
    match period:
        case LimitPeriod.DAY:
            return day, day + timedelta(days=1)
        case LimitPeriod.WEEK:  # Monday to Sunday, ISO 8601
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=7)
        case LimitPeriod.MONTH:
            return _months(day, day.month, 1)
        case LimitPeriod.QUARTER:
            return _months(day, (day.month - 1) // 3 * 3 + 1, 3)
        case LimitPeriod.YEAR:
            return _months(day, 1, 12)
        case LimitPeriod.EVER:
            return None, None


def limit_used(item: Item, redeemed_on: Iterable[date], day: date) -> int:
    """How often a rider who had the item on the local days given had it in the period that `day` lies in.

    An item without a limit has no period: it counts as 0.
    """
    if item.limit_period is None:
        return 0
    begin, behind = limit_bounds(item.limit_period, day)
    return sum((begin is None or had >= begin) and (behind is None or had < behind) for had in redeemed_on)


def limit_left(item: Item, redeemed_on: Iterable[date], today: date) -> int | None:
    """How often the rider may still have the item in the present period, having had it on the local days given.

    None: as often as they like.
    """
    if item.limit_count is None or item.limit_period is None:
        return None
    return max(0, item.limit_count - limit_used(item, redeemed_on, today))


def check_limit(item: Item, redeemed_on: Iterable[date], today: date) -> LimitReached | None:
    if item.limit_count is None or item.limit_period is None or limit_left(item, redeemed_on, today):
        return None
    _, behind = limit_bounds(item.limit_period, today)
    return LimitReached(sku=item.sku, limit_count=item.limit_count, limit_period=item.limit_period, resets_on=behind)


def _months(day: date, first_month: int, months: int) -> tuple[date, date]:
    behind = first_month + months
    return date(day.year, first_month, 1), date(day.year + (behind - 1) // 12, (behind - 1) % 12 + 1, 1)
