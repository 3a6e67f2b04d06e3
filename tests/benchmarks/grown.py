"""The same awards in a database with a long history, beside one with none: nobody may wait longer for it."""

from collections.abc import Iterator
from contextlib import ExitStack
from uuid import UUID

from sqlalchemy import select

from ledger.storage.engine import open_database
from ledger.storage.tables import riders
from tests.benchmarks.contenders import Ours, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.filling import Filling, filled_database
from tests.benchmarks.measuring import take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_most
from tests.benchmarks.programmes import create_template

NAME = "grown"
CLIENTS = 32
RIDERS = 50_000


def measure(place: Place, options: Options) -> Iterator[Line]:
    rider_count = min(RIDERS, max(options.sizes))
    filling = Filling(
        rider_count=rider_count, awards_each=max(1, options.entries // 2 // rider_count), has_outputs=True
    )
    with ExitStack() as stack:
        empty, rider_ids = create_template(place, rider_count=rider_count)
        grown = filled_database(place, filling)
        contenders = {
            "empty": Ours(stack, place, empty, draw=evenly(rider_ids), clients=CLIENTS, seconds=options.seconds).run,
            "grown": Ours(
                stack, place, grown, draw=evenly(read_rider_ids(grown)), clients=CLIENTS, seconds=options.seconds
            ).run,
        }
        found = take_turns(contenders, rounds=options.rounds)
    for percent, goal in ((50, None), (99, at_most(1.5))):
        yield Finding(
            benchmark=NAME,
            engine=place.engine,
            what=f"p{percent} of an award after {2 * filling.award_count:,} entries",
            unit="ms",
            figures=[1_000 * done.latency(percent) for done in found["grown"].slices],
            beside="empty database",
            beside_figures=[1_000 * done.latency(percent) for done in found["empty"].slices],
            goal=goal,
        )


def read_rider_ids(url: str) -> list[UUID]:
    database = open_database(url)
    with database.reader.connect() as connection:
        found = list(connection.scalars(select(riders.c.id).order_by(riders.c.id)))
    database.dispose()
    return found
