"""Reports as people see them: one, a list, and the earlier ones nearby."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Connection, Row, Select, literal_column, select

from ledger.domain.awards import Part
from ledger.domain.cases import ReportCase
from ledger.domain.errors import NotFound
from ledger.domain.incidents import Share, ShareHeld
from ledger.domain.places import Place, box_around, distance_m
from ledger.domain.reports import Report, ReportState, read_report_code
from ledger.domain.rulebook import Rulebook
from ledger.queries.joined import Prefixed, prefixed
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.awards import AWARD_COLUMNS, to_award
from ledger.storage.bulk import is_in
from ledger.storage.reports import REPORT_COLUMNS, parse_id, to_report
from ledger.storage.tables import awards, incident_reports, reports, riders

NEIGHBOUR_DAYS = 30
"""How far back a neighbour is looked for: past every category's re-report interval."""
NEIGHBOURS_MAX = 50
NEIGHBOUR_CANDIDATES_MAX = 2_000
"""Rows a box may yield before distances are computed; a busy crossing in 30 days has some hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFilter:
    """What a list is narrowed to; None means any. `since` and `until` bound `submitted_at` (until excluded)."""

    state: ReportState | None = None
    category_code: str | None = None
    rider_code: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """An earlier report near another. `is_within_interval`: same category, inside its re-report interval."""

    case: ReportCase
    distance_m: float
    hours_before: float
    is_same_category: bool
    is_within_interval: bool


def read_report(connection: Connection, programme_id: int, name: str, *, rider_id: UUID | None = None) -> ReportCase:
    """By UUID or code. With `rider_id`, only that rider's own: another's is not found, as if it did not exist."""
    report_id, code = parse_id(name), read_report_code(name)
    statement = _select(programme_id)
    if report_id is not None:
        statement = statement.where(reports.c.id == report_id)
    elif code is not None:
        statement = statement.where(reports.c.code == code)
    else:
        raise NotFound(noun="report", name=name)
    if rider_id is not None:
        statement = statement.where(reports.c.rider_id == rider_id)
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(noun="report", name=name)
    return _to_case(row)


def read_reports(
    connection: Connection,
    programme_id: int,
    *,
    narrowed_to: ReportFilter,
    is_newest_first: bool,
    limit: int,
    after: SortKey | None,
) -> Slice[ReportCase]:
    """By (submitted_at, id), newest or oldest first; the open ones of one state by (review_due_at, id)."""
    statement = _narrow(_select(programme_id), narrowed_to)
    by_due = narrowed_to.state is ReportState.SUBMITTED and not is_newest_first
    moment = reports.c.review_due_at if by_due else reports.c.submitted_at
    keys = [(moment, is_newest_first), (reports.c.id, is_newest_first)]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    return cut(
        rows,
        limit,
        to_item=_to_case,
        to_key=lambda row: (row.review_due_at if by_due else row.submitted_at, row.id),
    )


def read_neighbours(
    connection: Connection, programme_id: int, report: Report, *, rulebook: Rulebook, radius_m: int
) -> list[Neighbour]:
    """Earlier reports of any category within the radius, nearest first, at most 50. Empty without a place."""
    if report.place is None:
        return []
    # Naming the categories lets the index on (category, lat, lon) do the search.
    near = places_around(programme_id, report.place, radius_m, categories=sorted(rulebook.categories)).c
    candidates = connection.execute(
        select(near.id, near.lat_e7, near.lon_e7)
        .where(near.submitted_at >= report.submitted_at - timedelta(days=NEIGHBOUR_DAYS))
        .where(
            (near.submitted_at < report.submitted_at)
            | ((near.submitted_at == report.submitted_at) & (near.id < report.id))
        )
        .order_by(near.submitted_at.desc(), near.id.desc())
        .limit(NEIGHBOUR_CANDIDATES_MAX)
    )
    measured = [(distance_m(report.place, Place(lat_e7=row.lat_e7, lon_e7=row.lon_e7)), row.id) for row in candidates]
    # The sort keeps the later one first where two are as far.
    nearest = sorted((one for one in measured if one[0] <= radius_m), key=itemgetter(0))[:NEIGHBOURS_MAX]
    ids = [report_id for _, report_id in nearest]
    if not ids:
        return []
    rows = connection.execute(_select(programme_id).where(is_in(connection, reports.c.id, ids)))
    cases = {row.id: _to_case(row) for row in rows}
    return [_to_neighbour(report, cases[report_id], rulebook) for report_id in ids]


def places_around(programme_id: int, place: Place, radius_m: int, *, categories: Sequence[str]) -> CTE:
    """Reports of the categories in a box around the place: a band of latitude in the index, cut by longitude.

    Materialized, and of the places alone: a planner that sees when they were submitted and whose they are would rather
    walk through all reports of a month, or begin at a short table of riders. At 1,000,000 reports it did.
    """
    box = box_around(place, radius_m)
    r = reports.c
    near = (
        select(r.id, r.lat_e7, r.lon_e7, r.submitted_at, r.state)
        .where(r.programme_id == programme_id)
        .where(r.category_code.in_(categories))
        .where(r.lat_e7.between(box.lat_min_e7, box.lat_max_e7))
        .where(r.lon_e7.between(box.lon_min_e7, box.lon_max_e7))
        .where(r.datum == place.datum.value)
    )
    return near.cte("near").prefix_with("MATERIALIZED")


def _to_neighbour(report: Report, case: ReportCase, rulebook: Rulebook) -> Neighbour:
    other = case.report
    assert report.place is not None and other.place is not None
    age = report.submitted_at - other.submitted_at
    is_same_category = other.category_code == report.category_code
    interval_days = rulebook.categories[other.category_code].re_report_after_days
    return Neighbour(
        case=case,
        distance_m=round(distance_m(report.place, other.place), 1),
        hours_before=round(age.total_seconds() / 3600, 1),
        is_same_category=is_same_category,
        is_within_interval=is_same_category and interval_days is not None and age <= timedelta(days=interval_days),
    )


_originals = reports.alias("originals")
_bonuses = awards.alias("bonuses")
_first_members = incident_reports.alias("first_members")
_first_reports = reports.alias("first_reports")
_BONUS_COLUMNS = [_bonuses.c[column.name] for column in AWARD_COLUMNS]


def _select(programme_id: int) -> Select[Any]:
    """Reports with rider code, award, share of their incident and the code of what they duplicate."""
    return (
        select(
            *REPORT_COLUMNS,
            riders.c.code.label("rider_code"),
            _originals.c.code.label("original_code"),
            incident_reports.c.share,
            incident_reports.c.number.label("share_number"),
            _first_reports.c.code.label("incident_code"),
            *prefixed(AWARD_COLUMNS, "award_"),
            *prefixed(_BONUS_COLUMNS, "bonus_"),
        )
        .select_from(reports)
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == reports.c.rider_id))
        .outerjoin(
            awards,
            (awards.c.programme_id == programme_id)
            & (awards.c.report_id == reports.c.id)
            & (awards.c.rider_id == reports.c.rider_id)
            & (awards.c.part == Part.REPORT.value)
            & awards.c.is_current,
        )
        .outerjoin(
            _bonuses,
            (_bonuses.c.programme_id == programme_id)
            & (_bonuses.c.report_id == reports.c.id)
            & (_bonuses.c.rider_id == reports.c.rider_id)
            & (_bonuses.c.part == Part.SETTLEMENT.value)
            & _bonuses.c.is_current,
        )
        .outerjoin(
            _originals, (_originals.c.programme_id == programme_id) & (_originals.c.id == reports.c.duplicate_of)
        )
        .outerjoin(
            incident_reports,
            (incident_reports.c.programme_id == programme_id) & (incident_reports.c.report_id == reports.c.id),
        )
        .outerjoin(
            _first_members,
            (_first_members.c.programme_id == programme_id)
            & (_first_members.c.incident_id == incident_reports.c.incident_id)
            & (_first_members.c.share == literal_column("'full'")),  # written out: the partial index is meant
        )
        .outerjoin(
            _first_reports,
            (_first_reports.c.programme_id == programme_id) & (_first_reports.c.id == _first_members.c.report_id),
        )
        .where(reports.c.programme_id == programme_id)
    )


def _narrow(statement: Select[Any], wanted: ReportFilter) -> Select[Any]:
    if wanted.state is not None:
        statement = statement.where(reports.c.state == wanted.state.value)
    if wanted.category_code is not None:
        statement = statement.where(reports.c.category_code == wanted.category_code)
    if wanted.rider_code is not None:
        statement = statement.where(riders.c.code == wanted.rider_code)
    if wanted.source is not None:
        statement = statement.where(reports.c.source == wanted.source)
    if wanted.since is not None:
        statement = statement.where(reports.c.submitted_at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(reports.c.submitted_at < wanted.until)
    return statement


def _to_case(row: Row[Any]) -> ReportCase:
    return ReportCase(
        report=to_report(row),
        rider_code=row.rider_code,
        award=to_award(Prefixed(row, "award_")) if row.award_report_id is not None else None,
        bonus=to_award(Prefixed(row, "bonus_")) if row.bonus_report_id is not None else None,
        duplicate_of_code=row.original_code,
        share=_to_share(row) if row.share is not None else None,
    )


def _to_share(row: Row[Any]) -> ShareHeld:
    # Of an incident of which nothing counts any more, any report gives the code.
    return ShareHeld(incident_code=row.incident_code or row.code, share=Share(row.share), number=row.share_number)
