"""Reports: locking and writing them. Reading for people is in `ledger/queries/reports.py`."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from ledger.domain.places import Datum, Place
from ledger.domain.reports import Report, ReportState, read_report_code
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.tables import reports
from ledger.storage.unit_of_work import UnitOfWork

REPORT_COLUMNS = [column for column in reports.c if column.name != "programme_id"]
REPORTS_BY_ID = Lookup(select(*REPORT_COLUMNS), by=[reports.c.id], locked_in_order_of=[reports.c.id])
REPORTS_BY_CODE = Lookup(select(*REPORT_COLUMNS), by=[reports.c.code], locked_in_order_of=[reports.c.id])


def lock_reports(uow: UnitOfWork, names: Collection[str]) -> dict[str, Report]:
    """The reports by the names they were asked for (UUID or code), locked in the order of their ids.

    A name that is neither, or that nobody has, is simply missing from the answer.
    """
    codes = {code for name in names if (code := read_report_code(name)) is not None}
    ids = {parsed for name in names if (parsed := parse_id(name)) is not None}
    found: list[Report] = []
    if ids:
        found += map(to_report, REPORTS_BY_ID.rows(uow, ids))
    if codes:
        found += map(to_report, REPORTS_BY_CODE.rows(uow, codes))
    by_code = {report.code: report for report in found}
    by_id = {report.id: report for report in found}
    answer: dict[str, Report] = {}
    for name in names:
        parsed = parse_id(name)
        report = by_id.get(parsed) if parsed else by_code.get(read_report_code(name) or "")
        if report is not None:
            answer[name] = report
    return answer


def parse_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def read_external_ids(uow: UnitOfWork, source: str, external_ids: Collection[str]) -> dict[str, tuple[UUID, str]]:
    """External id → (id, code) of the reports of a source that are here already."""
    rows = uow.connection.execute(
        select(reports.c.external_id, reports.c.id, reports.c.code)
        .where(reports.c.programme_id == uow.programme_id)
        .where(reports.c.source == source)
        .where(is_in(uow.connection, reports.c.external_id, set(external_ids)))
    )
    return {row.external_id: (row.id, row.code) for row in rows}


def read_originals(uow: UnitOfWork, report_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Duplicate → its original, for the reports and for whatever they lead to, however long the chain."""
    chain = (
        select(reports.c.id, reports.c.duplicate_of)
        .where(reports.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, reports.c.id, set(report_ids)))
        .where(reports.c.duplicate_of.is_not(None))
        .cte("chain", recursive=True)
    )
    chain = chain.union(
        select(reports.c.id, reports.c.duplicate_of)
        .join(chain, chain.c.duplicate_of == reports.c.id)
        .where(reports.c.programme_id == uow.programme_id)
        .where(reports.c.duplicate_of.is_not(None))
    )
    return {row.id: row.duplicate_of for row in uow.connection.execute(select(chain.c.id, chain.c.duplicate_of))}


def insert_reports(uow: UnitOfWork, batch: Sequence[Report]) -> None:
    uow.insert(reports, [_row(uow, report) for report in batch])


def update_decisions(uow: UnitOfWork, batch: Sequence[Report]) -> None:
    """Writes the state of the reports and who decided it, when and why."""
    uow.update(
        reports,
        key=("programme_id", "id"),
        rows=[
            {
                "programme_id": uow.programme_id,
                "id": report.id,
                "state": report.state.value,
                "decided_at": report.decided_at,
                "decided_by": report.decided_by,
                "reason": report.reason,
                "duplicate_of": report.duplicate_of,
            }
            for report in batch
        ],
    )


def update_settlements(uow: UnitOfWork, batch: Sequence[Report]) -> None:
    """Writes that the hazards are gone: who said so, when, and the photo that shows it."""
    uow.update(
        reports,
        key=("programme_id", "id"),
        rows=[
            {
                "programme_id": uow.programme_id,
                "id": report.id,
                "state": report.state.value,
                "settled_at": report.settled_at,
                "settled_by": report.settled_by,
                "after_photo_url": report.after_photo_url,
            }
            for report in batch
        ],
    )


def to_report(row: Row[Any]) -> Report:
    place = None
    if row.lat_e7 is not None:
        place = Place(lat_e7=row.lat_e7, lon_e7=row.lon_e7, datum=Datum(row.datum))
    return Report(
        id=row.id,
        code=row.code,
        rider_id=row.rider_id,
        category_code=row.category_code,
        hours=row.hours,
        state=ReportState(row.state),
        place=place,
        address=row.address,
        subdistrict=row.subdistrict,
        description=row.description,
        photo_url=row.photo_url,
        photo_taken_at=row.photo_taken_at,
        source=row.source,
        external_id=row.external_id,
        submitted_at=row.submitted_at,
        recorded_at=row.recorded_at,
        review_due_at=row.review_due_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by,
        reason=row.reason,
        duplicate_of=row.duplicate_of,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        after_photo_url=row.after_photo_url,
    )


def _row(uow: UnitOfWork, report: Report) -> dict[str, Any]:
    place = report.place
    return {
        "programme_id": uow.programme_id,
        "id": report.id,
        "code": report.code,
        "rider_id": report.rider_id,
        "category_code": report.category_code,
        "hours": report.hours,
        "state": report.state.value,
        "lat_e7": place.lat_e7 if place else None,
        "lon_e7": place.lon_e7 if place else None,
        "datum": place.datum.value if place else None,
        "address": report.address,
        "subdistrict": report.subdistrict,
        "description": report.description,
        "photo_url": report.photo_url,
        "photo_taken_at": report.photo_taken_at,
        "source": report.source,
        "external_id": report.external_id,
        "submitted_at": report.submitted_at,
        "recorded_at": report.recorded_at,
        "review_due_at": report.review_due_at,
        "decided_at": report.decided_at,
        "decided_by": report.decided_by,
        "reason": report.reason,
        "duplicate_of": report.duplicate_of,
    }
