"""An exhausted budget: the report is verified and counts, its points wait, and come in order with the money."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from ledger.domain.access import Role
from ledger.domain.awards import Award
from ledger.domain.cases import WaitingCredit
from ledger.domain.proposals import ProposalKind
from ledger.jobs import JOBS, run_job
from ledger.queries import programmes as programme_queries
from ledger.queries import waiting as queries
from ledger.queries.audit.run import audit
from ledger.services import waiting
from ledger.services.budgets import CreateSponsor, FundBudget, create_sponsors, fund_budgets
from ledger.services.verification import Credited, VerifyReport, verify_reports
from ledger.services.waiting import BookWaitingCredits, book_waiting_credits
from ledger.storage.tables import awards, sponsors
from tests.books import check_books
from tests.world import World, found_programme

[JOB] = [job for job in JOBS if job.name == "book_waiting_credits"]
TODAY = date(2026, 3, 10)


@pytest.fixture
def poor(world: World) -> Any:
    """A programme whose budget holds 25 points, with two riders. After every story its books are right."""
    poor = World(runtime=world.runtime, clock=world.clock, programme_id=2)
    found_programme(poor, budget_points=25)
    poor.enroll("R00001")
    poor.enroll("R00002")
    yield poor
    with poor.runtime.reading() as connection:
        assert check_books(connection, poor.programme_id) == []


def queue(world: World, sponsor: str | None = None) -> list[WaitingCredit]:
    with world.runtime.reading() as connection:
        return queries.read_waiting(connection, world.programme_id, sponsor=sponsor, limit=100, after=None).items


def budget(world: World) -> tuple[int, int, int]:
    """What is left, how many wait, and for how many points."""
    with world.runtime.reading() as connection:
        [found] = programme_queries.read_budgets(connection, world.programme_id, limit=9, after=None).items
    return found.available, found.waiting_credits, found.waiting_points


def available(world: World) -> tuple[int, int]:
    return world.balance("R00001").available, world.balance("R00002").available


def award_of(credited: Credited) -> Award:
    assert credited.case.award is not None
    return credited.case.award


def count_findings(world: World) -> int:
    with world.runtime.reading() as connection:
        return sum(
            hasattr(line, "remedy") for line in audit(connection, world.programme_id, today=TODAY, findings_max=20)
        )


def test_the_report_is_verified_and_counts_while_its_points_wait(poor: World) -> None:
    codes = [poor.submit() for _ in range(4)]
    verified = poor.run(verify_reports, *(VerifyReport(report=code, actor="operator/wang") for code in codes))
    assert [award_of(credited).is_waiting for credited in verified] == [False, False, True, True]
    assert [credited.balances.available for credited in verified] == [10, 20, 20, 20]
    assert [award_of(credited).merit for credited in verified] == [10, 10, 10, 10]
    assert budget(poor) == (5, 2, 20)
    found = [(credit.report_code, credit.rider_code, credit.decided_by) for credit in queue(poor)]
    assert found == [(code, "R00001", "operator/wang") for code in codes[2:]]


def test_nobody_overtakes_whoever_waits(poor: World) -> None:
    for _ in range(3):
        poor.award("R00001")
    small = award_of(poor.award("R00002", category_code="ENV-02"))
    assert (small.points_granted, small.is_waiting) == (5, True)
    poor.fund(4)  # 9 in all: not enough for the first in the queue
    assert available(poor) == (20, 0)
    poor.fund(1)
    assert available(poor) == (30, 0)
    poor.fund(5)
    assert available(poor) == (30, 5)
    assert budget(poor) == (0, 0, 0)
    poor.fund(10)
    assert not award_of(poor.award("R00002")).is_waiting


def test_points_that_waited_live_from_the_day_they_came(poor: World) -> None:
    for _ in range(3):
        last = poor.award().case.report.code
    verified_at = poor.clock.now
    poor.clock.pass_time(days=300)
    poor.fund(10)
    award = poor.report(last).award
    assert award is not None
    assert (award.lapses_on, award.booked_at) == (date(2028, 12, 31), poor.clock.now)
    assert (award.month, award.merit, award.effective_at) == ("2026-03", 10, verified_at)
    assert (poor.balance(at=verified_at).available, poor.balance().available) == (20, 30)


def test_a_revoked_report_leaves_the_queue_and_takes_nothing(poor: World) -> None:
    for _ in range(2):
        poor.award("R00001")
    waits, behind = poor.award("R00001").case.report.code, poor.award("R00002").case.report.code
    revoked = poor.revoke(waits)
    assert (revoked.balances.available, revoked.balances.owed) == (20, 0)
    assert not award_of(revoked).is_waiting
    assert [credit.report_code for credit in queue(poor)] == [behind]


def test_the_job_books_what_a_revoked_report_gave_back(poor: World) -> None:
    first = poor.award("R00001").case.report.code
    poor.award("R00001")
    poor.award("R00002")
    assert count_findings(poor) == 0
    poor.revoke(first)
    assert count_findings(poor) == 1  # a warning: the budget could pay what waits
    for _ in range(2):
        asyncio.run(run_job(poor.runtime.writer, poor.runtime.read_programme_ids, JOB))
    assert (available(poor), budget(poor)) == ((10, 10), (5, 0, 0))
    assert count_findings(poor) == 0


def test_it_is_booked_piece_by_piece(poor: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        poor.award(f"R0000{1 + number % 2}", category_code="ENV-02")
        poor.clock.pass_time(minutes=1)
    assert budget(poor) == (0, 3, 15)
    monkeypatch.setattr(waiting, "BOOKED_MAX", 2)
    poor.fund(15)
    assert budget(poor) == (5, 1, 5)
    [booked] = poor.run(book_waiting_credits, BookWaitingCredits())
    assert [one.award.points_granted for one in booked] == [5]
    assert budget(poor) == (0, 0, 0)


def test_one_queue_does_not_stand_before_another(poor: World, monkeypatch: pytest.MonkeyPatch) -> None:
    poor.do(create_sponsors, CreateSponsor(code="zgm", name="钟公庙街道", actor="operator/owner"))
    codes = [poor.award().case.report.code for _ in range(5)]
    with poor.runtime.database.writer.begin() as connection:
        connection.execute(
            update(awards)
            .where(awards.c.report_id == poor.report(codes[-1]).report.id)
            .values(sponsor_id=select(sponsors.c.id).where(sponsors.c.code == "zgm").scalar_subquery())
        )
    monkeypatch.setattr(waiting, "BOOKED_MAX", 2)
    poor.fund(10, sponsor="zgm")  # two of the other budget wait, which has something, but not enough for its first
    assert [(credit.sponsor, credit.report_code) for credit in queue(poor)] == [
        ("general", codes[2]),
        ("general", codes[3]),
    ]
    assert poor.balance().available == 30


def test_an_approved_funding_books_what_waits(poor: World) -> None:
    for _ in range(3):
        poor.award()
    funding = poor.propose(kind=ProposalKind.FUNDING, points=500, rider_code=None)
    assert budget(poor) == (5, 1, 10)
    poor.approve_proposal(funding, actor="operator/owner", role=Role.OWNER)
    assert (poor.balance().available, budget(poor)) == (30, (495, 0, 0))


def test_a_debt_is_repaid_by_points_that_waited(poor: World) -> None:
    first = poor.award().case.report.code
    poor.award()
    poor.award()
    poor.spend(20)
    poor.revoke(first)
    assert (poor.balance().available, poor.balance().owed) == (0, 10)
    poor.fund(1)
    assert (poor.balance().available, poor.balance().owed, budget(poor)) == (0, 0, (6, 0, 0))


def test_a_preview_of_a_funding_books_nothing(poor: World) -> None:
    for _ in range(3):
        poor.award()
    poor.run(fund_budgets, FundBudget(sponsor="general", points=50, memo="x", actor="operator/owner"), dry_run=True)
    assert budget(poor) == (5, 1, 10)


def test_a_list_can_be_narrowed_to_one_budget(poor: World) -> None:
    for _ in range(3):
        poor.award()
    assert queue(poor, sponsor="general") == queue(poor) != []
    assert queue(poor, sponsor="nobody") == []
