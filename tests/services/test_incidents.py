"""One hazard is paid once in full and a little to later reporters, whoever was verified first; merging and splitting
book the points anew and back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.domain.errors import NotFound, Refusal
from ledger.domain.incidents import (
    HazardNotVerified,
    HazardReportedBefore,
    NothingLeftToSplit,
    NotInIncident,
    NotOneHazard,
    OneIncidentAlready,
    Share,
)
from ledger.domain.places import Place
from ledger.queries import incidents as queries
from ledger.queries import programmes as programme_queries
from ledger.queries import rankings
from ledger.queries.incidents import IncidentCase, Suggestion
from ledger.services.incidents import MergeIncident, SplitIncident, merge_incidents, split_incidents
from ledger.services.verification import Credited, VerifyReport, verify_reports
from ledger.storage.tables import transactions
from tests.books import check_books
from tests.world import HERE, World, found_programme

RIDERS = [f"R0000{number}" for number in range(1, 9)]
MANAGER = "operator/manager"


@pytest.fixture(autouse=True)
def riders(world: World) -> None:
    for code in RIDERS:
        world.enroll(code)


@pytest.fixture(autouse=True)
def books_are_right(world: World) -> Any:
    """After every story, whatever it was about."""
    yield
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def submit(world: World, *riders: str, **changes: Any) -> list[str]:
    """A report of each rider, ten minutes apart."""
    codes = []
    for rider in riders:
        codes.append(world.submit(rider, **changes))
        world.clock.pass_time(minutes=10)
    return codes


def share_all(world: World, codes: list[str]) -> None:
    """Verifies the reports, in the order given, as one hazard."""
    world.verify(codes[0])
    for code in codes[1:]:
        world.share(code, codes[0])


def points(world: World, codes: list[str]) -> list[int]:
    awards = [world.report(code).award for code in codes]
    return [award.points_granted if award and award.is_live else 0 for award in awards]


def incident(world: World, name: str) -> IncidentCase:
    with world.runtime.reading() as connection:
        return queries.read_incident(connection, world.programme_id, name)


def shares(world: World, name: str) -> list[tuple[str, Share, int | None]]:
    members = incident(world, name).members
    return [(one.rider_code, one.member.share, one.member.number) for one in members]


def suggestions(world: World, code: str) -> list[Suggestion]:
    with world.runtime.reading() as connection:
        rulebook = programme_queries.read_rulebook_on(connection, world.programme_id, date(2026, 3, 10))
        return queries.read_suggestions(connection, world.programme_id, world.report(code).report, rulebook=rulebook)


def standings(world: World) -> dict[str, Any]:
    with world.runtime.reading() as connection:
        return {
            code: [
                (one.month, one.merit, one.verified_reports, one.serious_points)
                for one in rankings.read_standings_of(connection, world.programme_id, world.rider_id(code))
            ]
            for code in RIDERS
        }


# --- verifying into an incident ----------------------------------------------------------------------------------


def test_the_first_reporter_earns_in_full_five_later_ones_a_point_and_a_seventh_nothing(world: World) -> None:
    codes = submit(world, *RIDERS[:7])
    share_all(world, codes)
    assert points(world, codes) == [10, 1, 1, 1, 1, 1, 0]
    assert [world.balance(rider).available for rider in RIDERS[:7]] == [10, 1, 1, 1, 1, 1, 0]
    assert shares(world, codes[3])[5:] == [("R00006", Share.LATER, 6), ("R00007", Share.NONE, 7)]


def test_the_award_of_a_share_explains_itself(world: World) -> None:
    codes = submit(world, *RIDERS[:2])
    share_all(world, codes)
    award = world.report(codes[1]).award
    assert award is not None
    with world.runtime.reading() as connection:
        memo = connection.scalar(select(transactions.c.memo).where(transactions.c.id == award.transaction_id))
    assert memo == "FAC-01 路灯不亮、灯杆倾斜：第 2 位报告人，1 分 · reporter no. 2: 1 point"
    held = world.report(codes[1]).share
    assert held is not None and (held.incident_code, held.share, held.number) == (codes[0], Share.LATER, 2)


def test_who_reported_first_earns_in_full_also_when_verified_last(world: World) -> None:
    codes = submit(world, *RIDERS[:3])
    share_all(world, list(reversed(codes)))
    assert points(world, codes) == [10, 1, 1]
    assert [number for _, _, number in shares(world, codes[0])] == [1, 2, 3]


def test_a_batch_decides_item_after_item(world: World) -> None:
    codes = submit(world, *RIDERS[:4])
    items = [VerifyReport(report=codes[3], actor="operator/wang")]
    items += [VerifyReport(report=code, actor="operator/wang", same_hazard_as=codes[3]) for code in codes[2::-1]]
    assert all(isinstance(outcome, Credited) for outcome in world.run(verify_reports, *items))
    assert points(world, codes) == [10, 1, 1, 1]


@pytest.mark.parametrize("processes", [1, 2])
def test_five_reporters_verified_at_once_share_as_they_reported(
    world: World, other_process: World, processes: int
) -> None:
    codes = submit(world, *RIDERS[:6])
    world.verify(codes[3])
    worlds = [world, other_process][:processes]
    with ThreadPoolExecutor(5) as pool:
        verified = pool.map(
            lambda one: worlds[one[0] % processes].share(one[1], codes[3]),
            enumerate(code for code in codes if code != codes[3]),
        )
        assert len(list(verified)) == 5
    assert points(world, codes) == [10, 1, 1, 1, 1, 1]


def test_the_same_rider_is_paid_for_a_hazard_once(world: World) -> None:
    first, again = submit(world, "R00001", "R00001")
    world.verify(first)
    before = world.event_count()
    refusal = world.refuse(verify_reports, VerifyReport(report=again, actor="operator/wang", same_hazard_as=first))
    assert isinstance(refusal, HazardReportedBefore)
    assert (refusal.rider_code, refusal.other_code) == ("R00001", first)
    assert world.event_count() == before


def test_refusals_of_sharing_come_in_their_order(world: World) -> None:
    first, other, own = submit(world, "R00001", "R00002", "R00001")
    [elsewhere] = submit(world, "R00003", category_code="SAF-01")
    world.verify(elsewhere)

    def refuse(report: str, same: str) -> type[Refusal]:
        command = VerifyReport(report=report, actor="operator/wang", same_hazard_as=same)
        return type(world.refuse(verify_reports, command))

    assert refuse(other, "NOTHING000") is NotFound
    assert refuse(other, first) is HazardNotVerified
    assert refuse(other, elsewhere) is NotOneHazard
    world.verify(first)
    assert refuse(own, first) is HazardReportedBefore


def test_service_by_the_hour_is_nobodys_hazard(world: World) -> None:
    first, other = submit(world, "R00001", "R00002", category_code="CIV-01", hours=2)
    world.verify(first)
    command = VerifyReport(report=other, actor="operator/wang", same_hazard_as=first)
    assert isinstance(world.refuse(verify_reports, command), NotOneHazard)


def test_a_share_counts_in_the_daily_cap_as_any_award(world: World) -> None:
    [first] = submit(world, "R00002")
    world.verify(first)
    for _ in range(10):
        world.award("R00001", category_code="ENV-02")
    shared = world.share(world.submit("R00001"), first)
    assert shared.case.award is not None and shared.case.award.points_granted == 0
    assert shared.case.award.points_wanted == 1


# --- revoking one of several -------------------------------------------------------------------------------------


def test_when_the_first_report_is_revoked_the_next_moves_up(world: World) -> None:
    codes = submit(world, *RIDERS[:7])
    share_all(world, codes)
    world.revoke(codes[0])
    assert points(world, codes) == [0, 10, 1, 1, 1, 1, 1]
    assert world.balance("R00001").available == 0
    assert incident(world, codes[0]).incident.code == codes[1]


# --- merge and split ---------------------------------------------------------------------------------------------


def test_a_merge_months_later_books_the_difference_and_a_split_books_it_back(world: World) -> None:
    one, other = submit(world, "R00001", "R00002")
    world.verify(one)
    world.verify(other)
    before = standings(world)
    world.clock.pass_time(days=100)
    [again] = world.merge(other, one).rebooked
    assert (again.report.code, again.before.points_granted, again.award.points_granted) == (other, 10, 1)
    assert (world.balance("R00001").available, world.balance("R00002").available) == (10, 1)
    assert standings(world)["R00002"][0][:2] == ("2026-03", 1)
    world.clock.pass_time(days=100)
    world.split(one, other)
    assert (world.balance("R00001").available, world.balance("R00002").available) == (10, 10)
    assert standings(world) == before
    assert [one.lapses_on for one in world.balance("R00002").lots] == ["2027-12-31"]


def test_a_merge_after_the_points_were_spent_leaves_a_debt_and_the_split_repays_it(world: World) -> None:
    one, other = submit(world, "R00001", "R00002")
    world.verify(one)
    world.verify(other)
    world.spend(10, rider="R00002")
    world.merge(other, one)
    assert (world.balance("R00002").available, world.balance("R00002").owed) == (0, 9)
    world.split(one, other)
    assert (world.balance("R00002").available, world.balance("R00002").owed) == (0, 0)


def test_a_rider_in_both_merged_incidents_keeps_one_share(world: World) -> None:
    first, second, third, fourth = submit(world, "R00001", "R00002", "R00001", "R00003")
    share_all(world, [first, second])
    share_all(world, [third, fourth])
    assert points(world, [first, second, third, fourth]) == [10, 1, 10, 1]
    world.merge(third, first)
    assert points(world, [first, second, third, fourth]) == [10, 1, 0, 1]
    assert shares(world, first)[2] == ("R00001", Share.NONE, None)
    world.split(first, third, fourth)
    assert points(world, [first, second, third, fourth]) == [10, 1, 10, 1]


def test_merging_and_splitting_twice_is_refused_and_changes_nothing(world: World) -> None:
    one, other = submit(world, "R00001", "R00002")
    world.verify(one)
    world.verify(other)
    world.merge(other, one)
    before = world.event_count()
    for incident_name, into in ((other, one), (one, other), (one, one)):
        command = MergeIncident(incident=incident_name, into=into, reason="同一处", actor=MANAGER)
        assert isinstance(world.refuse(merge_incidents, command), OneIncidentAlready)
    assert world.event_count() == before
    world.split(one, other)
    again = SplitIncident(incident=one, reports=(other,), reason="是两处", actor=MANAGER)
    assert isinstance(world.refuse(split_incidents, again), NotInIncident)


def test_refusals_of_merging_and_splitting_come_in_their_order(world: World) -> None:
    one, other, waiting = submit(world, "R00001", "R00002", "R00003")
    [elsewhere] = submit(world, "R00004", category_code="SAF-01")
    for code in (one, other, elsewhere):
        world.verify(code)

    def merge(incident_name: str, into: str) -> type[Refusal]:
        command = MergeIncident(incident=incident_name, into=into, reason="同一处", actor=MANAGER)
        return type(world.refuse(merge_incidents, command))

    def split(incident_name: str, *reports: str) -> type[Refusal]:
        command = SplitIncident(incident=incident_name, reports=reports, reason="是两处", actor=MANAGER)
        return type(world.refuse(split_incidents, command))

    assert merge("NOTHING000", one) is merge(one, "NOTHING000") is NotFound
    assert merge(waiting, one) is merge(one, waiting) is HazardNotVerified
    assert merge(one, elsewhere) is NotOneHazard
    assert split("NOTHING000", one) is split(one, "NOTHING000") is NotFound
    assert split(waiting, waiting) is HazardNotVerified
    assert split(one, other) is NotInIncident
    assert split(one, one) is NothingLeftToSplit


def test_what_a_split_gives_waits_where_the_budget_is_exhausted(world: World) -> None:
    poor = World(runtime=world.runtime, clock=world.clock, programme_id=330203)
    found_programme(poor, name="海曙区", budget_points=20)
    for code in RIDERS[:3]:
        poor.enroll(code)
    one, other, third = submit(poor, *RIDERS[:3])
    poor.verify(one)
    poor.verify(other)
    poor.merge(other, one)
    poor.share(third, one)
    poor.award("R00003", category_code="ENV-02")  # of 20 points 3 are left
    poor.split(one, other)
    assert points(poor, [one, other, third]) == [10, 10, 1]
    assert [poor.balance(code).available for code in RIDERS[:3]] == [10, 0, 6]
    poor.fund(6)
    assert [poor.balance(code).available for code in RIDERS[:3]] == [10, 10, 6]


def test_a_preview_shows_what_would_be_booked_and_books_nothing(world: World) -> None:
    one, other = submit(world, "R00001", "R00002")
    world.verify(one)
    world.verify(other)
    command = MergeIncident(incident=other, into=one, reason="同一处", actor=MANAGER)
    [preview] = world.run(merge_incidents, command, dry_run=True)
    assert [again.award.points_granted for again in preview.rebooked] == [1]
    assert world.balance("R00002").available == 10
    assert world.report(other).share is None


def test_points_booked_anew_after_their_lot_lapsed_go_into_a_lot_that_has_not(world: World) -> None:
    one, other = submit(world, "R00001", "R00002")
    world.verify(one)
    world.verify(other)
    world.clock.pass_time(days=700)
    world.merge(other, one)
    award = world.report(other).award
    assert award is not None and award.lapses_on.isoformat() == "2029-12-31"


@settings(max_examples=12)
@given(data=st.data())
def test_merging_and_splitting_again_gives_the_same_balances_back(world: World, data: st.DataObject) -> None:
    """Whatever incidents there are, whoever reported them and was verified first."""
    world.clock.pass_time(days=1)
    category = data.draw(st.sampled_from(["FAC-01", "SAF-02", "ENV-02"]))
    company = st.lists(st.sampled_from(RIDERS), min_size=1, max_size=4, unique=True)
    groups = [submit(world, *data.draw(company), category_code=category) for _ in range(2)]
    for group in groups:
        share_all(world, data.draw(st.permutations(group)))
    before = [world.balance(rider) for rider in RIDERS], standings(world), [shares(world, group[0]) for group in groups]
    world.clock.pass_time(days=data.draw(st.integers(0, 40)))
    world.merge(groups[1][0], groups[0][-1])
    everybody = [*groups[0], *groups[1]]
    assert sum(found > 1 for found in points(world, everybody)) <= 1
    world.split(groups[0][0], *groups[1])
    after = [world.balance(rider) for rider in RIDERS], standings(world), [shares(world, group[0]) for group in groups]
    assert after == before


# --- suggestions -------------------------------------------------------------------------------------------------


def north(metres: float) -> Place:
    return Place(lat_e7=HERE.lat_e7 + round(metres / 111_195 * 10_000_000), lon_e7=HERE.lon_e7)


def test_a_suggestion_tells_how_far_and_how_long_ago_and_what_the_report_would_get(world: World) -> None:
    [first] = submit(world, "R00001")
    world.verify(first)
    world.clock.pass_time(hours=5)
    [found] = suggestions(world, world.submit("R00002", place=north(30)))
    assert (found.nearest.code, found.share, found.number, found.points) == (first, Share.LATER, 2, 1)
    assert found.distance_m == pytest.approx(30, abs=0.1)
    assert found.hours_apart == pytest.approx(5.2, abs=0.05)
    assert not found.is_own


@pytest.mark.parametrize(
    ("changes", "days", "is_suggested"),
    [
        ({"place": north(49)}, 0, True),
        ({"place": north(51)}, 0, False),
        ({}, 6, True),
        ({}, 8, False),
        ({"category_code": "SAF-01"}, 0, False),
    ],
)
def test_near_soon_and_of_one_category_is_suggested(
    world: World, changes: dict[str, Any], days: int, is_suggested: bool
) -> None:
    world.verify(world.submit("R00001"))
    world.clock.pass_time(days=days)
    assert bool(suggestions(world, world.submit("R00002", **changes))) is is_suggested


def test_an_incident_is_suggested_once_by_its_nearest_report_and_says_when_it_is_the_riders_own(world: World) -> None:
    [first] = submit(world, "R00001")
    [second] = submit(world, "R00002", place=north(20))
    share_all(world, [first, second])
    [found] = suggestions(world, world.submit("R00001", place=north(25)))
    assert (found.nearest.code, found.is_own, found.points) == (second, True, 0)
    assert found.case.incident.code == first


def test_an_undecided_report_suggests_nothing(world: World) -> None:
    submit(world, "R00001")
    assert suggestions(world, world.submit("R00002")) == []
