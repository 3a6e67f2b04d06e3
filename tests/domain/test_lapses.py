"""When points lapse: the policies of a rulebook, and what one says that was written before there were several."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.rulebook import read_rulebook
from tests.domain.test_rulebook import DOCUMENT

END_OF_YEAR = "years_after = 1"
HALF_A_YEAR = 'policy = "months"\nmonths_after = 6'
END_OF_JUNE = 'policy = "clearing_day"\nclearing_day = "06-30"\nmonths_at_least = 3'


def lapse_day(lapse: str, earned_on: date) -> date:
    return read_rulebook(1, DOCUMENT.replace(END_OF_YEAR, lapse)).lapse_day(earned_on)


@pytest.mark.parametrize(
    ("lapse", "earned_on", "lapses_on"),
    [
        (END_OF_YEAR, "2026-01-01", "2027-12-31"),
        (END_OF_YEAR, "2026-12-31", "2027-12-31"),
        ('policy = "end_of_year"\nyears_after = 0', "2026-12-31", "2026-12-31"),
        (HALF_A_YEAR, "2026-03-01", "2026-09-30"),
        (HALF_A_YEAR, "2026-08-31", "2027-02-28"),
        (HALF_A_YEAR, "2027-08-01", "2028-02-29"),
        ('policy = "months"\nmonths_after = 0', "2026-12-31", "2026-12-31"),
        (END_OF_JUNE, "2026-03-30", "2026-06-30"),
        (END_OF_JUNE, "2026-03-31", "2026-06-30"),
        (END_OF_JUNE, "2026-04-01", "2027-06-30"),
        (END_OF_JUNE, "2026-11-30", "2027-06-30"),
    ],
)
def test_a_policy_says_the_last_day(lapse: str, earned_on: str, lapses_on: str) -> None:
    assert lapse_day(lapse, date.fromisoformat(earned_on)) == date.fromisoformat(lapses_on)


@given(st.sampled_from([END_OF_YEAR, HALF_A_YEAR, END_OF_JUNE]), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_later_points_never_lapse_sooner(lapse: str, earned_on: date) -> None:
    today, tomorrow = lapse_day(lapse, earned_on), lapse_day(lapse, earned_on + timedelta(days=1))
    assert earned_on < today <= tomorrow


def test_a_document_of_before_gives_the_programmes_grace() -> None:
    before = read_rulebook(1, DOCUMENT).lapse
    now = read_rulebook(1, DOCUMENT.replace(END_OF_YEAR, END_OF_YEAR + "\ngrace_days = 3")).lapse
    assert before.grace_until(date(2028, 2, 20)) == date(2028, 3, 5)
    assert now.grace_until(date(2028, 2, 20)) == date(2028, 2, 23)
