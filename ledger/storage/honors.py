"""Titles, and the numbers from which they are decided: aggregated by the database, one row a rider."""

import json
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from ledger.domain.awards import Part
from ledger.domain.calendar import Month
from ledger.domain.honors import Candidate, Title, TitleState
from ledger.domain.reports import ReportState
from ledger.domain.riders import RiderStatus
from ledger.storage.lookups import Lookup
from ledger.storage.reports import parse_id
from ledger.storage.standings import current_standings
from ledger.storage.tables import appointments, awards, reports, riders, titles
from ledger.storage.unit_of_work import UnitOfWork

TITLE_COLUMNS = [column for column in titles.c if column.name != "programme_id"]
TITLES_BY_ID = Lookup(select(*TITLE_COLUMNS), by=[titles.c.id], locked_in_order_of=[titles.c.id])
TITLES_HELD = Lookup(
    select(*TITLE_COLUMNS).where(titles.c.state != TitleState.DECLINED.value).where(titles.c.under_review.is_(None)),
    by=[titles.c.rider_id],
    locked_in_order_of=[titles.c.id],
)
MONTH_LENGTH = 7
"""Characters of a period that is a month, such as 2026-11; a year has 4."""

Numbers = dict[UUID, dict[str, Any]]


def read_candidates(
    uow: UnitOfWork,
    *,
    first_month: Month,
    last_month: Month,
    begin: datetime,
    end: datetime,
    last_day: date,
    verified_in_all_at_least: int | None,
) -> list[Candidate]:
    """Every rider who is still here and has something to show for the months from the first to the last.

    `begin` and `end` bound the submission of reports; `verified_in_all_at_least` leaves out, among riders without
    anything else, those with fewer verified reports in all.
    """
    numbers: Numbers = {}
    _gather_standings(uow, numbers, first_month, last_month, verified_in_all_at_least)
    r, t, p = reports.c, titles.c, appointments.c
    was_rejected = r.state.in_([ReportState.REJECTED.value, ReportState.REVOKED.value])
    _gather(
        uow,
        numbers,
        r.rider_id,
        and_(r.programme_id == uow.programme_id, r.submitted_at >= begin, r.submitted_at < end, was_rejected),
        rejected=func.count(),
    )
    is_monthly = and_(t.period >= first_month, t.period <= last_month, func.length(t.period) == MONTH_LENGTH)
    _gather(
        uow,
        numbers,
        t.rider_id,
        and_(t.programme_id == uow.programme_id, is_monthly, t.state == TitleState.GRANTED.value),
        monthly_honors=func.count(),
    )
    is_trained = and_(p.appointed_on <= last_day, p.trained_on <= last_day)
    is_in_term = or_(p.ends_on.is_(None), p.ends_on >= last_day)
    _gather(
        uow,
        numbers,
        p.rider_id,
        and_(p.programme_id == uow.programme_id, is_trained, is_in_term),
        is_on_roll=func.count(),
    )
    return _with_riders(uow, numbers)


def _gather_standings(
    uow: UnitOfWork, numbers: Numbers, first_month: Month, last_month: Month, in_all_at_least: int | None
) -> None:
    """What awards gave: the ranking's numbers, corrections of published lists included, verified reports in all, urgent
    reports."""
    s, a = current_standings(uow.programme_id).c, awards.c
    _gather(
        uow,
        numbers,
        s.rider_id,
        and_(s.month >= first_month, s.month <= last_month),
        merit=func.sum(s.merit),
        verified=func.sum(s.verified_reports),
        serious_points=func.sum(s.serious_points),
        reached_at=func.max(s.reached_at),
    )
    if in_all_at_least is not None:
        in_all = func.sum(s.verified_reports)
        until_then = s.month <= last_month
        _gather(uow, numbers, s.rider_id, until_then, having=in_all >= in_all_at_least, verified_in_all=in_all)
    is_live_report = and_(a.part == Part.REPORT.value, a.reversed_at.is_(None))
    # Of a report's own award, exempt from the caps means urgent.
    is_urgent = and_(a.month >= first_month, a.month <= last_month, a.is_cap_exempt == true())
    _gather(
        uow,
        numbers,
        a.rider_id,
        and_(a.programme_id == uow.programme_id, is_live_report, is_urgent),
        urgent=func.count(),
    )


def _gather(
    uow: UnitOfWork,
    numbers: Numbers,
    rider_id: ColumnElement[UUID],
    wanted: ColumnElement[bool],
    *,
    having: ColumnElement[bool] | None = None,
    **values: ColumnElement[Any],
) -> None:
    """Adds the values to each rider's numbers."""
    statement = select(rider_id.label("rider_id"), *(value.label(name) for name, value in values.items()))
    statement = statement.where(wanted).group_by(rider_id)
    if having is not None:
        statement = statement.having(having)
    for row in uow.connection.execute(statement):
        found = numbers.setdefault(row.rider_id, {})
        for name in values:
            value = getattr(row, name)
            found[name] = value if isinstance(value, datetime) or value is None else int(value)


