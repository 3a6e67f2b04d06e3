"""Reads with ever more riders: a balance, a page of a statement, the first hundred of a month, the own rank with its
neighbours; the rankings beside a Redis sorted set. One reader, whose connection comes from the pool each time."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from random import Random

from sqlalchemy import Connection, select

from ledger.api.runtime import Runtime
from ledger.app import read_clock
from ledger.queries.rankings import read_ranking, read_surroundings
from ledger.queries.riders import read_balance, read_rider, read_statement
from ledger.storage.tables import standings
from seed.owner import PROGRAMME_ID
from tests.benchmarks.databases import Place
from tests.benchmarks.filling import BUSY_RIDERS, Filling, filled_database, last_month_over, rider_code
from tests.benchmarks.measuring import Contender, Series, Slice, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, Skipped, at_most
from tests.benchmarks.programmes import open_runtime
from tests.benchmarks.sorted_set import NoRedis, running_redis

NAME = "reads"
ASKED = 1_000
"""So many riders, drawn once, are asked about in turn."""
STATEMENT_PAGE = 50
FIRST = 100
EACH_SIDE = 2
REDIS_RIDERS = 1_000_000
"""With so many riders, or the most there are below, rankings are compared with Redis."""

TITLES = {
    "balance": "a rider's balance",
    "statement": f"a statement's first {STATEMENT_PAGE} lines",
    "first": f"first {FIRST} of a month",
    "rank": f"own rank, {EACH_SIDE} on each side",
}


def measure(place: Place, options: Options) -> Iterator[Line]:
    sizes = sorted(options.sizes)
    compared = max((size for size in sizes if size <= REDIS_RIDERS), default=sizes[0])
    smallest: dict[str, Series] = {}
    for rider_count in sizes:
        with ExitStack() as stack:
            runtime = stack.enter_context(open_runtime(filled_database(place, Filling(rider_count=rider_count))))
            contenders = read_contenders(runtime, rider_count, options.seconds)
            if rider_count == compared:
                try:
                    contenders |= redis_contenders(stack, runtime, options.seconds)
                except NoRedis as missing:
                    yield Skipped(benchmark=NAME, engine=place.engine, reason=str(missing))
            found = take_turns(contenders, rounds=options.rounds)
        smallest = smallest or found
        yield from _beside_smallest(place.engine, rider_count, found, smallest, has_goal=rider_count == sizes[-1])
        yield from _beside_redis(place.engine, rider_count, found)


def read_contenders(runtime: Runtime, rider_count: int, seconds: float) -> dict[str, Contender]:
    month = last_month_over(read_clock())
    drawn = Random(1).choices(range(rider_count), k=ASKED)
    codes = [rider_code(rider) for rider in drawn]
    busy = [rider_code(rider) for rider in range(min(BUSY_RIDERS, rider_count))]
    with runtime.reading() as connection:
        riders = {code: read_rider(connection, PROGRAMME_ID, code) for code in {*codes, *busy}}

    def read_own_balance(connection: Connection, code: str) -> None:
        assert read_balance(connection, PROGRAMME_ID, read_rider(connection, PROGRAMME_ID, code)).available

    def read_page(connection: Connection, code: str) -> None:
        page = read_statement(connection, PROGRAMME_ID, riders[code], limit=STATEMENT_PAGE, after=None)
        assert len(page.items) == STATEMENT_PAGE

    def read_first(connection: Connection, _code: str) -> None:
        assert read_ranking(connection, PROGRAMME_ID, month, limit=FIRST, after=None).items

    def read_rank(connection: Connection, code: str) -> None:
        assert read_surroundings(connection, PROGRAMME_ID, month, riders[code].id, each_side=EACH_SIDE)

    return {
        "balance": _reader(runtime, read_own_balance, codes, seconds),
        "statement": _reader(runtime, read_page, busy, seconds),
        "first": _reader(runtime, read_first, codes, seconds),
        "rank": _reader(runtime, read_rank, codes, seconds),
    }


def redis_contenders(stack: ExitStack, runtime: Runtime, seconds: float) -> dict[str, Contender]:
    """The same riders with the same merit. Raises NoRedis."""
    peer = stack.enter_context(running_redis())
    with runtime.reading() as connection:
        rows = connection.execution_options(yield_per=10_000).execute(select(standings.c.rider_id, standings.c.merit))
        members = [(row.rider_id.bytes, row.merit) for row in rows]
    peer.fill(members)
    asked = cycle([member for member, _ in Random(1).choices(members, k=ASKED)])
    return {
        "redis first": lambda: _repeat(lambda: peer.read_first(FIRST), seconds),
        "redis rank": lambda: _repeat(lambda: peer.read_surroundings(next(asked), each_side=EACH_SIDE), seconds),
    }


def _reader(runtime: Runtime, read: Callable[[Connection, str], None], codes: list[str], seconds: float) -> Contender:
    asked = cycle(codes)

    def read_one() -> None:
        with runtime.reading() as connection:
            read(connection, next(asked))

    return lambda: _repeat(read_one, seconds)


def _repeat(read_one: Callable[[], object], seconds: float) -> Slice:
    latencies: list[float] = []
    began = ended = time.perf_counter()
    until = began + seconds
    while ended < until or not latencies:
        read_one()
        latencies.append(-ended + (ended := time.perf_counter()))
    return Slice(done=len(latencies), seconds=ended - began, latencies=latencies)


def _beside_smallest(
    engine: str, rider_count: int, found: dict[str, Series], smallest: dict[str, Series], *, has_goal: bool
) -> Iterator[Line]:
    for name, title in TITLES.items():
        for percent in (50, 99):
            yield Finding(
                benchmark=NAME,
                engine=engine,
                what=f"{title}, {rider_count:,} riders, p{percent}",
                unit="ms",
                figures=[1_000 * done.latency(percent) for done in found[name].slices],
                # The fewest are not compared with themselves.
                beside="" if found is smallest else "the fewest riders",
                beside_figures=[1_000 * done.latency(percent) for done in smallest[name].slices],
                goal=at_most(2) if has_goal and percent == 99 else None,
            )


def _beside_redis(engine: str, rider_count: int, found: dict[str, Series]) -> Iterator[Line]:
    if "redis rank" not in found:
        return
    for name, goal in (("rank", at_most(3 if engine == "postgresql" else 1)), ("first", at_most(1.5))):
        yield Finding(
            benchmark=NAME,
            engine=engine,
            what=f"{TITLES[name]}, {rider_count:,} riders, p50",
            unit="ms",
            figures=[1_000 * done.latency(50) for done in found[name].slices],
            beside="Redis sorted set",
            beside_figures=[1_000 * done.latency(50) for done in found[f"redis {name}"].slices],
            goal=goal,
        )
