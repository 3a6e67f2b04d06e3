"""Incidents as people see them: one, a list, and those that a report may belong to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, select

from ledger.domain.awards import Award, Part
from ledger.domain.errors import NotFound
from ledger.domain.incidents import Incident, Member, Share, decide_shares
from ledger.domain.places import Place, distance_m
from ledger.domain.reports import CREDITED_STATES, Report, ReportState, read_report_code
from ledger.domain.rulebook import IncidentRules, Rulebook
from ledger.queries.joined import Prefixed, prefixed
from ledger.queries.reports import places_around
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.awards import AWARD_COLUMNS, to_award
from ledger.storage.bulk import is_in
from ledger.storage.reports import REPORT_COLUMNS, parse_id, to_report
from ledger.storage.tables import awards, incident_reports, incidents, reports, riders

SUGGESTIONS_MAX = 10
CANDIDATES_MAX = 500
"""Reports of the category in the box and the interval; more of them than this is no longer a hint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentMember:
    member: Member
    rider_code: str
    award: Award | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCase:
    """`founded_at` is None for an incident of one, which is not stored. `members` in the order of submission."""

    incident: Incident
    founded_at: datetime | None
    founded_by: str | None
    members: tuple[IncidentMember, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """An incident that a report may belong to, by its nearest report: `hours_apart` is negative where that came later.

    `share`, `number` and `points` are what the report would get in it; `is_own`: its rider reported the hazard already.
    """

    case: IncidentCase
    nearest: Report
    distance_m: float
    hours_apart: float
    is_own: bool
    share: Share
    number: int | None
    points: int


def read_incident(connection: Connection, programme_id: int, name: str) -> IncidentCase:
    """By any of its reports, UUID or code. A report that was never verified is in no incident: not found."""
    statement = _members(programme_id)
    report_id, code = parse_id(name), read_report_code(name)
    if report_id is not None:
        statement = statement.where(reports.c.id == report_id)
    elif code is not None:
        statement = statement.where(reports.c.code == code)
    else:
        raise NotFound(noun="incident", name=name)
    row = connection.execute(statement).one_or_none()
    if row is None or row.award_report_id is None:
        raise NotFound(noun="incident", name=name)
    if row.incident_id is None:
        return _alone(row)
    return _read_cases(connection, programme_id, [row.incident_id])[row.incident_id]


def read_incidents(
    connection: Connection, programme_id: int, *, category_code: str | None, limit: int, after: SortKey | None
) -> Slice[IncidentCase]:
    """Those of more than one report's making, the latest founded first."""
    i = incidents.c
    holds_reports = (
        select(incident_reports.c.report_id)
        .where(incident_reports.c.programme_id == programme_id, incident_reports.c.incident_id == i.id)
        .correlate(incidents)
        .exists()
    )
    statement = select(i.id, i.founded_at).where(i.programme_id == programme_id, holds_reports)
    if category_code is not None:
        statement = statement.where(i.category_code == category_code)
    rows = connection.execute(ordered(statement, [(i.founded_at, True), (i.id, True)], limit=limit, after=after)).all()
    cases = _read_cases(connection, programme_id, [row.id for row in rows])
    return cut(rows, limit, to_item=lambda row: cases[row.id], to_key=lambda row: (row.founded_at, row.id))


def read_suggestions(
    connection: Connection, programme_id: int, report: Report, *, rulebook: Rulebook
) -> list[Suggestion]:
    """Incidents with a verified report of the same category as near and as soon as the rulebook says; the nearest
    first; never the one it is in. Empty without a place, and for categories without a re-report interval."""
    category = rulebook.categories.get(report.category_code)
    if report.place is None or category is None or category.re_report_after_days is None:
        return []
    radius, interval = rulebook.incident.distance_m, timedelta(days=category.re_report_after_days)
    near: dict[UUID, tuple[float, UUID]] = {}
    for row in connection.execute(_candidates(programme_id, report, radius, interval)):
        metres = distance_m(report.place, Place(lat_e7=row.lat_e7, lon_e7=row.lon_e7))
        key = row.incident_id or row.id
        if metres <= radius and (key not in near or metres < near[key][0]):
            near[key] = (metres, row.id)
    nearest = {report_id: metres for metres, report_id in sorted(near.values())[:SUGGESTIONS_MAX]}
    rows = {row.id: row for row in _read_members(connection, programme_id, nearest)}
    cases = _read_cases(connection, programme_id, {row.incident_id for row in rows.values() if row.incident_id})
    suggestions = [
        _suggestion(
            report,
            to_report(rows[report_id]),
            metres,
            cases.get(rows[report_id].incident_id) or _alone(rows[report_id]),
            points_full=category.points * report.hours,
            rules=rulebook.incident,
        )
        for report_id, metres in nearest.items()
    ]
    return [found for found in suggestions if all(one.member.report.id != report.id for one in found.case.members)]


def _candidates(programme_id: int, report: Report, radius_m: int, interval: timedelta) -> Select[Any]:
    """Verified reports in a box around the report's place and inside the interval, the latest first."""
    assert report.place is not None
    near = places_around(programme_id, report.place, radius_m, categories=[report.category_code])
    n = near.c
    return (
        select(n.id, n.lat_e7, n.lon_e7, incident_reports.c.incident_id)
        .select_from(near)
        .outerjoin(
            incident_reports,
            (incident_reports.c.programme_id == programme_id) & (incident_reports.c.report_id == n.id),
        )
        .where(n.submitted_at.between(report.submitted_at - interval, report.submitted_at + interval))
        .where(n.state.in_(sorted(state.value for state in CREDITED_STATES)))
        .where(n.id != report.id)
        .order_by(n.submitted_at.desc(), n.id.desc())
        .limit(CANDIDATES_MAX)
    )


def _suggestion(
    report: Report, nearest: Report, metres: float, case: IncidentCase, *, points_full: int, rules: IncidentRules
) -> Suggestion:
    members = [one.member for one in case.members]
    is_own = any(member.is_counted and member.report.rider_id == report.rider_id for member in members)
    # Counted as if it were verified: that is what is asked about.
    wished = Member(report=replace(report, state=ReportState.VERIFIED), points_full=points_full)
    mine = next(one for one in decide_shares([*members, wished], rules) if one.report.id == report.id)
    return Suggestion(
        case=case,
        nearest=nearest,
        distance_m=round(metres, 1),
        hours_apart=round((report.submitted_at - nearest.submitted_at).total_seconds() / 3600, 1),
        is_own=is_own,
        share=mine.share,
        number=mine.number,
        points=mine.points(rules),
    )


def _members(programme_id: int) -> Select[Any]:
    """Reports with rider code, live or past award, and their place in an incident."""
    return (
        select(
            *REPORT_COLUMNS,
            riders.c.code.label("rider_code"),
            incident_reports.c.incident_id,
            incident_reports.c.points_full,
            incident_reports.c.share,
            incident_reports.c.number,
            *prefixed(AWARD_COLUMNS, "award_"),
        )
        .select_from(reports)
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == reports.c.rider_id))
        .outerjoin(
            awards,
            (awards.c.programme_id == programme_id)
            & (awards.c.report_id == reports.c.id)
            & (awards.c.part == Part.REPORT.value)
            & awards.c.is_current,
        )
        .outerjoin(
            incident_reports,
            (incident_reports.c.programme_id == programme_id) & (incident_reports.c.report_id == reports.c.id),
        )
        .where(reports.c.programme_id == programme_id)
    )


