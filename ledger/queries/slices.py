"""One piece of a list, and where the next begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, or_

T = TypeVar("T")
SortKey = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[T]):
    """`after` is the sort key of the last item when there is more, else None."""

    items: list[T]
    after: SortKey | None


def after_key(columns: Sequence[tuple[ColumnElement[Any], bool]], key: SortKey) -> ColumnElement[bool]:
    """The condition "comes after `key`" for (column, is_descending) pairs: a > x OR (a = x AND (b > y OR …)).

    Spelled out because a row comparison cannot mix directions.
    """
    (column, is_descending), value = columns[0], key[0]
    beyond: ColumnElement[bool] = column < value if is_descending else column > value
    if len(columns) == 1:
        return beyond
    return or_(beyond, and_(column == value, after_key(columns[1:], key[1:])))


def cut(rows: Sequence[Any], limit: int, *, to_item: Callable[[Any], T], to_key: Callable[[Any], SortKey]) -> Slice[T]:
    """A slice from `limit + 1` rows: the one too many only says that there is more."""
    kept = rows[:limit]
    return Slice(items=[to_item(row) for row in kept], after=to_key(kept[-1]) if len(rows) > limit else None)


def ordered(
    statement: Select[Any], columns: Sequence[tuple[ColumnElement[Any], bool]], *, limit: int, after: SortKey | None
) -> Select[Any]:
    """The statement sorted by the columns, from `after` on, one row more than `limit`."""
    if after is not None:
        statement = statement.where(after_key(columns, after))
    return statement.order_by(
        *(column.desc() if is_descending else column.asc() for column, is_descending in columns)
    ).limit(limit + 1)
