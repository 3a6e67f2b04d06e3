"""Lists of reports in their orders and pages, and the earlier reports nearby."""

from datetime import timedelta

import pytest

from ledger.domain.places import E7, METRES_PER_DEGREE, Datum, Place
from ledger.domain.reports import ReportState
from ledger.domain.rulebook import read_rulebook
from ledger.queries import reports
from ledger.queries.reports import Neighbour, ReportFilter
from ledger.queries.slices import SortKey
from ledger.services.programmes import default_rulebook
from tests.world import HERE, World

RULEBOOK = read_rulebook(1, default_rulebook())


@pytest.fixture(autouse=True)
def rider(world: World) -> None:
    world.enroll("R00001")
    world.enroll("R00002")


def north(metres: float, datum: Datum = Datum.WGS_84) -> Place:
    return Place(lat_e7=HERE.lat_e7 + round(metres / METRES_PER_DEGREE * E7), lon_e7=HERE.lon_e7, datum=datum)


def neighbours(world: World, code: str, radius_m: int = 50) -> list[Neighbour]:
    with world.runtime.reading() as connection:
        return reports.read_neighbours(
            connection, world.programme_id, world.report(code).report, rulebook=RULEBOOK, radius_m=radius_m
        )


def test_neighbours_come_nearest_first_and_not_from_beyond_the_radius(world: World) -> None:
    codes = {metres: world.submit(place=north(metres)) for metres in (60, 30, 10, 45, -20)}
    world.clock.pass_time(hours=1)
    found = neighbours(world, world.submit())
    assert [neighbour.case.report.code for neighbour in found] == [codes[metres] for metres in (10, -20, 30, 45)]
    assert [neighbour.distance_m for neighbour in found] == pytest.approx([10, 20, 30, 45], abs=0.1)
    assert {neighbour.hours_before for neighbour in found} == {1.0}


def test_only_earlier_reports_are_neighbours(world: World) -> None:
    first = world.submit()
    world.clock.pass_time(hours=1)
    second = world.submit()
    assert neighbours(world, first) == []
    assert [found.case.report.code for found in neighbours(world, second)] == [first]


def test_of_two_reports_of_one_moment_one_is_the_earlier(world: World) -> None:
    one, other = world.submit(), world.submit()
    assert sorted([len(neighbours(world, one)), len(neighbours(world, other))]) == [0, 1]


def test_reports_older_than_thirty_days_are_no_neighbours(world: World) -> None:
    world.submit()
    world.clock.pass_time(days=30)
    code = world.submit()
    assert len(neighbours(world, code)) == 1
    world.clock.pass_time(seconds=1)
    assert [found.case.report.code for found in neighbours(world, world.submit())] == [code]


def test_a_place_on_another_grid_is_no_neighbour(world: World) -> None:
    world.submit(place=north(0, Datum.GCJ_02))
    assert neighbours(world, world.submit()) == []


@pytest.mark.parametrize(
    ("category", "days", "is_same", "is_within"),
    [("FAC-01", 7, True, True), ("FAC-01", 8, True, False), ("ENV-02", 0, False, False), ("CIV-02", 0, False, False)],
)
def test_a_neighbour_says_whether_it_may_be_the_same_hazard(
    world: World, category: str, days: int, is_same: bool, is_within: bool
) -> None:
    world.submit(category_code=category)
    world.clock.pass_time(days=days, seconds=0 if days == 7 else 1)
    [found] = neighbours(world, world.submit())
    assert (found.is_same_category, found.is_within_interval) == (is_same, is_within)


def listed(world: World, narrowed_to: ReportFilter, *, size: int = 3, is_newest_first: bool = True) -> list[str]:
    codes: list[str] = []
    after: SortKey | None = None
    with world.runtime.reading() as connection:
        while True:
            page = reports.read_reports(
                connection,
                world.programme_id,
                narrowed_to=narrowed_to,
                is_newest_first=is_newest_first,
                limit=size,
                after=after,
            )
            codes += [case.report.code for case in page.items]
            after = page.after
            if after is None:
                return codes


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_join_without_gaps_or_doubles_though_moments_are_shared(world: World, size: int) -> None:
    codes = []
    for number in range(9):
        codes.append(world.submit())
        if number % 3 == 2:
            world.clock.pass_time(minutes=1)
    oldest = listed(world, ReportFilter(), size=size, is_newest_first=False)
    assert oldest == codes
    assert listed(world, ReportFilter(), size=size) == oldest[::-1]


def test_the_queue_comes_by_what_is_due_first(world: World) -> None:
    slow, urgent = world.submit(category_code="FAC-01"), world.submit(category_code="SAF-03")
    queue = ReportFilter(state=ReportState.SUBMITTED)
    assert listed(world, queue, size=1, is_newest_first=False) == [urgent, slow]
    world.verify(urgent)
    assert listed(world, queue, is_newest_first=False) == [slow]


def test_a_list_is_narrowed_by_each_filter(world: World) -> None:
    begin = world.clock.now
    first = world.submit("R00001", category_code="FAC-01", source="app")
    world.clock.pass_time(hours=1)
    second = world.submit("R00002", category_code="ENV-02", source="grid")
    for narrowed, expected in [
        (ReportFilter(rider_code="R00002"), [second]),
        (ReportFilter(category_code="FAC-01"), [first]),
        (ReportFilter(source="grid"), [second]),
        (ReportFilter(since=world.clock.now), [second]),
        (ReportFilter(until=world.clock.now), [first]),
        (ReportFilter(since=begin, until=begin + timedelta(hours=2)), [second, first]),
        (ReportFilter(state=ReportState.VERIFIED), []),
    ]:
        assert listed(world, narrowed) == expected, narrowed
