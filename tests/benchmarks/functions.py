"""A peer: pgledger's method, sorted row locks inside a PL/pgSQL function, in a small schema of our own (functions.sql).

One call is one transfer and one commit, over a connection for each client, with the driver's bare autocommit. The lean
form writes a transfer, two entries, two balances and the request's key; the full form also what an award writes beside.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from tests.benchmarks.databases import connect_bare
from tests.benchmarks.programmes import BUDGET_POINTS, REVIEWER, Waiting

SCHEMA = Path(__file__).with_name("functions.sql")
POINTS = 50
LEAN = "SELECT transfer_lean(%s, %s, %s, %s, %s, %s, %s)"
FULL = "SELECT transfer_full(%s, %s, %s, %s, %s, %s, %s)"


class Functions:
    """The peer in an empty database of PostgreSQL. `lean(n)` and `full(n)` are what each of n clients does."""

    def __init__(self, url: str, rider_ids: Sequence[UUID]) -> None:
        self.url = url
        self._connections: list[psycopg.Connection] = []
        self.budget = uuid7()
        with connect_bare(url) as connection:
            connection.execute(SCHEMA.read_text(encoding="utf-8"))
            connection.execute("INSERT INTO accounts (id, balance) VALUES (%s, %s)", (self.budget, BUDGET_POINTS))
            connection.execute("INSERT INTO accounts (id) SELECT unnest(%s::uuid[])", (list(rider_ids),))
            connection.execute("ANALYZE")

    def submit(self, waiting: Sequence[Waiting]) -> None:
        """The reports wait here too; only the full form needs them."""
        with connect_bare(self.url) as connection:
            connection.execute(
                "INSERT INTO reports (id, rider_id) SELECT * FROM unnest(%s::uuid[], %s::uuid[])",
                ([item.report_id for item in waiting], [item.rider_id for item in waiting]),
            )

    def lean(self, number: int) -> list[Callable[[Waiting], None]]:
        return [self._client(connection, is_full=False) for connection in self._connect(number)]

    def full(self, number: int) -> list[Callable[[Waiting], None]]:
        return [self._client(connection, is_full=True) for connection in self._connect(number)]

    def dispose(self) -> None:
        for connection in self._connections:
            connection.close()

    def _connect(self, number: int) -> list[psycopg.Connection]:
        while len(self._connections) < number:
            self._connections.append(connect_bare(self.url))
        return self._connections[:number]

    def _client(self, connection: psycopg.Connection, *, is_full: bool) -> Callable[[Waiting], None]:
        statement, budget = FULL if is_full else LEAN, self.budget

        def transfer(item: Waiting) -> None:
            about = item.report_id if is_full else item.rider_id
            values = (uuid7(), budget, about, POINTS, item.key, REVIEWER, "SAF-03")
            connection.execute(statement, values, prepare=True)

        return transfer
