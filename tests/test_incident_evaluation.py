"""The evaluation of the suggestion counts what it says it does, and gives the same for the sample each time."""

from datetime import UTC, datetime, timedelta

from admin_cli.importing.rows import ImportItem
from tests.benchmarks.incident_evaluation import SEED, evaluate, read_reports

AT = datetime(2026, 3, 10, tzinfo=UTC)


def item(hours: int, *, metres: float = 0, state: str = "verified", category: str = "FAC-01") -> ImportItem:
    return ImportItem(
        external_id=str(hours),
        rider_code="R00001",
        category_code=category,
        state=state,
        submitted_at=AT + timedelta(hours=hours),
        lat=42.0 + metres / 111_195,
        lon=-71.0,
    )


def test_near_soon_and_of_one_category_is_found_and_nothing_else() -> None:
    items = [
        item(0),
        item(1, metres=20, state="duplicate"),  # found at any radius
        item(2, metres=-40, state="duplicate"),  # from 50 m on; not of the duplicate before, which is no original
        item(3, state="duplicate", category="SAF-01"),  # of another category
        item(8 * 24, state="duplicate"),  # after the interval of a week
        item(8 * 24 + 1, metres=500, state="rejected"),
        item(8 * 24 + 2, metres=500, state="duplicate"),  # of an invalid one only
        item(8 * 24 + 3, metres=900),
        item(8 * 24 + 4, metres=980),  # from 100 m on, and not marked
    ]
    found = evaluate(items)
    assert [(one.suggested, one.suggested_duplicates, one.duplicates) for one in found] == [
        (1, 1, 5),
        (2, 2, 5),
        (3, 2, 5),
    ]


def test_the_sample_is_too_thin_to_judge_by() -> None:
    found = evaluate(read_reports(SEED / "boston311-sample.csv"))
    assert [(one.reports, one.duplicates, one.suggested, one.suggested_duplicates) for one in found] == [
        (300, 13, 23, 0),
        (300, 13, 24, 0),
        (300, 13, 27, 0),
    ]
