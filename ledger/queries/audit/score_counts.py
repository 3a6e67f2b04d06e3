"""Score counts: as many riders as the standings say, at every level that is counted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Interval,
    Select,
    and_,
    cast,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from ledger.domain.errors import Text
from ledger.queries.audit.books import Books
from ledger.queries.audit.findings import Found
from ledger.storage.score_counts import BAND_MERIT, DAY, SLOT, Level
from ledger.storage.tables import score_counts, standings
from ledger.storage.types import EPOCH, MICROSECOND, UtcDateTime

CELL = ("month", "level", "merit", "verified_reports", "serious_points", "reached_from")


def validate_score_counts(books: Books) -> Iterator[Found]:
    """Bands and merits count everybody with merit; scores, days and slots those of a row that is crowded. What became
    crowded and is so no more stays counted; a count may be zero."""
    counted = union_all(_stored(books), *(_recomputed(books, level) for level in Level)).subquery("counted").c
    difference = func.sum(counted.riders)
    statement = (
        select(*(counted[name] for name in CELL), difference.label("difference"))
        .group_by(*(counted[name] for name in CELL))
        .having(difference != 0)
        .order_by(*(counted[name] for name in CELL))
    )
    for row in books.rows(statement):
        yield Found(
            id=f"{row.month} {row.level} {row.merit} {row.verified_reports} {row.serious_points} {row.reached_from}",
            problem=Text(
                f"{row.month} 贡献分 {row.merit} 的人数（{row.level}）与榜单差 {row.difference}，名次会算错。",
                f"{row.month}: the riders counted at merit {row.merit} ({row.level}) differ from the standings by "
                f"{row.difference}; ranks come out wrong.",
            ),
        )


def _stored(books: Books) -> Select[Any]:
    c = score_counts.c
    return select(*(c[name].label(name) for name in CELL), c.riders.label("riders")).where(books.mine(score_counts))


def _recomputed(books: Books, level: Level) -> Select[Any]:
    """Minus one for each rider, so that what is right comes to zero."""
    s, crowd = standings.c, score_counts.alias("crowd").c
    zero, since = literal(0, BigInteger), literal(EPOCH, UtcDateTime())
    score = (s.merit, s.verified_reports, s.serious_points)
    counted_by: dict[Level, tuple[Any, ...]] = {
        Level.BAND: (s.merit - s.merit % BAND_MERIT, zero, zero, since),
        Level.MERIT: (s.merit, zero, zero, since),
        Level.SCORE: (*score, since),
        Level.DAY: (*score, _begin(books, DAY)),
        Level.SLOT: (*score, _begin(books, SLOT)),
    }
    recomputed = select(s.month, literal(level.value), *counted_by[level], literal(-1, BigInteger)).where(
        books.mine(standings), s.merit > 0
    )
    if level in {Level.BAND, Level.MERIT}:
        return recomputed
    within = Level.MERIT if level is Level.SCORE else Level.SCORE
    is_in_crowd = and_(
        crowd.programme_id == s.programme_id,
        crowd.month == s.month,
        crowd.level == within.value,
        crowd.merit == s.merit,
        crowd.is_crowded,
    )
    if within is Level.SCORE:
        is_in_crowd = and_(
            is_in_crowd,
            crowd.verified_reports == s.verified_reports,
            crowd.serious_points == s.serious_points,
        )
    return recomputed.where(select(crowd.riders).where(is_in_crowd).correlate(standings).exists())


def _begin(books: Books, length: timedelta) -> ColumnElement[Any]:
    """Of the day or slot in which the score was reached."""
    reached_at = standings.c.reached_at
    if books.connection.dialect.name == "postgresql":
        return func.date_bin(cast(length, Interval), reached_at, literal(EPOCH, UtcDateTime()), type_=UtcDateTime())
    microseconds = type_coerce(reached_at, BigInteger)
    return type_coerce(microseconds - microseconds % (length // MICROSECOND), UtcDateTime())
