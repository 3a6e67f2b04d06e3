"""Where the time of an award goes: the writer thread under cProfile, and its statements counted.

    .venv/bin/python -m tests.benchmarks.profiling --engine postgresql [--clients 32] [--seconds 3] [--bulk 1]

A profiler slows Python down and not the database, so shares are read and not seconds.
"""

import argparse
import cProfile
import pstats
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.benchmarks.clients import run_commands
from tests.benchmarks.contenders import Supply, commands_for, evenly
from tests.benchmarks.databases import open_place
from tests.benchmarks.options import ENGINES, RIDERS
from tests.benchmarks.programmes import create_template, open_runtime

LINES = 45


class Statements:
    """Each statement of an engine: how often, and how many seconds until the driver had it done."""

    def __init__(self, engine: Engine) -> None:
        self.times: Counter[str] = Counter()
        self.seconds: dict[str, float] = defaultdict(float)
        self.commits = 0
        event.listen(engine, "before_cursor_execute", self._begin)
        event.listen(engine, "after_cursor_execute", self._end)
        event.listen(engine, "commit", self._commit)

    def _begin(self, *_event: Any) -> None:
        self._began = time.perf_counter()

    def _end(self, _connection: Any, _cursor: Any, statement: str, *_event: Any) -> None:
        words = " ".join(statement.split())
        name = f"SELECT {words.partition(' FROM ')[2]}" if words.startswith("SELECT") else words
        self.times[name[:60]] += 1
        self.seconds[name[:60]] += time.perf_counter() - self._began

    def _commit(self, _connection: Any) -> None:
        self.commits += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--bulk", type=int, default=1, help="awards a request")
    options = parser.parse_args()

    profile = cProfile.Profile()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(open_place(options.engine, folder))
        template, rider_ids = create_template(place, rider_count=RIDERS)
        # The next thread to start is the writer; its first step switches the profile on, in that thread alone.
        threading.setprofile(lambda *_event: profile.enable())
        runtime = stack.enter_context(open_runtime(place.create(like=template)))
        threading.setprofile(None)
        supply = Supply(evenly(rider_ids), seconds=options.seconds, at_least=options.clients * options.bulk * 2)
        commands = commands_for(supply.submit([runtime.database]), options.bulk)
        statements = Statements(runtime.database.writer)
        done = run_commands(runtime.writer, iter(commands), clients=options.clients, seconds=options.seconds)
        runtime.writer.stop()
        profile.create_stats()

    units = statements.commits
    print(f"{done.done:,} awards in {units:,} units of work, {done.done / units:.1f} each")
    print(f"{statements.times.total() / units:.1f} statements a unit of work and a COMMIT; times a unit and ms each:")
    for statement, times in statements.times.most_common():
        print(f"  {times / units:5.2f}  {1_000 * statements.seconds[statement] / times:6.2f}  {statement}")
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats(order).print_stats(LINES)


if __name__ == "__main__":
    main()
