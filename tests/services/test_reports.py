"""Submitting, rejecting and marking duplicates: every refusal in its order, and no circle of duplicates."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from ledger.domain.errors import AlreadyExists, NotFound, Refusal
from ledger.domain.reports import DuplicateOfItself, ReportAlreadyDecided, ReportState
from ledger.services.reports import MarkDuplicate, RejectReport, mark_duplicates, reject_reports, submit_reports
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def riders(world: World) -> None:
    world.enroll("R00001")
    world.enroll("R00002")
    with world.runtime.database.writer.begin() as connection:
        connection.execute(text("UPDATE riders SET status = 'suspended' WHERE code = 'R00002'"))


def test_a_report_is_submitted_now_and_due_by_its_category(world: World) -> None:
    report = world.report(world.submit(category_code="SAF-02")).report
    assert (report.state, report.submitted_at, report.hours) == (ReportState.SUBMITTED, world.clock.now, 1)
    assert report.review_due_at - report.submitted_at == timedelta(hours=2)


# Each row mends one fault of the row above it, so that the order of the refusals is what is tested.
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("not_found", {"rider": "R09999"}),
    ("rider_not_active", {"rider": "R00002"}),
    ("unknown_category", {"rider": "R00001"}),
    ("hours", {"category_code": "CIV-01"}),
    ("submitted_at", {"hours": 2}),
    ("photo_too_old", {"submitted_at": None}),
    ("already_exists", {"photo_taken_at": None}),
]


def test_refusals_come_in_their_order(world: World) -> None:
    world.submit(external_id="taken")
    values: dict[str, Any] = {
        "category_code": "XXX-01",
        "hours": 13,
        "submitted_at": world.clock.now + DAY,
        "photo_taken_at": world.clock.now - DAY - timedelta(seconds=1),
        "external_id": "taken",
    }
    for expected, mended in FAULTS:
        values |= mended
        refusal = world.refuse(submit_reports, world.submission(**values))
        assert expected in {refusal.code, getattr(refusal, "field", None)}, refusal
    assert world.submit(**{**values, "external_id": "free"})


def test_a_clock_may_run_ahead_by_ten_minutes(world: World) -> None:
    world.submit(submitted_at=world.clock.now + timedelta(minutes=10))
    late = world.submission(submitted_at=world.clock.now + timedelta(minutes=10, seconds=1))
    assert world.refuse(submit_reports, late).code == "invalid_field"


def test_the_same_row_of_another_system_comes_in_once(world: World) -> None:
    first, second, other = world.run(
        submit_reports,
        world.submission(external_id="1", source="city"),
        world.submission(external_id="1", source="city"),
        world.submission(external_id="1", source="grid"),
    )
    assert isinstance(second, AlreadyExists)
    assert not isinstance(first, Refusal) and not isinstance(other, Refusal)
    assert isinstance(world.refuse(submit_reports, world.submission(external_id="1", source="city")), AlreadyExists)


def test_reports_without_an_external_id_are_all_different(world: World) -> None:
    assert len({world.submit() for _ in range(3)}) == 3


def reject(report: str) -> RejectReport:
    return RejectReport(report=report, reason="不清楚", actor="operator/wang")


def duplicate(report: str, original: str) -> MarkDuplicate:
    return MarkDuplicate(report=report, duplicate_of=original, reason="", actor="operator/wang")


def test_a_report_is_rejected_once_and_the_second_is_told_by_whom(world: World) -> None:
    code = world.submit()
    first, second = world.run(reject_reports, reject(code), reject(code.lower()))
    assert first.report.state is ReportState.REJECTED
    assert isinstance(second, ReportAlreadyDecided)
    assert (second.decided_by, second.decided_at) == ("operator/wang", world.clock.now)
    assert world.report(code).report.reason == "不清楚"


def test_a_report_is_named_by_its_code_or_its_id_in_any_case(world: World) -> None:
    code = world.submit()
    report_id = str(world.report(code).report.id)
    assert world.report(code.lower()).report.id == world.report(report_id.upper()).report.id
    world.do(reject_reports, reject(report_id.upper()))
    assert isinstance(world.refuse(reject_reports, reject(code.lower())), ReportAlreadyDecided)


@pytest.mark.parametrize(
    "name", ["", "NOTHING000", "x" * 200, "鄞州鄞州鄞州鄞州鄞州", "00000000-0000-0000-0000-000000000000"]
)
def test_a_name_that_nobody_has_is_not_found(world: World, name: str) -> None:
    assert isinstance(world.refuse(reject_reports, reject(name)), NotFound)


def test_a_verified_report_is_not_rejected(world: World) -> None:
    assert isinstance(world.refuse(reject_reports, reject(world.award().case.report.code)), ReportAlreadyDecided)


def test_a_duplicate_names_its_original(world: World) -> None:
    original, copy = world.submit(), world.submit()
    assert world.do(mark_duplicates, duplicate(copy, original)).duplicate_of_code == original
    assert world.report(copy).duplicate_of_code == original
    assert world.report(original).report.state is ReportState.SUBMITTED


def test_refusals_of_duplicates_come_in_their_order(world: World) -> None:
    code, decided = world.submit(), world.award().case.report.code
    assert isinstance(world.refuse(mark_duplicates, duplicate("NOTHING000", "NOTHING001")), NotFound)
    assert isinstance(world.refuse(mark_duplicates, duplicate(decided, "NOTHING001")), ReportAlreadyDecided)
    refusal = world.refuse(mark_duplicates, duplicate(code, "NOTHING001"))
    assert isinstance(refusal, NotFound) and refusal.name == "NOTHING001"
    assert isinstance(world.refuse(mark_duplicates, duplicate(code, code)), DuplicateOfItself)


@pytest.mark.parametrize("length", [2, 3, 5])
@pytest.mark.parametrize("is_one_batch", [True, False])
def test_duplicates_form_no_circle(world: World, length: int, is_one_batch: bool) -> None:
    codes = [world.submit() for _ in range(length)]
    pairs = [duplicate(code, codes[(n + 1) % length]) for n, code in enumerate(codes)]
    if is_one_batch:
        outcomes = world.run(mark_duplicates, *pairs)
    else:
        outcomes = [world.run(mark_duplicates, pair)[0] for pair in pairs]
    assert [isinstance(outcome, Refusal) for outcome in outcomes] == [False] * (length - 1) + [True]
    assert isinstance(outcomes[-1], DuplicateOfItself)


def test_a_duplicate_may_be_of_a_duplicate(world: World) -> None:
    first, second, third = (world.submit() for _ in range(3))
    outcomes = world.run(mark_duplicates, duplicate(second, first), duplicate(third, second))
    assert not any(isinstance(outcome, Refusal) for outcome in outcomes)
