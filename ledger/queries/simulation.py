"""History read for a simulation: live awards rider by rider, in windows of riders, in one snapshot."""

from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.domain.accounts import Purpose
from ledger.domain.awards import Part
from ledger.domain.incidents import Share
from ledger.domain.rulebook import Rulebook
from ledger.domain.simulation import PastAward, Simulation
from ledger.storage.bulk import is_in
from ledger.storage.tables import accounts, awards, incident_reports, reports, riders, sponsors

WINDOW_RIDERS = 500
"""Riders read at a time: some ten thousand awards of a busy year, a second's work."""


def simulate(
    connection: Connection,
    programme_id: int,
    simulation: Simulation,
    rulebook: Rulebook,
    *,
    since: date,
    until: date,
) -> Iterator[tuple[int, int]]:
    """Adds to the simulation; riders done and riders in all, once a window. Days are local, both included."""
    total = (
        connection.scalar(select(func.count()).select_from(riders).where(riders.c.programme_id == programme_id)) or 0
    )
    done, after = 0, None
    while True:
        window = _read_window(connection, programme_id, after)
        codes = {row.id: row.code for row in window}
        for rider_id, history in _read_history(connection, programme_id, codes, since=since, until=until):
            simulation.add(codes[rider_id], history, rulebook, since=since)
        done += len(window)
        yield done, total
        if len(window) < WINDOW_RIDERS:
            return
        after = window[-1].id


def read_budgets_left(connection: Connection, programme_id: int) -> dict[UUID, tuple[str, int]]:
    """Sponsor id → code and what its budget holds."""
    balance = func.coalesce(accounts.c.balance, 0).label("balance")
    rows = connection.execute(
        select(sponsors.c.id, sponsors.c.code, balance)
        .select_from(sponsors)
        .outerjoin(
            accounts,
            (accounts.c.programme_id == programme_id)
            & (accounts.c.owner_id == sponsors.c.id)
            & (accounts.c.purpose == Purpose.BUDGET.value),
        )
        .where(sponsors.c.programme_id == programme_id)
    )
    return {row.id: (row.code, int(row.balance)) for row in rows}


def _read_window(connection: Connection, programme_id: int, after: UUID | None) -> list[Any]:
    statement = select(riders.c.id, riders.c.code).where(riders.c.programme_id == programme_id)
    if after is not None:
        statement = statement.where(riders.c.id > after)
    return list(connection.execute(statement.order_by(riders.c.id).limit(WINDOW_RIDERS)))


def _read_history(
    connection: Connection, programme_id: int, rider_ids: dict[UUID, str], *, since: date, until: date
) -> Iterator[tuple[UUID, list[PastAward]]]:
    """From the first of the month of `since` on, because a month's cap counts from there."""
    a = awards.c
    rows = connection.execute(
        select(
            a.rider_id,
            a.part,
            a.day,
            a.points_granted,
            a.sponsor_id,
            reports.c.category_code,
            reports.c.hours,
            incident_reports.c.share,
        )
        .select_from(awards)
        .join(reports, (reports.c.programme_id == programme_id) & (reports.c.id == a.report_id))
        .outerjoin(
            incident_reports,
            (incident_reports.c.programme_id == programme_id) & (incident_reports.c.report_id == a.report_id),
        )
        .where(a.programme_id == programme_id)
        .where(is_in(connection, a.rider_id, set(rider_ids)))
        .where(a.reversed_at.is_(None))
        .where(a.day >= since.replace(day=1))
        .where(a.day <= until)
        .order_by(a.rider_id, a.effective_at, a.report_id, a.part)
    )
    for rider_id, group in groupby(rows, key=lambda row: row.rider_id):
        yield rider_id, [_to_past_award(row) for row in group]


def _to_past_award(row: Any) -> PastAward:
    return PastAward(
        part=Part(row.part),
        category_code=row.category_code,
        hours=row.hours,
        day=row.day,
        points=row.points_granted,
        sponsor_id=row.sponsor_id,
        share=Share(row.share or Share.FULL),
    )
