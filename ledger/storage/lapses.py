"""Lots whose day is over: who has some. What becomes of them is in `ledger/services/lapses.py`."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from ledger.domain.accounts import Purpose
from ledger.storage.tables import accounts
from ledger.storage.unit_of_work import UnitOfWork


def find_lapsed(uow: UnitOfWork, today: date, limit: int) -> list[UUID]:
    """The rider of each of up to `limit` lots that lapsed before `today` and are not empty, soonest lapse first.

    It asks the lots themselves, by the index on their day; a rider with several is there several times.
    """
    return list(
        uow.connection.scalars(
            select(accounts.c.owner_id)
            .where(accounts.c.programme_id == uow.programme_id)
            .where(accounts.c.purpose == Purpose.AVAILABLE.value)
            .where(accounts.c.bucket < today.isoformat())
            .where(accounts.c.balance > 0)
            .order_by(accounts.c.bucket, accounts.c.id)
            .limit(limit)
        )
    )
