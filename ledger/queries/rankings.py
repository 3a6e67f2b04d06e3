"""The monthly ranking: riders by the tie chain, equal ranks for equal chains (1, 2, 2, 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, FromClause, Row, Select, func, select

from ledger.domain.calendar import Month
from ledger.domain.riders import mask_name
from ledger.queries.past_standings import standings_at
from ledger.queries.ranks import count_riders, read_months, read_ranks
from ledger.queries.slices import Slice, SortKey
from ledger.storage.tables import persons, riders, standings


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingFilter:
    """What a ranking is narrowed to; None means any."""

    industry_code: str | None = None
    subdistrict: str | None = None


EVERYBODY = RankingFilter()

MONTHS_MAX = 1_200
"""Months of one rider: a hundred years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRider:
    """One line of the list. `name` is masked: the list is public."""

    rank: int
    rider_code: str
    name: str
    industry_code: str | None
    merit: int
    verified_reports: int
    serious_points: int
    reached_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthStanding:
    """A rider's standing of one month. `rank` is None while no merit was earned."""

    month: str
    merit: int
    verified_reports: int
    serious_points: int
    reached_at: datetime | None
    rank: int | None


def count_ranked(
    connection: Connection,
    programme_id: int,
    month: Month,
    *,
    narrowed_to: RankingFilter = EVERYBODY,
    at: datetime | None = None,
) -> int:
    """Riders with merit in the month. Everybody at present is counted already; any other list is counted now."""
    if at is None and narrowed_to == EVERYBODY:
        return count_riders(connection, programme_id, month)
    source = standings if at is None else standings_at(connection, programme_id, month, at)
    listed = _select(source, programme_id, month, narrowed_to).where(source.c.merit > 0).subquery()
    return connection.scalar(select(func.count()).select_from(listed)) or 0


def read_ranking(
    connection: Connection,
    programme_id: int,
    month: Month,
    *,
    narrowed_to: RankingFilter = EVERYBODY,
    at: datetime | None = None,
    limit: int,
    after: SortKey | None,
) -> Slice[RankedRider]:
    """Riders with merit in the month, best first; within one rank by rider id, so that pages do not overlap.

    At a past instant, the list as it stood then. Ranks are those among the riders listed: of an industry, the first of
    the industry has rank 1. The sort key carries how many were listed and the last rank beside the chain,
    so a page needs no counting.
    """
    source = standings if at is None else standings_at(connection, programme_id, month, at)
    statement = _select(source, programme_id, month, narrowed_to)
    listed, rank, last_chain = 0, 0, None
    if after is None:
        listed_first = _sorted(statement.where(source.c.merit > 0), _order(source))
        rows = list(connection.execute(listed_first.limit(limit + 1)))
    else:
        listed, rank, *key = after
        last_chain = tuple(key[:-1])
        rows = _read_beyond(connection, statement, _order(source), key, limit=limit + 1)

    items: list[RankedRider] = []
    next_key: SortKey | None = None
    for row in rows[:limit]:
        chain = _chain_of(row)
        rank = rank if chain == last_chain else listed + 1
        listed, last_chain = listed + 1, chain
        next_key = (listed, rank, *chain, row.rider_id)
        items.append(_to_ranked(row, rank))
    return Slice(items=items, after=next_key if len(rows) > limit else None)


def read_surroundings(
    connection: Connection, programme_id: int, month: Month, rider_id: UUID, *, each_side: int
) -> list[RankedRider]:
    """The rider's line of the month's ranking with up to `each_side` lines before and after; empty without merit."""
    everybody = _select(standings, programme_id, month, EVERYBODY)
    own = connection.execute(everybody.where(standings.c.rider_id == rider_id)).one_or_none()
    if own is None or not own.merit:
        return []
    key, order = (*_chain_of(own), own.rider_id), _order(standings)
    backwards = [(column, not is_descending) for column, is_descending in order]
    before = _read_beyond(connection, everybody, backwards, key, limit=each_side)
    behind = _read_beyond(connection, everybody, order, key, limit=each_side)

    lines = [*reversed(before), own, *behind]
    # The list may begin inside a tie, so the first two chains' ranks are counted; from there on each line adds one.
    begins = {_chain_of(row): place for place, row in reversed(list(enumerate(lines)))}
    counted = sorted(begins.values())[:2]
    ranks = read_ranks(connection, programme_id, month, [lines[place].rider_id for place in counted])
    items = []
    for row in lines:
        place = begins[_chain_of(row)]
        base = max(found for found in counted if found <= place)
        items.append(_to_ranked(row, ranks[lines[base].rider_id] + place - base))
    return items


