"""The unit of work: one database transaction of one programme, with the instant and the source of ids it works under.

A use-case never commits; whoever opened the unit of work does, once, and a unit that is left without `commit` is rolled
back. Nothing below reads the clock: `now` is taken once, when the unit's turn has come.

Turns. Units of one programme run one after another, also those of several server processes: the first statement locks
the programme's row in `event_counters`. They would wait for each other anyway, at the sponsor's budget and at the
numbering of events, but holding riders and accounts meanwhile, and two units with several use-cases each can then wait
for one another in a circle. With the turn taken first there is no circle, `now` never runs against the order of the
commits, and what one unit checked no other can change before it commits. SQLite's BEGIN IMMEDIATE says the same.

Writes wait. What a use-case inserts and updates is kept and sent together, before the next read or the commit: on
PostgreSQL in one round trip instead of a dozen.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import psycopg
from sqlalchemy import Connection, Engine, Table, select

from ledger.storage.bulk import Row, Write, add_of, insert_of, run_writes, update_of
from ledger.storage.engine import CommitInDoubt
from ledger.storage.tables import event_counters

DOUBTFUL_SQLSTATES = {"01000", "57P01"}
"""Warnings that a COMMIT was made here but was not waited for on the synchronous standby. Source: syncrep.c."""


class UnitOfWork:
    """Inside a transaction, and the turn is ours, between `__enter__` and `commit` or the end.

    `last_event_number` is that of the programme's last event; None before there is a programme.
    """

    now: datetime
    last_event_number: int | None

    def __init__(
        self, engine: Engine, *, programme_id: int, clock: Callable[[], datetime], new_id: Callable[[], UUID]
    ) -> None:
        self.programme_id = programme_id
        self.new_id = new_id
        self._clock = clock
        self._engine = engine
        self._writes: list[Write] = []

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        try:
            self._transaction = self._connection.begin()
            self._take_turn()
            self.now = self._clock()
        except BaseException:
            # The writer's pool has one connection: one that is not given back would stop everything.
            self._connection.close()
            raise
        return self

    @property
    def connection(self) -> Connection:
        """To read on. What was to be written before has been written, and is seen."""
        self.flush()
        return self._connection

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """The rows will be inserted. Every row has the same keys: the columns written."""
        if rows:
            self._writes.append(insert_of(self._connection.dialect, table, rows))

    def update(self, table: Table, *, key: Sequence[str], rows: Sequence[Row]) -> None:
        """The other columns of each row will be set where its `key` matches; a row that is not there is an error."""
        if rows:
            self._writes.append(update_of(self._connection.dialect, table, key=key, rows=rows))

    def add(self, table: Table, *, to: str, key: Sequence[str], rows: Sequence[Row]) -> None:
        """Each row's `to` will be added to that of the row with its `key`; where there is none, the row is inserted."""
        if rows:
            self._writes.append(add_of(self._connection.dialect, table, to=to, key=key, rows=rows))

    def flush(self) -> None:
        """Everything that waited is written. Raises BrokenInvariant where a row to change was not there."""
        if self._writes:
            writes, self._writes = self._writes, []
            run_writes(self._connection, writes)

    def commit(self) -> None:
        """Raises CommitInDoubt when the server says that the commit may be lost with it; then ask again by key."""
        self.flush()
        driver = self._connection.connection.driver_connection
        if not isinstance(driver, psycopg.Connection):
            self._transaction.commit()
            return
        doubts: list[str] = []

        def keep_doubt(notice: psycopg.errors.Diagnostic) -> None:
            # Read here: what a notice holds is freed when the handler returns.
            if notice.sqlstate in DOUBTFUL_SQLSTATES:
                doubts.append(notice.message_primary or "")

        driver.add_notice_handler(keep_doubt)
        try:
            self._transaction.commit()
        finally:
            driver.remove_notice_handler(keep_doubt)
        if doubts:
            raise CommitInDoubt(doubts[0])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing rolls back whatever was not committed.
        self._connection.close()

    def _take_turn(self) -> None:
        self.last_event_number = self._connection.scalar(
            select(event_counters.c.last_number)
            .where(event_counters.c.programme_id == self.programme_id)
            .with_for_update(key_share=True)
        )
