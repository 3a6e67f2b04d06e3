"""What a reviewer is shown beside a report, incidents it may belong to and earlier reports nearby, among ever more
reports scattered over 20 km by 20 km, all of one category: the search has to look at a band of latitude, whatever lies
elsewhere."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle, product
from random import Random

from sqlalchemy import select

from ledger.api.runtime import Runtime
from ledger.app import read_clock
from ledger.domain.reports import Report
from ledger.queries.incidents import read_suggestions
from ledger.queries.programmes import read_rulebook_on
from ledger.queries.reports import read_neighbours, read_report
from ledger.storage.tables import reports
from seed.owner import PROGRAMME_ID
from tests.benchmarks.databases import Place
from tests.benchmarks.filling import Filling, filled_database
from tests.benchmarks.measuring import Slice, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_most
from tests.benchmarks.programmes import open_runtime

NAME = "neighbours"
ASKED = 200
"""So many reports, drawn once, are asked about in turn."""
MILLISECONDS_MAX = 20
"""A reviewer must not notice it beside the other evidence on the card."""


def measure(place: Place, options: Options) -> Iterator[Line]:
    for rider_count in sorted(options.sizes):
        filling = Filling(rider_count=rider_count)
        with open_runtime(filled_database(place, filling)) as runtime:
            asked = draw_reports(runtime, filling.award_count)
            found = take_turns(
                {
                    "suggestions": partial(search, runtime, asked, options.seconds, read_suggestions),
                    "neighbours": partial(
                        search, runtime, asked, options.seconds, partial(read_neighbours, radius_m=50)
                    ),
                },
                rounds=options.rounds,
            )
        for name, percent in product(found, (50, 99)):
            yield Finding(
                benchmark=NAME,
                engine=place.engine,
                what=f"{name} among {filling.award_count:,} reports, p{percent}",
                unit="ms",
                figures=[1_000 * done.latency(percent) for done in found[name].slices],
                goal=at_most(MILLISECONDS_MAX) if percent == 99 else None,
            )


def draw_reports(runtime: Runtime, report_count: int) -> list[Report]:
    numbers = Random(1).sample(range(report_count), min(ASKED, report_count))
    with runtime.reading() as connection:
        codes = connection.scalars(select(reports.c.code).where(reports.c.code.in_([f"{one:010d}" for one in numbers])))
        return [read_report(connection, PROGRAMME_ID, code).report for code in codes.all()]


def search(runtime: Runtime, asked: list[Report], seconds: float, read: Callable[..., object]) -> Slice:
    waiting = cycle(asked)
    with runtime.reading() as connection:
        rulebook = read_rulebook_on(connection, PROGRAMME_ID, read_clock().date())
    latencies: list[float] = []
    began = ended = time.perf_counter()
    until = began + seconds
    while ended < until or not latencies:
        with runtime.reading() as connection:
            read(connection, PROGRAMME_ID, next(waiting), rulebook=rulebook)
        latencies.append(-ended + (ended := time.perf_counter()))
    return Slice(done=len(latencies), seconds=ended - began, latencies=latencies)
