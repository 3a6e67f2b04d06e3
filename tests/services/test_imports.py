"""The historical import: booked as if decided here, once, in order, and the same whether in one go or in pieces."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from ledger.domain.errors import InvalidField, NotFound, Refusal
from ledger.domain.reports import ReportState
from ledger.queries import riders as rider_queries
from ledger.services.imports import Imported, ImportReport, import_reports
from ledger.services.reports import submit_reports
from ledger.storage.tables import accounts, awards, reports, standings
from tests.books import check_books
from tests.world import HERE, World, found_programme

BEGIN = datetime(2025, 11, 3, 1, tzinfo=UTC)


def row(number: int, rider: str = "R00001", **changes: Any) -> ImportReport:
    submitted_at = changes.pop("submitted_at", BEGIN + timedelta(hours=number))
    values: dict[str, Any] = {
        "source": "city",
        "external_id": f"{number:05d}",
        "rider_code": rider,
        "category_code": "FAC-01",
        "state": ReportState.VERIFIED,
        "submitted_at": submitted_at,
        "decided_at": submitted_at + timedelta(hours=5),
        "place": HERE,
        "actor": "key/city",
    }
    return ImportReport(**{**values, **changes})


def file(size: int) -> list[ImportReport]:
    """A file with every state and grade, and more a day than the caps allow."""
    states = [ReportState.VERIFIED] * 5 + [ReportState.REJECTED, ReportState.DUPLICATE]
    categories = ["FAC-01", "SAF-01", "SAF-03", "ENV-02", "FAC-03"]
    return [
        row(
            number,
            f"X-{number % 3}",
            state=states[number % len(states)],
            category_code=categories[number % len(categories)],
            submitted_at=BEGIN + timedelta(minutes=25 * number),
        )
        for number in range(size)
    ]


def books(world: World) -> dict[str, Any]:
    """Everything that an import settles, without the ids, which differ each time."""
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []
        mine = world.programme_id
        awarded = connection.execute(
            select(
                reports.c.external_id, awards.c.points_granted, awards.c.limited_by, awards.c.day, awards.c.lapses_on
            )
            .join(awards, (awards.c.programme_id == mine) & (awards.c.report_id == reports.c.id))
            .where(reports.c.programme_id == mine)
            .order_by(reports.c.external_id)
        ).all()
        balances = connection.execute(
            select(accounts.c.purpose, accounts.c.bucket, accounts.c.balance, accounts.c.version)
            .where(accounts.c.programme_id == mine)
            .order_by(accounts.c.purpose, accounts.c.bucket, accounts.c.balance)
        ).all()
        scores = connection.execute(
            select(standings.c.month, standings.c.merit, standings.c.verified_reports, standings.c.reached_at)
            .where(standings.c.programme_id == mine)
            .order_by(standings.c.month, standings.c.merit, standings.c.reached_at)
        ).all()
    return {"awarded": awarded, "balances": balances, "scores": scores}


def import_file(world: World, items: Sequence[ImportReport], *, at_a_time: int = 1_000) -> list[Imported | Refusal]:
    outcomes: list[Imported | Refusal] = []
    for begin in range(0, len(items), at_a_time):
        outcomes += world.run(import_reports, *items[begin : begin + at_a_time])
    return outcomes


def kinds(outcomes: Sequence[Imported | Refusal]) -> list[str]:
    return [
        outcome.code if isinstance(outcome, Refusal) else "new" if outcome.is_new else "unchanged"
        for outcome in outcomes
    ]


def test_a_verified_row_is_credited_as_of_its_decision(world: World) -> None:
    [imported] = world.run(import_reports, row(1, category_code="SAF-01"))
    assert imported.award.points_granted == 20
    report = world.report(imported.report_code).report
    assert (report.state, report.decided_by, report.decided_at) == (
        ReportState.VERIFIED,
        "key/city",
        BEGIN + timedelta(hours=6),
    )
    assert (imported.award.day, imported.award.lapses_on) == (date(2025, 11, 3), date(2026, 12, 31))
    assert world.balance(at=BEGIN).available == 0
    assert world.balance(at=report.decided_at).available == 20


@pytest.mark.parametrize("state", [ReportState.SUBMITTED, ReportState.REJECTED, ReportState.DUPLICATE])
def test_other_states_come_in_without_a_credit(world: World, state: ReportState) -> None:
    decided_at = None if state is ReportState.SUBMITTED else BEGIN + timedelta(days=1)
    [imported] = world.run(import_reports, row(1, state=state, decided_at=decided_at))
    assert imported.award is None
    assert world.report(imported.report_code).report.state is state


def test_a_submitted_row_is_verified_here_later(world: World) -> None:
    [imported] = world.run(import_reports, row(1, state=ReportState.SUBMITTED, decided_at=None))
    assert world.verify(imported.report_code).balances.available == 10


def test_an_unknown_reporter_is_enrolled_once_and_without_a_person(world: World) -> None:
    outcomes = world.run(import_reports, row(1, "X-1"), row(2, "X-1"), row(3, "X-2"))
    assert [outcome.enrolled_rider for outcome in outcomes] == [True, False, True]
    with world.runtime.reading() as connection:
        known = rider_queries.read_known_rider(connection, world.programme_id, "X-1")
    assert (known.name, known.rider.industry_code, known.rider.source) == ("", None, "import/city")


def test_the_caps_hold_in_the_order_given(world: World) -> None:
    rows = [row(n, category_code="ENV-02", submitted_at=BEGIN + timedelta(minutes=n)) for n in range(12)]
    assert [outcome.award.points_granted for outcome in world.run(import_reports, *rows)] == [5] * 10 + [0, 0]


def test_a_second_time_changes_nothing(world: World) -> None:
    rows = file(40)
    assert set(kinds(import_file(world, rows))) == {"new"}
    before = books(world)
    assert set(kinds(import_file(world, rows))) == {"unchanged"}
    assert books(world) == before


@pytest.mark.parametrize("at_a_time", [1, 7, 60])
def test_half_way_and_again_is_the_same_as_in_one_go(world: World, at_a_time: int) -> None:
    other = World(runtime=world.runtime, clock=world.clock, programme_id=2)
    found_programme(other)
    rows = file(60)
    import_file(world, rows)
    import_file(other, rows[:31], at_a_time=at_a_time)
    import_file(other, rows, at_a_time=at_a_time)
    whole, pieces = books(world), books(other)
    assert whole["awarded"] == pieces["awarded"]
    assert whole["scores"] == pieces["scores"]
    assert whole["balances"] == pieces["balances"]


def test_two_importers_of_one_file_book_it_once(world: World, other_process: World) -> None:
    rows = file(60)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda one: import_file(one, rows, at_a_time=5), [world, other_process]))
    for first, second in zip(*both, strict=True):
        assert sorted(kinds([first, second])) == ["new", "unchanged"]
        assert first.report_code == second.report_code
    books(world)


def test_a_row_that_comes_twice_in_a_batch_is_booked_once(world: World) -> None:
    outcomes = world.run(import_reports, row(1), row(1), row(1, "X-9"))
    assert kinds(outcomes) == ["new", "unchanged", "unchanged"]
    assert {outcome.report_code for outcome in outcomes} == {outcomes[0].report_code}
    with world.runtime.reading() as connection, pytest.raises(NotFound):
        rider_queries.read_rider(connection, world.programme_id, "X-9")


def test_an_external_id_belongs_to_its_source(world: World) -> None:
    assert kinds(world.run(import_reports, row(1), row(1, source="grid"))) == ["new", "new"]


def test_a_row_that_was_submitted_here_under_its_id_is_unchanged(world: World) -> None:
    world.enroll()
    code = world.do(submit_reports, world.submission(source="city", external_id="00001")).report.code
    [found] = world.run(import_reports, row(1))
    assert (found.is_new, found.report_code) == (False, code)
    assert world.report(code).report.state is ReportState.SUBMITTED


# Each row mends the fault of the row above it, so that the order of the refusals is what is tested.
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("state", {}),
    ("decided_at", {"state": ReportState.VERIFIED}),
    ("submitted_at", {"decided_at": datetime(2030, 1, 1, tzinfo=UTC)}),
    ("rider_code", {"decided_at": BEGIN, "submitted_at": BEGIN}),
    ("rider_not_active", {"rider": "R00002"}),
    ("unknown_category", {"rider": "R00001"}),
]


def test_refusals_come_in_their_order_and_hurt_only_their_row(world: World) -> None:
    world.enroll("R00002")
    with world.runtime.database.writer.begin() as connection:
        connection.execute(text("UPDATE riders SET status = 'left'"))
    values: dict[str, Any] = {
        "rider": "r-1",
        "state": ReportState.REVOKED,
        "decided_at": None,
        "submitted_at": datetime(2030, 1, 1, tzinfo=UTC),
        "category_code": "XXX-01",
    }
    for number, (expected, mended) in enumerate(FAULTS):
        values |= mended
        before, refusal, after = world.run(import_reports, row(2 * number), row(99, **values), row(2 * number + 1))
        assert kinds([before, after]) == ["new", "new"]
        assert expected in {refusal.code, getattr(refusal, "field", None)}, refusal


def test_a_submitted_row_with_a_decision_is_refused(world: World) -> None:
    refusal = world.refuse(import_reports, row(1, state=ReportState.SUBMITTED))
    assert isinstance(refusal, InvalidField) and refusal.field == "decided_at"


def test_the_credit_of_an_imported_row_waits_for_an_exhausted_budget(world: World) -> None:
    poor = World(runtime=world.runtime, clock=world.clock, programme_id=2)
    found_programme(poor, budget_points=10)
    outcomes = poor.run(import_reports, row(1, "X-1"), row(2, "X-2"), row(3, "X-2"))
    assert kinds(outcomes) == ["new", "new", "new"]
    assert [outcome.award.is_waiting for outcome in outcomes] == [False, True, True]
    books(poor)
    poor.fund(20)
    assert poor.balance("X-2").available == 20
    books(poor)


def test_two_thousand_rows_of_two_thousand_riders_go_in_at_once(world: World) -> None:
    """As many as one unit of work takes: no engine's limit on a statement's values is in the way."""
    rows = [row(number, f"X-{number}") for number in range(2_000)]
    assert set(kinds(world.run(import_reports, *rows))) == {"new"}
    assert set(kinds(world.run(import_reports, *rows))) == {"unchanged"}
    books(world)
