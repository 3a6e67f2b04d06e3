"""/v1/stations: where goods are handed over, and who keeps them."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, patch, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from ledger.api.forms import LINE, WRITTEN_LINE, Name, members_given
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal
from ledger.domain.catalog import KeptStation
from ledger.domain.reports import TEXT_MAX
from ledger.queries import catalog as queries
from ledger.services.catalog import ChangeStation, PutStation, put_stations

KEEPERS_MAX = 50
"""Operators of one station: several shifts of a large one."""


StationName = Annotated[str, msgspec.Meta(max_length=60, pattern=WRITTEN_LINE)]
Subdistrict = Annotated[str, msgspec.Meta(max_length=60, pattern=LINE)]
Address = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=LINE)]
Keepers = Annotated[list[Name], msgspec.Meta(max_length=KEEPERS_MAX)]


class StationForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`keepers` are operators by name. A keeper who is listed at any station hands over only where they are listed."""

    name: StationName
    subdistrict: Subdistrict = ""
    address: Address = ""
    is_active: bool = True
    keepers: Keepers = []


class StationChanges(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays. `keepers` that are given replace all before."""

    name: StationName | msgspec.UnsetType = msgspec.UNSET
    subdistrict: Subdistrict | msgspec.UnsetType = msgspec.UNSET
    address: Address | msgspec.UnsetType = msgspec.UNSET
    is_active: bool | msgspec.UnsetType = msgspec.UNSET
    keepers: Keepers | msgspec.UnsetType = msgspec.UNSET


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

    @patch(
        "/{code:str}",
        operation_id="change_station",
        summary="Some members of a station, the rest as it is",
        responses=answers(StationBody, 404),
    )
    async def change_station(
        self, write: NamedDependency[Write], code: FromPath[str], data: JSONBody[StationChanges]
    ) -> Response[bytes]:
        changes = members_given(data)
        keepers = changes.pop("keepers", None)
        command = ChangeStation(
            code=code,
            changes=changes,
            keepers=tuple(keepers) if keepers is not None else None,
            actor=write.actor,
        )
        return await write.one(put_stations, command, to_body=station_body)
