"""Bytes on disk per award, everything included: rows, indexes, stored answers, events, the engine's own pages.

The report was there before; what its verification adds is counted, after a checkpoint and with nothing compacted.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from ledger.storage.engine import open_database
from tests.benchmarks.clients import run_commands
from tests.benchmarks.contenders import commands_for, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_most
from tests.benchmarks.programmes import create_template, insert_reports, open_runtime

NAME = "disk"
CLIENTS = 32
AWARDS = 20_000
LONG_SECONDS = 600.0


def measure(place: Place, options: Options) -> Iterator[Line]:
    with ExitStack() as stack:
        template, rider_ids = create_template(place, rider_count=options.rider_count)
        url = place.create(like=template)
        awards = min(AWARDS, options.entries)
        database = open_database(url)
        waiting = insert_reports([database], evenly(rider_ids)(awards))
        database.dispose()
        before = place.size_bytes(url)
        runtime = stack.enter_context(open_runtime(url))
        done = run_commands(runtime.writer, iter(commands_for(waiting, 1)), clients=CLIENTS, seconds=LONG_SECONDS)
        grown = place.size_bytes(url) - before
    yield Finding(
        benchmark=NAME,
        engine=place.engine,
        what=f"an award, of {done.done:,}",
        unit="bytes",
        figures=[grown / done.done],
        goal=at_most(900),
    )
