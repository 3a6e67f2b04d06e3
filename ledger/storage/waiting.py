"""The queue of credits that wait for their budgets: awards that were granted and have no transaction yet."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, case, func, literal_column, select

from ledger.domain.accounts import Purpose
from ledger.domain.awards import Award, Part
from ledger.domain.cases import WaitingCredit
from ledger.storage.awards import AWARD_COLUMNS, AWARD_KEY, award_key, to_award
from ledger.storage.tables import accounts, awards, reports, riders, sponsors
from ledger.storage.unit_of_work import UnitOfWork

# In the words of the partial index, so that both engines see that it has them all.
IS_WAITING = and_(
    awards.c.transaction_id.is_(None), awards.c.points_granted > literal_column("0"), awards.c.reversed_at.is_(None)
)


QUEUE_ORDER = (awards.c.effective_at, awards.c.report_id, awards.c.part)


def read_sponsors_with_waiting(uow: UnitOfWork) -> set[UUID]:
    """Those for whose budget a credit waits."""
    rows = uow.connection.execute(
        select(awards.c.sponsor_id).where(awards.c.programme_id == uow.programme_id).where(IS_WAITING).distinct()
    )
    return {row.sponsor_id for row in rows}


def read_payable(uow: UnitOfWork, *, limit: int) -> list[WaitingCredit]:
    """The credits that the budgets can pay, up to `limit`, sponsor by sponsor in the order of the queue.

    Each with all before it fits into its budget: one that does not fit leaves all behind it out.
    """
    a = awards.c
    queue = (
        select(
            *(a[name] for name in AWARD_KEY),
            func.sum(a.points_granted).over(partition_by=a.sponsor_id, order_by=QUEUE_ORDER).label("points_up_to_it"),
        )
        .where(a.programme_id == uow.programme_id)
        .where(IS_WAITING)
        .subquery("queue")
    )
    rows = uow.connection.execute(
        select_waiting(uow.programme_id)
        .join(queue, and_(*(queue.c[name] == a[name] for name in AWARD_KEY)))
        .join(accounts, and_(accounts.c.programme_id == uow.programme_id, accounts.c.owner_id == a.sponsor_id))
        .where(accounts.c.purpose == Purpose.BUDGET.value)
        .where(queue.c.points_up_to_it <= accounts.c.balance)
        .order_by(a.sponsor_id, *QUEUE_ORDER)
        .limit(limit)
    )
    return [to_waiting_credit(row) for row in rows]


def select_waiting(programme_id: int) -> Select[Any]:
    """Every waiting credit of the programme, with the columns of `to_waiting_credit`."""
    return (
        select(
            *AWARD_COLUMNS,
            reports.c.code.label("report_code"),
            riders.c.code.label("rider_code"),
            reports.c.category_code,
            case((awards.c.part == Part.SETTLEMENT.value, reports.c.settled_by), else_=reports.c.decided_by).label(
                "decided_by"
            ),
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
        decided_by=row.decided_by or "",
        sponsor=row.sponsor,
    )


def update_booked(uow: UnitOfWork, batch: Sequence[Award]) -> None:
    uow.update(
        awards,
        key=AWARD_KEY,
        rows=[
            {
                **award_key(uow, award),
                "transaction_id": award.transaction_id,
                "booked_at": award.booked_at,
                "lapses_on": award.lapses_on,
            }
            for award in batch
        ],
    )
