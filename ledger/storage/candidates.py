"""The numbers from which titles are decided: aggregated by the database, a row a rider, in the order of the tie chain.

Read as a stream, for a district may have a million riders and only those who earn something are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, and_, cast, func, or_, select, true

from ledger.domain.awards import Part
from ledger.domain.calendar import Month
from ledger.domain.honors import Candidate, TitleState
from ledger.domain.reports import ReportState
from ledger.domain.riders import RiderStatus
from ledger.storage.months import STREAMED_ROWS, allow_long_statements
from ledger.storage.standings import current_standings
from ledger.storage.tables import appointments, awards, reports, riders, titles
from ledger.storage.unit_of_work import UnitOfWork

MONTH_LENGTH = 7
"""Characters of a period that is a month, such as 2026-11; a year has 4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a title looks at: the months from the first to the last, and the reports submitted from `begin` to `end`."""

    first_month: Month
    last_month: Month
    begin: datetime
    end: datetime
    last_day: date


def stream_candidates(uow: UnitOfWork, span: Span, *, verified_in_all_at_least: int | None) -> Iterator[Candidate]:
    """Every rider who is still here and has something to show for the span, in the order of their chains.

    `verified_in_all_at_least` leaves out, among riders without anything else, those with fewer verified reports in all;
    None leaves the number out.
    """
    ranked = _ranked(uow, span)
    counted = [_rejected(uow, span), _urgent(uow, span), _monthly_honors(uow, span), _on_roll(uow, span)]
    if verified_in_all_at_least is not None:
        counted.append(_verified_in_all(uow, span, verified_in_all_at_least))
    joined: Any = riders
    for part in (ranked, *counted):
        joined = joined.outerjoin(part, part.c.rider_id == riders.c.id)
    order = [_count(ranked, name) for name in ("merit", "verified", "serious_points")]
    statement = (
        select(
            riders.c.id.label("rider_id"),
            riders.c.industry_code,
            *order,
            ranked.c.reached_at,
            *(_count(part, part.name) for part in counted),
        )
        .select_from(joined)
        .where(riders.c.programme_id == uow.programme_id)
        .where(riders.c.status != RiderStatus.LEFT.value)
        .where(or_(*(part.c.rider_id.is_not(None) for part in (ranked, *counted))))
        .order_by(*(number.desc() for number in order), ranked.c.reached_at.nulls_last(), riders.c.id)
        .execution_options(yield_per=STREAMED_ROWS)
    )
    allow_long_statements(uow.connection)
    with uow.connection.execute(statement) as rows:
        for row in rows:
            yield Candidate(**{**row._mapping, "is_on_roll": bool(row.is_on_roll)})


def _ranked(uow: UnitOfWork, span: Span) -> Subquery:
    """The ranking's numbers, corrections of published lists included."""
    s = current_standings(uow.programme_id).c
    return (
        select(
            s.rider_id,
            func.sum(s.merit).label("merit"),
            func.sum(s.verified_reports).label("verified"),
            func.sum(s.serious_points).label("serious_points"),
            func.max(s.reached_at).label("reached_at"),
        )
        .where(s.month >= span.first_month)
        .where(s.month <= span.last_month)
        .group_by(s.rider_id)
        .subquery("ranked")
    )


def _verified_in_all(uow: UnitOfWork, span: Span, at_least: int) -> Subquery:
    s = current_standings(uow.programme_id).c
    in_all = func.sum(s.verified_reports)
    return (
        select(s.rider_id, in_all.label("verified_in_all"))
        .where(s.month <= span.last_month)
        .group_by(s.rider_id)
        .having(in_all >= at_least)
        .subquery("verified_in_all")
    )


def _rejected(uow: UnitOfWork, span: Span) -> Subquery:
    r = reports.c
    was_rejected = r.state.in_([ReportState.REJECTED.value, ReportState.REVOKED.value])
    is_of_span = and_(r.submitted_at >= span.begin, r.submitted_at < span.end)
    return _number("rejected", r.rider_id, and_(r.programme_id == uow.programme_id, is_of_span, was_rejected))


def _urgent(uow: UnitOfWork, span: Span) -> Subquery:
    a = awards.c
    is_live_report = and_(a.part == Part.REPORT.value, a.reversed_at.is_(None))
    # Of a report's own award, exempt from the caps means urgent.
    is_urgent = and_(a.month >= span.first_month, a.month <= span.last_month, a.is_cap_exempt == true())
    return _number("urgent", a.rider_id, and_(a.programme_id == uow.programme_id, is_live_report, is_urgent))


def _monthly_honors(uow: UnitOfWork, span: Span) -> Subquery:
    t = titles.c
    is_monthly = and_(t.period >= span.first_month, t.period <= span.last_month, func.length(t.period) == MONTH_LENGTH)
    is_granted = t.state == TitleState.GRANTED.value
    return _number("monthly_honors", t.rider_id, and_(t.programme_id == uow.programme_id, is_monthly, is_granted))


def _on_roll(uow: UnitOfWork, span: Span) -> Subquery:
    p = appointments.c
    is_trained = and_(p.appointed_on <= span.last_day, p.trained_on <= span.last_day)
    is_in_term = or_(p.ends_on.is_(None), p.ends_on >= span.last_day)
    return _number("is_on_roll", p.rider_id, and_(p.programme_id == uow.programme_id, is_trained, is_in_term))


def _number(name: str, rider_id: ColumnElement[Any], wanted: ColumnElement[bool]) -> Subquery:
    """How many rows are wanted, of each rider who has one."""
    return select(rider_id.label("rider_id"), func.count().label(name)).where(wanted).group_by(rider_id).subquery(name)


def _count(part: Subquery, name: str) -> ColumnElement[int]:
    # PostgreSQL's sum of bigints is a numeric, which would be sorted and read much slower.
    return cast(func.coalesce(part.c[name], 0), BigInteger).label(name)
