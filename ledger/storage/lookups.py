"""Lookups: the rows that have one of many values, by a select that is built once.

To put a select together for each unit of work took longer than to run it: two thirds of the time of a lone award.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam

from ledger.storage.bulk import among, listed
from ledger.storage.unit_of_work import UnitOfWork


class Lookup:
    """`statement` narrowed to the unit's programme and, for each column of `by`, to the values given for it.

    With `locked_in_order_of` the rows are locked until the unit ends, in that order, so that no two units wait for one
    another. SQLite has one writer and needs no order. Asked for one it would walk that index through the whole
    programme rather than look up the rows by another.
    """

    def __init__(
        self, statement: Select[Any], *, by: Sequence[ColumnElement[Any]], locked_in_order_of: Sequence[Any] = ()
    ) -> None:
        self._statement = statement
        self.by = by
        self._order = locked_in_order_of
        self._built: dict[str, Select[Any]] = {}

    def rows(self, uow: UnitOfWork, *values: Collection[Any], **parameters: Any) -> Sequence[Row[Any]]:
        """`values`: a collection per column of `by`. `parameters`: what the statement itself asks for."""
        connection = uow.connection
        engine = connection.dialect.name
        if engine not in self._built:
            self._built[engine] = self._build(engine)
        for number, (column, wanted) in enumerate(zip(self.by, values, strict=True)):
            parameters[f"values_{number}"] = listed(engine, column, wanted)
        parameters["programme"] = uow.programme_id
        return connection.execute(self._built[engine], parameters).all()

    def _build(self, engine: str) -> Select[Any]:
        table = self._statement.get_final_froms()[0]
        built = self._statement.where(table.c.programme_id == bindparam("programme"))
        for number, column in enumerate(self.by):
            built = built.where(among(engine, column, f"values_{number}"))
        if self._order and engine == "postgresql":
            built = built.order_by(*self._order).with_for_update(key_share=True)
        return built
