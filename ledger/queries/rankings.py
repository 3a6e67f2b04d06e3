"""The monthly ranking: riders by the tie chain, equal ranks for equal chains (1, 2, 2, 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from ledger.domain.calendar import Month
from ledger.domain.riders import mask_name
from ledger.queries.slices import Slice, SortKey, after_key
from ledger.storage.tables import persons, riders, standings

_CHAIN = [
    (standings.c.merit, True),
    (standings.c.verified_reports, True),
    (standings.c.serious_points, True),
    (standings.c.reached_at, False),
]
"""(column, is_descending), as in `ledger.domain.standings.TIE_CHAIN`."""

_ORDER = [*_CHAIN, (standings.c.rider_id, False)]
"""The chain, and the rider's id where it is equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingFilter:
    """What a ranking is narrowed to; None means any."""

    industry_code: str | None = None
    subdistrict: str | None = None


EVERYBODY = RankingFilter()


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
    connection: Connection, programme_id: int, month: Month, *, narrowed_to: RankingFilter = EVERYBODY
) -> int:
    """Riders with merit in the month."""
    listed = _select(programme_id, month, narrowed_to).subquery()
    return connection.scalar(select(func.count()).select_from(listed)) or 0


def read_ranking(
    connection: Connection,
    programme_id: int,
    month: Month,
    *,
    narrowed_to: RankingFilter = EVERYBODY,
    limit: int,
    after: SortKey | None,
) -> Slice[RankedRider]:
    """Riders with merit in the month, best first; within one rank by rider id, so that pages do not overlap.

    Ranks are those among the riders listed: of an industry, the first of the industry has rank 1. The sort key carries
    how many were listed and the last rank beside the chain, so a page needs no counting.
    """
    statement = _select(programme_id, month, narrowed_to)
    listed, rank, last_chain = 0, 0, None
    if after is not None:
        listed, rank, *key = after
        last_chain = tuple(key[:-1])
        statement = statement.where(after_key(_ORDER, tuple(key)))
    rows = connection.execute(_sorted(statement, _ORDER).limit(limit + 1)).all()

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
    everybody = _select(programme_id, month, EVERYBODY)
    own = connection.execute(everybody.where(standings.c.rider_id == rider_id)).one_or_none()
    if own is None:
        return []
    key = (*_chain_of(own), own.rider_id)
    backwards = [(column, not is_descending) for column, is_descending in _ORDER]
    before = connection.execute(_sorted(everybody.where(after_key(backwards, key)), backwards).limit(each_side)).all()
    behind = connection.execute(_sorted(everybody.where(after_key(_ORDER, key)), _ORDER).limit(each_side)).all()

    items: list[RankedRider] = []
    last_chain, rank = None, 0
    for row in [*reversed(before), own, *behind]:
        if _chain_of(row) != last_chain:
            last_chain, rank = _chain_of(row), _rank(connection, programme_id, month, row)
        items.append(_to_ranked(row, rank))
    return items


def _select(programme_id: int, month: Month, narrowed_to: RankingFilter) -> Select[Any]:
    """Everybody with merit in the month, of the industry and subdistrict asked for."""
    statement = (
        select(
            riders.c.code,
            riders.c.industry_code,
            persons.c.name,
            standings.c.rider_id,
            *(column for column, _ in _CHAIN),
        )
        .select_from(standings)
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == standings.c.rider_id))
        .outerjoin(persons, (persons.c.programme_id == programme_id) & (persons.c.rider_id == standings.c.rider_id))
        .where(standings.c.programme_id == programme_id)
        .where(standings.c.month == month)
        .where(standings.c.merit > 0)
    )
    if narrowed_to.industry_code is not None:
        statement = statement.where(riders.c.industry_code == narrowed_to.industry_code)
    if narrowed_to.subdistrict is not None:
        statement = statement.where(riders.c.subdistrict == narrowed_to.subdistrict)
    return statement


def _sorted(statement: Select[Any], columns: Sequence[tuple[ColumnElement[Any], bool]]) -> Select[Any]:
    return statement.order_by(*(column.desc() if is_descending else column.asc() for column, is_descending in columns))


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


def read_standings_of(connection: Connection, programme_id: int, rider_id: UUID) -> list[MonthStanding]:
    """Every month the rider has a standing in, newest first. At most 1,200: a hundred years."""
    rows = connection.execute(
        select(standings.c.month, *(column for column, _ in _CHAIN))
        .where(standings.c.programme_id == programme_id)
        .where(standings.c.rider_id == rider_id)
        .order_by(standings.c.month.desc())
        .limit(1_200)
    ).all()
    return [
        MonthStanding(
            month=row.month,
            merit=row.merit,
            verified_reports=row.verified_reports,
            serious_points=row.serious_points,
            reached_at=row.reached_at,
            rank=_rank(connection, programme_id, Month(row.month), row) if row.merit > 0 else None,
        )
        for row in rows
    ]


def _rank(connection: Connection, programme_id: int, month: Month, standing: Any) -> int:
    """One more than the riders who are strictly better by the chain."""
    s = standings.c
    better = or_(
        s.merit > standing.merit,
        and_(s.merit == standing.merit, s.verified_reports > standing.verified_reports),
        and_(
            s.merit == standing.merit,
            s.verified_reports == standing.verified_reports,
            or_(
                s.serious_points > standing.serious_points,
                and_(s.serious_points == standing.serious_points, s.reached_at < standing.reached_at),
            ),
        ),
    )
    count = connection.scalar(
        select(func.count())
        .select_from(standings)
        .where(s.programme_id == programme_id)
        .where(s.month == month)
        .where(s.merit >= standing.merit)
        .where(better)
    )
    return (count or 0) + 1
