"""The audit finds each kind of damage done behind the program's back, and says where it is and how to mend it."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from ledger.queries.audit import books as audit_books
from ledger.queries.audit.checks import CHECKS
from ledger.queries.audit.findings import Finding, Progress, Severity, Summary
from ledger.queries.audit.run import Line, audit
from ledger.services.imports import import_reports
from tests.fences import LAPSED_SINCE, take_fences_down
from tests.services.test_imports import row
from tests.world import World

TODAY = date(2026, 11, 26)
ANY_AVAILABLE = "account_id IN (SELECT id FROM accounts WHERE purpose = 'available')"
DAMAGES = {
    # The journal
    "an amount is raised": ("UPDATE entries SET amount = amount + 1 WHERE version = 1 AND side = 1", "legs"),
    "a side is deleted": ("DELETE FROM entries WHERE side = 1 AND leg = 0", "legs"),
    "a transaction loses its legs": ("DELETE FROM entries", "transactions_have_legs"),
    "a leg took effect at another time": ("UPDATE entries SET effective_at = {later} WHERE leg = 0", "legs"),
    "a kind is changed": ("UPDATE transactions SET kind = 'restock' WHERE kind = 'award'", "legs"),
    "a transaction is deleted": ("DELETE FROM transactions WHERE kind = 'award'", "legs"),
    "a reversal forgets what it reverses": (
        "UPDATE transactions SET reverses = NULL WHERE kind = 'reverse'",
        "reversals",
    ),
    "an award's source is another": ("UPDATE transactions SET source_id = id WHERE kind = 'award'", "causes"),
    "an answer is lost": (
        "UPDATE transactions SET idempotency_key = 'lost' WHERE kind = 'award'",
        "answers",
    ),
    # Accounts
    "a balance is raised": ("UPDATE accounts SET balance = balance + 5 WHERE purpose = 'available'", "balances"),
    "two balances are raised": ("UPDATE accounts SET balance = balance + 5 WHERE purpose = 'available'", "zero_sum"),
    "a version is skipped": (
        f"UPDATE entries SET version = version + 1000 WHERE version > 1 AND {ANY_AVAILABLE}",
        "history",
    ),
    "a balance after is changed": (
        f"UPDATE entries SET balance_after = balance_after + 1 WHERE version = 2 AND {ANY_AVAILABLE}",
        "history",
    ),
    "an account was below its floor": (
        f"UPDATE entries SET balance_after = -1 WHERE version = 1 AND {ANY_AVAILABLE}",
        "floors",
    ),
    "a floor is taken away": ("UPDATE accounts SET has_floor = false WHERE purpose = 'owed'", "purposes"),
    "an account's owner is nobody": ("UPDATE accounts SET owner_id = id WHERE purpose = 'available'", "owners"),
    # Awards
    "an award grants less": (
        "UPDATE awards SET points_granted = points_granted - 1, merit = merit - 1 WHERE points_granted > 1",
        "booked_awards",
    ),
    "a budget gave more than its awards": (
        "UPDATE awards SET points_granted = points_granted - 1, merit = merit - 1 WHERE points_granted > 1",
        "budgets",
    ),
    "awards are deleted": ("DELETE FROM awards WHERE reversed_at IS NULL", "credited_reports"),
    "a reversed award lives again": (
        "UPDATE awards SET reversed_at = NULL, reversal_id = NULL WHERE is_current",
        "credited_reports",
    ),
    "a decision is undone": ("UPDATE reports SET state = 'submitted' WHERE state = 'verified'", "credited_reports"),
    "merit differs from the points": ("UPDATE awards SET merit = merit + 1", "award_numbers"),
    # Incidents
    "a later reporter has a full share": (
        "UPDATE incident_reports SET points_full = points_full + 1",
        "incident_awards",
    ),
    "the first report has left its incident": ("DELETE FROM incident_reports WHERE number = 1", "incident_shares"),
    "a share is taken away": (
        "UPDATE incident_reports SET share = 'none', number = NULL WHERE number = 2",
        "incident_awards",
    ),
    "a rider counts for another": (
        "UPDATE incident_reports SET rider_id = (SELECT rider_id FROM incident_reports WHERE number = 1)"
        " WHERE share = 'none'",
        "incident_shares",
    ),
    "a report is of another category": ("UPDATE incidents SET category_code = 'ENV-01'", "incident_awards"),
    "what was booked anew is forgotten": ("DELETE FROM awards WHERE NOT is_current", "causes"),
    # Standings
    "a standing is raised": ("UPDATE standings SET merit = merit + 1", "standings"),
    "a standing was reached later": ("UPDATE standings SET reached_at = NULL", "standings"),
    "standings are deleted": ("DELETE FROM standings", "standings"),
    "a rider is counted twice": ("UPDATE score_counts SET riders = riders + 1", "score_counts"),
    "riders are not counted": ("DELETE FROM score_counts", "score_counts"),
    # Months
    "a published list is raised": ("UPDATE standings SET merit = merit + 1", "lists"),
    "a digest is changed": ("UPDATE months SET published_digest = 'none'", "lists"),
    "a correction is deleted": ("DELETE FROM corrections", "corrections"),
    "a correction takes back more": ("UPDATE corrections SET merit = merit - 1", "corrections"),
    "a correction's rest is raised": ("UPDATE corrected_standings SET merit = merit + 1", "standings"),
    "an award counts in another month": ("UPDATE awards SET month = '2026-02'", "award_numbers"),
    "a correction was never told of": ("DELETE FROM events WHERE kind = 'month.corrected'", "month_events"),
    # Lots
    "an expiry takes from a lot that lives": (
        "UPDATE accounts SET bucket = '2030-12-31' WHERE bucket = '2025-12-31'",
        "expiries",
    ),
    "an expiry left something": (
        "UPDATE entries SET balance_after = 3 "
        "WHERE side = -1 AND transaction_id IN (SELECT id FROM transactions WHERE kind = 'expire')",
        "expiries",
    ),
    "an expiry names another rider": ("UPDATE transactions SET source_id = id WHERE kind = 'expire'", "expiries"),
    "points of a lapsed lot were never taken": (
        "UPDATE accounts SET bucket = '2026-03-01' WHERE purpose = 'available' AND balance > 0",
        "lapsed_lots",
    ),
    # Redemptions and stock
    "a redemption is dearer than its hold": ("UPDATE redemptions SET points = points + 1", "holds"),
    "a handed-out redemption says rejected": (
        "UPDATE redemptions SET state = 'rejected' WHERE state = 'fulfilled'",
        "closings",
    ),
    "a cancelled redemption says handed out": (
        "UPDATE redemptions SET state = 'fulfilled' WHERE state = 'cancelled'",
        "closings",
    ),
    "redemptions are deleted": ("DELETE FROM redemptions", "causes"),
    "a unit appears on a shelf": ("UPDATE accounts SET balance = balance + 1 WHERE purpose = 'shelf'", "stock"),
    # Proposals
    "a proposal was approved by its maker": (
        "UPDATE proposal_approvals SET approved_by = 'operator/manager'",
        "proposal_decisions",
    ),
    "an approval is lost": ("DELETE FROM proposal_approvals", "proposal_decisions"),
    "a proposal was for more": ("UPDATE proposals SET points = points + 1 WHERE points > 0", "proposal_bookings"),
    "a return was for less": ("UPDATE proposals SET points = -400 WHERE points = -500", "proposal_bookings"),
    "proposals are deleted": ("DELETE FROM proposals", "proposed_transactions"),
    "an approved proposal waits again": (
        "UPDATE proposals SET state = 'proposed', transaction_id = NULL, closed_at = NULL WHERE points = 20",
        "proposed_transactions",
    ),
    "an approval was never told of": (
        "UPDATE events SET kind = 'proposal.rejected' WHERE kind = 'proposal.approved'",
        "proposal_events",
    ),
    # Events
    "events are deleted": ("DELETE FROM events WHERE kind = 'report.verified'", "event_numbers"),
    "the last event is deleted": (
        "DELETE FROM events WHERE number = (SELECT max(number) FROM events)",
        "event_counter",
    ),
    "an event says something else": (
        "UPDATE events SET kind = 'report.rejected' WHERE kind = 'report.revoked'",
        "report_events",
    ),
    "an event names another report": (
        "UPDATE events SET subject = 'report/NOTHING000' WHERE kind = 'report.verified'",
        "report_events",
    ),
    "a rider was never told of": ("DELETE FROM events WHERE kind = 'rider.enrolled'", "rider_events"),
    "points lapsed and nobody was told": ("DELETE FROM events WHERE kind = 'points.lapsed'", "rider_events"),
    "a voucher was never told of": ("DELETE FROM events WHERE kind = 'redemption.ready'", "redemption_events"),
    # References
    "a report's rider is gone": ("DELETE FROM riders", "references"),
    "an award's rulebook is gone": ("UPDATE awards SET rulebook_version = 99", "references"),
}


@pytest.fixture
def damaged(world: World) -> World:
    share_a_hazard(world)
    return take_fences_down(world)


def share_a_hazard(world: World) -> None:
    """Seven riders' reports, the last one for nothing, and a second one of the third rider's merged in."""
    riders = [world.enroll(f"R0000{number}") for number in range(2, 9)]
    first = world.award(riders[0], category_code="ENV-02").case.report.code
    for rider in riders[1:]:
        world.share(world.submit(rider, category_code="ENV-02"), first)
    world.merge(world.award(riders[2], category_code="ENV-02").case.report.code, first)


def run(connection: Connection, world: World, *, findings_max: int = 20) -> list[Line]:
    return list(audit(connection, world.programme_id, today=TODAY, findings_max=findings_max))


def findings_of(lines: list[Line]) -> Iterator[Finding]:
    return (line for line in lines if isinstance(line, Finding) and line.severity is Severity.ERROR)


def damage(connection: Connection, world: World, statement: str) -> None:
    """With foreign keys off as well; nothing of it is ever committed."""
    if world.runtime.database.is_sqlite:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        connection.exec_driver_sql(statement.format(later="effective_at + 1"))
    else:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(statement.format(later="effective_at + interval '1 second'"))


def test_right_books_have_no_findings_and_every_check_is_told(damaged: World) -> None:
    with damaged.runtime.reading() as connection:
        lines = run(connection, damaged)
    assert not list(findings_of(lines))
    assert {line.check for line in lines if isinstance(line, Progress)} == {check.name for check in CHECKS}
    summary = lines[-1]
    assert isinstance(summary, Summary)
    assert summary.errors == 0
    assert summary.entries > summary.transactions > 10


@pytest.mark.parametrize("kind", DAMAGES)
def test_each_damage_is_found_where_it_is(damaged: World, kind: str) -> None:
    statement, check = DAMAGES[kind]
    with damaged.runtime.database.writer.connect() as connection:
        damage(connection, damaged, statement)
        lines = run(connection, damaged)
        connection.rollback()
    found = [finding for finding in findings_of(lines) if finding.check == check]
    assert found, [finding.check for finding in findings_of(lines)]
    assert all(one.table and one.id and one.problem.zh and one.problem.en and one.remedy.zh for one in found)


def test_findings_beyond_the_limit_are_counted(damaged: World) -> None:
    with damaged.runtime.database.writer.connect() as connection:
        damage(connection, damaged, "DELETE FROM entries")
        lines = run(connection, damaged, findings_max=2)
        connection.rollback()
    told = [finding for finding in findings_of(lines) if finding.check == "transactions_have_legs"]
    summary = lines[-1]
    assert isinstance(summary, Summary)
    assert len(told) == 2
    assert (
        next(one.found for one in summary.checks if one.check == "transactions_have_legs") == summary.transactions > 2
    )


def test_windows_leave_nothing_out(damaged: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With windows of three ids the findings are the same."""
    with damaged.runtime.database.writer.connect() as connection:
        for statement in ("DELETE FROM entries WHERE side = 1", "UPDATE accounts SET balance = balance + 1"):
            damage(connection, damaged, statement)
        at_once = sorted(map(repr, findings_of(run(connection, damaged))))
        monkeypatch.setattr(audit_books, "WINDOW_IDS", 3)
        in_windows = sorted(map(repr, findings_of(run(connection, damaged))))
        connection.rollback()
    assert in_windows == at_once


@pytest.mark.parametrize(
    ("days", "check", "severity"),
    [(1, "lots_to_lapse", Severity.WARNING), (2, "lapsed_lots", Severity.ERROR)],
)
def test_a_lot_that_lapsed_is_a_warning_for_a_day_and_then_an_error(
    damaged: World, days: int, check: str, severity: Severity
) -> None:
    with damaged.runtime.reading() as connection:
        lines = list(audit(connection, damaged.programme_id, today=date(2027, 12, 31) + timedelta(days=days)))
    assert {(line.check, line.severity) for line in lines if isinstance(line, Finding)} == {(check, severity)}


def test_points_that_came_back_to_a_lapsed_lot_may_wait_a_day_too(damaged: World) -> None:
    damaged.run(import_reports, row(2, submitted_at=LAPSED_SINCE))
    today = damaged.clock.now.date()
    with damaged.runtime.reading() as connection:
        found = [
            {line.check for line in audit(connection, damaged.programme_id, today=day) if isinstance(line, Finding)}
            for day in (today, today + timedelta(days=2))
        ]
    assert found == [{"lots_to_lapse"}, {"lapsed_lots"}]
