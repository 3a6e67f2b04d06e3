"""/v1/riders/{code}/appointment: the roll of 新锋骑手."""

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.forms import LINE
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Write, answers
from ledger.domain.appointments import Appointment
from ledger.services.appointments import Appointed, AppointRider, appoint_riders


class AppointmentForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Local days. Who is not trained yet is on the roll, but has no title."""

    appointed_on: date
    trained_on: date | None = None
    ends_on: date | None = None


class AppointmentLine(AppointmentForm, kw_only=True, forbid_unknown_fields=True):
    rider_code: Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=LINE)]


class AppointmentLines(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[AppointmentLine], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class AppointmentBody(msgspec.Struct, kw_only=True):
    appointed_on: date
    trained_on: date | None
    ends_on: date | None
    appointed_by: str


class AppointedBody(msgspec.Struct, kw_only=True):
    rider_code: str
    appointment: AppointmentBody


class AppointedOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    rider_code: str | None = None
    appointment: AppointmentBody | None = None


class AppointedOutcomes(BulkBody, kw_only=True):
    items: list[AppointedOutcome]


def appointment_body(found: Appointment) -> AppointmentBody:
    return AppointmentBody(
        appointed_on=found.appointed_on,
        trained_on=found.trained_on,
        ends_on=found.ends_on,
        appointed_by=found.appointed_by,
    )


class AppointmentsController(Controller):
    path = "/riders"
    tags = ["riders"]

    @put(
        "/{code:str}/appointment",
        operation_id="put_appointment",
        summary="A rider's place on the roll as it is to be",
        responses=answers(AppointedBody, 404),
    )
    async def put_appointment(
        self, write: NamedDependency[Write], code: FromPath[str], data: JSONBody[AppointmentForm]
    ) -> Response[bytes]:
        return await write.one(appoint_riders, _appoint(code, data, write), to_body=_print)

    @post(
        "/appointments",
        operation_id="put_appointments",
        summary="Up to 1,000 places on the roll",
        status_code=200,
        responses=answers(AppointedOutcomes),
    )
    async def put_appointments(
        self, write: NamedDependency[Write], data: JSONBody[AppointmentLines]
    ) -> Response[bytes]:
        commands = [_appoint(line.rider_code, line, write) for line in data.items]
        return await write.many(appoint_riders, commands, to_body=_print)


def _appoint(code: str, form: AppointmentForm, write: Write) -> AppointRider:
    return AppointRider(
        rider_code=code,
        appointed_on=form.appointed_on,
        trained_on=form.trained_on,
        ends_on=form.ends_on,
        actor=write.actor,
    )


def _print(appointed: Appointed) -> dict[str, Any]:
    return {"rider_code": appointed.rider_code, "appointment": appointment_body(appointed.appointment)}
