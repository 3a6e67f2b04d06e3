"""Standings: read under the locks on the riders' rows, written whole. A row that comes to nothing stays, at zero.

Two tables hold them: `standings`, which is a month's list, and `corrected_standings`, for riders of a published month
whose awards give something else by now.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, Table, and_, case, select

from ledger.domain.calendar import Month
from ledger.domain.standings import Standing
from ledger.storage.lookups import Lookup
from ledger.storage.score_counts import count_standings
from ledger.storage.tables import corrected_standings, standings
from ledger.storage.unit_of_work import UnitOfWork

COUNTS = ("merit", "verified_reports", "serious_points", "reached_at")
"""What a standing says of its rider, in the order of the tie chain."""

STANDINGS = {
    table: Lookup(
        select(
            table.c.rider_id,
            table.c.month,
            *(table.c[name] for name in COUNTS),
        ),
        by=[table.c.month, table.c.rider_id],
    )
    for table in (standings, corrected_standings)
}


CURRENT = {
    name: case((corrected_standings.c.rider_id.is_not(None), corrected_standings.c[name]), else_=standings.c[name])
    for name in COUNTS
}
"""What the awards give now: the list's, or what corrections beside it have left. By `standings` and `is_corrected`."""


def is_corrected(programme_id: int) -> ColumnElement[bool]:
    """Joins a standing's correction to it."""
    listed, corrected = standings.c, corrected_standings.c
    return and_(
        corrected.programme_id == programme_id, corrected.month == listed.month, corrected.rider_id == listed.rider_id
    )


def current_standings(programme_id: int) -> Subquery:
    """A standing a rider and month as the awards give it now."""
    return (
        select(
            standings.c.rider_id,
            standings.c.month,
            *(value.label(name) for name, value in CURRENT.items()),
        )
        .select_from(standings)
        .outerjoin(corrected_standings, is_corrected(programme_id))
        .where(standings.c.programme_id == programme_id)
        .subquery("current_standings")
    )


def read_standings(
    uow: UnitOfWork, rider_months: Collection[tuple[UUID, Month]], *, table: Table = standings
) -> dict[tuple[UUID, Month], Standing]:
    """The stored standings of each (rider, month); one that has none yet is missing."""
    if not rider_months:
        return {}
    months, riders = {month for _, month in rider_months}, {rider_id for rider_id, _ in rider_months}
    found = {}
    for row in STANDINGS[table].rows(uow, months, riders):
        month = Month(row.month)
        found[row.rider_id, month] = Standing(
            rider_id=row.rider_id,
            month=month,
            merit=row.merit,
            verified_reports=row.verified_reports,
            serious_points=row.serious_points,
            reached_at=row.reached_at,
        )
    return found


def write_standings(
    uow: UnitOfWork,
    *,
    before: Mapping[tuple[UUID, Month], Standing],
    after: Sequence[Standing],
    table: Table = standings,
) -> None:
    """Writes `after`, one standing a rider and month, and counts it if it is of a list. `before` is what is stored of
    these, or more."""
    new = [found for found in after if (found.rider_id, found.month) not in before]
    changed = [found for found in after if (found.rider_id, found.month) in before]
    uow.insert(table, [_row(uow, standing) for standing in new])
    uow.update(
        table,
        key=("programme_id", "month", "rider_id"),
        rows=[_row(uow, standing) for standing in changed],
    )
    if table is standings:
        replaced = [before[found.rider_id, found.month] for found in changed]
        count_standings(uow, before=replaced, after=after)


def _row(uow: UnitOfWork, standing: Standing) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "month": standing.month,
        "rider_id": standing.rider_id,
        "merit": standing.merit,
        "verified_reports": standing.verified_reports,
        "serious_points": standing.serious_points,
        "reached_at": standing.reached_at,
    }
