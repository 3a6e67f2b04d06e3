"""Titles as people see them: the public list, and a rider's own."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from ledger.domain.honors import TitleCase, TitleState
from ledger.domain.riders import mask_name
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.bulk import is_in
from ledger.storage.honors import TITLE_COLUMNS, to_title
from ledger.storage.tables import persons, riders, titles

TITLES_OF_RIDER_MAX = 1_000
"""Titles of one rider: a dozen a year for eighty years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleFilter:
    """What a list is narrowed to; None means any. `period` is a month, a year, or empty for titles of no period."""

    period: str | None = None
    honor_code: str | None = None
    rider_code: str | None = None
    state: TitleState | None = None
    is_under_review: bool | None = None


def read_titles(
    connection: Connection, programme_id: int, *, narrowed_to: TitleFilter, limit: int, after: SortKey | None
) -> Slice[TitleCase]:
    """Newest first; of one awarding in the order in which they were decided, best first."""
    statement = _select(programme_id)
    if narrowed_to.period is not None:
        statement = statement.where(titles.c.period == narrowed_to.period)
    if narrowed_to.honor_code is not None:
        statement = statement.where(titles.c.honor_code == narrowed_to.honor_code)
    if narrowed_to.rider_code is not None:
        statement = statement.where(riders.c.code == narrowed_to.rider_code)
    if narrowed_to.state is not None:
        statement = statement.where(titles.c.state == narrowed_to.state.value)
    if narrowed_to.is_under_review is not None:
        is_decided = titles.c.under_review.is_(None)
        statement = statement.where(~is_decided if narrowed_to.is_under_review else is_decided)
    keys = [(titles.c.awarded_at, True), (titles.c.id, False)]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    return cut(rows, limit, to_item=_to_case, to_key=lambda row: (row.awarded_at, row.id))


def read_titles_of(connection: Connection, programme_id: int, rider_id: UUID) -> list[TitleCase]:
    """All of a rider's, newest first, the proposed and declined ones too."""
    rows = connection.execute(
        _select(programme_id)
        .where(titles.c.rider_id == rider_id)
        .order_by(titles.c.awarded_at.desc(), titles.c.id)
        .limit(TITLES_OF_RIDER_MAX)
    )
    return [_to_case(row) for row in rows]


def read_title_names(connection: Connection, programme_id: int, rider_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Rider id → names of the titles granted, newest first, each once."""
    rows = connection.execute(
        select(titles.c.rider_id, titles.c.name)
        .where(titles.c.programme_id == programme_id)
        .where(is_in(connection, titles.c.rider_id, set(rider_ids)))
        .where(titles.c.state == TitleState.GRANTED.value)
        .order_by(titles.c.rider_id, titles.c.awarded_at.desc(), titles.c.id)
    )
    found: dict[UUID, list[str]] = {}
    for row in rows:
        names = found.setdefault(row.rider_id, [])
        if row.name not in names:
            names.append(row.name)
    return found


def _select(programme_id: int) -> Select[Any]:
    return (
        select(*TITLE_COLUMNS, riders.c.code, riders.c.industry_code, persons.c.name.label("rider_name"))
        .select_from(titles)
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == titles.c.rider_id))
        .outerjoin(persons, (persons.c.programme_id == programme_id) & (persons.c.rider_id == titles.c.rider_id))
        .where(titles.c.programme_id == programme_id)
    )


def _to_case(row: Row[Any]) -> TitleCase:
    return TitleCase(
        title=to_title(row),
        rider_code=row.code,
        rider_name=mask_name(row.rider_name or ""),
        industry_code=row.industry_code,
    )
