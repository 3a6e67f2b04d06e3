"""Incidents: who belongs to which, and writing the shares. Reading for people is in `ledger/queries/incidents.py`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ledger.domain.incidents import Incident, Member, Share
from ledger.storage.bulk import is_in
from ledger.storage.tables import incident_reports, incidents
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A row of `incident_reports`, with its incident's category."""

    report_id: UUID
    incident_id: UUID
    category_code: str
    points_full: int
    share: Share
    number: int | None


def read_companies(uow: UnitOfWork, report_ids: Collection[UUID]) -> list[Membership]:
    """All memberships in the incidents that any of the reports belongs to.

    Without a lock: the turn of the programme protects them, and every change of them goes through their reports.
    """
    if not report_ids:
        return []
    mine = incident_reports.alias("mine")
    chosen = (
        select(mine.c.incident_id)
        .where(mine.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, mine.c.report_id, set(report_ids)))
    )
    rows = uow.connection.execute(
        select(
            incident_reports.c.report_id,
            incident_reports.c.incident_id,
            incidents.c.category_code,
            incident_reports.c.points_full,
            incident_reports.c.share,
            incident_reports.c.number,
        )
        .join(
            incidents,
            (incidents.c.programme_id == incident_reports.c.programme_id)
            & (incidents.c.id == incident_reports.c.incident_id),
        )
        .where(incident_reports.c.programme_id == uow.programme_id)
        .where(incident_reports.c.incident_id.in_(chosen))
    )
    return [
        Membership(
            report_id=row.report_id,
            incident_id=row.incident_id,
            category_code=row.category_code,
            points_full=row.points_full,
            share=Share(row.share),
            number=row.number,
        )
        for row in rows
    ]


def write_incidents(
    uow: UnitOfWork,
    *,
    founded: Sequence[Incident],
    joined: Sequence[tuple[Incident, Member]],
    changed: Sequence[tuple[Incident, Member]],
    by: dict[UUID, str],
) -> None:
    """New incidents and memberships, and what changed of those that are here. `by` names who, per report or incident.

    What changes lets go of its share first, in a statement of its own: each incident has one full share and each rider
    one, and within a statement nobody knows which row comes first.
    """
    uow.insert(
        incidents,
        [
            {
                "programme_id": uow.programme_id,
                "id": incident.id,
                "category_code": incident.category_code,
                "founded_at": uow.now,
                "founded_by": by[incident.id],
            }
            for incident in founded
        ],
    )
    key = ("programme_id", "report_id")
    freed = {"share": Share.NONE.value, "number": None}
    uow.update(incident_reports, key=key, rows=[{**_key(uow, member), **freed} for _, member in changed])
    uow.update(incident_reports, key=key, rows=[_share(uow, incident, member) for incident, member in changed])
    uow.insert(
        incident_reports,
        [
            {
                **_share(uow, incident, member),
                "rider_id": member.report.rider_id,
                "points_full": member.points_full,
                "joined_at": uow.now,
                "joined_by": by[member.report.id],
            }
            for incident, member in joined
        ],
    )


def _key(uow: UnitOfWork, member: Member) -> dict[str, Any]:
    return {"programme_id": uow.programme_id, "report_id": member.report.id}


def _share(uow: UnitOfWork, incident: Incident, member: Member) -> dict[str, Any]:
    return {
        **_key(uow, member),
        "incident_id": incident.id,
        "share": member.share.value,
        "number": member.number,
    }
