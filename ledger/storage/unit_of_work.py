"""The unit of work: one database transaction of one programme, with the instant and the source of ids it works under.

A use-case never commits; whoever opened the unit of work does, once, and a unit that is left without `commit` is rolled
back. Nothing below reads the clock: `now` is taken once, when the unit begins.
"""

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from sqlalchemy import Engine


class UnitOfWork:
    """`connection` is inside a transaction between `__enter__` and `commit` or `rollback`."""

    def __init__(self, engine: Engine, *, programme_id: int, now: datetime, new_id: Callable[[], UUID]) -> None:
        self.programme_id = programme_id
        self.now = now
        self.new_id = new_id
        self._engine = engine

    def __enter__(self) -> Self:
        self.connection = self._engine.connect()
        try:
            self._transaction = self.connection.begin()
        except BaseException:
            self.connection.close()
            raise
        return self

    def commit(self) -> None:
        self._transaction.commit()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing rolls back whatever was not committed.
        self.connection.close()
