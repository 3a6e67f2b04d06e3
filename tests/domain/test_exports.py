"""Which days are exported: whole local ones, and a clear word about those that cannot be."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from ledger.domain.errors import InvalidField
from ledger.domain.exports import decide_range

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 10)


def test_both_days_are_included_from_midnight_to_midnight() -> None:
    span = decide_range(date(2026, 3, 1), date(2026, 3, 9), today=TODAY, zone=SHANGHAI)
    assert span.begin == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert span.end == datetime(2026, 3, 9, 16, tzinfo=UTC)


def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is() -> None:
    day = date(2026, 3, 8)
    span = decide_range(day, day, today=TODAY, zone=ZoneInfo("America/New_York"))
    assert (span.begin, span.end) == (datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC))


def test_without_days_it_is_all_up_to_today() -> None:
    span = decide_range(None, None, today=TODAY, zone=SHANGHAI)
    assert (span.first_day, span.begin, span.last_day) == (None, None, TODAY)


@pytest.mark.parametrize(
    ("first", "last", "field", "words"),
    [
        (date(1969, 12, 31), date(2026, 3, 1), "from", "too early"),
        (date(2026, 3, 11), date(2026, 3, 12), "from", "today is 2026-03-10; choose"),
        (None, date(2026, 3, 11), "to", "today is 2026-03-10; choose"),
        (date(2026, 3, 2), date(2026, 3, 1), "from", "swap them"),
    ],
)
def test_days_that_cannot_be_are_refused_by_name_and_with_the_remedy(
    first: date | None, last: date, field: str, words: str
) -> None:
    with pytest.raises(InvalidField) as refused:
        decide_range(first, last, today=TODAY, zone=SHANGHAI)
    assert refused.value.field == field
    assert words in refused.value.problem_en
