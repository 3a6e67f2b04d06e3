"""Reports: codes that survive the telephone, photos, hours, and who was first."""

from datetime import UTC, datetime, timedelta

import pytest
from uuid_utils.compat import uuid7

from ledger.domain.codes import ALPHABET
from ledger.domain.errors import InvalidField, Language
from ledger.domain.reports import (
    CODE_LENGTH,
    PhotoTooOld,
    Report,
    ReportAlreadyDecided,
    ReportState,
    UnknownCategory,
    check_hours,
    check_photo_age,
    check_undecided,
    find_category,
    read_report_code,
    report_code,
)
from ledger.domain.rulebook import Rulebook, read_rulebook
from ledger.services.programmes import default_rulebook
from tests.domain.books import RIDER

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return read_rulebook(1, default_rulebook())


def a_report(state: ReportState = ReportState.SUBMITTED) -> Report:
    report_id = uuid7()
    return Report(
        id=report_id,
        code=report_code(report_id),
        rider_id=RIDER,
        category_code="FAC-01",
        hours=1,
        state=state,
        place=None,
        address="",
        subdistrict="",
        description="",
        photo_url=None,
        photo_taken_at=None,
        source="app",
        external_id=None,
        submitted_at=NOW,
        recorded_at=NOW,
        review_due_at=NOW,
    )


def test_codes_of_a_hundred_thousand_reports_differ_and_can_be_read_out() -> None:
    codes = {report_code(uuid7()) for _ in range(100_000)}
    assert len(codes) == 100_000
    assert {len(code) for code in codes} == {CODE_LENGTH}
    assert set("".join(codes)) == set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


@pytest.mark.parametrize(
    ("age", "refused"),
    [
        (timedelta(0), None),
        (timedelta(hours=24), None),
        (timedelta(hours=24, microseconds=1), PhotoTooOld),
        (timedelta(minutes=-10), None),
        (timedelta(minutes=-10, microseconds=-1), InvalidField),
    ],
)
def test_a_photo_is_at_most_a_day_old_and_not_from_the_future(
    rulebook: Rulebook, age: timedelta, refused: type | None
) -> None:
    found = check_photo_age(rulebook, photo_taken_at=NOW - age, submitted_at=NOW)
    assert (type(found) if found else None) is refused


def test_a_photo_just_too_old_does_not_read_as_just_young_enough(rulebook: Rulebook) -> None:
    found = check_photo_age(rulebook, photo_taken_at=NOW - timedelta(hours=24, seconds=1), submitted_at=NOW)
    assert isinstance(found, PhotoTooOld)
    assert (found.age_hours, found.age_max_hours) == (25, 24)


def test_a_report_without_photo_time_is_taken(rulebook: Rulebook) -> None:
    assert check_photo_age(rulebook, photo_taken_at=None, submitted_at=NOW) is None


@pytest.mark.parametrize(
    ("code", "hours", "is_taken"),
    [
        ("CIV-01", 1, True),
        ("CIV-01", 12, True),
        ("CIV-01", 0, False),
        ("CIV-01", 13, False),
        ("CIV-01", None, False),
        ("FAC-01", None, True),
        ("FAC-01", 1, False),
    ],
)
def test_hours_belong_to_hourly_categories_and_to_no_other(
    rulebook: Rulebook, code: str, hours: int | None, is_taken: bool
) -> None:
    category = rulebook.categories[code]
    assert (check_hours(category, hours, rulebook) is None) is is_taken


def test_an_unknown_category_is_told_the_known_ones(rulebook: Rulebook) -> None:
    found = find_category(rulebook, "fac-01")
    assert isinstance(found, UnknownCategory)
    assert "FAC-01" in found.known


@pytest.mark.parametrize("state", ReportState)
def test_only_a_submitted_report_is_undecided(state: ReportState) -> None:
    assert (check_undecided(a_report(state)) is None) is (state is ReportState.SUBMITTED)


def test_the_second_reviewer_is_told_who_was_first_and_when() -> None:
    report = a_report().decided(ReportState.VERIFIED, by="operator/wang", at=NOW)
    refusal = check_undecided(report)
    assert isinstance(refusal, ReportAlreadyDecided)
    english = refusal.sentence(Language.EN)
    assert "operator/wang" in english
    assert "2026-03-10 02:00" in english


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("7K2QXM9D4T", "7K2QXM9D4T"),
        ("7k2qxm9d4t", "7K2QXM9D4T"),
        ("7K2QX-M9D4T", "7K2QXM9D4T"),
        ("OIL0000000", "0110000000"),
        ("7K2QXM9D4", None),
        ("7K2QXM9D4TT", None),
        ("7K2QXM9D4U", None),
        ("七K2QXM9D4T", None),
        ("", None),
    ],
)
def test_a_code_that_was_read_out_over_the_telephone_is_understood(said: str, meant: str | None) -> None:
    assert read_report_code(said) == meant
