"""How fast the historical import books, beside the bare set-based INSERT of the very same rows.

The rows are the sample of real reports, repeated with ids and days of their own. The floor writes what the import
wrote, table by table, with as many commits, in the same engine and durability, and decides nothing.
"""

import csv
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select

from ledger.app import create_runtime
from ledger.domain.reports import ReportState
from ledger.services.imports import ImportReport, import_reports
from ledger.storage import schema
from ledger.storage.bulk import insert_rows
from ledger.storage.engine import Database, open_database
from ledger.storage.tables import metadata
from seed.owner import PROGRAMME_ID, found_programme, play
from tests.benchmarks.databases import Place
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line
from tests.deployment import test_settings

SAMPLE = Path(__file__).resolve().parent.parent.parent / "seed" / "boston311-sample.csv"
ZONE = ZoneInfo("Asia/Shanghai")
NAME = "import"
ROWS = 20_000
BATCH = 1_000
SKIPPED = {"programmes", "rulebooks", "sponsors", "operators", "event_counters"}
"""Tables that the import does not write rows into; the floor's database has them already."""


def historical_reports(count: int) -> list[ImportReport]:
    """`count` reports in the order in which they are credited."""
    with SAMPLE.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    reports = []
    for number in range(count):
        row, repeat = rows[number % len(rows)], number // len(rows)
        opened = _time(row["OPEN_DT"]) - timedelta(days=7 * repeat)
        is_open = row["CASE_STATUS"] == "Open"
        reports.append(
            ImportReport(
                source="benchmark",
                external_id=f"{repeat}-{row['CASE_ENQUIRY_ID']}",
                rider_code=row["REPORTER"],
                category_code="FAC-01",
                state=ReportState.SUBMITTED if is_open else ReportState.VERIFIED,
                submitted_at=opened,
                decided_at=None if is_open else opened + timedelta(hours=20),
                place=None,
                actor="operator/owner",
                address=row["Location"],
                reason=row["CLOSURE_REASON"],
            )
        )
    return sorted(reports, key=lambda report: (report.submitted_at, report.external_id))


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=ZONE)


def time_import(url: str, reports: Sequence[ImportReport]) -> float:
    runtime = create_runtime(test_settings(url))
    schema.upgrade(runtime.database)
    runtime.writer.start()
    found_programme(runtime, password_hash="")
    began = time.perf_counter()
    for first in range(0, len(reports), BATCH):
        play(runtime, PROGRAMME_ID, import_reports, *reports[first : first + BATCH])
    seconds = time.perf_counter() - began
    runtime.writer.stop()
    runtime.database.dispose()
    return seconds


def time_floor(source: Database, target: Database, commits: int) -> float:
    """Copies what the import wrote, in `commits` commits, and times the writing alone."""
    schema.upgrade(target)
    tables = [table for table in metadata.sorted_tables if table.name not in SKIPPED]
    with source.reader.connect() as connection:
        written = {table: [dict(row) for row in connection.execute(select(table)).mappings()] for table in tables}
        base = {table: connection.execute(select(table)).mappings().all() for table in metadata.sorted_tables}
    with target.writer.begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in SKIPPED:
                insert_rows(connection, table, [dict(row) for row in base[table]])
    began = time.perf_counter()
    for part in range(commits):
        with target.writer.begin() as connection:
            for table, rows in _parts(written, part, commits):
                insert_rows(connection, table, rows)
    return time.perf_counter() - began


def _parts(
    written: dict[Table, list[dict[str, Any]]], part: int, commits: int
) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    for table, rows in written.items():
        size = len(rows) // commits + 1
        # Rows that others point at must be there first, and a transaction's entries together.
        whole_at_once = table.name in {"riders", "accounts", "transactions", "entries", "reports"}
        if whole_at_once and part == 0:
            yield table, rows
        elif not whole_at_once:
            yield table, rows[part * size : (part + 1) * size]


def measure(place: Place, options: Options) -> Iterator[Line]:
    reports = historical_reports(min(ROWS, options.entries))
    rates: list[float] = []
    floors: list[float] = []
    for _ in range(options.rounds):
        urls = [place.create(), place.create()]
        seconds = time_import(urls[0], reports)
        source, target = open_database(urls[0]), open_database(urls[1])
        floor_seconds = time_floor(source, target, commits=len(reports) // BATCH + 1)
        source.dispose()
        target.dispose()
        for url in urls:
            place.drop(url)
        rates.append(len(reports) / seconds)
        floors.append(len(reports) / floor_seconds)
    yield Finding(
        benchmark=NAME,
        engine=place.engine,
        what=f"historical import of {len(reports):,}",
        unit="reports/s",
        figures=rates,
        beside="floor: the same rows, bare",
        beside_figures=floors,
    )
