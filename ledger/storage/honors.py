"""Titles: read under locks, written in sets."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from ledger.domain.honors import Title, TitleState
from ledger.domain.reports import ReportState
from ledger.storage.lookups import Lookup
from ledger.storage.reports import parse_id
from ledger.storage.tables import reports, titles
from ledger.storage.unit_of_work import UnitOfWork

TITLE_COLUMNS = [column for column in titles.c if column.name != "programme_id"]
TITLES_BY_ID = Lookup(select(*TITLE_COLUMNS), by=[titles.c.id], locked_in_order_of=[titles.c.id])
TITLES_HELD = Lookup(
    select(*TITLE_COLUMNS).where(titles.c.state != TitleState.DECLINED.value).where(titles.c.under_review.is_(None)),
    by=[titles.c.rider_id],
    locked_in_order_of=[titles.c.id],
)


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
