"""Settling a hazard: the bonus for showing it, once, in the month of the settlement, and back when it is revoked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.domain.reports import ReportAlreadySettled, ReportNotSettleable, ReportNotVerified, ReportState
from ledger.queries.rankings import read_standings_of
from ledger.services.settlement import SettleReport, settle_reports
from ledger.services.verification import Credited, RevokeReport, revoke_reports
from tests.books import check_books
from tests.world import World, found_programme

PHOTO = "https://photos.example/after.jpg"


@pytest.fixture(autouse=True)
def story(world: World) -> Iterator[None]:
    world.enroll()
    yield
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def settle(report: str, photo: str | None = PHOTO) -> SettleReport:
    return SettleReport(report=report, after_photo_url=photo, actor="operator/reviewer")


def standings(world: World) -> dict[str, tuple[int, int]]:
    with world.runtime.reading() as connection:
        found = read_standings_of(connection, world.programme_id, world.rider_id("R00001"))
    return {one.month: (one.merit, one.verified_reports) for one in found}


def test_a_photo_taken_afterwards_earns_five_points_and_none_earns_nothing(world: World) -> None:
    shown, told = world.award().case.report.code, world.award().case.report.code
    assert world.settle(shown).balances.available == 25
    settled = world.settle(told, photo=None)
    assert (settled.case.report.state, settled.case.bonus) == (ReportState.SETTLED, None)
    assert world.balance().available == 25
    case = world.report(shown)
    assert (case.report.after_photo_url, case.report.settled_by) == (PHOTO, "operator/reviewer")
    assert case.award is not None and case.award.points_granted == 10
    assert case.bonus is not None and case.bonus.points_granted == 5


def test_the_bonus_counts_in_the_month_of_the_settlement_and_is_no_report(world: World) -> None:
    report = world.award().case.report.code
    world.clock.pass_time(days=40)
    world.settle(report)
    assert standings(world) == {"2026-03": (10, 1), "2026-04": (5, 0)}


def test_no_cap_holds_the_bonus_back(world: World) -> None:
    reports = [world.award(category_code="SAF-01").case.report.code for _ in range(8)]
    assert world.balance().available == 150
    world.settle(reports[-1])
    assert world.balance().available == 155
    world.award(category_code="FAC-01")
    assert world.balance().available == 155


def test_a_hazard_is_settled_once_also_in_one_batch_and_in_parallel(world: World) -> None:
    report, other = world.award().case.report.code, world.award().case.report.code
    first, second = world.run(settle_reports, settle(report), settle(report))
    assert isinstance(first, Credited)
    assert isinstance(second, ReportAlreadySettled)
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda _: world.run(settle_reports, settle(other))[0], range(4)))
    assert sum(isinstance(outcome, Credited) for outcome in outcomes) == 1
    assert world.balance().available == 30


def test_only_what_was_verified_can_be_settled(world: World) -> None:
    submitted, revoked = world.submit(), world.award().case.report.code
    world.revoke(revoked)
    for report in (submitted, revoked):
        assert isinstance(world.refuse(settle_reports, settle(report)), ReportNotSettleable)
    assert world.refuse(settle_reports, settle("NOTHING000")).code == "not_found"


def test_revoking_a_settled_report_takes_both_back_and_what_was_spent_is_owed(world: World) -> None:
    report = world.award().case.report.code
    world.clock.pass_time(days=40)
    world.settle(report)
    world.spend(12)
    revoked = world.revoke(report)
    assert (revoked.balances.available, revoked.balances.owed) == (0, 12)
    assert standings(world) == {"2026-03": (0, 0), "2026-04": (0, 0)}
    again = world.refuse(revoke_reports, RevokeReport(report=report, reason="x", actor="operator/manager"))
    assert isinstance(again, ReportNotVerified)


def test_a_bonus_waits_for_an_exhausted_budget(world: World) -> None:
    poor = World(runtime=world.runtime, clock=world.clock, programme_id=9)
    found_programme(poor, name="没钱区", budget_points=12)
    poor.enroll()
    settled = poor.settle(poor.award().case.report.code)
    assert settled.case.bonus is not None and settled.case.bonus.is_waiting
    assert settled.balances.available == 10
    poor.fund(3)
    assert poor.balance().available == 15
