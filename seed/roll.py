"""The 新锋骑手 of the demo: who is on the roll, and the 87 hazards they found and helped to settle this year.

Both numbers are facts of the programme; which riders and which hazards is demo data.
"""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from zoneinfo import ZoneInfo

from seed.hazards import Hazard, hazards_of

MEMBERS_BY_INDUSTRY = {"01": 90, "02": 20, "03": 10, "05": 4, "12": 2}
"""Source: programme.md, Industries and subdistricts: 126 in all."""
SETTLED_HAZARDS = 87
"""Hazards of the roll's riders that were settled this year. Source: programme.md."""
SAFETY = ("SAF-01", "SAF-04", "FAC-02", "FAC-03", "ENV-01", "SAF-07")
"""What they are trained to look for: safety hazards, broken facilities, dirty places."""


DESCRIPTIONS = {
    "SAF-01": "单元门口堆满杂物，已联系物业清走",
    "SAF-04": "楼道里飞线充电，已劝住户撤下",
    "SAF-07": "电线垂到人行道，已报供电所扎起",
    "FAC-02": "护栏松动，已通知市政加固",
    "FAC-03": "人行道砖翘起，已设提醒并报修",
    "ENV-01": "绿化带里一堆垃圾，已协助清理",
}


def choose_members(industries: dict[str, str]) -> list[str]:
    """Codes of the riders on the roll, from rider code → industry; all there are where the demo is too small."""
    return [
        code
        for industry, wanted in MEMBERS_BY_INDUSTRY.items()
        for code in sorted(code for code, own in industries.items() if own == industry)[:wanted]
    ]


def plan_hazards(days: list[date], *, members: list[str], zone: ZoneInfo, random: Random) -> dict[date, list[Hazard]]:
    """Day → the roll's hazards of that day: 87 in all, spread over the days of the last day's year."""
    this_year = [day for day in days if day.year == days[-1].year]
    planned: dict[date, list[Hazard]] = {}
    for _ in range(SETTLED_HAZARDS):
        day = random.choice(this_year)
        [hazard] = hazards_of(day, riders=1, count=1, zone=zone, random=random)
        category = random.choice(SAFETY)
        planned.setdefault(day, []).append(
            replace(
                hazard,
                rider_number=int(random.choice(members)[1:]),
                category_code=category,
                description=DESCRIPTIONS[category],
                verdict="verified",
                original=None,
                photo_taken_at=hazard.seen_at - timedelta(minutes=2),
            )
        )
    return planned
