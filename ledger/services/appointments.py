"""Appointing riders to the roll of 新锋骑手, noting their training, ending their term."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.appointments import Appointment, check_appointment
from ledger.domain.errors import NotFound, Refusal
from ledger.storage import appointments as store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointRider:
    """The rider's appointment is to be like this, whether there was one before or not."""

    rider_code: str
    appointed_on: date
    actor: str
    trained_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointed:
    rider_code: str
    appointment: Appointment


def appoint_riders(uow: UnitOfWork, batch: Sequence[AppointRider]) -> list[Appointed | Refusal]:
    """Per item the appointment as it is now, or: no such rider, days out of order."""
    riders = rider_store.lock_riders_by_code(uow, {command.rider_code for command in batch})
    stored = store.read_appointments(uow.connection, uow.programme_id, {rider.id for rider in riders.values()})
    outcomes: list[Appointed | Refusal] = []
    for command in batch:
        rider = riders.get(command.rider_code)
        if rider is None:
            outcomes.append(NotFound(noun="rider", name=command.rider_code))
            continue
        refusal = check_appointment(
            appointed_on=command.appointed_on, trained_on=command.trained_on, ends_on=command.ends_on
        )
        if refusal is not None:
            outcomes.append(refusal)
            continue
        appointment = Appointment(
            rider_id=rider.id,
            appointed_on=command.appointed_on,
            trained_on=command.trained_on,
            ends_on=command.ends_on,
            appointed_by=command.actor,
        )
        outcomes.append(Appointed(rider_code=rider.code, appointment=appointment))

    done = [outcome for outcome in outcomes if isinstance(outcome, Appointed)]
    last = {outcome.appointment.rider_id: outcome.appointment for outcome in done}
    store.write_appointments(
        uow,
        new=[found for rider_id, found in last.items() if rider_id not in stored],
        changed=[found for rider_id, found in last.items() if rider_id in stored],
    )
    append_events(
        uow,
        [
            Event(
                kind="roll.appointed",
                subject=f"appointment/{outcome.rider_code}",
                data={
                    "appointed_on": outcome.appointment.appointed_on.isoformat(),
                    "trained_on": str(outcome.appointment.trained_on) if outcome.appointment.trained_on else None,
                    "ends_on": str(outcome.appointment.ends_on) if outcome.appointment.ends_on else None,
                    "by": outcome.appointment.appointed_by,
                },
            )
            for outcome in done
        ],
    )
    return outcomes
