"""The demo's titles against a plain model that reads reports and points, and knows nothing of standings or honors."""

from collections import defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from ledger.app import create_runtime
from ledger.storage.tables import awards, corrections, reports, riders, titles
from seed.demo import prepare_demo

ZONE = ZoneInfo("Asia/Shanghai")
URGENT = {"SAF-02", "SAF-03", "SAF-05", "SAF-07", "CIV-02"}
SERIOUS = {"SAF-01", "SAF-04", "SAF-06", "FAC-04"} | URGENT
"""Source: programme.md, Report categories."""


def month_of(instant: Any) -> str:
    return f"{instant.astimezone(ZONE):%Y-%m}"


def expected_titles(connection: Connection, month: str) -> set[tuple[str, Any]]:
    """(honor, rider) of a month, by loops over reports. Source: programme.md, Honors."""
    rows = connection.execute(select(awards.c.report_id, awards.c.part, awards.c.points_granted, awards.c.effective_at))
    points = {(row.report_id, row.part): row for row in rows}
    numbers: dict[Any, dict[str, Any]] = defaultdict(
        lambda: {"merit": 0, "verified": 0, "serious": 0, "urgent": 0, "rejected": 0, "reached": None}
    )

    def earn(found: dict[str, Any], award: Any) -> None:
        found["merit"] += award.points_granted
        if award.points_granted:
            found["reached"] = max(filter(None, (found["reached"], award.effective_at)))

    # What was taken back after the list was published was on it when the titles were given.
    corrected = set(connection.scalars(select(corrections.c.report_id)))
    for report in connection.execute(select(*reports.c)):
        found = numbers[report.rider_id]
        is_of_month = month_of(report.submitted_at) == month
        if is_of_month and (report.state in {"verified", "settled"} or report.id in corrected):
            award = points[report.id, "report"]
            earn(found, award)
            found["verified"] += 1
            found["serious"] += award.points_granted if report.category_code in SERIOUS else 0
            found["urgent"] += report.category_code in URGENT
        elif report.state in {"rejected", "revoked"} and is_of_month:
            found["rejected"] += 1
        bonus = points.get((report.id, "settlement"))
        if report.state == "settled" and bonus is not None and month_of(bonus.effective_at) == month:
            earn(found, bonus)

    def chain(rider: Any) -> tuple[Any, ...]:
        found = numbers[rider]
        return (-found["merit"], -found["verified"], -found["serious"], found["reached"])

    def best(least: int, percent: int, seats: int, among: list[Any]) -> list[Any]:
        fit = [
            rider
            for rider in among
            if (found := numbers[rider])["merit"] > 0
            and found["verified"] >= least
            and found["verified"] * 100 >= percent * (found["verified"] + found["rejected"])
        ]
        line = sorted(chain(rider) for rider in fit)[:seats]
        return [rider for rider in fit if chain(rider) in line]

    industries: dict[str, list[Any]] = defaultdict(list)
    for rider in connection.execute(select(riders.c.id, riders.c.industry_code)):
        industries[rider.industry_code].append(rider.id)
    stars = {("M-STAR", rider) for rider in best(10, 90, 10, list(numbers))}
    firsts = {("M-IND", rider) for group in industries.values() for rider in best(5, 0, 1, group)}
    return stars | firsts | {("M-SAFE", rider) for rider, found in numbers.items() if found["urgent"] >= 3}


def test_the_titles_of_every_month_are_those_a_plain_model_gives(tmp_path: Path) -> None:
    runtime = create_runtime(
        prepare_demo(tmp_path, riders=1_000, fresh=True, address="http://127.0.0.1:8000", progress=lambda *_: None)
    )
    with runtime.reading() as connection:
        given = connection.execute(select(titles.c.honor_code, titles.c.rider_id, titles.c.period)).all()
        months = sorted({row.period for row in given if len(row.period) == len("2026-10")})
        assert len(months) >= 3
        taken_back = connection.scalars(select(reports.c.submitted_at).where(reports.c.state == "revoked")).all()
        # What was taken back after a month had its titles takes none of them away, so such a month is left out.
        compared = [month for month in months if month not in {month_of(instant) for instant in taken_back}]
        assert len(compared) >= 2
        for month in compared:
            found = {(row.honor_code, row.rider_id) for row in given if row.period == month}
            assert found == expected_titles(connection, month), month
    runtime.database.dispose()
