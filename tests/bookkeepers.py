"""The programs that read what is exported, where they are installed: hledger and beancount judge our files."""

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

INSTALLING = {
    "hledger": "on Debian: apt install hledger",
    "bean-check": "in an environment of its own, whose bin is on PATH: pip install beancount",
}


def run_program(program: str, *arguments: str | Path) -> str:
    """What it prints; fails the test with its words when it finds fault. Skips the test where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed ({INSTALLING[program]})")
    # hledger reads files in the encoding of the locale.
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    done = subprocess.run([found, *arguments], capture_output=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def check_hledger(file: Path) -> None:
    run_program("hledger", "-f", file, "check", "--strict")


def read_hledger_balances(file: Path) -> dict[str, int]:
    """By account, in the one commodity that each of ours has; accounts at zero as well."""
    printed = run_program("hledger", "-f", file, "balance", "--flat", "--empty", "--no-total", "-O", "csv")
    rows = list(csv.reader(printed.splitlines()))[1:]
    return {account: int(balance.split(" ")[0].replace(",", "")) for account, balance in rows}


def read_hledger_transactions(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run_program("hledger", "-f", file, "print", "-O", "json"))
    return found


def check_beancount(file: Path) -> None:
    run_program("bean-check", file)
