"""A peer: one unit of work per request, the usual way. The same award in our own tables, row by row, with row locks.

Each client has a connection of its own. A request looks for its key, locks the report, the rider and the accounts (in
the order of their ids), checks, writes each row by a statement of its own, and commits. It is given what a careful
author would give it: statements compiled once, no ORM, the rulebook in memory, urgent reports outside the caps, and the
counter of events last, because its row is locked until the commit.

On SQLite the clients take turns by a lock of the process rather than by the busy timeout, under which they would sleep.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from uuid_utils.compat import uuid7

from ledger.app import read_clock
from ledger.domain.accounts import Account, Purpose, Side, available_account
from ledger.domain.awards import Part
from ledger.domain.calendar import local_day, month_of
from ledger.domain.reports import ReportState
from ledger.domain.riders import RiderStatus
from ledger.domain.rulebook import read_rulebook
from ledger.domain.transactions import TransactionKind
from ledger.services.programmes import default_rulebook
from ledger.storage.engine import Database, open_database
from ledger.storage.tables import (
    accounts,
    awards,
    entries,
    event_counters,
    events,
    idempotency_keys,
    reports,
    riders,
    sponsors,
    standings,
    transactions,
)
from ledger.storage.types import Id
from seed.owner import PROGRAMME_ID
from tests.benchmarks.programmes import CATEGORY, REVIEWER, Waiting

ZONE = ZoneInfo("Asia/Shanghai")
RULEBOOK = read_rulebook(1, default_rulebook())
POINTS = RULEBOOK.categories[CATEGORY].points


def _of(table: Any) -> Any:
    return table.c.programme_id == PROGRAMME_ID


FIND_KEY = select(idempotency_keys.c.body).where(
    _of(idempotency_keys), idempotency_keys.c.actor == bindparam("actor"), idempotency_keys.c.key == bindparam("key")
)
LOCK_REPORT = (
    select(reports.c.code, reports.c.rider_id, reports.c.state, reports.c.category_code, reports.c.submitted_at)
    .where(_of(reports), reports.c.id == bindparam("report"))
    .with_for_update(key_share=True)
)
LOCK_RIDER = (
    select(riders.c.code, riders.c.status)
    .where(_of(riders), riders.c.id == bindparam("rider"))
    .with_for_update(key_share=True)
)
LOCK_ACCOUNTS = (
    select(accounts.c.id, accounts.c.purpose, accounts.c.bucket, accounts.c.balance, accounts.c.version)
    .where(_of(accounts), accounts.c.owner_id.in_([bindparam("rider", type_=Id), bindparam("sponsor", type_=Id)]))
    .order_by(accounts.c.id)
    .with_for_update(key_share=True)
)
SET_BALANCE = (
    update(accounts)
    .where(_of(accounts), accounts.c.id == bindparam("account"))
    .values(balance=bindparam("new_balance"), version=bindparam("new_version"))
)
SET_DECISION = (
    update(reports)
    .where(_of(reports), reports.c.id == bindparam("report"))
    .values(state=ReportState.VERIFIED.value, decided_at=bindparam("now"), decided_by=bindparam("actor"), reason="")
)
NEXT_EVENT = (
    update(event_counters)
    .where(_of(event_counters))
    .values(last_number=event_counters.c.last_number + 1)
    .returning(event_counters.c.last_number)
)
INSERTS = {table: insert(table) for table in (accounts, transactions, awards, events, idempotency_keys)}
SIDES = (Side.DEBIT, Side.CREDIT)
# Both entries of the leg in one statement: the database checks after each that the transaction balances.
INSERT_ENTRIES = insert(entries).values(
    [{each.name: bindparam(f"{side.name}_{each.name}", type_=each.type) for each in entries.c} for side in SIDES]
)


def _upsert_standing(dialect: Any) -> Any:
    new = dialect.insert(standings)
    return new.on_conflict_do_update(
        index_elements=["programme_id", "month", "rider_id"],
        set_={
            "merit": standings.c.merit + new.excluded.merit,
            "verified_reports": standings.c.verified_reports + 1,
            "serious_points": standings.c.serious_points + new.excluded.serious_points,
            "reached_at": new.excluded.reached_at,
        },
    )


UPSERT_STANDING = {"sqlite": _upsert_standing(sqlite), "postgresql": _upsert_standing(postgresql)}


class PerRequest:
    """The peer on a database. `clients(n)` is what each of n clients does with a waiting report."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._databases: list[Database] = []
        # Statements are compiled for the first client and then known to all.
        self._compiled: dict[Any, Any] = {}
        self._turn: AbstractContextManager[Any] = threading.Lock() if url.startswith("sqlite") else nullcontext()
        with self._open().writer.connect() as connection:
            self._sponsor_id: UUID = connection.execute(select(sponsors.c.id).where(_of(sponsors))).scalar_one()
        self._upsert = UPSERT_STANDING[self._databases[0].writer.dialect.name]

    def clients(self, number: int) -> list[Callable[[Waiting], None]]:
        while len(self._databases) < number:
            self._open()
        return [self._client(database) for database in self._databases[:number]]

    def dispose(self) -> None:
        for database in self._databases:
            database.dispose()

    def _open(self) -> Database:
        """As the product's writer: the same pragmas, time zone and isolation, one connection."""
        self._databases.append(open_database(self._url))
        return self._databases[-1]

    def _client(self, database: Database) -> Callable[[Waiting], None]:
        engine = database.writer.execution_options(compiled_cache=self._compiled)

        def verify(item: Waiting) -> None:
            with self._turn, engine.begin() as connection:
                self._verify(connection, item)

        return verify

    def _verify(self, connection: Connection, item: Waiting) -> None:
        now = read_clock()
        if connection.execute(FIND_KEY, {"actor": REVIEWER, "key": item.key}).one_or_none():
            raise AssertionError("no key is sent twice")
        report = connection.execute(LOCK_REPORT, {"report": item.report_id}).one()
        rider = connection.execute(LOCK_RIDER, {"rider": report.rider_id}).one()
        assert report.state == ReportState.SUBMITTED and rider.status == RiderStatus.ACTIVE
        budget, lot = self._lock_accounts(connection, report.rider_id, now)
        assert budget.balance >= POINTS

        transaction_id = uuid7()
        _write_transaction(connection, item, transaction_id=transaction_id, budget=budget, lot=lot, now=now)
        connection.execute(SET_DECISION, {"report": item.report_id, "now": now, "actor": REVIEWER})
        self._write_award(connection, item, transaction_id=transaction_id, report=report, now=now)
        balances = {"available": lot.balance + POINTS, "owed": 0, "budget": budget.balance - POINTS}
        _write_event(connection, report.code, rider.code, transaction_id=transaction_id, balances=balances, now=now)
        body = {"report": {"code": report.code, "rider": rider.code, "state": "verified"}, "balances": balances}
        answer = {"status": 200, "body": msgspec.json.encode(body), "request_sha256": item.report_id.bytes * 2}
        row = {"programme_id": PROGRAMME_ID, "actor": REVIEWER, "key": item.key, "recorded_at": now, **answer}
        connection.execute(INSERTS[idempotency_keys], row)

    def _lock_accounts(self, connection: Connection, rider_id: UUID, now: datetime) -> tuple[Any, Any]:
        """The budget and the lot, opened if need be."""
        found = connection.execute(LOCK_ACCOUNTS, {"rider": rider_id, "sponsor": self._sponsor_id}).all()
        bucket = RULEBOOK.lapse_day(local_day(now, ZONE)).isoformat()
        budget = next(account for account in found if account.purpose == Purpose.BUDGET)
        lot = next((account for account in found if account.bucket == bucket), None)
        if lot is not None:
            return budget, lot
        account = Account(id=uuid7(), key=available_account(rider_id, bucket))
        row = {
            "programme_id": PROGRAMME_ID,
            "id": account.id,
            "owner_id": rider_id,
            "purpose": account.key.purpose.value,
            "commodity": account.key.commodity,
            "bucket": bucket,
            "normal_side": int(account.key.rule.normal_side),
            "has_floor": account.key.rule.has_floor,
            "balance": 0,
            "version": 0,
            "opened_at": now,
        }
        connection.execute(INSERTS[accounts], row)
        return budget, account

    def _write_award(
        self, connection: Connection, item: Waiting, *, transaction_id: UUID, report: Any, now: datetime
    ) -> None:
        day = local_day(report.submitted_at, ZONE)
        award = {
            "programme_id": PROGRAMME_ID,
            "report_id": item.report_id,
            "rider_id": item.rider_id,
            "part": Part.REPORT.value,
            "transaction_id": transaction_id,
            "sponsor_id": self._sponsor_id,
            "points_wanted": POINTS,
            "points_granted": POINTS,
            "is_cap_exempt": True,
            "is_serious": True,
            "merit": POINTS,
            "day": day,
            "month": month_of(day),
            "lapses_on": RULEBOOK.lapse_day(local_day(now, ZONE)),
            "rulebook_version": RULEBOOK.version,
            "effective_at": now,
            "revision": 0,
            "is_current": True,
        }
        connection.execute(INSERTS[awards], award)
        standing = {
            "programme_id": PROGRAMME_ID,
            "month": month_of(day),
            "rider_id": item.rider_id,
            "merit": POINTS,
            "verified_reports": 1,
            "serious_points": POINTS,
            "reached_at": now,
        }
        connection.execute(self._upsert, standing)


