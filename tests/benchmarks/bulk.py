"""Bulk: 1,000 awards in one request, beside the bare set-based write of the same rows."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks import http
from tests.benchmarks.contenders import Ours, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.measuring import take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_least
from tests.benchmarks.programmes import BULK, create_template

NAME = "bulk"


def measure(place: Place, options: Options) -> Iterator[Line]:
    with ExitStack() as stack:
        template, rider_ids = create_template(place, rider_count=options.rider_count)
        ours = Ours(
            stack,
            place,
            template,
            draw=evenly(rider_ids),
            clients=1,
            seconds=options.seconds,
            bulk=BULK,
            has_floor=True,
        )
        over_http = http.Ours(
            stack,
            place,
            template,
            draw=evenly(rider_ids),
            connections=1,
            seconds=options.seconds,
            bulk=BULK,
        )
        contenders = {"ours": ours.run, "floor": ours.replay, "http": over_http.run}
        found = take_turns(contenders, rounds=options.rounds)
    yield Finding(
        benchmark=NAME,
        engine=place.engine,
        what=f"{BULK:,} awards a request, in process",
        unit="awards/s",
        figures=found["ours"].rates,
        beside="floor: bare set-based writes",
        beside_figures=found["floor"].rates,
        goal=at_least(0.8),
    )
    yield Finding(
        benchmark=NAME,
        engine=place.engine,
        what=f"{BULK:,} awards a request, over HTTP",
        unit="awards/s",
        figures=found["http"].rates,
        beside="in process",
        beside_figures=found["ours"].rates,
        goal=at_least(0.8),
    )
