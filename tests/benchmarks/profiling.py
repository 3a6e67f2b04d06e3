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
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.benchmarks.clients import run_commands
from tests.benchmarks.contenders import Supply, commands_for, evenly
from tests.benchmarks.databases import open_place
from tests.benchmarks.options import ENGINES
from tests.benchmarks.programmes import create_template, open_runtime

LINES = 45


def count_statements(engine: Engine) -> Counter[str]:
    """By their first words; filled while the engine runs statements."""
    found: Counter[str] = Counter()

    def count(_connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, is_many: bool) -> None:
        words = statement.replace("\n", " ")
        table = words.partition(" FROM ")[2] if words.startswith("SELECT") else words
        found[f"{words[:6]} {table[:60]}{' (many)' if is_many else ''}"] += 1

    event.listen(engine, "before_cursor_execute", count)
    event.listen(engine, "commit", lambda _connection: found.update(["COMMIT"]))
    return found


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
        template, rider_ids = create_template(place)
        # The next thread to start is the writer; its first step switches the profile on, in that thread alone.
        threading.setprofile(lambda *_event: profile.enable())
        runtime = stack.enter_context(open_runtime(place.create(like=template)))
        threading.setprofile(None)
        supply = Supply(evenly(rider_ids), seconds=options.seconds, at_least=options.clients * options.bulk * 2)
        commands = commands_for(supply.submit([runtime.database]), options.bulk)
        statements = count_statements(runtime.database.writer)
        done = run_commands(runtime.writer, iter(commands), clients=options.clients, seconds=options.seconds)
        runtime.writer.stop()
        profile.create_stats()

    units = statements["COMMIT"]
    print(f"{done.done:,} awards in {units:,} units of work, {done.done / units:.1f} each")
    print(f"{statements.total() / units:.1f} statements a unit of work, COMMIT included:")
    for statement, times in statements.most_common():
        print(f"  {times / units:5.2f}  {statement}")
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats(order).print_stats(LINES)


if __name__ == "__main__":
    main()
