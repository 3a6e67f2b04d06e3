"""Riders and, in a table of its own, the persons behind them."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from ledger.domain.riders import Rider, RiderStatus
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.tables import persons, riders
from ledger.storage.unit_of_work import UnitOfWork

RIDER_COLUMNS = [column for column in riders.c if column.name != "programme_id"]
RIDERS_BY_ID = Lookup(select(*RIDER_COLUMNS), by=[riders.c.id], locked_in_order_of=[riders.c.id])
RIDERS_BY_CODE = Lookup(select(*RIDER_COLUMNS), by=[riders.c.code], locked_in_order_of=[riders.c.id])


def lock_riders(uow: UnitOfWork, rider_ids: Collection[UUID]) -> dict[UUID, Rider]:
    """The riders by id, locked in the order of their ids.

    The lock guards what is counted per rider: caps and standings.
    """
    rows = RIDERS_BY_ID.rows(uow, set(rider_ids))
    return {row.id: to_rider(row) for row in rows}


def lock_riders_by_code(uow: UnitOfWork, codes: Collection[str]) -> dict[str, Rider]:
    """The same by code; a code that nobody has is missing."""
    rows = RIDERS_BY_CODE.rows(uow, set(codes))
    return {row.code: to_rider(row) for row in rows}


def read_rider_codes(uow: UnitOfWork, rider_ids: Collection[UUID]) -> dict[UUID, str]:
    """Rider id → code, without a lock: a code never changes."""
    rows = uow.connection.execute(
        select(riders.c.id, riders.c.code)
        .where(riders.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, riders.c.id, set(rider_ids)))
    )
    return {row.id: row.code for row in rows}


def read_names(uow: UnitOfWork, rider_ids: Collection[UUID]) -> dict[UUID, str]:
    """Rider id → name, of those who have one."""
    rows = uow.connection.execute(
        select(persons.c.rider_id, persons.c.name)
        .where(persons.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, persons.c.rider_id, set(rider_ids)))
    )
    return {row.rider_id: row.name for row in rows}


def read_highest_code(uow: UnitOfWork) -> str | None:
    """The highest code of the form R00001 given so far. RABCDE and R9-X01 are somebody else's numbering."""
    code = riders.c.code
    is_own = code.op("~")("^R[0-9]{5}$")
    if uow.connection.dialect.name == "sqlite":
        is_own = code.op("GLOB")("R[0-9][0-9][0-9][0-9][0-9]")
    return uow.connection.scalar(
        select(code)
        .where(riders.c.programme_id == uow.programme_id)
        .where(code.between("R00000", "R99999"))  # lets the index find the end
        .where(is_own)
        .order_by(code.desc())
        .limit(1)
    )


def read_phone_hashes(uow: UnitOfWork, hashes: Collection[bytes]) -> set[bytes]:
    """Those of the keyed hashes that belong to somebody already."""
    return set(
        uow.connection.scalars(
            select(persons.c.phone_hash)
            .where(persons.c.programme_id == uow.programme_id)
            .where(is_in(uow.connection, persons.c.phone_hash, set(hashes)))
        )
    )


def insert_riders(uow: UnitOfWork, batch: Sequence[Rider]) -> None:
    uow.insert(
        riders,
        [
            {
                "programme_id": uow.programme_id,
                "id": rider.id,
                "code": rider.code,
                "industry_code": rider.industry_code,
                "subdistrict": rider.subdistrict,
                "status": rider.status.value,
                "enrolled_at": rider.enrolled_at,
                "source": rider.source,
            }
            for rider in batch
        ],
    )


def insert_persons(uow: UnitOfWork, batch: Sequence[dict[str, Any]]) -> None:
    """Rows of rider_id, name, phone_encrypted, phone_hash."""
    uow.insert(persons, [{"programme_id": uow.programme_id, **person} for person in batch])


def to_rider(row: Row[Any]) -> Rider:
    return Rider(
        id=row.id,
        code=row.code,
        industry_code=row.industry_code,
        subdistrict=row.subdistrict,
        status=RiderStatus(row.status),
        enrolled_at=row.enrolled_at,
        source=row.source,
    )
