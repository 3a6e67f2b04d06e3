"""What a check is given to read: one programme in one state of the database, a window of ids at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Executable, Row, Table, and_, func, literal, select

from ledger.domain.errors import Text
from ledger.queries.audit.findings import Found, Severity
from ledger.storage.tables import programmes

ROWS_AT_ONCE = 1_000
"""Rows that are in memory at a time; the driver holds the rest back."""

WINDOW_IDS = 20_000
"""Ids in one window: a statement over them takes a fraction of a second, which is how often somebody who waits wants to
see that it lives, and what it sorts fits into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Ids above `after` up to and with `upto`; None is open, so that the windows of a table leave no id out, also none
    that only another table has."""

    after: Any = None
    upto: Any = None

    def holds(self, column: ColumnElement[Any]) -> ColumnElement[bool]:
        bounds = []
        if self.after is not None:
            bounds.append(column > self.after)
        if self.upto is not None:
            bounds.append(column <= self.upto)
        return and_(True, *bounds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """`connection` is in a read transaction, so that every statement sees the same state. `today` is local."""

    connection: Connection
    programme_id: int
    today: date
    window: Window = Window()

    def holds(self, column: Any) -> ColumnElement[bool]:
        """The row is the programme's, and in the window by this column of its table."""
        return and_(column.table.c.programme_id == self.programme_id, self.window.holds(column))

    def mine(self, table: Any) -> ColumnElement[bool]:
        column = table.c.id if table is programmes else table.c.programme_id
        is_mine: ColumnElement[bool] = column == self.programme_id
        return is_mine

    def rows(self, statement: Executable) -> Iterator[Row[Any]]:
        """One after the other, never all of them."""
        yield from self.connection.execute(statement, execution_options={"yield_per": ROWS_AT_ONCE})


Validate = Callable[[Books], Iterator[Found]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """An invariant. `title` says what must be so, `remedy` what to do where it is not.

    `over` is the column whose windows it goes through, None for what is small or must be seen whole; `counted` the
    table whose rows say how far it is, `table` the one its findings are in unless they name another.
    """

    validate: Validate
    title: Text
    remedy: Text
    severity: Severity
    table: str
    counted: Table
    over: Column[Any] | None

    @property
    def name(self) -> str:
        """Stable: what a script looks for in a finding."""
        return self.validate.__name__.removeprefix("validate_")


def list_windows(books: Books, column: Column[Any]) -> Iterator[Window]:
    """Windows of `WINDOW_IDS` rows in the order of the ids, the last one open at its end."""
    after: Any = None
    while True:
        upto = books.connection.scalar(
            select(column)
            .where(Window(after=after).holds(column), books.mine(column.table))
            .order_by(column)
            .offset(WINDOW_IDS - 1)
            .limit(1)
        )
        yield Window(after=after, upto=upto)
        if upto is None:
            return
        after = upto


def count_rows(books: Books, table: Table) -> int:
    return books.connection.scalar(select(func.count()).select_from(table).where(books.mine(table))) or 0


def joined(left: Any, right: Any, **keys: str) -> ColumnElement[bool]:
    """`right` is of the same programme, and its columns (the names) equal those of `left` (the values)."""
    conditions = [right.c[theirs] == left.c[ours] for theirs, ours in keys.items()]
    return and_(right.c.programme_id == left.c.programme_id, *conditions)


def is_there(table: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """A row of the table fulfils the conditions, which tie it to the row of the statement around."""
    return select(literal(1)).select_from(table).where(*conditions).correlate_except(table).exists()
