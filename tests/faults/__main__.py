"""The faults as a program: `python -m tests.faults [NAME] [--long] [--engine …]`. NAME as pytest's -k takes it."""

import argparse
import sys
from pathlib import Path

import pytest

ENGINES = ("sqlite", "postgresql")


def main() -> int:
    parser = argparse.ArgumentParser(prog="dev.py faults", description=__doc__)
    parser.add_argument("name", nargs="?", default="", help="only those whose name has this in it, such as kill")
    parser.add_argument("--long", action="store_true", help="many rounds: an hour, to be run by hand")
    parser.add_argument("--engine", choices=ENGINES, help="only on this one")
    parser.add_argument("--seed", type=int, default=1, help="of the dice; each run prints the one it had")
    chosen = parser.parse_args()
    wanted = [chosen.name] if chosen.name else []
    wanted += [f"not {engine}" for engine in ENGINES if chosen.engine and engine != chosen.engine]
    options = ["--faults-seed", str(chosen.seed), *(["--faults-long"] if chosen.long else [])]
    here = str(Path(__file__).parent)
    return pytest.main([here, "-v", "-s", "-p", "no:xdist", "-k", " and ".join(wanted), *options])


if __name__ == "__main__":
    sys.exit(main())
