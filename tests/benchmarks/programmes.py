"""The programme that is measured: a budget nobody exhausts, riders, and reports that wait for their verification."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from ledger.api.decisions import credited_printer
from ledger.api.runtime import Runtime
from ledger.app import create_runtime, read_clock
from ledger.domain.access import PrincipalKind, Role
from ledger.domain.places import Datum
from ledger.domain.reports import ReportState, report_code
from ledger.domain.riders import RiderStatus
from ledger.domain.rulebook import read_rulebook
from ledger.queries import access as access_queries
from ledger.services.access import CreateOperator, create_operators
from ledger.services.programmes import CreateProgramme, create_programmes, default_rulebook
from ledger.services.verification import VerifyReport, verify_reports
from ledger.storage import schema
from ledger.storage.bulk import insert_rows
from ledger.storage.engine import Database
from ledger.storage.group_commit import Command
from ledger.storage.idempotency import Answer, IdempotencyKey
from ledger.storage.tables import persons, reports, riders
from seed.owner import PROGRAMME_ID, PROGRAMME_NAME, TIME_ZONE, open_session, play
from tests.benchmarks.databases import Place
from tests.deployment import test_settings

REVIEWER = "operator/reviewer"
BUDGET_POINTS = 1_000_000_000_000
CATEGORY = "SAF-03"
"""Urgent, so that no cap ends the credits of a rider who is measured for minutes."""
ROWS_PER_INSERT = 10_000
BULK = 1_000

_keys = count(1)
_rulebook = read_rulebook(1, default_rulebook())
_print_credited = credited_printer(_rulebook)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A submitted report, as the contenders are told of it: the key is that of the request which verifies it."""

    report_id: UUID
    rider_id: UUID
    key: str


@contextmanager
def open_runtime(url: str) -> Iterator[Runtime]:
    """The product's parts on the database, its writer running; nobody is connected afterwards."""
    runtime = create_runtime(test_settings(url))
    runtime.writer.start()
    try:
        yield runtime
    finally:
        runtime.writer.stop()
        runtime.database.dispose()


def found_programme(url: str) -> None:
    """An empty database has the schema and one programme with a budget that nobody exhausts."""
    with open_runtime(url) as runtime:
        schema.upgrade(runtime.database)
        founding = CreateProgramme(
            name=PROGRAMME_NAME,
            time_zone=TIME_ZONE,
            owner_name="owner",
            owner_password_hash="",
            budget_points=BUDGET_POINTS,
        )
        play(runtime, PROGRAMME_ID, create_programmes, founding)


def create_template(place: Place, *, rider_count: int) -> tuple[str, list[UUID]]:
    """The URL of a database with a programme and its riders, to be copied, and the riders' ids."""
    url = place.create()
    found_programme(url)
    with open_runtime(url) as runtime:
        rider_ids = insert_riders(runtime.database, rider_count)
        # Everybody has a lot and a standing, as in the middle of a month, and the planner knows how much there is.
        waiting = insert_reports([runtime.database], rider_ids)
        for first in range(0, len(waiting), BULK):
            runtime.writer.run(verification(waiting[first : first + BULK]))
        with runtime.database.writer.begin() as connection:
            connection.exec_driver_sql("ANALYZE")
    return url, rider_ids


def open_reviewer_session(runtime: Runtime) -> str:
    """A token of the reviewer, who is made first."""
    reviewer = CreateOperator(
        name="reviewer",
        display_name="reviewer",
        password_hash="",
        roles=frozenset({Role.REVIEWER}),
        actor="operator/owner",
    )
    play(runtime, PROGRAMME_ID, create_operators, reviewer)
    with runtime.reading() as connection:
        found = access_queries.read_operator(connection, PROGRAMME_ID, reviewer.name)
    return open_session(runtime, PROGRAMME_ID, PrincipalKind.OPERATOR, found.id)


def insert_riders(database: Database, rider_count: int) -> list[UUID]:
    rider_ids = [uuid7() for _ in range(rider_count)]
    now = read_clock()
    for first in range(0, rider_count, ROWS_PER_INSERT):
        part = list(enumerate(rider_ids[first : first + ROWS_PER_INSERT], start=first + 1))
        with database.writer.begin() as connection:
            insert_rows(
                connection,
                riders,
                [
                    {
                        "programme_id": PROGRAMME_ID,
                        "id": rider_id,
                        "code": f"R{number:07d}",
                        "industry_code": "01",
                        "subdistrict": "钟公庙街道",
                        "status": RiderStatus.ACTIVE.value,
                        "enrolled_at": now,
                        "source": "benchmark",
                    }
                    for number, rider_id in part
                ],
            )
            insert_rows(
                connection,
                persons,
                [
                    {"programme_id": PROGRAMME_ID, "rider_id": rider_id, "name": f"骑手{number}"}
                    for number, rider_id in part
                ],
            )
    return rider_ids


def report_rows(rider_ids: Sequence[UUID], *, submitted_at: datetime | None = None) -> list[dict[str, Any]]:
    """A submitted report for each of the riders, as rows of `reports`."""
    now = submitted_at or read_clock()
    due = now + timedelta(hours=1)
    rows = []
    for rider_id in rider_ids:
        report_id = uuid7()
        rows.append(
            {
                "programme_id": PROGRAMME_ID,
                "id": report_id,
                "code": report_code(report_id),
                "rider_id": rider_id,
                "category_code": CATEGORY,
                "hours": 1,
                "state": ReportState.SUBMITTED.value,
                "lat_e7": 298_146_000,
                "lon_e7": 1_215_542_000,
                "datum": Datum.GCJ_02.value,
                "address": "鄞州大道 1 号",
                "subdistrict": "钟公庙街道",
                "description": "路面塌陷",
                "source": "app",
                "submitted_at": now,
                "recorded_at": now,
                "review_due_at": due,
                "reason": "",
            }
        )
    return rows


def insert_reports(databases: Sequence[Database], rider_ids: Sequence[UUID]) -> list[Waiting]:
    """The very same reports, one for each of the riders, wait in each of the databases."""
    waiting = []
    for first in range(0, len(rider_ids), ROWS_PER_INSERT):
        rows = report_rows(rider_ids[first : first + ROWS_PER_INSERT])
        for database in databases:
            with database.writer.begin() as connection:
                insert_rows(connection, reports, rows)
        waiting += [
            Waiting(report_id=row["id"], rider_id=row["rider_id"], key=f"benchmark-{next(_keys)}") for row in rows
        ]
    return waiting


def verification(batch: Sequence[Waiting]) -> Command:
    """The command by which the API verifies the reports, with a key of its own and the printed answer."""
    key = batch[0].key
    return Command(
        programme_id=PROGRAMME_ID,
        use_case=verify_reports,
        items=[VerifyReport(report=str(item.report_id), actor=REVIEWER, key=key) for item in batch],
        render=_print_many if len(batch) > 1 else _print_one,
        key=IdempotencyKey(actor=REVIEWER, key=key, request_sha256=batch[0].report_id.bytes * 2),
    )


def _print_one(outcomes: Sequence[Any]) -> Answer:
    return Answer(status=200, body=msgspec.json.encode(_print_credited(outcomes[0])))


def _print_many(outcomes: Sequence[Any]) -> Answer:
    items = [{"index": index, "outcome": "done", **_print_credited(found)} for index, found in enumerate(outcomes)]
    return Answer(status=200, body=msgspec.json.encode({"done": len(items), "refused": 0, "items": items}))
