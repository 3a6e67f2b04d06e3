"""The queue of credits that wait for their budgets: awards that were granted and have no transaction yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, literal_column, select

from ledger.domain.accounts import Purpose
from ledger.domain.awards import Award
from ledger.storage.awards import AWARD_COLUMNS, to_award
from ledger.storage.tables import accounts, awards, reports, riders, sponsors
from ledger.storage.unit_of_work import UnitOfWork

# In the words of the partial index, so that both engines see that it has them all.
IS_WAITING = and_(
    awards.c.transaction_id.is_(None), awards.c.points_granted > literal_column("0"), awards.c.reversed_at.is_(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCredit:
    """The award, and what its transaction and its rider are told by. `verified_by` decided the report."""

    award: Award
    report_code: str
    rider_code: str
    category_code: str
    verified_by: str
    sponsor: str


def read_sponsors_with_waiting(uow: UnitOfWork) -> set[UUID]:
    """Those for whose budget a credit waits."""
    rows = uow.connection.execute(
        select(awards.c.sponsor_id).where(awards.c.programme_id == uow.programme_id).where(IS_WAITING).distinct()
    )
    return {row.sponsor_id for row in rows}


def read_payable(uow: UnitOfWork, *, limit: int) -> list[WaitingCredit]:
    """The first `limit` credits, sponsor by sponsor, that wait for a budget with something in it; in order."""
    found: list[WaitingCredit] = []
    for sponsor_id in _read_payers(uow):
        rows = uow.connection.execute(
            select_waiting(uow.programme_id)
            .where(awards.c.sponsor_id == sponsor_id)
            .order_by(awards.c.effective_at, awards.c.report_id, awards.c.part)
            .limit(limit - len(found))
        )
        found += map(to_waiting_credit, rows)
    return found


def _read_payers(uow: UnitOfWork) -> Sequence[UUID]:
    waits = (
        select(awards.c.sponsor_id)
        .where(awards.c.programme_id == uow.programme_id)
        .where(awards.c.sponsor_id == accounts.c.owner_id)
        .where(IS_WAITING)
        .exists()
    )
    return uow.connection.scalars(
        select(accounts.c.owner_id)
        .where(accounts.c.programme_id == uow.programme_id)
        .where(accounts.c.purpose == Purpose.BUDGET.value)
        .where(accounts.c.balance > 0)
        .where(waits)
        .order_by(accounts.c.owner_id)
    ).all()


def select_waiting(programme_id: int) -> Select[Any]:
    """Every waiting credit of the programme, with the columns of `to_waiting_credit`."""
    return (
        select(
            *AWARD_COLUMNS,
            reports.c.code.label("report_code"),
            riders.c.code.label("rider_code"),
            reports.c.category_code,
            reports.c.decided_by,
            sponsors.c.code.label("sponsor"),
        )
        .join(reports, (reports.c.programme_id == programme_id) & (reports.c.id == awards.c.report_id))
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == awards.c.rider_id))
        .join(sponsors, (sponsors.c.programme_id == programme_id) & (sponsors.c.id == awards.c.sponsor_id))
        .where(awards.c.programme_id == programme_id)
        .where(IS_WAITING)
    )


def to_waiting_credit(row: Any) -> WaitingCredit:
    return WaitingCredit(
        award=to_award(row),
        report_code=row.report_code,
        rider_code=row.rider_code,
        category_code=row.category_code,
        verified_by=row.decided_by or "",
        sponsor=row.sponsor,
    )


def update_booked(uow: UnitOfWork, batch: Sequence[Award]) -> None:
    uow.update(
        awards,
        key=("programme_id", "report_id", "rider_id", "part", "revision"),
        rows=[
            {
                "programme_id": uow.programme_id,
                "report_id": award.report_id,
                "rider_id": award.rider_id,
                "part": award.part.value,
                "revision": award.revision,
                "transaction_id": award.transaction_id,
                "booked_at": award.booked_at,
                "lapses_on": award.lapses_on,
            }
            for award in batch
        ],
    )
