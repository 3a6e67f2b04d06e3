"""Incidents: one full share, few small ones, no rider twice; and the awards that the shares stand for."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select

from ledger.domain.awards import Part
from ledger.domain.errors import Text
from ledger.domain.incidents import Share
from ledger.domain.reports import CREDITED_STATES
from ledger.domain.rulebook import read_rulebook
from ledger.queries.audit.books import Books, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import awards, incident_reports, incidents, reports, rulebooks


def validate_incident_shares(books: Books) -> Iterator[Found]:
    """Of an incident in which anything counts one report has all, at most as many as any rulebook allowed have the
    small share, no rider counts twice, and the places are numbered without a gap."""
    m = incident_reports.c
    later_max = max(
        read_rulebook(row.version, row.document).incident.later_reporters
        for row in books.rows(select(rulebooks.c.version, rulebooks.c.document).where(books.mine(rulebooks)))
    )
    full = func.sum(case((m.share == Share.FULL.value, 1), else_=0))
    later = func.sum(case((m.share == Share.LATER.value, 1), else_=0))
    counted = func.count(m.number)
    riders = func.count(case((m.number.is_not(None), m.rider_id)).distinct())
    places = func.count(m.number.distinct())
    statement = (
        select(
            m.incident_id,
            full.label("full"),
            later.label("later"),
            counted.label("counted"),
            riders.label("riders"),
        )
        .where(books.holds(m.incident_id))
        .group_by(m.incident_id)
        .having(
            or_(
                full != case((counted > 0, 1), else_=0),
                later > later_max,
                riders != counted,
                places != counted,
                func.coalesce(func.max(m.number), 0) != counted,
            )
        )
        .order_by(m.incident_id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.incident_id),
            problem=Text(
                f"全额 {row.full} 份，后报 {row.later} 份（最多 {later_max}），计入 {row.counted} 条，"
                f"骑手 {row.riders} 人；或名次有缺。",
                f"{row.full} full shares, {row.later} later ones ({later_max} at most), {row.counted} reports that "
                f"count of {row.riders} riders; or the places have a gap.",
            ),
        )


def validate_incident_awards(books: Books) -> Iterator[Found]:
    """A report in an incident is its rider's and of its category; what its live award wanted is its share; and only one
    that is credited has a share."""
    m, r, a = incident_reports.c, reports.c, awards.c
    is_credited = r.state.in_(sorted(state.value for state in CREDITED_STATES))
    is_of_share = case(
        (m.share == Share.FULL.value, a.points_wanted == m.points_full),
        (m.share == Share.LATER.value, and_(a.points_wanted <= m.points_full, a.points_wanted > 0)),
        else_=a.points_wanted == 0,
    )
    statement = (
        select(m.report_id, m.share, m.points_full, m.number, r.code, r.state, a.points_wanted)
        .join(incidents, joined(incident_reports, incidents, id="incident_id"))
        .join(reports, joined(incident_reports, reports, id="report_id"))
        .outerjoin(
            awards,
            and_(joined(reports, awards, report_id="id"), a.part == Part.REPORT.value, a.is_current),
        )
        .where(books.holds(m.report_id))
        .where(
            or_(
                m.rider_id != r.rider_id,
                incidents.c.category_code != r.category_code,
                and_(is_credited, or_(a.report_id.is_(None), ~is_of_share)),
                and_(~is_credited, m.number.is_not(None)),
            )
        )
        .order_by(m.report_id)
    )
    for row in books.rows(statement):
        wanted = "—" if row.points_wanted is None else row.points_wanted
        yield Found(
            id=str(row.report_id),
            code=row.code,
            problem=Text(
                f"上报为 {row.state}，第 {row.number or '—'} 位，份额 {row.share}（全额 {row.points_full}），"
                f"奖励应得却是 {wanted}；或骑手、类别不同。",
                f"The report is {row.state}, no. {row.number or '—'}, and its share is {row.share} (of "
                f"{row.points_full}), yet its award wanted {wanted}; or rider or category differ.",
            ),
        )
