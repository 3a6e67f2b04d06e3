"""The ranking: 1, 2, 2, 4 over any pages, and the same rank in a rider's own list."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from uuid_utils.compat import uuid7

from ledger.domain.calendar import Month
from ledger.domain.standings import Standing
from ledger.queries import rankings
from ledger.queries.rankings import EVERYBODY, RankedRider, RankingFilter
from ledger.queries.ranks import read_ranks
from ledger.queries.slices import SortKey
from ledger.storage import score_counts as counting
from ledger.storage.standings import write_standings
from ledger.storage.tables import score_counts, standings
from ledger.storage.unit_of_work import UnitOfWork
from tests.books import read_books
from tests.scores import find_wrong_score_counts
from tests.world import World

MONTH = Month("2026-03")
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
# merit, verified reports, serious points, hours until reached. Few values, so that ties are the rule.
chains = st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(0, 1), st.integers(0, 1))
RIDERS = 12


@pytest.fixture
def crowd(world: World) -> World:
    for number in range(RIDERS):
        world.enroll(f"R{number:05d}", name=f"王{number}")
    return world


def write(world: World, found: list[tuple[int, int, int, int]]) -> None:
    """Standings as they are, without the awards they come from: only the reading is at issue here."""
    database, clock = world.runtime.database, world.clock
    with UnitOfWork(database.writer, programme_id=world.programme_id, clock=clock, new_id=uuid7) as uow:
        for table in (standings, score_counts):
            uow.connection.execute(delete(table))
        write_standings(uow, before={}, after=standings_of(world, found))
        uow.commit()


def standings_of(world: World, found: list[tuple[int, int, int, int]]) -> list[Standing]:
    return [
        Standing(
            rider_id=world.rider_id(f"R{number:05d}"),
            month=MONTH,
            merit=merit,
            verified_reports=verified,
            serious_points=serious,
            reached_at=BEGIN + timedelta(hours=hours) if merit else None,
        )
        for number, (merit, verified, serious, hours) in enumerate(found)
    ]


def read(world: World, size: int, narrowed_to: RankingFilter = EVERYBODY) -> list[RankedRider]:
    lines: list[RankedRider] = []
    after: SortKey | None = None
    with world.runtime.reading() as connection:
        while True:
            page = rankings.read_ranking(
                connection, world.programme_id, MONTH, narrowed_to=narrowed_to, limit=size, after=after
            )
            assert len(page.items) == size or page.after is None
            lines += page.items
            after = page.after
            if after is None:
                return lines


def test_equal_chains_share_a_rank_and_the_next_is_skipped(crowd: World) -> None:
    write(
        crowd,
        [(50, 5, 0, 3), (50, 4, 0, 1), (50, 4, 0, 1), (50, 4, 0, 2), (50, 4, 20, 9), (40, 9, 40, 0), (0, 1, 0, 0)],
    )
    for size in (1, 2, 3, 4, 100):
        lines = read(crowd, size)
        assert [line.rank for line in lines] == [1, 2, 3, 3, 5, 6], size
        assert [line.rider_code for line in lines] == ["R00000", "R00004", "R00001", "R00002", "R00003", "R00005"]


@settings(max_examples=25)
@given(found=st.lists(chains, min_size=1, max_size=RIDERS), size=st.integers(1, 5))
def test_any_pages_give_the_ranks_that_counting_gives(
    crowd: World, found: list[tuple[int, int, int, int]], size: int
) -> None:
    write(crowd, found)
    keys = {
        f"R{n:05d}": (-merit, -verified, -serious, hours) for n, (merit, verified, serious, hours) in enumerate(found)
    }
    ranked = {code: key for code, key in keys.items() if key[0]}
    lines = read(crowd, size)
    assert {line.rider_code: line.rank for line in lines} == {
        code: 1 + sum(other < key for other in ranked.values()) for code, key in ranked.items()
    }
    assert [ranked[line.rider_code] for line in lines] == sorted(ranked.values())
    with crowd.runtime.reading() as connection:
        assert rankings.count_ranked(connection, crowd.programme_id, MONTH) == len(ranked)
        for line in lines:
            own = rankings.read_standings_of(connection, crowd.programme_id, crowd.rider_id(line.rider_code))
            assert [standing.rank for standing in own] == [line.rank]


@settings(max_examples=15)
@given(steps=st.lists(st.lists(chains, min_size=RIDERS, max_size=RIDERS), min_size=2, max_size=4))
def test_ranks_are_those_of_counting_however_riders_move_in_a_crowd(
    crowd: World, monkeypatch: pytest.MonkeyPatch, steps: list[list[tuple[int, int, int, int]]]
) -> None:
    monkeypatch.setattr(counting, "CROWD", 2)
    write(crowd, steps[0])
    for before, found in pairwise(steps):
        move(crowd, before, found)
        keys = {
            number: (-merit, -verified, -serious, hours)
            for number, (merit, verified, serious, hours) in enumerate(found)
            if merit
        }
        with crowd.runtime.reading() as connection:
            ranks = read_ranks(connection, crowd.programme_id, MONTH, [crowd.rider_id(f"R{n:05d}") for n in keys])
            books = read_books(connection, crowd.programme_id)
            assert rankings.count_ranked(connection, crowd.programme_id, MONTH) == len(keys)
        assert list(find_wrong_score_counts(books)) == []
        assert ranks == {
            crowd.rider_id(f"R{n:05d}"): 1 + sum(other < key for other in keys.values()) for n, key in keys.items()
        }


def move(world: World, before: list[tuple[int, int, int, int]], after: list[tuple[int, int, int, int]]) -> None:
    database, clock = world.runtime.database, world.clock
    stored = {(found.rider_id, MONTH): found for found in standings_of(world, before)}
    with UnitOfWork(database.writer, programme_id=world.programme_id, clock=clock, new_id=uuid7) as uow:
        write_standings(uow, before=stored, after=standings_of(world, after))
        uow.commit()


def test_a_rider_without_merit_has_a_standing_and_no_rank(crowd: World) -> None:
    write(crowd, [(0, 1, 0, 0)])
    with crowd.runtime.reading() as connection:
        [standing] = rankings.read_standings_of(connection, crowd.programme_id, crowd.rider_id("R00000"))
    assert (standing.rank, standing.verified_reports, standing.reached_at) == (None, 1, None)
    assert read(crowd, 10) == []


def test_names_on_the_list_are_masked(crowd: World) -> None:
    write(crowd, [(10, 1, 0, 0)])
    assert [line.name for line in read(crowd, 10)] == ["王*"]


def test_spending_lowers_no_rank(world: World) -> None:
    for code in ("R00001", "R00002"):
        world.enroll(code)
        world.award(code, category_code="SAF-01")
        world.clock.pass_time(minutes=1)
    before = read(world, 10)
    world.spend(20)
    assert read(world, 10) == before
    assert [line.rider_code for line in before] == ["R00001", "R00002"]


def test_another_months_list_is_empty(crowd: World) -> None:
    write(crowd, [(10, 1, 0, 0)])
    with crowd.runtime.reading() as connection:
        page = rankings.read_ranking(connection, crowd.programme_id, Month("2026-04"), limit=5, after=None)
        assert page.items == []
        assert rankings.read_standings_of(connection, crowd.programme_id, UUID(int=1)) == []


@settings(max_examples=15)
@given(found=st.lists(chains, min_size=RIDERS, max_size=RIDERS), own=st.integers(0, RIDERS - 1))
def test_the_lines_around_a_rider_are_those_of_the_whole_list(
    crowd: World, found: list[tuple[int, int, int, int]], own: int
) -> None:
    write(crowd, found)
    whole = read(crowd, 200)
    codes = [line.rider_code for line in whole]
    code = f"R{own:05d}"

    with crowd.runtime.reading() as connection:
        around = rankings.read_surroundings(connection, crowd.programme_id, MONTH, crowd.rider_id(code), each_side=2)

    if code not in codes:
        assert around == [], "no merit, no line"
    else:
        place = codes.index(code)
        assert around == whole[max(0, place - 2) : place + 3]


def test_a_ranking_of_an_industry_or_subdistrict_has_ranks_of_its_own(world: World) -> None:
    for number, (industry, subdistrict) in enumerate([("01", "a"), ("02", "a"), ("01", "b"), ("02", "a")]):
        world.enroll(f"R{number:05d}", industry_code=industry, subdistrict=subdistrict)
    write(world, [(40, 1, 0, 0), (30, 1, 0, 0), (20, 1, 0, 0), (30, 1, 0, 0)])

    def ranks(**narrowed_to: str) -> list[tuple[int, str]]:
        lines = read(world, 1, RankingFilter(**narrowed_to))
        with world.runtime.reading() as connection:
            count = rankings.count_ranked(
                connection, world.programme_id, MONTH, narrowed_to=RankingFilter(**narrowed_to)
            )
        assert count == len(lines)
        return [(line.rank, line.rider_code) for line in lines]

    assert ranks() == [(1, "R00000"), (2, "R00001"), (2, "R00003"), (4, "R00002")]
    assert ranks(industry_code="02") == [(1, "R00001"), (1, "R00003")]
    assert ranks(industry_code="01") == [(1, "R00000"), (2, "R00002")]
    assert ranks(subdistrict="b") == [(1, "R00002")]
    assert ranks(industry_code="02", subdistrict="b") == []
