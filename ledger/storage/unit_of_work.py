"""The unit of work: one database transaction of one programme, with the instant and the source of ids it works under.

A use-case never commits; whoever opened the unit of work does, once, and a unit that is left without `commit` is rolled
back. Nothing below reads the clock: `now` is taken once, when the unit's turn has come.

Turns. Units of one programme run one after another, also those of several server processes: the first statement locks
the programme's row in `event_counters`. They would wait for each other anyway, at the sponsor's budget and at the
numbering of events, but holding riders and accounts meanwhile, and two units with several use-cases each can then wait
for one another in a circle. With the turn taken first there is no circle, `now` never runs against the order of the
commits, and what one unit checked no other can change before it commits. SQLite's BEGIN IMMEDIATE says the same.
"""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import psycopg
from sqlalchemy import Engine, select

from ledger.storage.engine import CommitInDoubt
from ledger.storage.tables import event_counters

DOUBTFUL_SQLSTATES = {"01000", "57P01"}
"""Warnings that a COMMIT was made here but was not waited for on the synchronous standby. Source: syncrep.c."""


class UnitOfWork:
    """`connection` is inside a transaction, and the turn is ours, between `__enter__` and `commit` or the end."""

    def __init__(
        self, engine: Engine, *, programme_id: int, clock: Callable[[], datetime], new_id: Callable[[], UUID]
    ) -> None:
        self.programme_id = programme_id
        self.new_id = new_id
        self._clock = clock
        self._engine = engine

    def __enter__(self) -> Self:
        self.connection = self._engine.connect()
        try:
            self._transaction = self.connection.begin()
            self._take_turn()
            self.now = self._clock()
        except BaseException:
            # The writer's pool has one connection: one that is not given back would stop everything.
            self.connection.close()
            raise
        return self

    def commit(self) -> None:
        """Raises CommitInDoubt when the server says that the commit may be lost with it; then ask again by key."""
        driver = self.connection.connection.driver_connection
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
        self.connection.close()

    def _take_turn(self) -> None:
        if self.connection.dialect.name == "sqlite":
            return
        self.connection.execute(
            select(event_counters.c.last_number)
            .where(event_counters.c.programme_id == self.programme_id)
            .with_for_update(key_share=True)
        )