def _with_riders(uow: UnitOfWork, numbers: Numbers) -> list[Candidate]:
    rows = uow.connection.execute(
        select(riders.c.id, riders.c.industry_code)
        .where(riders.c.programme_id == uow.programme_id)
        .where(riders.c.status != RiderStatus.LEFT.value)
    )
    return [
        Candidate(
            rider_id=row.id,
            industry_code=row.industry_code,
            **{**numbers[row.id], "is_on_roll": bool(numbers[row.id].get("is_on_roll"))},
        )
        for row in rows
        if row.id in numbers
    ]


def count_waiting_reports(uow: UnitOfWork, begin: datetime, end: datetime) -> int:
    """Reports of the period that nobody has decided yet."""
    return (
        uow.connection.scalar(
            select(func.count())
            .select_from(reports)
            .where(reports.c.programme_id == uow.programme_id)
            .where(reports.c.state == ReportState.SUBMITTED.value)
            .where(reports.c.submitted_at >= begin)
            .where(reports.c.submitted_at < end)
        )
        or 0
    )


def read_given(uow: UnitOfWork, periods: Sequence[str]) -> set[tuple[str, UUID, str]]:
    """(honor, rider, period) of all titles of the periods, whatever became of them."""
    rows = uow.connection.execute(
        select(titles.c.honor_code, titles.c.rider_id, titles.c.period)
        .where(titles.c.programme_id == uow.programme_id)
        .where(titles.c.period.in_(periods))
    )
    return {(row.honor_code, row.rider_id, row.period) for row in rows}


def lock_titles(uow: UnitOfWork, names: Sequence[str]) -> dict[str, Title]:
    """The titles by id as they were asked for, locked in the order of their ids; an id that is none is missing."""
    ids = {parsed: name for name in names if (parsed := parse_id(name)) is not None}
    rows = TITLES_BY_ID.rows(uow, ids)
    return {ids[row.id]: to_title(row) for row in rows}


def lock_titles_held(uow: UnitOfWork, rider_ids: Collection[UUID], periods: Collection[str]) -> list[Title]:
    """Titles of the riders and periods that are granted or proposed and not under review, locked."""
    return [to_title(row) for row in TITLES_HELD.rows(uow, rider_ids) if row.period in periods]


def count_under_review(uow: UnitOfWork, period: str) -> int:
    return (
        uow.connection.scalar(
            select(func.count())
            .select_from(titles)
            .where(titles.c.programme_id == uow.programme_id)
            .where(titles.c.period == period)
            .where(titles.c.under_review.is_not(None))
        )
        or 0
    )


def count_granted(uow: UnitOfWork, honor_code: str, period: str) -> int:
    return (
        uow.connection.scalar(
            select(func.count())
            .select_from(titles)
            .where(titles.c.programme_id == uow.programme_id)
            .where(titles.c.honor_code == honor_code)
            .where(titles.c.period == period)
            .where(titles.c.state == TitleState.GRANTED.value)
        )
        or 0
    )


def insert_titles(uow: UnitOfWork, batch: Sequence[Title]) -> None:
    uow.insert(
        titles,
        [
            {
                "programme_id": uow.programme_id,
                "id": title.id,
                "honor_code": title.honor_code,
                "name": title.name,
                "rider_id": title.rider_id,
                "period": title.period,
                "state": title.state.value,
                "facts": json.dumps(title.facts, ensure_ascii=False, sort_keys=True),
                "rulebook_version": title.rulebook_version,
                "awarded_at": title.awarded_at,
                "awarded_by": title.awarded_by,
                "reason": title.reason,
            }
            for title in batch
        ],
    )


def update_decisions(uow: UnitOfWork, batch: Sequence[Title]) -> None:
    uow.update(
        titles,
        key=("programme_id", "id"),
        rows=[
            {
                "programme_id": uow.programme_id,
                "id": title.id,
                "state": title.state.value,
                "decided_at": title.decided_at,
                "decided_by": title.decided_by,
                "reason": title.reason,
                "under_review": title.under_review,
            }
            for title in batch
        ],
    )


def update_reviews(uow: UnitOfWork, batch: Sequence[Title]) -> None:
    uow.update(
        titles,
        key=("programme_id", "id"),
        rows=[
            {"programme_id": uow.programme_id, "id": title.id, "under_review": title.under_review} for title in batch
        ],
    )


def to_title(row: Any) -> Title:
    """From a row, or whatever has the columns of `TITLE_COLUMNS` as attributes."""
    return Title(
        id=row.id,
        honor_code=row.honor_code,
        name=row.name,
        rider_id=row.rider_id,
        period=row.period,
        state=TitleState(row.state),
        facts=json.loads(row.facts),
        rulebook_version=row.rulebook_version,
        awarded_at=row.awarded_at,
        awarded_by=row.awarded_by,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        under_review=row.under_review,
    )
