"""Ranks: one more than the riders who are better by the tie chain, from the score counts.

A rank is the sum of the riders in better bands of merit, at better merits of the own band, and of those who share the
merit and come before. These are counted by their standings while they are few, else by their scores, and those of the
same score by day, slot and moment. So no rank reads more than some hundred rows, whatever the number of riders.

The statements are made once: they are long, and putting one together takes longer than running it.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    text,
)

from ledger.domain.calendar import Month
from ledger.storage.score_counts import BAND_MERIT, Level
from ledger.storage.tables import score_counts, standings
from ledger.storage.types import EPOCH, UtcDateTime

_counts = score_counts.alias("counts").c
_others_table = standings.alias("others")
_others = _others_table.c


def read_ranks(connection: Connection, programme_id: int, month: Month, rider_ids: Collection[UUID]) -> dict[UUID, int]:
    """Rider id → rank in the month. Who has no merit has none."""
    rows = connection.execute(
        _RANKS_OF_RIDERS, {"programme_id": programme_id, "month": month, "rider_ids": list(rider_ids)}
    )
    return {row.rider_id: int(row.rank) for row in rows if row.rank is not None}


def read_months(connection: Connection, programme_id: int, rider_id: UUID, *, limit: int) -> Sequence[Row[Any]]:
    """The rider's standings, newest month first, with `rank`, which is None without merit."""
    return connection.execute(
        _MONTHS_OF_RIDER, {"programme_id": programme_id, "rider_id": rider_id, "months": limit}
    ).all()


def count_riders(connection: Connection, programme_id: int, month: Month) -> int:
    """Riders with merit in the month."""
    return int(connection.scalar(_RIDERS_RANKED, {"programme_id": programme_id, "month": month}) or 0)


def _select_ranked(placed: Select[Any]) -> Select[Any]:
    """The standings with `rank`, which is NULL without merit."""
    own = placed.subquery("own")
    rank = case((own.c.merit > 0, 1 + _count_better(own)))
    return select(own, rank.label("rank"))


def _place(*whose: ColumnElement[bool]) -> Select[Any]:
    """Standings, and the day and the slot in which they are counted if their score is crowded."""
    own = standings.c

    def latest(level: Level) -> ColumnElement[Any]:
        return (
            select(func.max(_counts.reached_from))
            .where(_is_level(level, own))
            .where(_is_same_score(_counts, own))
            .where(_counts.reached_from <= own.reached_at)
            .correlate(standings)
            .scalar_subquery()
        )

    chain = (own.merit, own.verified_reports, own.serious_points, own.reached_at)
    return select(
        own.programme_id,
        own.month,
        own.rider_id,
        *chain,
        latest(Level.DAY).label("day_from"),
        latest(Level.SLOT).label("slot_from"),
    ).where(*whose)


def _count_better(own: FromClause) -> ColumnElement[int]:
    mine = own.c
    next_band = mine.merit - mine.merit % BAND_MERIT + BAND_MERIT

    def riders(level: Level, *which: ColumnElement[bool]) -> ColumnElement[Any]:
        counted = select(func.sum(_counts.riders)).where(_is_level(level, mine)).where(*which)
        return func.coalesce(counted.correlate(own).scalar_subquery(), 0)

    def standings_that(*which: ColumnElement[bool]) -> ColumnElement[Any]:
        counted = (
            select(func.count())
            .select_from(_others_table)
            .where(_others.programme_id == mine.programme_id)
            .where(_others.month == mine.month)
            .where(*which)
        )
        return counted.correlate(own).scalar_subquery()

    has_scores = (
        select(_counts.riders)
        .where(_is_level(Level.SCORE, mine))
        .where(_is_same_score(_counts, mine))
        .correlate(own)
        .exists()
    )
    is_same_day = and_(_counts.reached_from >= mine.day_from, _counts.reached_from < mine.slot_from)
    return (
        riders(Level.BAND, _counts.merit > mine.merit)
        + riders(Level.MERIT, _counts.merit > mine.merit, _counts.merit < next_band)
        + case(
            (has_scores, riders(Level.SCORE, _is_better_at_same_merit(_counts, mine))),
            else_=standings_that(_is_better_at_same_merit(_others, mine)),
        )
        + riders(Level.DAY, _is_same_score(_counts, mine), _counts.reached_from < mine.day_from)
        + riders(Level.SLOT, _is_same_score(_counts, mine), is_same_day)
        + standings_that(
            _is_same_score(_others, mine),
            _others.reached_at >= func.coalesce(mine.slot_from, literal(EPOCH, UtcDateTime())),
            _others.reached_at < mine.reached_at,
        )
    )


def _is_level(level: Level, mine: Any) -> ColumnElement[bool]:
    return and_(_counts.programme_id == mine.programme_id, _counts.month == mine.month, _counts.level == level.value)


def _is_same_score(other: Any, mine: Any) -> ColumnElement[bool]:
    return and_(
        other.merit == mine.merit,
        other.verified_reports == mine.verified_reports,
        other.serious_points == mine.serious_points,
    )


def _is_better_at_same_merit(other: Any, mine: Any) -> ColumnElement[bool]:
    return and_(
        other.merit == mine.merit,
        other.verified_reports >= mine.verified_reports,
        or_(other.verified_reports > mine.verified_reports, other.serious_points > mine.serious_points),
    )


_IN_MONTH = and_(standings.c.programme_id == bindparam("programme_id"), standings.c.month == bindparam("month"))
_RANKS_OF_RIDERS = _select_ranked(_place(_IN_MONTH, standings.c.rider_id.in_(bindparam("rider_ids", expanding=True))))
_RIDERS_RANKED = (
    select(func.sum(_counts.riders))
    .where(_counts.programme_id == bindparam("programme_id"))
    .where(_counts.month == bindparam("month"))
    .where(_counts.level == Level.BAND.value)
)
_MONTHS_OF_RIDER = _select_ranked(
    _place(standings.c.programme_id == bindparam("programme_id"), standings.c.rider_id == bindparam("rider_id"))
    .order_by(standings.c.month.desc())
    .limit(bindparam("months"))
).order_by(text("month DESC"))