def _chain(source: FromClause) -> list[tuple[ColumnElement[Any], bool]]:
    """(column, is_descending), as in `ledger.domain.standings.TIE_CHAIN`."""
    return [
        (source.c.merit, True),
        (source.c.verified_reports, True),
        (source.c.serious_points, True),
        (source.c.reached_at, False),
    ]


def _order(source: FromClause) -> list[tuple[ColumnElement[Any], bool]]:
    """The chain, and the rider's id where it is equal."""
    return [*_chain(source), (source.c.rider_id, False)]


def _select(source: FromClause, programme_id: int, month: Month, narrowed_to: RankingFilter) -> Select[Any]:
    """Everybody in the month, also without merit, of the industry and subdistrict asked for."""
    statement = (
        select(
            riders.c.code,
            riders.c.industry_code,
            persons.c.name,
            source.c.rider_id,
            *(column for column, _ in _chain(source)),
        )
        .select_from(source)
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == source.c.rider_id))
        .outerjoin(persons, (persons.c.programme_id == programme_id) & (persons.c.rider_id == source.c.rider_id))
        .where(source.c.programme_id == programme_id)
        .where(source.c.month == month)
    )
    if narrowed_to.industry_code is not None:
        statement = statement.where(riders.c.industry_code == narrowed_to.industry_code)
    if narrowed_to.subdistrict is not None:
        statement = statement.where(riders.c.subdistrict == narrowed_to.subdistrict)
    return statement


def _sorted(statement: Select[Any], columns: Sequence[tuple[ColumnElement[Any], bool]]) -> Select[Any]:
    return statement.order_by(*(column.desc() if is_descending else column.asc() for column, is_descending in columns))


def _read_beyond(
    connection: Connection,
    statement: Select[Any],
    columns: Sequence[tuple[ColumnElement[Any], bool]],
    key: Sequence[Any],
    *,
    limit: int,
) -> list[Row[Any]]:
    """The rows that follow the key: first those that share all but its end with it, then ever less.

    Each is a range of the index. As one condition they are a filter, and the list is read from its head.
    """
    rows: list[Row[Any]] = []
    (best, is_forwards), *_ = columns
    for shared in reversed(range(len(columns))):
        if len(rows) == limit:
            break
        column, is_descending = columns[shared]
        if column.name == "rider_id":
            # Computed, or SQLite would take the index of the riders' ids and read half the month.
            column = func.coalesce(column, column)
        beyond = column < key[shared] if is_descending else column > key[shared]
        equal = (column == value for (column, _), value in zip(columns[:shared], key, strict=False))
        # Said where it is not implied, for SQLite would look through the month by this condition alone.
        has_merit = [best > 0] if is_forwards and not shared else []
        found = _sorted(statement.where(beyond, *equal, *has_merit), columns).limit(limit - len(rows))
        rows.extend(connection.execute(found))
    return rows


def _chain_of(row: Row[Any]) -> tuple[Any, ...]:
    return (row.merit, row.verified_reports, row.serious_points, row.reached_at)


def _to_ranked(row: Row[Any], rank: int) -> RankedRider:
    return RankedRider(
        rank=rank,
        rider_code=row.code,
        name=mask_name(row.name or ""),
        industry_code=row.industry_code,
        merit=row.merit,
        verified_reports=row.verified_reports,
        serious_points=row.serious_points,
        reached_at=row.reached_at,
    )


def read_standings_of(
    connection: Connection, programme_id: int, rider_id: UUID, *, limit: int = MONTHS_MAX
) -> list[MonthStanding]:
    """The newest months the rider has a standing in, newest first."""
    return [
        MonthStanding(
            month=row.month,
            merit=row.merit,
            verified_reports=row.verified_reports,
            serious_points=row.serious_points,
            reached_at=row.reached_at,
            rank=None if row.rank is None else int(row.rank),
        )
        for row in read_months(connection, programme_id, rider_id, limit=limit)
    ]
