"""What the demo district offers: items, stations with their keepers, sponsors with their budgets.

Items are programme.md's defaults; stations and sponsors are demo data, but for 钟公庙街道, which is a fact.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.domain.catalog import ItemKind, LimitPeriod
from ledger.services.budgets import CreateSponsor, FundBudget
from ledger.services.catalog import PutItem, PutStation, RestockItem
from seed.people import SUBDISTRICTS

MANAGER = "operator/manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A line of the catalogue; `stock` units come in on the first of each month, 0 for what is not counted."""

    sku: str
    name: str
    points: int
    kind: ItemKind
    stock: int = 0
    limit: tuple[int, LimitPeriod] | None = None


def _goods(sku: str, name: str, points: int, stock: int, times: int, period: LimitPeriod) -> Offer:
    return Offer(sku=sku, name=name, points=points, kind=ItemKind.GOODS, stock=stock, limit=(times, period))


def _service(sku: str, name: str, points: int, stock: int, times: int, period: LimitPeriod) -> Offer:
    return Offer(sku=sku, name=name, points=points, kind=ItemKind.SERVICE, stock=stock, limit=(times, period))


MONTH, QUARTER, YEAR = LimitPeriod.MONTH, LimitPeriod.QUARTER, LimitPeriod.YEAR
OFFERS = (
    # Source: programme.md, Catalogue.
    _goods("G-001", "香皂", 50, 500, 4, MONTH),
    _goods("G-002", "抽纸一提", 150, 400, 2, MONTH),
    _goods("G-005", "洗衣液 2 kg", 250, 300, 2, MONTH),
    _goods("G-006", "大米 5 kg", 350, 200, 1, MONTH),
    _goods("G-007", "食用油 1.8 L", 300, 200, 1, MONTH),
    _goods("G-008", "冰袖和防晒围脖", 150, 300, 2, QUARTER),
    _goods("G-009", "骑行手套、护膝", 300, 200, 1, QUARTER),
    _goods("G-010", "3C 头盔", 900, 100, 1, YEAR),
    _goods("G-011", "保温送餐箱", 1_500, 50, 1, YEAR),
    _goods("G-013", "充电宝", 800, 100, 1, YEAR),
    _service("S-001", "换电券", 60, 0, 10, MONTH),
    Offer(sku="S-002", name="暖心餐八折券", points=30, kind=ItemKind.VOUCHER, stock=1_000, limit=(8, MONTH)),
    _service("S-003", "理发", 200, 200, 1, MONTH),
    _service("S-004", "车辆安全检修", 250, 150, 1, QUARTER),
    _service("S-005", "健康直通车体检", 600, 100, 1, YEAR),
    _service("S-006", "法律咨询 30 分钟", 100, 60, 2, YEAR),
    _service("S-008", "小候鸟驿站一周", 1_200, 60, 1, YEAR),
    _service("S-010", "骑手意外险一年", 2_000, 200, 1, YEAR),
    Offer(sku="S-011", name="话费 10 元", points=100, kind=ItemKind.VOUCHER, stock=500, limit=(3, MONTH)),
    Offer(sku="D-001", name="捐给暖骑互助基金", points=10, kind=ItemKind.DONATION),
)

STATIONS = (
    # Code, name, subdistrict, address. Ten outlets, as there are ten heads of outlets.
    ("ZGM", "钟公庙驿站", "钟公庙街道", "四明中路 1000 号新就业群体服务中心"),
    ("SN", "首南驿站", "首南街道", "惠风西路 138 号"),
    ("XY", "下应驿站", "下应街道", "下应北路 668 号"),
    ("PH", "潘火驿站", "潘火街道", "潘火路 59 号"),
    ("ZH", "中河驿站", "中河街道", "宁南北路 755 号"),
    ("FM", "福明驿站", "福明街道", "福明路 828 号"),
    ("DJ", "东郊驿站", "东郊街道", "惊驾东路 230 号"),
    ("BZ", "百丈驿站", "百丈街道", "百丈东路 787 号"),
    ("WD", "万达驿站", "首南街道", "四明中路 999 号"),
    ("NZ", "南站驿站", "钟公庙街道", "鄞县大道中段 1299 号"),
)

SPONSORS = (
    # Code, name, points for the year: subdistricts and departments.
    *((f"sub-{number:02d}", name, 400_000) for number, name in enumerate(SUBDISTRICTS, 1)),
    ("emergency", "区应急管理局", 800_000),
    ("city-care", "区综合行政执法局", 600_000),
    ("union", "区总工会", 500_000),
)


def keepers() -> list[tuple[str, str, str]]:
    """Name, display name and station's code of the head of each outlet."""
    return [(f"keeper{number:02d}", f"{station[1]}站长", station[0]) for number, station in enumerate(STATIONS, 1)]


def put_stations() -> list[PutStation]:
    """Each with the head of its outlet; the demo's own keeper stands at the first."""
    heads = {station: name for name, _, station in keepers()}
    return [
        PutStation(
            code=code,
            name=name,
            subdistrict=subdistrict,
            address=address,
            keepers=(heads[code], *(("keeper",) if code == STATIONS[0][0] else ())),
            actor=MANAGER,
        )
        for code, name, subdistrict, address in STATIONS
    ]


def put_items() -> list[PutItem]:
    """A shelf that is down to a fifth of a month's share runs low."""
    return [
        PutItem(
            sku=offer.sku,
            name=offer.name,
            kind=offer.kind,
            price_points=offer.points,
            is_stocked=bool(offer.stock),
            reorder_point=_share(offer) // 5 if offer.stock else None,
            limit_count=offer.limit[0] if offer.limit else None,
            limit_period=offer.limit[1] if offer.limit else None,
            actor=MANAGER,
        )
        for offer in OFFERS
    ]


def restocks(month: str, shelves: Mapping[tuple[str, str], int]) -> Iterator[RestockItem]:
    """Every shelf is filled up to its share of a month's stock; `shelves`: (SKU, station's code) → units there now.

    The smallest outlet gets a fifth, so that it is the one that runs low.
    """
    for offer in OFFERS:
        if not offer.stock:
            continue
        for number, station in enumerate(STATIONS):
            is_smallest = number == len(STATIONS) - 1
            wanted = max(1, _share(offer) // 5) if is_smallest else _share(offer)
            missing = wanted - shelves.get((offer.sku, station[0]), 0)
            if missing > 0:
                yield RestockItem(
                    sku=offer.sku,
                    station=station[0],
                    quantity=missing,
                    memo=f"{month} 月度备货",
                    actor=MANAGER,
                )


def create_sponsors() -> list[CreateSponsor]:
    return [CreateSponsor(code=code, name=name, actor="operator/owner") for code, name, _ in SPONSORS]


def fund_budgets(year: int) -> list[FundBudget]:
    return [
        FundBudget(sponsor=code, points=points, memo=f"{year} 年度预算", actor="operator/owner")
        for code, _, points in SPONSORS
    ]


def _share(offer: Offer) -> int:
    return max(1, offer.stock // len(STATIONS))
