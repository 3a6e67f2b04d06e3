"""Bulk: 1,000 awards in one request, beside the bare set-based write of the same rows."""

from collections.abc import Iterator
from contextlib import ExitStack

from tests.benchmarks.contenders import Ours, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.measuring import take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_least
from tests.benchmarks.programmes import BULK, create_template

NAME = "bulk"


def measure(place: Place, options: Options) -> Iterator[Line]:
    with ExitStack() as stack:
        template, rider_ids = create_template(place)
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
        found = take_turns({"ours": ours.run, "floor": ours.replay}, rounds=options.rounds)
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
