"""The floor of a write: the bare set-based INSERT and UPDATE of the very rows that were written, and nothing decided.

The rows are read back from the database that the product wrote into and written into a copy made before, by the driver
alone: the same units of work (all rows of one carry its instant), engine, durability and constraints. What has to be
put together for that is put together before the clock starts.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from ledger.storage.engine import Database
from ledger.storage.tables import (
    accounts,
    awards,
    entries,
    event_counters,
    events,
    idempotency_keys,
    reports,
    standings,
    transactions,
)
from ledger.storage.types import UtcDateTime
from seed.owner import PROGRAMME_ID
from tests.benchmarks.measuring import Slice

Rows = list[tuple[Any, ...]]
Write = tuple[str, Any]
"""A statement and its parameters: arrays on PostgreSQL, rows on SQLite."""

DECISION = ("programme_id", "id", "state", "decided_at", "decided_by", "reason", "duplicate_of")
BALANCE = ("programme_id", "id", "balance", "version")
UPDATED_BY = {
    accounts: ("programme_id", "id"),
    reports: ("programme_id", "id"),
    standings: ("programme_id", "month", "rider_id"),
    event_counters: ("programme_id",),
}


class AwardFloor:
    """`replay` writes into `copy` what awards wrote into `source` in a span of time. `copy` has the same reports."""

    def __init__(self, source: Database, copy: Database) -> None:
        self._source = source
        self._copy = copy
        self._is_sqlite = source.is_sqlite
        self._ranked = {tuple(row) for row in self._read(copy, standings, ("month", "rider_id"))}

    def replay(self, began: datetime) -> Slice:
        """What was written since `began`, in as many commits. `done` counts the awards."""
        units = list(self._units(began))
        connection = self._copy.writer.raw_connection()
        cursor = connection.cursor()
        started = time.perf_counter()
        for unit in units:
            if self._is_sqlite:
                cursor.execute("BEGIN IMMEDIATE")
            for statement, values in unit:
                if self._is_sqlite:
                    cursor.executemany(statement, values)
                else:
                    cursor.execute(statement, values)
            connection.commit()
        elapsed = time.perf_counter() - started
        connection.close()
        return Slice(done=self._replayed, seconds=elapsed)

    def _units(self, began: datetime) -> Iterator[list[Write]]:
        written = {
            table: self._by_instant(table, column, began)
            for table, column in (
                (accounts, accounts.c.opened_at),
                (transactions, transactions.c.recorded_at),
                (entries, entries.c.effective_at),
                (awards, awards.c.effective_at),
                (events, events.c.recorded_at),
                (idempotency_keys, idempotency_keys.c.recorded_at),
            )
        }
        decided = self._by_instant(reports, reports.c.decided_at, began, DECISION)
        scores = {(row[1], row[2]): row for row in self._read(self._source, standings)}
        self._replayed = sum(map(len, written[awards].values()))
        for instant in sorted(written[transactions]):
            found = {table: rows.get(instant, []) for table, rows in written.items()}
            touched = dict.fromkeys((row[_at(awards, "month")], row[_at(awards, "rider_id")]) for row in found[awards])
            new = [scores[key] for key in touched if key not in self._ranked]
            changed = [scores[key] for key in touched if key in self._ranked]
            self._ranked |= touched.keys()
            counter = [(PROGRAMME_ID, found[events][-1][_at(events, "number")])]
            yield [
                *self._insert(accounts, found[accounts]),
                *self._update(accounts, BALANCE, _last_balances(found[entries])),
                *self._insert(transactions, found[transactions]),
                *self._insert(entries, found[entries]),
                *self._update(reports, DECISION, decided[instant]),
                *self._insert(awards, found[awards]),
                *self._insert(standings, new),
                *self._update(standings, tuple(standings.c.keys()), changed),
                *self._update(event_counters, ("programme_id", "last_number"), counter),
                *self._insert(events, found[events]),
                *self._insert(idempotency_keys, found[idempotency_keys]),
            ]

    def _by_instant(
        self, table: Table, column: Column[Any], began: datetime, names: Sequence[str] = ()
    ) -> dict[Any, Rows]:
        moment = UtcDateTime().process_bind_param(began, self._source.writer.dialect)
        names = names or table.c.keys()
        place = list(names).index(column.name)
        mark = "?" if self._is_sqlite else "%s"
        order = ", ".join(key.name for key in table.primary_key)
        found: dict[Any, Rows] = {}
        for row in self._read(self._source, table, names, f"WHERE {column.name} >= {mark} ORDER BY {order}", (moment,)):
            found.setdefault(row[place], []).append(row)
        return found

    def _read(
        self, database: Database, table: Table, names: Sequence[str] = (), rest: str = "", values: tuple[Any, ...] = ()
    ) -> Rows:
        """As the driver gives them, so that they go back the same way."""
        connection = database.reader.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(f"SELECT {', '.join(names or table.c.keys())} FROM {table.name} {rest}", values)
            return [tuple(row) for row in cursor.fetchall()]
        finally:
            connection.close()

    def _insert(self, table: Table, rows: Rows) -> list[Write]:
        names = table.c.keys()
        listed = ", ".join(names)
        if self._is_sqlite:
            return _write(f"INSERT INTO {table.name} ({listed}) VALUES ({', '.join('?' * len(names))})", rows)
        arrays = _arrays(table, names)
        return _write(f"INSERT INTO {table.name} ({listed}) SELECT * FROM unnest({arrays})", rows, _transposed)

    def _update(self, table: Table, names: Sequence[str], rows: Rows) -> list[Write]:
        keys = UPDATED_BY[table]
        others = [name for name in names if name not in keys]
        if self._is_sqlite:
            sets = ", ".join(f"{name} = ?" for name in others)
            found = " AND ".join(f"{name} = ?" for name in keys)
            order = [list(names).index(name) for name in (*others, *keys)]
            sorted_rows = [tuple(row[place] for place in order) for row in rows]
            return _write(f"UPDATE {table.name} SET {sets} WHERE {found}", sorted_rows)
        sets = ", ".join(f"{name} = new.{name}" for name in others)
        found = " AND ".join(f"{table.name}.{name} = new.{name}" for name in keys)
        source = f"unnest({_arrays(table, names)}) AS new ({', '.join(names)})"
        return _write(f"UPDATE {table.name} SET {sets} FROM {source} WHERE {found}", rows, _transposed)


def _at(table: Table, name: str) -> int:
    return list(table.c.keys()).index(name)


def _last_balances(rows: Rows) -> Rows:
    account, version, balance = (_at(entries, name) for name in ("account_id", "version", "balance_after"))
    last = {row[account]: (PROGRAMME_ID, row[account], row[balance], row[version]) for row in rows}
    return [last[key] for key in sorted(last)]


def _arrays(table: Table, names: Sequence[str]) -> str:
    dialect = postgresql.dialect()
    return ", ".join(f"%s::{table.c[name].type.compile(dialect=dialect)}[]" for name in names)


def _write(statement: str, rows: Rows, to_values: Callable[[Rows], Any] = list) -> list[Write]:
    return [(statement, to_values(rows))] if rows else []


def _transposed(rows: Rows) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
