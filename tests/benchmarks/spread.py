"""The same awards spread over many accounts: evenly and by Zipf's law over 100,000 riders, beside a thousand of them.

The sponsor's budget is in every award and hot in all three; what differs is how many lots and standings are touched.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import accumulate
from random import Random
from uuid import UUID

from tests.benchmarks.contenders import Draw, Ours, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.measuring import take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_least
from tests.benchmarks.programmes import create_template

NAME = "spread"
CLIENTS = 32
ACCOUNTS = 100_000
HOT_RIDERS = 1_000


def measure(place: Place, options: Options) -> Iterator[Line]:
    rider_count = min(ACCOUNTS, max(options.sizes))
    with ExitStack() as stack:
        template, rider_ids = create_template(place, rider_count=rider_count)
        draws = {
            "hot": evenly(rider_ids[:HOT_RIDERS]),
            "uniform": evenly(rider_ids),
            "zipf": by_zipf(rider_ids),
        }
        contenders = {
            name: Ours(stack, place, template, draw=draw, clients=CLIENTS, seconds=options.seconds).run
            for name, draw in draws.items()
        }
        found = take_turns(contenders, rounds=options.rounds)
    for name, what in (("uniform", "evenly"), ("zipf", "by Zipf(1.0)")):
        yield Finding(
            benchmark=NAME,
            engine=place.engine,
            what=f"hot, {HOT_RIDERS:,} riders of one budget",
            unit="awards/s",
            figures=found["hot"].rates,
            beside=f"{what} over {rider_count:,}",
            beside_figures=found[name].rates,
            goal=at_least(0.9) if name == "uniform" else None,
        )


def by_zipf(rider_ids: Sequence[UUID]) -> Draw:
    """The rider of rank n is drawn with a weight of 1/n."""
    random = Random(1)
    weights = list(accumulate(1 / rank for rank in range(1, len(rider_ids) + 1)))
    return lambda number: random.choices(rider_ids, cum_weights=weights, k=number)
