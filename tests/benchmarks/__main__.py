"""`python3 dev.py bench [NAME …]`: runs benchmarks and prints each figure with its floor or peer, ratio and goal."""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.benchmarks import (
    audits,
    awards,
    bulk,
    disk,
    grown,
    http,
    import_rate,
    months,
    neighbours,
    reads,
    redemptions,
    spread,
)
from tests.benchmarks.databases import Place, open_place
from tests.benchmarks.options import ENGINES, Options
from tests.benchmarks.printing import Line, Skipped, print_header, print_json, print_line
from tests.postgres import NoPostgres

BENCHMARKS: dict[str, Callable[[Place, Options], Iterator[Line]]] = {
    module.NAME: module.measure
    for module in (awards, http, neighbours, redemptions, bulk, spread, reads, grown, months, audits, disk, import_rate)
}


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 dev.py bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--engine", choices=ENGINES, help="default: both")
    parser.add_argument("--clients", type=int, action="append", metavar="N", help="concurrent clients; may be repeated")
    parser.add_argument("--seconds", type=float, metavar="S", help="length of a slice (0.7; with --long 5)")
    parser.add_argument("--rounds", type=int, help="slices of each contender (3; with --long 5)")
    parser.add_argument("--riders", type=int, action="append", metavar="N", help="riders; may be repeated")
    parser.add_argument("--entries", type=int, metavar="N", help="entries of the grown database")
    parser.add_argument("--long", action="store_true", help="the sizes of the goals; takes hours rather than minutes")
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keeps filled databases for the next run")
    parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
    found = parser.parse_args(arguments)
    if unknown := set(found.names) - BENCHMARKS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    return found


def to_options(found: argparse.Namespace, folder: Path) -> Options:
    is_long = found.long
    return Options(
        engines=(found.engine,) if found.engine else ENGINES,
        clients=tuple(found.clients or (1, 8, 32, 128, 512)),
        seconds=found.seconds or (5.0 if is_long else 0.7),
        rounds=found.rounds or (5 if is_long else 3),
        sizes=tuple(found.riders or ((50_000, 1_000_000, 5_000_000) if is_long else (5_000, 50_000))),
        entries=found.entries or (10_000_000 if is_long else 100_000),
        cache=found.cache or folder,
    )


def run(names: list[str], options: Options) -> Iterator[Line]:
    """Engine by engine, so that only one server runs at a time."""
    options.cache.mkdir(parents=True, exist_ok=True)
    for engine in options.engines:
        try:
            with open_place(engine, options.cache) as place:
                for name in names or BENCHMARKS:
                    yield from BENCHMARKS[name](place, options)
        except NoPostgres as missing:
            yield Skipped(benchmark=", ".join(names) or "all", engine=engine, reason=str(missing))


def main() -> int:
    """0 when every goal is met, 1 when one is missed."""
    arguments = read_arguments(sys.argv[1:])
    lines: list[Line] = []
    if not arguments.json:
        print_header()
    with tempfile.TemporaryDirectory(prefix="ledger-bench-") as folder:
        for line in run(arguments.names, to_options(arguments, Path(folder))):
            lines.append(line)
            if not arguments.json:
                print_line(line)
    if arguments.json:
        print_json(lines)
    return 1 if any(line.is_met is False for line in lines if not isinstance(line, Skipped)) else 0


if __name__ == "__main__":
    sys.exit(main())
