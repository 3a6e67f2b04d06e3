"""/v1/riders: who they are, what they have, and why it changed. For the staff; a rider's own things are in `me.py`."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from ledger.api.appointments import AppointmentBody, appointment_body
from ledger.api.forms import LINE, At, require_past
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Write, answers
from ledger.domain.access import Principal
from ledger.domain.appointments import Appointment
from ledger.domain.errors import Refusal
from ledger.domain.riders import NAME_MAX, Rider, RiderStatus, check_phone, mask_phone
from ledger.domain.rulebook import Rulebook
from ledger.queries import programmes as programme_queries
from ledger.queries import rankings as ranking_queries
from ledger.queries import riders as queries
from ledger.queries.rankings import MonthStanding
from ledger.queries.riders import KnownRider, RiderBalance, RiderFilter, StatementLine
from ledger.services.riders import Enrolled, EnrollRider, enroll_riders


class NewRider(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Without `code` the next free one is given."""

    code: Annotated[str, msgspec.Meta(max_length=16, pattern=LINE)] | None = None
    name: Annotated[str, msgspec.Meta(max_length=NAME_MAX, pattern=LINE)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=20, pattern=LINE)] | None = None
    industry_code: Annotated[str, msgspec.Meta(max_length=10, pattern=LINE)] | None = None
    subdistrict: Annotated[str, msgspec.Meta(max_length=60, pattern=LINE)] = ""


