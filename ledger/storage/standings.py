"""Standings: read under the locks on the riders' rows, written whole. A row that comes to nothing stays, at zero."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ledger.domain.calendar import Month
from ledger.domain.standings import Standing
from ledger.storage.lookups import Lookup
from ledger.storage.tables import standings
from ledger.storage.unit_of_work import UnitOfWork

STANDINGS = Lookup(
    select(
        standings.c.rider_id,
        standings.c.month,
        standings.c.merit,
        standings.c.verified_reports,
        standings.c.serious_points,
        standings.c.reached_at,
    ),
    by=[standings.c.month, standings.c.rider_id],
)


def read_standings(uow: UnitOfWork, rider_months: Collection[tuple[UUID, Month]]) -> dict[tuple[UUID, Month], Standing]:
    """The stored standings of each (rider, month); one that has none yet is missing."""
    if not rider_months:
        return {}
    months, riders = {month for _, month in rider_months}, {rider_id for rider_id, _ in rider_months}
    found = {}
    for row in STANDINGS.rows(uow, months, riders):
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


def write_standings(uow: UnitOfWork, *, new: Sequence[Standing], changed: Sequence[Standing]) -> None:
    uow.insert(standings, [_row(uow, standing) for standing in new])
    uow.update(
        standings,
        key=("programme_id", "month", "rider_id"),
        rows=[_row(uow, standing) for standing in changed],
    )


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
