"""What is done once a month for everybody: its list is published and its honors are given, for 50,000 and
1,000,000 riders.

Both writes are previewed (a dry run is the same path, rolled back), so that each round finds the same work. To make a
list final is the same comparison and the same seal as to publish it.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from ledger.app import read_clock
from ledger.domain.errors import Refusal
from ledger.services.honors import AwardTitles, award_titles
from ledger.services.months import PublishMonth, publish_months
from ledger.storage.group_commit import Command, UseCase
from ledger.storage.idempotency import Answer
from seed.owner import PROGRAMME_ID
from tests.benchmarks.databases import Place
from tests.benchmarks.filling import Filling, filled_database, last_month_over
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Goal, Line, at_most
from tests.benchmarks.programmes import open_runtime

NAME = "months"
ACTOR = "operator/auditor"
GOALS = {50_000: at_most(5), 1_000_000: at_most(90)}
"""Seconds by number of riders, for each of the tasks."""
RIDERS_MAX = 1_000_000
"""The months of larger districts have no goal."""


def measure(place: Place, options: Options) -> Iterator[Line]:
    seconds_each: dict[int, float] = {}
    for rider_count in [size for size in options.sizes if size <= RIDERS_MAX]:
        url = filled_database(place, Filling(rider_count=rider_count))
        goal, whole = GOALS.get(rider_count), 0.0
        for what, time_it in TASKS.items():
            taken = [_in_a_process_of_its_own(time_it, url) for _ in range(options.rounds)]
            seconds = [found for found, _ in taken]
            whole += min(seconds)
            yield _line(place, f"{what} of {rider_count:,} riders", "s", seconds, goal)
            memory = [mebibytes for _, mebibytes in taken]
            yield _line(place, f"{what} of {rider_count:,} riders, memory at its highest", "MiB", memory, None)
        seconds_each[rider_count] = whole / rider_count
    if len(seconds_each) > 1:
        growth = seconds_each[max(seconds_each)] / seconds_each[min(seconds_each)]
        yield _line(place, "seconds a rider, most beside fewest riders", "times", [growth], at_most(1.5))


def time_publication(url: str) -> float:
    """Every standing recomputed from the awards and compared, and the list sealed in its order."""
    return _time_write(url, publish_months, PublishMonth(month=last_month_over(read_clock()), actor=ACTOR))


def time_honors(url: str) -> float:
    return _time_write(url, award_titles, AwardTitles(period=last_month_over(read_clock()), actor=ACTOR))


def _time_write(url: str, use_case: UseCase, item: Any) -> float:
    def keep(outcomes: Sequence[Any]) -> Answer:
        [outcome] = outcomes
        if isinstance(outcome, Refusal):
            raise outcome
        return Answer(status=200, body=b"")

    with open_runtime(url) as runtime:
        began = time.perf_counter()
        runtime.writer.run(
            Command(
                programme_id=PROGRAMME_ID,
                use_case=use_case,
                items=[item],
                render=keep,
                is_dry_run=True,
            )
        )
        return time.perf_counter() - began


TASKS: dict[str, Callable[[str], float]] = {"publication": time_publication, "honors": time_honors}


def _in_a_process_of_its_own(time_it: Callable[[str], float], url: str) -> tuple[float, float]:
    """Seconds, and the memory in MiB that nothing but this task has used."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measure_memory_of, time_it, url).result()


def _measure_memory_of(time_it: Callable[[str], float], url: str) -> tuple[float, float]:
    return time_it(url), _peak_memory_mib()


def _line(place: Place, what: str, unit: str, figures: list[float], goal: Goal | None) -> Finding:
    return Finding(benchmark=NAME, engine=place.engine, what=what, unit=unit, figures=figures, goal=goal)


def _peak_memory_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
