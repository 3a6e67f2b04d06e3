"""Rows of joined tables whose columns carry a prefix, read as if each table stood alone."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, ColumnElement, Row


def prefixed(columns: Iterable[Column[Any]], prefix: str) -> list[ColumnElement[Any]]:
    return [column.label(prefix + column.name) for column in columns]


class Prefixed:
    """The columns with the prefix, by their own names."""

    def __init__(self, row: Row[Any], prefix: str) -> None:
        self._row, self._prefix = row, prefix

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, self._prefix + name)
