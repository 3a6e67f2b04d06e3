"""What is done once a month for everybody: the honors of the month, for 50,000 and 1,000,000 riders.

They are previewed (a dry run is the same path, rolled back), so that each round finds the same work.
"""

import resource
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from ledger.app import read_clock
from ledger.services.honors import AwardTitles, award_titles
from ledger.storage.group_commit import Command
from ledger.storage.idempotency import Answer
from seed.owner import PROGRAMME_ID
from tests.benchmarks.databases import Place
from tests.benchmarks.filling import Filling, filled_database, last_month_over
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Goal, Line, at_most
from tests.benchmarks.programmes import open_runtime

NAME = "months"
GOALS = {50_000: at_most(5), 1_000_000: at_most(90)}
"""Seconds by number of riders, for the whole of a month's end."""
RIDERS_MAX = 1_000_000
"""The months of larger districts have no goal."""


def measure(place: Place, options: Options) -> Iterator[Line]:
    seconds_each: dict[int, float] = {}
    for rider_count in [size for size in options.sizes if size <= RIDERS_MAX]:
        url = filled_database(place, Filling(rider_count=rider_count))
        seconds = [time_honors(url) for _ in range(options.rounds)]
        seconds_each[rider_count] = min(seconds) / rider_count
        yield _line(place, f"honors of {rider_count:,} riders", "s", seconds, GOALS.get(rider_count))
    if len(seconds_each) > 1:
        growth = seconds_each[max(seconds_each)] / seconds_each[min(seconds_each)]
        yield _line(place, "seconds a rider, most beside fewest riders", "times", [growth], at_most(1.5))
    yield _line(place, "memory of this process at its highest", "MiB", [_peak_memory_mib()], None)


def time_honors(url: str) -> float:
    period = last_month_over(read_clock())

    def keep(outcomes: Sequence[Any]) -> Answer:
        return Answer(status=200, body=str(len(outcomes[0].titles)).encode())

    with open_runtime(url) as runtime:
        began = time.perf_counter()
        runtime.writer.run(
            Command(
                programme_id=PROGRAMME_ID,
                use_case=award_titles,
                items=[AwardTitles(period=period, actor="operator/auditor")],
                render=keep,
                is_dry_run=True,
            )
        )
        return time.perf_counter() - began


def _line(place: Place, what: str, unit: str, figures: list[float], goal: Goal | None) -> Finding:
    return Finding(benchmark=NAME, engine=place.engine, what=what, unit=unit, figures=figures, goal=goal)


def _peak_memory_mib() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
