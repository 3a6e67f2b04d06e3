"""/v1/service_keys: other systems' credentials. The secret is shown once, in the answer to its making."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.forms import Name, Nothing
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import DryRun, Write, answers
from ledger.domain.access import Principal, PrincipalKind, Scope
from ledger.queries import access as queries
from ledger.queries.access import ServiceKeyRecord
from ledger.services.access import CreateServiceKey, RevokeServiceKey, create_service_keys, revoke_service_keys
from ledger.services.credentials import new_token, token_sha256


class NewServiceKey(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Name
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=10)]


class ServiceKeyBody(msgspec.Struct, kw_only=True):
    """`secret` is the bearer token. It cannot be shown again."""

    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    secret: str


class RevocationBody(msgspec.Struct, kw_only=True):
    name: str
    revoked_at: datetime


class ServiceKeysController(Controller):
    path = "/service_keys"
    tags = ["service_keys"]

    @get(operation_id="list_service_keys", summary="Service keys, by name", sync_to_thread=True)
    def list_service_keys(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[ServiceKeyRecord]:
        cursors = Cursors(runtime.vault, principal.programme_id, "service_keys")
        with runtime.reading() as connection:
            found = queries.read_service_keys(
                connection, principal.programme_id, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, lambda record: record)

    @post(
        operation_id="create_service_key",
        summary="Make a service key",
        responses=answers(ServiceKeyBody, 409, success=201),
    )
    async def create_service_key(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        data: JSONBody[NewServiceKey],
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        """Takes no Idempotency-Key, because the answer must not be stored: the name stands in. If the answer was lost,
        revoke the key and make another."""
        secret = new_token(PrincipalKind.SERVICE, principal.programme_id)
        scopes = frozenset(data.scopes)
        write = Write(request=request, runtime=runtime, principal=principal, is_dry_run=dry_run)
        return await write.one(
            create_service_keys,
            CreateServiceKey(name=data.name, scopes=scopes, token_sha256=token_sha256(secret), actor=principal.actor),
            to_body=lambda done: ServiceKeyBody(
                id=done.id, name=data.name, scopes=sorted(scopes), created_at=done.at, secret=secret
            ),
            status=201,
            keeps_answer=False,
        )

    @post(
        "/{name:str}/revocation",
        operation_id="revoke_service_key",
        summary="End a service key",
        status_code=200,
        responses=answers(RevocationBody, 404),
    )
    async def revoke_service_key(
        self,
        write: NamedDependency[Write],
        name: FromPath[str],
        data: JSONBody[Nothing | None] = None,
    ) -> Response[bytes]:
        response = await write.one(
            revoke_service_keys,
            RevokeServiceKey(name=name, actor=write.actor),
            to_body=lambda done: RevocationBody(name=name, revoked_at=done.at),
        )
        write.runtime.forget_principals()
        return response