def _read_members(connection: Connection, programme_id: int, report_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """The reports in the order of submission."""
    if not report_ids:
        return []
    statement = _members(programme_id).where(is_in(connection, reports.c.id, set(report_ids)))
    return connection.execute(statement.order_by(reports.c.submitted_at, reports.c.id)).all()


def _read_cases(connection: Connection, programme_id: int, incident_ids: Collection[UUID]) -> dict[UUID, IncidentCase]:
    if not incident_ids:
        return {}
    ids = set(incident_ids)
    founded = connection.execute(
        select(incidents.c.id, incidents.c.category_code, incidents.c.founded_at, incidents.c.founded_by)
        .where(incidents.c.programme_id == programme_id)
        .where(is_in(connection, incidents.c.id, ids))
    ).all()
    report_ids = connection.scalars(
        select(incident_reports.c.report_id)
        .where(incident_reports.c.programme_id == programme_id)
        .where(is_in(connection, incident_reports.c.incident_id, ids))
    ).all()
    members: dict[UUID, list[IncidentMember]] = {}
    for row in _read_members(connection, programme_id, report_ids):
        members.setdefault(row.incident_id, []).append(_to_member(row))
    return {row.id: _case(row, members[row.id]) for row in founded if row.id in members}


def _case(row: Any, members: Sequence[IncidentMember]) -> IncidentCase:
    incident = Incident(id=row.id, category_code=row.category_code, members=tuple(member.member for member in members))
    return IncidentCase(incident=incident, founded_at=row.founded_at, founded_by=row.founded_by, members=tuple(members))


def _alone(row: Row[Any]) -> IncidentCase:
    member = IncidentMember(
        member=Member(report=to_report(row), points_full=row.award_points_wanted),
        rider_code=row.rider_code,
        award=to_award(Prefixed(row, "award_")),
    )
    incident = Incident(id=row.id, category_code=row.category_code, members=(member.member,))
    return IncidentCase(incident=incident, founded_at=None, founded_by=None, members=(member,))


def _to_member(row: Row[Any]) -> IncidentMember:
    return IncidentMember(
        member=Member(report=to_report(row), points_full=row.points_full, share=Share(row.share), number=row.number),
        rider_code=row.rider_code,
        award=to_award(Prefixed(row, "award_")) if row.award_report_id is not None else None,
    )
