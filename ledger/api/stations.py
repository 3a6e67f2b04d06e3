"""/v1/stations: where goods are handed over, and who keeps them."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from ledger.api.forms import LINE, WRITTEN_LINE, Name
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal
from ledger.domain.catalog import KeptStation
from ledger.domain.reports import TEXT_MAX
from ledger.queries import catalog as queries
from ledger.services.catalog import PutStation, put_stations

KEEPERS_MAX = 50
"""Operators of one station: several shifts of a large one."""


class StationForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`keepers` are operators by name. A keeper who is listed at any station hands over only where they are listed."""

    name: Annotated[str, msgspec.Meta(max_length=60, pattern=WRITTEN_LINE)]
    subdistrict: Annotated[str, msgspec.Meta(max_length=60, pattern=LINE)] = ""
    address: Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=LINE)] = ""
    is_active: bool = True
    keepers: Annotated[list[Name], msgspec.Meta(max_length=KEEPERS_MAX)] = []


class StationBody(msgspec.Struct, kw_only=True):
    code: str
    name: str
    subdistrict: str
    address: str
    is_active: bool
    keepers: list[str]


def station_body(kept: KeptStation) -> StationBody:
    station = kept.station
    return StationBody(
        code=station.code,
        name=station.name,
        subdistrict=station.subdistrict,
        address=station.address,
        is_active=station.is_active,
        keepers=list(kept.keepers),
    )


class StationsController(Controller):
    path = "/stations"
    tags = ["catalog"]

    @get(operation_id="list_stations", summary="The stations, by code", sync_to_thread=True)
    def list_stations(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        active: FromQuery[bool | None] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[StationBody]:
        cursors = Cursors(runtime.vault, principal.programme_id, f"stations {active}")
        with runtime.reading() as connection:
            found = queries.read_stations(
                connection, principal.programme_id, is_active=active, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, station_body)

    @put(
        "/{code:str}",
        operation_id="put_station",
        summary="A station as it is to be, new or changed",
        responses=answers(StationBody, 404),
    )
    async def put_station(
        self, write: NamedDependency[Write], code: FromPath[str], data: JSONBody[StationForm]
    ) -> Response[bytes]:
        command = PutStation(
            code=code,
            name=data.name,
            subdistrict=data.subdistrict,
            address=data.address,
            is_active=data.is_active,
            keepers=tuple(data.keepers),
            actor=write.actor,
        )
        return await write.one(put_stations, command, to_body=station_body)
