"""Hazards that the demo district's riders see: when, where, what, and what a reviewer says to them. Deterministic."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

PLACES = (
    # Crossings and squares of the district as demo data: name, subdistrict, latitude, longitude (WGS-84, rounded).
    ("钱湖北路与四明中路口", "钟公庙街道", 29.8146, 121.5542),
    ("惠风西路沿街", "首南街道", 29.8067, 121.5301),
    ("鄞县大道天童北路口", "钟公庙街道", 29.8009, 121.5479),
    ("下应北路菜场门口", "下应街道", 29.8262, 121.5868),
    ("潘火路桥头", "潘火街道", 29.8306, 121.6091),
    ("百丈东路地铁口", "百丈街道", 29.8701, 121.5772),
    ("福明路小区南门", "福明街道", 29.8756, 121.6028),
    ("宁南北路公交站", "中河街道", 29.8335, 121.5467),
)

CATEGORIES = (
    # (category, what the rider writes, weight): everyday things are common, urgent ones rare.
    ("ENV-01", "垃圾堆在路边没人收", 14),
    ("ENV-02", "垃圾桶满了，掉得到处都是", 16),
    ("ENV-06", "电线杆上贴满小广告", 9),
    ("ENV-07", "占道摆摊，电动车过不去", 8),
    ("FAC-01", "路灯不亮，晚上很黑", 12),
    ("FAC-02", "护栏被撞歪了", 7),
    ("FAC-03", "人行道砖松动，容易绊倒", 11),
    ("FAC-06", "换电柜打不开", 5),
    ("SAF-01", "楼道里堆满纸箱，消防通道堵住了", 6),
    ("SAF-04", "从楼上拉线下来充电", 5),
    ("SAF-02", "井盖不见了，已放树枝提醒", 3),
    ("SAF-07", "电线垂下来，离地不到两米", 2),
    ("SAF-03", "路面塌了一块", 1),
)

REASONS = ("照片看不清，请到现场重拍", "现场没有发现问题", "位置不对，找不到")

REJECTED_SHARE = 0.06
DUPLICATE_SHARE = 0.08
PHOTO_SHARE = 0.8
PHOTO_MINUTES_MAX = 20
"""How long before the report its photo was taken, at most."""

NEAR = 0.0001
"""Degrees within which two riders place the same hazard: about ten metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """One report to come. `verdict` is what a reviewer will say: verified, rejected or duplicate.

    `original` is the place in the day's list of the report that a duplicate repeats.
    """

    rider_number: int
    category_code: str
    description: str
    address: str
    subdistrict: str
    lat: float
    lon: float
    seen_at: datetime
    photo_taken_at: datetime | None
    verdict: str
    reason: str
    original: int | None = None


def hazards_of(day: date, *, riders: int, count: int, zone: ZoneInfo, random: Random) -> list[Hazard]:
    """`count` hazards seen on the local day, in the order of the clock. A few riders see most of them."""
    seen = sorted((_hazard(day, riders, zone, random) for _ in range(count)), key=lambda hazard: hazard.seen_at)
    for number, hazard in enumerate(seen):
        if hazard.verdict == "duplicate":
            seen[number] = _as_duplicate(hazard, seen[:number], random)
    return seen


def _as_duplicate(hazard: Hazard, earlier: list[Hazard], random: Random) -> Hazard:
    """The same hazard as an earlier one that will be verified, some steps away; the first of a day repeats nothing."""
    originals = [number for number, other in enumerate(earlier) if other.verdict == "verified"]
    if not originals:
        return replace(hazard, verdict="verified")
    number = random.choice(originals)
    original = earlier[number]
    return replace(
        hazard,
        category_code=original.category_code,
        description=original.description,
        address=original.address,
        subdistrict=original.subdistrict,
        lat=round(original.lat + random.uniform(-NEAR, NEAR), 6),
        lon=round(original.lon + random.uniform(-NEAR, NEAR), 6),
        original=number,
    )


def _hazard(day: date, riders: int, zone: ZoneInfo, random: Random) -> Hazard:
    category, description, _ = random.choices(CATEGORIES, weights=[weight for _, _, weight in CATEGORIES])[0]
    address, subdistrict, lat, lon = random.choice(PLACES)
    verdict = random.choices(
        ("verified", "rejected", "duplicate"),
        weights=(1 - REJECTED_SHARE - DUPLICATE_SHARE, REJECTED_SHARE, DUPLICATE_SHARE),
    )[0]
    seen_at = datetime.combine(day, time(), tzinfo=zone) + timedelta(seconds=random.randrange(6 * 3600, 22 * 3600))
    before = timedelta(minutes=random.uniform(0, PHOTO_MINUTES_MAX))
    return Hazard(
        rider_number=_rider_number(riders, random),
        category_code=category,
        description=description,
        address=address,
        subdistrict=subdistrict,
        lat=round(lat + random.uniform(-0.002, 0.002), 6),
        lon=round(lon + random.uniform(-0.002, 0.002), 6),
        seen_at=seen_at,
        photo_taken_at=seen_at - before if random.random() < PHOTO_SHARE else None,
        verdict=verdict,
        reason=random.choice(REASONS),
    )


def _rider_number(riders: int, random: Random) -> int:
    """A heavy tail, as in every such programme: some report daily, most once or twice."""
    return min(riders, int(random.paretovariate(0.7)))
