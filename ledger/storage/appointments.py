"""The roll: writing appointments."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.domain.appointments import Appointment
from ledger.storage.bulk import is_in
from ledger.storage.tables import appointments
from ledger.storage.unit_of_work import UnitOfWork

APPOINTMENT_COLUMNS = [column for column in appointments.c if column.name != "programme_id"]


def read_appointments(
    connection: Connection, programme_id: int, rider_ids: Collection[UUID]
) -> dict[UUID, Appointment]:
    """Rider id → appointment, of those who have one."""
    rows = connection.execute(
        select(*APPOINTMENT_COLUMNS)
        .where(appointments.c.programme_id == programme_id)
        .where(is_in(connection, appointments.c.rider_id, set(rider_ids)))
    )
    return {row.rider_id: to_appointment(row) for row in rows}


def write_appointments(uow: UnitOfWork, *, new: Sequence[Appointment], changed: Sequence[Appointment]) -> None:
    uow.insert(appointments, [_row(uow, found) for found in new])
    uow.update(
        appointments,
        key=("programme_id", "rider_id"),
        rows=[_row(uow, found) for found in changed],
    )


def to_appointment(row: Any) -> Appointment:
    return Appointment(
        rider_id=row.rider_id,
        appointed_on=row.appointed_on,
        trained_on=row.trained_on,
        ends_on=row.ends_on,
        appointed_by=row.appointed_by,
    )


def _row(uow: UnitOfWork, found: Appointment) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "rider_id": found.rider_id,
        "appointed_on": found.appointed_on,
        "trained_on": found.trained_on,
        "ends_on": found.ends_on,
        "appointed_by": found.appointed_by,
    }
