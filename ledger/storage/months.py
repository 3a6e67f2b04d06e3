"""Months that were published, their corrections, and their lists: as stored, and recomputed from the awards.

Lists are statements for a stream in the order of the tie chain: a month may have a million riders, and nobody holds
them all. The recomputation reads the awards alone; it knows which of them a list holds by the corrections, not by the
clock, because a reversal and a publication may share their unit of work and so their instant.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from ledger.domain.awards import Part
from ledger.domain.calendar import Month
from ledger.domain.months import ClosedMonth, Correction, Difference, ListLine, Seal, describe_counts
from ledger.domain.standings import Standing
from ledger.storage.lookups import Lookup
from ledger.storage.score_counts import count_standings
from ledger.storage.standings import COUNTS, CURRENT, current_standings, is_corrected
from ledger.storage.tables import awards, corrected_standings, corrections, months, riders, standings
from ledger.storage.unit_of_work import UnitOfWork

CLOSE_SECONDS_MAX = 300
"""How long one statement over a whole month may take on PostgreSQL; a request's statements are stopped much earlier."""

CLOSE_MEMORY = "64MB"
"""What PostgreSQL may take for each sort and hash over a month before it goes to disk."""

STREAMED_ROWS = 5_000
"""Rows of a list that are in memory at a time."""

DIFFERENCES_MAX = 1_000
"""Riders whose standings differ that are counted; beyond it the number no longer matters."""

CLOSED_MONTHS = Lookup(select(months.c.month, months.c.corrections).where(months.c.month >= bindparam("since")), by=[])


def read_closed_months(uow: UnitOfWork, *, since: Month) -> dict[Month, int]:
    """Months from `since` on that were published, with the number of their last correction."""
    rows = CLOSED_MONTHS.rows(uow, since=since)
    return {Month(row.month): row.corrections for row in rows}


def find_closed_month(connection: Connection, programme_id: int, month: Month) -> ClosedMonth | None:
    row = connection.execute(
        select(*months.c).where(months.c.programme_id == programme_id).where(months.c.month == month)
    ).one_or_none()
    return to_closed_month(row) if row else None


def insert_month(uow: UnitOfWork, closed: ClosedMonth) -> None:
    uow.connection.execute(
        insert(months).values(
            programme_id=uow.programme_id,
            month=closed.month,
            rulebook_version=closed.rulebook_version,
            published_at=closed.published_at,
            published_by=closed.published_by,
            published_riders=closed.published.riders,
            published_merit=closed.published.merit,
            published_digest=closed.published.digest,
            objections_until=closed.objections_until,
            corrections=closed.corrections,
            corrections_in_list=closed.corrections_in_list,
        )
    )


def update_final(uow: UnitOfWork, closed: ClosedMonth) -> None:
    assert closed.final is not None
    uow.connection.execute(
        update(months)
        .where(months.c.programme_id == uow.programme_id)
        .where(months.c.month == closed.month)
        .values(
            corrections_in_list=closed.corrections_in_list,
            finalized_at=closed.finalized_at,
            finalized_by=closed.finalized_by,
            final_riders=closed.final.riders,
            final_merit=closed.final.merit,
            final_digest=closed.final.digest,
        )
    )


def insert_corrections(uow: UnitOfWork, batch: Sequence[Correction]) -> None:
    """Writes the corrections and moves the months' counters to their last numbers."""
    rows = [
        {
            "programme_id": uow.programme_id,
            "month": correction.month,
            "number": correction.number,
            "rider_id": correction.rider_id,
            "report_id": correction.report_id,
            "part": correction.part.value,
            "merit": correction.merit,
            "verified_reports": correction.verified_reports,
            "serious_points": correction.serious_points,
            "reason": correction.reason,
            "actor": correction.actor,
            "recorded_at": correction.recorded_at,
            "transaction_id": correction.transaction_id,
        }
        for correction in batch
    ]
    uow.insert(corrections, rows)
    last_numbers = {correction.month: correction.number for correction in batch}
    uow.update(
        months,
        key=("programme_id", "month"),
        rows=[
            {"programme_id": uow.programme_id, "month": month, "corrections": number}
            for month, number in last_numbers.items()
        ],
    )


