"""Awards: what each verified report was credited, and what it used of the caps."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func, select, true

from ledger.domain.awards import Award, CapUsage, Limit, Part
from ledger.domain.calendar import Month, month_of
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.tables import awards
from ledger.storage.unit_of_work import UnitOfWork

AWARD_COLUMNS = [column for column in awards.c if column.name != "programme_id"]
AWARD_KEY = ("programme_id", "report_id", "rider_id", "part", "revision")
AWARDS_OF_REPORTS = Lookup(
    select(*AWARD_COLUMNS).where(awards.c.is_current == true()),
    by=[awards.c.report_id],
    locked_in_order_of=[awards.c.report_id, awards.c.part],
)
CAP_USAGE = Lookup(
    select(
        awards.c.rider_id,
        awards.c.day,
        func.sum(case((awards.c.points_granted > 0, 1), else_=0)).label("reports"),
        func.sum(awards.c.points_granted).label("points"),
    )
    .where(awards.c.reversed_at.is_(None))
    .where(awards.c.is_cap_exempt != true())
    .where(awards.c.month == bindparam("month"))
    .group_by(awards.c.rider_id, awards.c.day),
    by=[awards.c.rider_id],
)


def read_cap_usage(
    uow: UnitOfWork, rider_days: Collection[tuple[UUID, date]], *, counted_in: Collection[Month]
) -> dict[tuple[UUID, date], CapUsage]:
    """What live awards have used on each (rider, day) and in the day's month, urgent ones left out.

    Caps go by the day, wherever the merit counts: `counted_in` are the months in which awards of these days may count.
    Read under the locks on the riders' rows: two batches cannot both see the last free place of a day.
    """
    riders = {rider_id for rider_id, _ in rider_days}
    if not riders:
        return {}
    # A batch counts in a month or two. By one SQLite finds the index, by several it read all awards of the programme.
    rows = [row for month in sorted(counted_in) for row in CAP_USAGE.rows(uow, riders, month=month)]
    by_day: dict[tuple[UUID, date], tuple[int, int]] = {}
    by_month: dict[tuple[UUID, Month], int] = {}
    for row in rows:
        reports, points = by_day.get((row.rider_id, row.day), (0, 0))
        by_day[row.rider_id, row.day] = (reports + int(row.reports), points + int(row.points))
        key = (row.rider_id, month_of(row.day))
        by_month[key] = by_month.get(key, 0) + int(row.points)
    usage = {}
    for rider_id, day in rider_days:
        reports_today, points_today = by_day.get((rider_id, day), (0, 0))
        usage[rider_id, day] = CapUsage(
            reports_today=reports_today,
            points_today=points_today,
            points_this_month=by_month.get((rider_id, month_of(day)), 0),
        )
    return usage


def lock_awards(uow: UnitOfWork, report_ids: Collection[UUID]) -> dict[UUID, dict[Part, Award]]:
    """Report id → its award and perhaps its bonus. Locked, though the report's own lock is what protects them."""
    rows = AWARDS_OF_REPORTS.rows(uow, set(report_ids))
    found: dict[UUID, dict[Part, Award]] = {}
    for award in map(to_award, rows):
        found.setdefault(award.report_id, {})[award.part] = award
    return found


def count_verified(uow: UnitOfWork, rider_ids: Collection[UUID]) -> dict[UUID, int]:
    """Rider id → reports in all whose credit still stands."""
    rows = uow.connection.execute(
        select(awards.c.rider_id, func.count().label("verified"))
        .where(awards.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, awards.c.rider_id, rider_ids))
        .where(awards.c.part == Part.REPORT.value)
        .where(awards.c.reversed_at.is_(None))
        .group_by(awards.c.rider_id)
    )
    return {row.rider_id: row.verified for row in rows}


def read_month_awards(
    uow: UnitOfWork, rider_months: Collection[tuple[UUID, Month]]
) -> dict[tuple[UUID, Month], list[Award]]:
    """All current awards, reversed ones too, of each (rider, month), in the order in which they took effect."""
    found: dict[tuple[UUID, Month], list[Award]] = {key: [] for key in rider_months}
    rows = uow.connection.execute(
        select(*AWARD_COLUMNS)
        .where(awards.c.programme_id == uow.programme_id)
        .where(awards.c.is_current == true())
        .where(is_in(uow.connection, awards.c.rider_id, {rider_id for rider_id, _ in rider_months}))
        .where(is_in(uow.connection, awards.c.month, {month for _, month in rider_months}))
        .order_by(awards.c.effective_at, awards.c.report_id)
    )
    for row in rows:
        award = to_award(row)
        if (award.rider_id, award.month) in found:
            found[award.rider_id, award.month].append(award)
    return found


def insert_awards(uow: UnitOfWork, batch: Sequence[Award]) -> None:
    uow.insert(awards, [_row(uow, award) for award in batch])


def update_reversals(uow: UnitOfWork, batch: Sequence[Award]) -> None:
    uow.update(
        awards,
        key=AWARD_KEY,
        rows=[
            {
                **award_key(uow, award),
                "reversal_id": award.reversal_id,
                "reversed_at": award.reversed_at,
                "is_current": award.is_current,
            }
            for award in batch
        ],
    )


def award_key(uow: UnitOfWork, award: Award) -> dict[str, Any]:
    """The columns of `AWARD_KEY`."""
    return {
        "programme_id": uow.programme_id,
        "report_id": award.report_id,
        "rider_id": award.rider_id,
        "part": award.part.value,
        "revision": award.revision,
    }


def to_award(row: Any) -> Award:
    """From a row, or whatever has the columns of `AWARD_COLUMNS` as attributes."""
    return Award(
        report_id=row.report_id,
        rider_id=row.rider_id,
        part=Part(row.part),
        transaction_id=row.transaction_id,
        sponsor_id=row.sponsor_id,
        points_wanted=row.points_wanted,
        points_granted=row.points_granted,
        limited_by=Limit(row.limited_by) if row.limited_by else None,
        is_cap_exempt=row.is_cap_exempt,
        is_serious=row.is_serious,
        merit=row.merit,
        day=row.day,
        month=Month(row.month),
        lapses_on=row.lapses_on,
        rulebook_version=row.rulebook_version,
        effective_at=row.effective_at,
        booked_at=row.booked_at,
        reversal_id=row.reversal_id,
        reversed_at=row.reversed_at,
        revision=row.revision,
        is_current=row.is_current,
    )


def _row(uow: UnitOfWork, award: Award) -> dict[str, Any]:
    return {
        **award_key(uow, award),
        "transaction_id": award.transaction_id,
        "sponsor_id": award.sponsor_id,
        "points_wanted": award.points_wanted,
        "points_granted": award.points_granted,
        "limited_by": award.limited_by.value if award.limited_by else None,
        "is_cap_exempt": award.is_cap_exempt,
        "is_serious": award.is_serious,
        "merit": award.merit,
        "day": award.day,
        "month": award.month,
        "lapses_on": award.lapses_on,
        "rulebook_version": award.rulebook_version,
        "effective_at": award.effective_at,
        "booked_at": award.booked_at,
        "reversal_id": award.reversal_id,
        "reversed_at": award.reversed_at,
        "is_current": award.is_current,
    }
