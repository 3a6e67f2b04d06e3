"""/v1/operators: the staff who sign in. The owner's business."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.forms import LINE, Name, Nothing
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal, Role
from ledger.queries import access as queries
from ledger.queries.access import OperatorRecord
from ledger.services.access import CreateOperator, DeactivateOperator, create_operators, deactivate_operators
from ledger.services.credentials import PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN

Password = Annotated[str, msgspec.Meta(min_length=PASSWORD_LENGTH_MIN, max_length=PASSWORD_LENGTH_MAX, pattern=LINE)]


class NewOperator(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name
    password: Password
    roles: Annotated[list[Role], msgspec.Meta(min_length=1, max_length=6)]
    display_name: Annotated[str, msgspec.Meta(max_length=60, pattern=LINE)] = ""


class OperatorBody(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    display_name: str
    roles: list[Role]
    is_active: bool
    created_at: datetime


class DeactivationBody(msgspec.Struct, kw_only=True):
    name: str
    is_active: bool


class OperatorsController(Controller):
    path = "/operators"
    tags = ["operators"]

    @get(operation_id="list_operators", summary="Operators, by name", sync_to_thread=True)
    def list_operators(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[OperatorRecord]:
        cursors = Cursors(runtime.vault, principal.programme_id, "operators")
        with runtime.reading() as connection:
            found = queries.read_operators(connection, principal.programme_id, limit=limit, after=cursors.read(cursor))
        return cursors.page(found, lambda record: record)

    @post(operation_id="create_operator", summary="Add an operator", responses=answers(OperatorBody, 409, success=201))
    async def create_operator(
        self,
        write: NamedDependency[Write],
        data: JSONBody[NewOperator],
    ) -> Response[bytes]:
        roles = frozenset(data.roles)
        command = CreateOperator(
            name=data.name,
            display_name=data.display_name or data.name,
            password_hash=await write.runtime.hash_password(data.password),
            roles=roles,
            actor=write.actor,
        )
        return await write.one(
            create_operators,
            command,
            to_body=lambda done: OperatorBody(
                id=done.id,
                name=command.name,
                display_name=command.display_name,
                roles=sorted(roles),
                is_active=True,
                created_at=done.at,
            ),
            status=201,
        )

    @post(
        "/{name:str}/deactivation",
        operation_id="deactivate_operator",
        summary="Take an operator's access away; the name stays in the books",
        status_code=200,
        responses=answers(DeactivationBody, 404, 422),
    )
    async def deactivate_operator(
        self,
        write: NamedDependency[Write],
        name: FromPath[str],
        data: JSONBody[Nothing | None] = None,
    ) -> Response[bytes]:
        response = await write.one(
            deactivate_operators,
            DeactivateOperator(name=name, actor=write.actor),
            to_body=lambda _done: DeactivationBody(name=name, is_active=False),
        )
        write.runtime.forget_principals()
        return response