def fold_corrections(uow: UnitOfWork, month: Month) -> None:
    """What the corrections left is the month's list now, and its riders are counted by it."""
    corrected, listed = corrected_standings.c, standings.c
    moved = uow.connection.execute(
        select(listed.rider_id, *(columns[name] for columns in (listed, corrected) for name in COUNTS))
        .join(corrected_standings, is_corrected(uow.programme_id))
        .where(listed.programme_id == uow.programme_id)
        .where(listed.month == month)
    ).all()
    uow.connection.execute(
        update(standings)
        .where(listed.programme_id == uow.programme_id)
        .where(listed.month == month)
        .where(corrected.programme_id == uow.programme_id)
        .where(corrected.month == month)
        .where(corrected.rider_id == listed.rider_id)
        .values({name: corrected[name] for name in COUNTS})
    )
    uow.connection.execute(
        delete(corrected_standings).where(corrected.programme_id == uow.programme_id).where(corrected.month == month)
    )
    count_standings(
        uow,
        before=[_standing(row.rider_id, month, row[1:5]) for row in moved],
        after=[_standing(row.rider_id, month, row[5:]) for row in moved],
    )


def _standing(rider_id: UUID, month: Month, counts: Sequence[Any]) -> Standing:
    return Standing(rider_id=rider_id, month=month, **dict(zip(COUNTS, counts, strict=True)))


