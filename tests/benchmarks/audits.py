"""The audit of the whole books, in entries a second, beside one bare pass of the driver over the same tables.

A filled database has no events of enrolment and submission: the audit finds each of them missing, which takes time.
"""

import time
from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, text

from ledger.app import read_clock
from ledger.queries.audit.findings import Summary
from ledger.queries.audit.run import audit
from ledger.storage.engine import open_database
from ledger.storage.tables import accounts, awards, entries, events, idempotency_keys, reports, transactions
from seed.owner import PROGRAMME_ID
from tests.benchmarks.databases import Place
from tests.benchmarks.filling import Filling, filled_database
from tests.benchmarks.measuring import Slice, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line

NAME = "audit"
RIDERS = 50_000
READ_ONCE = (transactions, entries, accounts, reports, awards, events, idempotency_keys)
ROWS_AT_ONCE = 1_000


def measure(place: Place, options: Options) -> Iterator[Line]:
    rider_count = min(RIDERS, max(options.sizes))
    filling = Filling(
        rider_count=rider_count, awards_each=max(1, options.entries // 2 // rider_count), has_outputs=True
    )
    database = open_database(filled_database(place, filling))
    with database.reader.connect() as connection:
        today = read_clock().date()
        found = take_turns(
            {"audit": lambda: audit_books(connection, today), "pass": lambda: read_once(connection)}, rounds=1
        )
    database.dispose()
    yield Finding(
        benchmark=NAME,
        engine=place.engine,
        what=f"audit of {2 * filling.award_count:,} entries",
        unit="entries/s",
        figures=found["audit"].rates,
        beside="one bare pass over the tables",
        beside_figures=found["pass"].rates,
    )


def audit_books(connection: Connection, today: date) -> Slice:
    began = time.perf_counter()
    summary = list(audit(connection, PROGRAMME_ID, today=today, findings_max=1))[-1]
    assert isinstance(summary, Summary)
    connection.rollback()
    return Slice(done=summary.entries, seconds=time.perf_counter() - began)


def read_once(connection: Connection) -> Slice:
    began = time.perf_counter()
    counts = {table: _read(connection, table.name) for table in READ_ONCE}
    connection.rollback()
    return Slice(done=counts[entries], seconds=time.perf_counter() - began)


def _read(connection: Connection, table: str) -> int:
    """How many rows there are; each was fetched."""
    rows = connection.execute(text(f"SELECT * FROM {table}"), execution_options={"yield_per": ROWS_AT_ONCE})
    return sum(1 for _ in rows)
