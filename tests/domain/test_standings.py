"""Standings: the same from any order of awards, and a reversal leaves no trace in them."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.awards import Award
from ledger.domain.calendar import Month
from ledger.domain.standings import Standing, standing_of
from tests.domain.books import RIDER, SPONSOR

MONTH = Month("2026-03")
NOW = datetime(2026, 3, 10, tzinfo=UTC)


def an_award(
    number: int, granted: int, *, minutes: int = 0, is_serious: bool = False, is_reversed: bool = False
) -> Award:
    award = Award(
        report_id=UUID(int=number),
        rider_id=RIDER,
        transaction_id=UUID(int=number) if granted else None,
        sponsor_id=SPONSOR,
        points_wanted=max(granted, 10),
        points_granted=granted,
        limited_by=None,
        is_cap_exempt=False,
        is_serious=is_serious,
        merit=granted,
        day=date(2026, 3, 10),
        month=MONTH,
        lapses_on=date(2027, 12, 31),
        rulebook_version=1,
        effective_at=NOW + timedelta(minutes=minutes),
    )
    return award.reversed(reversal_id=None, now=NOW) if is_reversed else award


awards = st.lists(
    st.builds(
        an_award,
        st.integers(1, 10_000),
        st.integers(0, 50),
        minutes=st.integers(0, 50_000),
        is_serious=st.booleans(),
        is_reversed=st.booleans(),
    ),
    max_size=12,
)


@given(awards, st.randoms(use_true_random=False))
def test_a_standing_does_not_depend_on_the_order_of_the_awards(found: list[Award], dice: object) -> None:
    shuffled = list(found)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing_of(RIDER, MONTH, shuffled) == standing_of(RIDER, MONTH, found)


@given(awards)
def test_one_award_after_the_other_gives_what_all_give_together(found: list[Award]) -> None:
    standing = Standing(rider_id=RIDER, month=MONTH)
    for award in found:
        if award.is_live:
            standing = standing.with_award(award)
    live = [award for award in found if award.is_live]
    assert standing == standing_of(RIDER, MONTH, found)
    assert standing.merit == sum(award.points_granted for award in live)
    assert standing.verified_reports == len(live)
    assert standing.serious_points == sum(award.points_granted for award in live if award.is_serious)
    assert standing.reached_at == max((a.effective_at for a in live if a.merit), default=None)


@given(awards, st.data())
def test_reversing_an_award_gives_the_standing_without_it(found: list[Award], data: st.DataObject) -> None:
    if not found:
        return
    number = data.draw(st.integers(0, len(found) - 1))
    rest = [award for index, award in enumerate(found) if index != number]
    reversed_award = found[number].reversed(reversal_id=None, now=NOW)
    assert standing_of(RIDER, MONTH, [*rest, reversed_award]) == standing_of(RIDER, MONTH, rest)


def test_a_report_that_was_granted_nothing_counts_as_verified_and_moves_no_moment() -> None:
    standing = standing_of(RIDER, MONTH, [an_award(1, 10), an_award(2, 0, minutes=5)])
    assert (standing.merit, standing.verified_reports, standing.reached_at) == (10, 2, NOW)