def allow_long_statements(connection: Connection) -> None:
    """Until the end of the transaction, a statement may take as long as a whole month needs."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = '{CLOSE_SECONDS_MAX}s'"))
        connection.execute(text(f"SET LOCAL work_mem = '{CLOSE_MEMORY}'"))


def stream_list(connection: Connection, programme_id: int, month: Month) -> Iterator[ListLine]:
    """The list as it is stored, best first."""
    return _stream(connection, programme_id, _stored(programme_id, month))


def stream_recomputed_list(
    connection: Connection, programme_id: int, month: Month, *, corrections: int
) -> Iterator[ListLine]:
    """The list that the awards give, best first, when so many of the corrections are in it."""
    return _stream(connection, programme_id, recomputed_list(programme_id, month, corrections_in_list=corrections))


def find_differences(connection: Connection, programme_id: int, month: Month, *, corrections: int) -> list[Difference]:
    """Riders whose standing with the corrections up to now is not what their awards give; DIFFERENCES_MAX at most.

    `corrections`: how many there are. The list of riders is not held: both sides are compared by the database.
    """
    recomputed = recomputed_list(programme_id, month, corrections_in_list=corrections)
    is_of_rider = and_(
        standings.c.programme_id == programme_id,
        standings.c.month == month,
        standings.c.rider_id == recomputed.c.rider_id,
    )
    # Joined by the key of the table: SQLite would compare two subqueries row by row, all with all.
    found = connection.execute(
        _named(programme_id, recomputed, *CURRENT.values(), *_of(recomputed))
        .outerjoin(standings, is_of_rider)
        .outerjoin(corrected_standings, is_corrected(programme_id))
        .where(or_(*(value.is_distinct_from(recomputed.c[name]) for name, value in CURRENT.items())))
        .limit(DIFFERENCES_MAX)
    ).all()
    now = current_standings(programme_id)
    stored = select(*now.c).where(now.c.month == month).subquery("stored")
    has_award = exists(
        select(awards.c.report_id)
        .where(awards.c.programme_id == programme_id)
        .where(awards.c.month == month)
        .where(awards.c.rider_id == stored.c.rider_id)
    )
    alone = connection.execute(
        _named(programme_id, stored, *_of(stored)).where(~has_award).limit(DIFFERENCES_MAX)
    ).all()
    return [
        *(_difference(code, counts[:4], counts[4:]) for code, *counts in found),
        *(_difference(code, counts, [None] * 4) for code, *counts in alone),
    ]


def _difference(rider_code: str, stored: Sequence[Any], recomputed: Sequence[Any]) -> Difference:
    return Difference(rider_code=rider_code, stored=describe_counts(*stored), recomputed=describe_counts(*recomputed))


def _of(counts: Subquery) -> list[ColumnElement[Any]]:
    return [counts.c[name].label(f"{counts.name}_{name}") for name in COUNTS]


def _named(programme_id: int, listed: Subquery, *columns: ColumnElement[Any]) -> Select[Any]:
    """The columns of riders listed, after their codes."""
    is_rider = and_(riders.c.programme_id == programme_id, riders.c.id == listed.c.rider_id)
    return select(riders.c.code, *columns).select_from(listed).join(riders, is_rider)


def _stream(connection: Connection, programme_id: int, listed: Subquery) -> Iterator[ListLine]:
    statement = (
        _named(programme_id, listed, *_of(listed))
        .where(listed.c.merit > 0)
        .order_by(
            listed.c.merit.desc(),
            listed.c.verified_reports.desc(),
            listed.c.serious_points.desc(),
            listed.c.reached_at,
            listed.c.rider_id,
        )
        .execution_options(yield_per=STREAMED_ROWS)
    )
    with connection.execute(statement) as rows:
        for row in rows:
            yield ListLine(*row)


def _stored(programme_id: int, month: Month) -> Subquery:
    return (
        select(standings.c.rider_id, *(standings.c[name] for name in COUNTS))
        .where(standings.c.programme_id == programme_id)
        .where(standings.c.month == month)
        .subquery("stored")
    )


def recomputed_list(programme_id: int, month: Month, *, corrections_in_list: int) -> Subquery:
    """What the awards give that count in the list which holds so many corrections."""
    was_corrected_later = exists(
        select(corrections.c.number)
        .where(corrections.c.programme_id == programme_id)
        .where(corrections.c.month == awards.c.month)
        .where(corrections.c.report_id == awards.c.report_id)
        .where(corrections.c.rider_id == awards.c.rider_id)
        .where(corrections.c.part == awards.c.part)
        # A report that was merged and split has several awards, each taken back at its moment.
        .where(corrections.c.recorded_at == awards.c.reversed_at)
        .where(corrections.c.number > corrections_in_list)
    )
    return standings_given(programme_id, month, or_(awards.c.reversed_at.is_(None), was_corrected_later))


def standings_given(programme_id: int, month: Month, counts: ColumnElement[bool]) -> Subquery:
    """A standing a rider with an award in the month, from the awards that count; at zero where none does."""
    is_report = awards.c.part == Part.REPORT.value
    return (
        select(
            awards.c.programme_id,
            awards.c.month,
            awards.c.rider_id,
            _sum(counts, awards.c.merit).label("merit"),
            _sum(and_(counts, is_report), 1).label("verified_reports"),
            _sum(and_(counts, awards.c.is_serious), awards.c.points_granted).label("serious_points"),
            func.max(case((and_(counts, awards.c.merit > 0), awards.c.effective_at))).label("reached_at"),
        )
        .where(awards.c.programme_id == programme_id)
        .where(awards.c.month == month)
        .group_by(awards.c.programme_id, awards.c.month, awards.c.rider_id)
        .subquery("recomputed")
    )


def _sum(condition: Any, value: Any) -> Any:
    # PostgreSQL's sum of bigints is a numeric, which would be compared and read much slower.
    return cast(func.sum(case((condition, value), else_=0)), BigInteger)


def to_closed_month(row: Any) -> ClosedMonth:
    is_final = row.final_digest is not None
    return ClosedMonth(
        month=Month(row.month),
        rulebook_version=row.rulebook_version,
        published=Seal(riders=row.published_riders, merit=row.published_merit, digest=row.published_digest),
        published_at=row.published_at,
        published_by=row.published_by,
        objections_until=row.objections_until,
        corrections=row.corrections,
        corrections_in_list=row.corrections_in_list,
        final=Seal(riders=row.final_riders, merit=row.final_merit, digest=row.final_digest) if is_final else None,
        finalized_at=row.finalized_at,
        finalized_by=row.finalized_by,
    )


def to_correction(row: Any) -> Correction:
    return Correction(
        month=Month(row.month),
        number=row.number,
        rider_id=row.rider_id,
        report_id=row.report_id,
        part=Part(row.part),
        merit=row.merit,
        verified_reports=row.verified_reports,
        serious_points=row.serious_points,
        reason=row.reason,
        actor=row.actor,
        recorded_at=row.recorded_at,
        transaction_id=row.transaction_id,
    )