def _write_transaction(
    connection: Connection, item: Waiting, *, transaction_id: UUID, budget: Any, lot: Any, now: datetime
) -> None:
    transaction = {
        "programme_id": PROGRAMME_ID,
        "id": transaction_id,
        "kind": TransactionKind.AWARD.value,
        "effective_at": now,
        "recorded_at": now,
        "actor": REVIEWER,
        "source_id": item.report_id,
        "rulebook_version": RULEBOOK.version,
        "memo": CATEGORY,
        "idempotency_key": item.key,
    }
    connection.execute(INSERTS[transactions], transaction)
    both: dict[str, Any] = {}
    for account, side, change in zip((budget, lot), SIDES, (-POINTS, POINTS), strict=True):
        balance, version = account.balance + change, account.version + 1
        connection.execute(SET_BALANCE, {"account": account.id, "new_balance": balance, "new_version": version})
        entry = {
            "programme_id": PROGRAMME_ID,
            "account_id": account.id,
            "version": version,
            "transaction_id": transaction_id,
            "leg": 0,
            "side": int(side),
            "amount": POINTS,
            "balance_after": balance,
            "effective_at": now,
        }
        both |= {f"{side.name}_{name}": value for name, value in entry.items()}
    connection.execute(INSERT_ENTRIES, both)


def _write_event(
    connection: Connection,
    report_code: str,
    rider_code: str,
    *,
    transaction_id: UUID,
    balances: dict[str, int],
    now: datetime,
) -> None:
    data = {
        "rider": rider_code,
        "category": CATEGORY,
        "by": REVIEWER,
        "points_wanted": POINTS,
        "points_granted": POINTS,
        "merit": POINTS,
        "transaction": str(transaction_id),
        **{f"{name}_after": balance for name, balance in balances.items()},
    }
    event = {
        "programme_id": PROGRAMME_ID,
        "number": connection.execute(NEXT_EVENT).scalar_one(),
        "kind": "report.verified",
        "subject": f"report/{report_code}",
        "recorded_at": now,
        "data": msgspec.json.encode(data).decode(),
    }
    connection.execute(INSERTS[events], event)
