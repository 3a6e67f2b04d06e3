"""/v1/programmes (the platform's) and /v1/programme (one's own)."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from ledger.api.forms import LINE, WRITTEN_LINE, Name
from ledger.api.operators import Password
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal
from ledger.domain.calendar import read_zone
from ledger.domain.transactions import AMOUNT_MAX
from ledger.queries import programmes as queries
from ledger.queries.programmes import ProgrammeRecord, ProgrammeSummary
from ledger.services.programmes import CreateProgramme, create_programmes
from ledger.storage.tables import PROGRAMME_ID_MAX

BUDGET_DEFAULT = 10_000_000
"""Points of the general budget: a million yuan's worth, for a district's first years."""


class NewProgramme(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`id` is the place's GB/T 2260 code (6 digits), or a longer one of your own."""

    id: Annotated[int, msgspec.Meta(ge=1, le=PROGRAMME_ID_MAX)]
    name: Annotated[str, msgspec.Meta(max_length=60, pattern=WRITTEN_LINE)]
    owner_password: Password
    owner_name: Name = "owner"
    time_zone: Annotated[str, msgspec.Meta(max_length=60, pattern=LINE)] = "Asia/Shanghai"
    budget_points: Annotated[int, msgspec.Meta(ge=0, le=AMOUNT_MAX)] = BUDGET_DEFAULT


class ProgrammeBody(msgspec.Struct, kw_only=True):
    id: int
    name: str
    time_zone: str
    created_at: datetime


class ProgrammesController(Controller):
    path = "/programmes"
    tags = ["programmes"]

    @post(
        operation_id="create_programme",
        summary="Set up a programme",
        responses=answers(ProgrammeBody, 409, success=201),
    )
    async def create_programme(
        self,
        write: NamedDependency[Write],
        data: JSONBody[NewProgramme],
    ) -> Response[bytes]:
        """Makes the programme with rulebook 1, a general budget and its first operator, the owner."""
        read_zone(data.time_zone)
        command = CreateProgramme(
            name=data.name,
            time_zone=data.time_zone,
            owner_name=data.owner_name,
            owner_password_hash=await write.runtime.hash_password(data.owner_password),
            budget_points=data.budget_points,
        )
        return await write.one(
            create_programmes,
            command,
            to_body=lambda created: ProgrammeBody(
                id=created.programme_id,
                name=created.name,
                time_zone=created.time_zone,
                created_at=created.created_at,
            ),
            status=201,
            programme_id=data.id,
        )

    @get(operation_id="list_programmes", summary="All programmes, by id", sync_to_thread=True)
    def list_programmes(
        self,
        runtime: NamedDependency[Runtime],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[ProgrammeRecord]:
        cursors = Cursors(runtime.vault, 0, "programmes")
        with runtime.reading() as connection:
            found = queries.read_programmes(connection, limit=limit, after=cursors.read(cursor))
        return cursors.page(found, lambda record: record)


@get(
    "/programme",
    operation_id="get_programme",
    tags=["programmes"],
    summary="One's own programme in one page",
    sync_to_thread=True,
)
def get_programme(runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]) -> ProgrammeSummary:
    with runtime.reading() as connection:
        return queries.read_summary(connection, principal.programme_id, today=runtime.today(principal.programme_id))
