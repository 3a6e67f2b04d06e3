"""What a verified report earns under the caps, as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.awards import CapUsage, Limit, decide_credit
from ledger.domain.rulebook import Caps, Category, Grade

CAPS = Caps(reports_per_day=10, points_per_day=150, points_per_month=2_000)


def category(points: int, grade: Grade = Grade.ORDINARY, *, is_hourly: bool = False) -> Category:
    return Category(
        code="X",
        name="x",
        group="x",
        grade=grade,
        points=points,
        is_hourly=is_hourly,
        review_within_hours=24,
        re_report_after_days=None,
    )


def usage(reports: int = 0, today: int = 0, month: int = 0) -> CapUsage:
    return CapUsage(reports_today=reports, points_today=today, points_this_month=month)


CASES = [
    # what is asked first decides: reports of the day, then points of the day, then points of the month
    ("nothing used", 10, usage(), 10, None),
    ("the tenth report of the day", 10, usage(9, 90, 90), 10, None),
    ("the eleventh report of the day", 10, usage(10, 100, 100), 0, Limit.DAILY_REPORTS),
    ("the eleventh, day and month used up as well", 10, usage(10, 150, 2_000), 0, Limit.DAILY_REPORTS),
    ("the day's points just suffice", 10, usage(7, 140, 140), 10, None),
    ("the day's points suffice in part", 20, usage(7, 140, 140), 10, Limit.DAILY_POINTS),
    ("the day's points are used up", 20, usage(8, 150, 150), 0, Limit.DAILY_POINTS),
    ("the month's points suffice in part", 20, usage(1, 10, 1_995), 5, Limit.MONTHLY_POINTS),
    ("the month's points are used up", 20, usage(1, 10, 2_000), 0, Limit.MONTHLY_POINTS),
    ("day and month have equally little left", 20, usage(7, 145, 1_995), 5, Limit.DAILY_POINTS),
    ("the month has less left than the day", 20, usage(7, 140, 1_997), 3, Limit.MONTHLY_POINTS),
    ("more used than a cap that was lowered since", 20, usage(7, 400, 5_000), 0, Limit.DAILY_POINTS),
]


@pytest.mark.parametrize(("points", "used", "granted", "limit"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_a_credit_is_what_the_caps_leave(points: int, used: CapUsage, granted: int, limit: Limit | None) -> None:
    credit = decide_credit(category(points), hours=1, caps=CAPS, usage=used)
    assert (credit.points_wanted, credit.points_granted, credit.limited_by) == (points, granted, limit)


def test_an_urgent_report_is_paid_in_full_past_every_cap() -> None:
    credit = decide_credit(category(50, Grade.URGENT), hours=1, caps=CAPS, usage=usage(99, 999, 9_999))
    assert (credit.points_granted, credit.limited_by) == (50, None)


def test_hours_multiply_and_the_cap_applies_to_the_product() -> None:
    service = category(20, Grade.SERVICE, is_hourly=True)
    assert decide_credit(service, hours=3, caps=CAPS, usage=usage()).points_granted == 60
    long_day = decide_credit(service, hours=12, caps=CAPS, usage=usage())
    assert (long_day.points_wanted, long_day.points_granted) == (240, 150)


def test_a_report_that_was_granted_nothing_is_no_credited_report() -> None:
    assert usage(3, 30, 30).after(0) == usage(3, 30, 30)
    assert usage(3, 30, 30).after(7) == usage(4, 37, 37)


@given(st.lists(st.integers(1, 240), max_size=60), st.integers(0, 2_000))
def test_no_order_of_reports_passes_a_cap(points: list[int], used_before: int) -> None:
    used = usage(month=used_before)
    for wanted in points:
        credit = decide_credit(category(wanted), hours=1, caps=CAPS, usage=used)
        assert 0 <= credit.points_granted <= wanted
        assert (credit.points_granted < wanted) is (credit.limited_by is not None)
        used = used.after(credit.points_granted)
    assert used.reports_today <= CAPS.reports_per_day
    assert used.points_today <= CAPS.points_per_day
    assert used.points_this_month <= CAPS.points_per_month
