"""The ranking of a past instant is the one that was shown then: caught live while the month went on."""

from datetime import datetime, timedelta
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.calendar import Month, month_of
from ledger.queries import rankings
from ledger.queries.rankings import EVERYBODY, RankedRider, RankingFilter
from ledger.queries.slices import SortKey
from tests.world import World

RIDERS = ("R00001", "R00002", "R00003")
# A rider is awarded, or one of the awards is taken back: its place among those that stand.
steps = st.lists(st.one_of(st.sampled_from(RIDERS), st.integers(0, 5)), min_size=1, max_size=8)

_examples = (f"-{number}" for number in count(1))

Shown = tuple[list[RankedRider], int]


def show(world: World, month: Month, at: datetime | None = None, narrowed_to: RankingFilter = EVERYBODY) -> Shown:
    """The whole list, in pages of two, and how many riders it says there are."""
    lines: list[RankedRider] = []
    after: SortKey | None = None
    with world.runtime.reading() as connection:
        while True:
            page = rankings.read_ranking(
                connection, world.programme_id, month, narrowed_to=narrowed_to, at=at, limit=2, after=after
            )
            lines += page.items
            after = page.after
            if after is None:
                return lines, rankings.count_ranked(
                    connection, world.programme_id, month, narrowed_to=narrowed_to, at=at
                )


@settings(max_examples=6)
@given(played=steps)
def test_each_past_instant_gives_the_ranking_that_was_shown(world: World, played: list[str | int]) -> None:
    begin, month = world.clock.now, month_of(world.clock.now.date())
    # The world outlives an example, and so do its riders.
    suffix = next(_examples)
    for code in RIDERS:
        world.enroll(code + suffix)
    standing: list[str] = []
    shown = [(begin, show(world, month))]
    for step in played:
        world.clock.pass_time(minutes=1)
        if isinstance(step, str):
            standing.append(world.award(step + suffix).case.report.code)
        elif standing:
            world.revoke(standing.pop(step % len(standing)))
        shown.append((world.clock.now, show(world, month)))
    for at, expected in shown:
        assert show(world, month, at=at) == expected
        assert show(world, month, at=at + timedelta(seconds=59)) == expected
    world.clock.pass_time(minutes=1)


def test_before_the_first_award_nobody_is_ranked(world: World) -> None:
    world.enroll("R00001")
    begin = world.clock.now
    world.clock.pass_time(minutes=1)
    world.award("R00001")
    month = month_of(begin.date())
    assert show(world, month, at=begin) == ([], 0)
    assert show(world, month, at=world.clock.now) == show(world, month)
    assert show(world, month)[1] == 1
