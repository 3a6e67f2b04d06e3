"""Verifying credits once and within the caps; revoking takes it back, from what is left and then as a debt."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from ledger.domain.awards import Award, Limit
from ledger.domain.calendar import Month
from ledger.domain.errors import NotFound, Refusal
from ledger.domain.reports import ReportAlreadyDecided, ReportNotVerified, ReportState, RiderNotActive
from ledger.queries import rankings
from ledger.queries.rankings import MonthStanding
from ledger.services.reports import submit_reports
from ledger.services.verification import Credited, RevokeReport, VerifyReport, revoke_reports, verify_reports
from tests.books import check_books
from tests.world import World


@pytest.fixture(autouse=True)
def rider(world: World) -> str:
    return world.enroll("R00001")


@pytest.fixture(autouse=True)
def books_are_right(world: World) -> Any:
    """After every story, whatever it was about."""
    yield
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def award_of(credited: Credited) -> Award:
    assert credited.case.award is not None
    return credited.case.award


def submit_many(world: World, number: int, category: str = "FAC-01", **changes: Any) -> list[str]:
    items = [world.submission(category_code=category, **changes) for _ in range(number)]
    return [case.report.code for case in world.run(submit_reports, *items)]


def verify_many(world: World, codes: list[str]) -> list[Award]:
    items = [VerifyReport(report=code, actor="operator/reviewer") for code in codes]
    return [award_of(outcome) for outcome in world.run(verify_reports, *items)]


def granted(awards: list[Award]) -> list[int]:
    return [award.points_granted for award in awards]


def standing(world: World, month: str = "2026-03", rider: str = "R00001") -> MonthStanding:
    with world.runtime.reading() as connection:
        found = rankings.read_standings_of(connection, world.programme_id, world.rider_id(rider))
    return next(one for one in found if one.month == month)


def test_a_verified_report_is_credited_and_the_answer_has_the_balances_after(world: World) -> None:
    credited = world.award(category_code="SAF-01")
    assert (award_of(credited).points_granted, credited.balances.available, credited.balances.owed) == (20, 20, 0)
    assert credited.balances.budget == 10_000_000 - 20
    assert award_of(credited).lapses_on.isoformat() == "2027-12-31"
    assert award_of(credited).rulebook_version == 1


@pytest.mark.parametrize("processes", [1, 2])
def test_of_two_reviewers_at_once_one_credits_and_the_other_is_told_who(
    world: World, other_process: World, processes: int
) -> None:
    worlds = [world, other_process][:processes] * (2 // processes)
    codes = submit_many(world, 8)
    with ThreadPoolExecutor(2) as pool:
        for code in codes:
            names = ["operator/wang", "operator/li"]
            outcomes = list(
                pool.map(
                    lambda one, code=code: one[0].run(verify_reports, VerifyReport(report=code, actor=one[1]))[0],
                    zip(worlds, names, strict=True),
                )
            )
            [refused] = [found for found in outcomes if isinstance(found, Refusal)]
            [credited] = [found for found in outcomes if isinstance(found, Credited)]
            assert isinstance(refused, ReportAlreadyDecided)
            assert refused.decided_by == credited.case.report.decided_by
            assert refused.decided_at == world.clock.now
    assert world.balance().available == 80


def test_one_report_twice_in_a_batch_is_credited_once(world: World) -> None:
    code = world.submit()
    first, second = world.run(verify_reports, *[VerifyReport(report=code, actor="operator/wang")] * 2)
    assert isinstance(first, Credited) and isinstance(second, ReportAlreadyDecided)


def test_refusals_come_in_their_order(world: World) -> None:
    decided, code = world.award().case.report.code, world.submit()
    with world.runtime.database.writer.begin() as connection:
        connection.execute(text("UPDATE riders SET status = 'left'"))
        connection.execute(text("UPDATE reports SET category_code = 'XXX-01'"))
    kinds = [
        type(world.refuse(verify_reports, VerifyReport(report=name, actor="operator/wang")))
        for name in ("NOTHING000", decided, code)
    ]
    assert kinds == [NotFound, ReportAlreadyDecided, RiderNotActive]
    with world.runtime.database.writer.begin() as connection:
        connection.execute(text("UPDATE riders SET status = 'active'"))
    assert world.refuse(verify_reports, VerifyReport(report=code, actor="operator/wang")).code == "unknown_category"


# --- caps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_the_eleventh_report_of_a_day_is_verified_for_nothing(world: World, is_one_batch: bool) -> None:
    codes = submit_many(world, 12, "ENV-02")
    awards = verify_many(world, codes) if is_one_batch else [verify_many(world, [code])[0] for code in codes]
    assert granted(awards) == [5] * 10 + [0, 0]
    assert awards[10].limited_by is Limit.DAILY_REPORTS
    assert awards[10].transaction_id is None
    assert world.report(codes[10]).report.state is ReportState.VERIFIED


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_the_last_points_of_a_day_are_granted_in_part(world: World, is_one_batch: bool) -> None:
    codes = [*submit_many(world, 7, "SAF-01"), *submit_many(world, 2, "SAF-01")]
    awards = verify_many(world, codes) if is_one_batch else [verify_many(world, [code])[0] for code in codes]
    assert granted(awards) == [20] * 7 + [10, 0]
    assert {award.limited_by for award in awards[7:]} == {Limit.DAILY_POINTS}
    assert standing(world).merit == 150


def test_the_points_of_a_month_end_at_two_thousand(world: World) -> None:
    awards = []
    for _ in range(14):
        awards += verify_many(world, submit_many(world, 8, "SAF-01"))
        world.clock.pass_time(days=1)
    assert sum(granted(awards)) == 2_000
    assert awards[-1].limited_by is Limit.MONTHLY_POINTS
    world.clock.now = datetime(2026, 4, 1, 2, tzinfo=UTC)
    assert granted(verify_many(world, submit_many(world, 1))) == [10]


def test_urgent_reports_pass_the_caps_and_use_none_of_them(world: World) -> None:
    urgent = verify_many(world, submit_many(world, 12, "SAF-03"))
    assert granted(urgent) == [50] * 12
    assert granted(verify_many(world, submit_many(world, 11, "ENV-02"))) == [5] * 10 + [0]
    assert granted(verify_many(world, submit_many(world, 1, "SAF-03"))) == [50]


def test_a_day_is_the_local_day_of_submission(world: World) -> None:
    world.clock.now = datetime(2026, 3, 10, 15, 59, 59, tzinfo=UTC)  # one second before midnight in Ningbo
    today = submit_many(world, 10, "ENV-02")
    world.clock.pass_time(seconds=1)
    tomorrow = submit_many(world, 10, "ENV-02")
    assert granted(verify_many(world, today + tomorrow)) == [5] * 20


def test_a_slow_review_costs_the_rider_nothing(world: World) -> None:
    by_day = []
    for _ in range(3):
        by_day.append(submit_many(world, 10, "ENV-02"))
        world.clock.pass_time(days=1)
    world.clock.pass_time(days=40)
    assert granted(verify_many(world, [code for codes in by_day for code in codes])) == [5] * 30
    assert standing(world, "2026-03").merit == 150


def test_two_days_of_one_batch_share_the_month(world: World) -> None:
    for day in range(13):
        world.clock.now = datetime(2026, 3, 1 + day, 2, tzinfo=UTC)
        verify_many(world, submit_many(world, 8, "SAF-01"))
    world.clock.now = datetime(2026, 3, 20, 2, tzinfo=UTC)
    first = submit_many(world, 2, "SAF-01", submitted_at=datetime(2026, 3, 14, 2, tzinfo=UTC))
    second = submit_many(world, 2, "SAF-01")
    assert granted(verify_many(world, [*first, *second])) == [20, 20, 10, 0]


def test_merit_counts_in_the_month_of_submission(world: World) -> None:
    world.clock.now = datetime(2026, 3, 31, 15, 59, tzinfo=UTC)
    last_of_march = world.submit()
    world.clock.now = datetime(2026, 3, 31, 16, 0, tzinfo=UTC)
    first_of_april = world.submit()
    world.clock.pass_time(days=3)
    assert [award.month for award in verify_many(world, [last_of_march, first_of_april])] == ["2026-03", "2026-04"]
    assert standing(world, "2026-03").merit == standing(world, "2026-04").merit == 10


def test_points_lapse_by_the_day_they_were_credited_in_local_time(world: World) -> None:
    code = world.submit()
    world.clock.now = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # it is 2027 in Ningbo
    assert award_of(world.verify(code)).lapses_on.isoformat() == "2028-12-31"


def test_a_revoked_report_frees_its_place_under_the_cap(world: World) -> None:
    codes = submit_many(world, 11, "ENV-02")
    verify_many(world, codes[:10])
    world.revoke(codes[0])
    assert granted(verify_many(world, codes[10:])) == [5]


# --- revoking -----------------------------------------------------------------------------------------------------


def revocation(report: str) -> RevokeReport:
    return RevokeReport(report=report, reason="造假", actor="operator/manager")


def test_revoking_gives_the_points_back_to_the_budget(world: World) -> None:
    credited = world.revoke(world.award().case.report.code)
    assert credited.case.report.state is ReportState.REVOKED
    assert (credited.balances.available, credited.balances.budget) == (0, 10_000_000)
    assert award_of(credited).reversed_at == world.clock.now


def test_points_spent_meanwhile_become_a_debt_that_later_awards_repay_first(world: World) -> None:
    code = world.award(category_code="SAF-01").case.report.code
    world.spend(15)
    revoked = world.revoke(code)
    assert (revoked.balances.available, revoked.balances.owed) == (0, 15)
    first = world.award()
    assert (first.balances.available, first.balances.owed) == (0, 5)
    second = world.award()
    assert (second.balances.available, second.balances.owed) == (5, 0)
    assert world.balance().held == 15


def test_a_debt_is_no_lower_score(world: World) -> None:
    code = world.award(category_code="SAF-01").case.report.code
    world.spend(20)
    world.revoke(code)
    world.award()
    assert (standing(world).merit, world.balance().available) == (10, 0)


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_report_is_revoked_once(world: World, is_one_batch: bool) -> None:
    code = world.award().case.report.code
    if is_one_batch:
        first, second = world.run(revoke_reports, revocation(code), revocation(code))
    else:
        first, second = (world.run(revoke_reports, revocation(code))[0] for _ in range(2))
    assert isinstance(first, Credited) and isinstance(second, ReportNotVerified)
    assert second.state is ReportState.REVOKED
    assert world.balance().available == 0


def test_only_a_verified_report_is_revoked(world: World) -> None:
    assert isinstance(world.refuse(revoke_reports, revocation("NOTHING000")), NotFound)
    assert isinstance(world.refuse(revoke_reports, revocation(world.submit())), ReportNotVerified)


def test_a_revoked_report_is_not_verified_again(world: World) -> None:
    code = world.award().case.report.code
    world.revoke(code)
    assert isinstance(
        world.refuse(verify_reports, VerifyReport(report=code, actor="operator/wang")), ReportAlreadyDecided
    )


def test_revoking_sets_score_and_moment_back_to_what_is_left(world: World) -> None:
    world.award()
    reached_at = world.clock.now
    world.clock.pass_time(hours=1)
    later = world.award(category_code="SAF-03").case.report.code
    assert (standing(world).merit, standing(world).serious_points) == (60, 50)
    assert standing(world).reached_at == world.clock.now
    world.clock.pass_time(hours=1)
    world.revoke(later)
    left = standing(world)
    assert (left.merit, left.verified_reports, left.serious_points, left.reached_at) == (10, 1, 0, reached_at)


def test_revoking_the_only_report_leaves_no_rank(world: World) -> None:
    world.revoke(world.award().case.report.code)
    left = standing(world)
    assert (left.merit, left.verified_reports, left.reached_at, left.rank) == (0, 0, None, None)
    with world.runtime.reading() as connection:
        assert rankings.count_ranked(connection, world.programme_id, Month("2026-03")) == 0


def test_a_report_that_was_granted_nothing_is_revoked_without_a_posting(world: World) -> None:
    codes = submit_many(world, 11, "ENV-02")
    verify_many(world, codes)
    revoked = world.revoke(codes[10])
    assert award_of(revoked).reversal_id is None
    assert award_of(revoked).reversed_at is not None
    assert (revoked.balances.available, standing(world).verified_reports) == (50, 10)


def test_several_reports_revoked_together_take_what_is_left_once(world: World) -> None:
    codes = [world.award().case.report.code for _ in range(3)]
    world.spend(25)
    outcomes = world.run(revoke_reports, *map(revocation, codes))
    assert [(found.balances.available, found.balances.owed) for found in outcomes] == [(0, 5), (0, 15), (0, 25)]


def test_a_reversal_names_what_it_reverses_and_the_old_rulebook(world: World) -> None:
    credited = world.award()
    revoked = world.revoke(credited.case.report.code)
    with world.runtime.reading() as connection:
        row = connection.execute(
            text("SELECT count(*) AS found FROM transactions WHERE reverses IS NOT NULL AND kind = 'reverse'")
        ).one()
    assert row.found == 1
    assert award_of(revoked).transaction_id == award_of(credited).transaction_id