class NewRiders(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[NewRider], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class RiderBody(msgspec.Struct, kw_only=True):
    """`phone` is masked wherever it is shown. `titles` are those granted, newest first."""

    id: UUID
    code: str
    name: str
    phone: str | None
    industry_code: str | None
    industry_name: str | None
    subdistrict: str
    status: RiderStatus
    enrolled_at: datetime
    source: str
    titles: list[str]
    appointment: AppointmentBody | None


class RiderOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    rider: RiderBody | None = None


class RiderOutcomes(BulkBody, kw_only=True):
    items: list[RiderOutcome]


class StandingsBody(msgspec.Struct, kw_only=True):
    items: list[MonthStanding]
    next: str | None = None


def rider_body(
    rider: Rider,
    *,
    name: str,
    phone: str | None,
    rulebook: Rulebook,
    titles: list[str] | None = None,
    appointment: Appointment | None = None,
) -> RiderBody:
    return RiderBody(
        id=rider.id,
        code=rider.code,
        name=name,
        phone=phone,
        industry_code=rider.industry_code,
        industry_name=rulebook.industries.get(rider.industry_code) if rider.industry_code else None,
        subdistrict=rider.subdistrict,
        status=rider.status,
        enrolled_at=rider.enrolled_at,
        source=rider.source,
        titles=titles or [],
        appointment=appointment_body(appointment) if appointment else None,
    )


def known_rider_body(known: KnownRider, runtime: Runtime, rulebook: Rulebook) -> RiderBody:
    clear = runtime.vault.decrypt(known.phone_encrypted) if known.phone_encrypted else None
    return rider_body(
        known.rider,
        name=known.name,
        phone=mask_phone(clear) if clear else None,
        rulebook=rulebook,
        titles=known.titles,
        appointment=known.appointment,
    )


class RidersController(Controller):
    path = "/riders"
    tags = ["riders"]

    @get(operation_id="list_riders", summary="Riders, by code", sync_to_thread=True)
    def list_riders(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        industry: Annotated[str | None, QueryParameter(max_length=10)] = None,
        subdistrict: Annotated[str | None, QueryParameter(max_length=60)] = None,
        status: FromQuery[RiderStatus | None] = None,
        beginning: Annotated[
            str | None,
            QueryParameter(name="query", max_length=40, description="Beginning of a code or a name."),
        ] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[RiderBody]:
        narrowed_to = RiderFilter(industry_code=industry, subdistrict=subdistrict, status=status, query=beginning)
        cursors = Cursors(runtime.vault, principal.programme_id, f"riders {narrowed_to}")
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            found = queries.read_riders(
                connection,
                principal.programme_id,
                narrowed_to=narrowed_to,
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, lambda known: known_rider_body(known, runtime, rulebook))

    @post(operation_id="create_rider", summary="Enroll a rider", responses=answers(RiderBody, 409, success=201))
    async def create_rider(
        self,
        write: NamedDependency[Write],
        data: JSONBody[NewRider],
    ) -> Response[bytes]:
        command = _enrolment(write, data)
        if isinstance(command, Refusal):
            raise command
        rulebook = await write.rulebook()
        return await write.one(
            enroll_riders,
            command,
            to_body=lambda enrolled: _enrolled_body(enrolled, rulebook),
            status=201,
        )

    @post(
        "/bulk",
        operation_id="create_riders",
        summary="Enroll up to 1,000 riders",
        status_code=200,
        responses=answers(RiderOutcomes),
    )
    async def create_riders(
        self,
        write: NamedDependency[Write],
        data: JSONBody[NewRiders],
    ) -> Response[bytes]:
        rulebook = await write.rulebook()
        return await write.many(
            enroll_riders,
            [_enrolment(write, item) for item in data.items],
            to_body=lambda enrolled: {"rider": _enrolled_body(enrolled, rulebook)},
        )

    @get("/{code:str}", operation_id="get_rider", summary="One rider", sync_to_thread=True)
    def get_rider(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], code: FromPath[str]
    ) -> RiderBody:
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            return known_rider_body(
                queries.read_known_rider(connection, principal.programme_id, code), runtime, rulebook
            )

    @get("/{code:str}/balance", operation_id="get_rider_balance", summary="What a rider has", sync_to_thread=True)
    def get_rider_balance(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        code: FromPath[str],
        at: At = None,
    ) -> RiderBalance:
        """By lot, soonest to lapse first; now, or counting what had taken effect at a past instant."""
        require_past(at, now=runtime.clock())
        with runtime.reading() as connection:
            rider = queries.read_rider(connection, principal.programme_id, code)
            return queries.read_balance(connection, principal.programme_id, rider, at=at)

    @get(
        "/{code:str}/statement",
        operation_id="get_rider_statement",
        summary="Why a rider's points changed, newest first",
        sync_to_thread=True,
    )
    def get_rider_statement(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        code: FromPath[str],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[StatementLine]:
        cursors = Cursors(runtime.vault, principal.programme_id, f"statement {code}")
        with runtime.reading() as connection:
            rider = queries.read_rider(connection, principal.programme_id, code)
            found = queries.read_statement(
                connection, principal.programme_id, rider, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, lambda line: line)

    @get(
        "/{code:str}/standings",
        operation_id="list_rider_standings",
        summary="A rider's months, newest first",
        sync_to_thread=True,
    )
    def list_rider_standings(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], code: FromPath[str]
    ) -> StandingsBody:
        with runtime.reading() as connection:
            rider = queries.read_rider(connection, principal.programme_id, code)
            return StandingsBody(items=ranking_queries.read_standings_of(connection, principal.programme_id, rider.id))


def read_rulebook(runtime: Runtime, connection: Any, principal: Principal) -> Rulebook:
    """The rulebook in force today."""
    return programme_queries.read_rulebook_on(connection, principal.programme_id, runtime.today(principal.programme_id))


def _enrolment(write: Write, data: NewRider) -> EnrollRider | Refusal:
    """The command with its phone sealed. A malformed phone travels as a refusal, so that a bulk has its outcome."""
    if data.phone is not None and (refusal := check_phone(data.phone)):
        return refusal
    vault = write.runtime.vault
    return EnrollRider(
        code=data.code,
        name=data.name,
        industry_code=data.industry_code,
        subdistrict=data.subdistrict,
        source=write.actor,
        actor=write.actor,
        phone_encrypted=vault.encrypt(data.phone) if data.phone else None,
        phone_hash=vault.keyed_hash(data.phone) if data.phone else None,
        phone_masked=mask_phone(data.phone) if data.phone else None,
    )


def _enrolled_body(enrolled: Enrolled, rulebook: Rulebook) -> RiderBody:
    return rider_body(enrolled.rider, name=enrolled.name, phone=enrolled.phone_masked, rulebook=rulebook)
