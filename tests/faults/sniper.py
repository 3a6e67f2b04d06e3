"""A process that kills another at the sight of a commit: when work is done and nobody has been told yet.

    python -m tests.faults.sniper DATABASE_URL PROGRAMME_ID PID

Threads beside 32 clients in one interpreter see a commit some milliseconds late, when all is answered.
"""

import os
import signal
import sqlite3
import sys
import time
from collections.abc import Callable

import psycopg

PATIENCE_SECONDS = 30.0
LAST_EVENT = "SELECT last_number FROM event_counters WHERE programme_id = "


def main(database_url: str, programme_id: str, pid: str) -> None:
    look = looking(database_url, LAST_EVENT + str(int(programme_id)))
    first = look()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while look() == first:
        if time.monotonic() > deadline:
            sys.exit("nothing is committed")
    os.kill(int(pid), signal.SIGKILL)


def looking(database_url: str, statement: str) -> Callable[[], object]:
    """A function that answers what is committed by now. The drivers alone: every layer would cost time."""
    if database_url.startswith("sqlite:///"):
        connection = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
        return lambda: connection.execute(statement).fetchone()
    server = psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True)
    return lambda: server.execute(statement.encode()).fetchone()


if __name__ == "__main__":
    main(*sys.argv[1:])
