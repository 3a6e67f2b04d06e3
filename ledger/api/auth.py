"""Authentication and authorization of every request under /v1: a guard, before anything else of the request is read."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from ledger.api.permissions import PERMISSIONS, PUBLIC
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal, PrincipalKind
from ledger.domain.accounts import PROGRAMME_OWNER
from ledger.domain.errors import Forbidden, NotSignedIn
from ledger.services.credentials import same

PLATFORM = Principal(kind=PrincipalKind.PLATFORM, programme_id=0, subject_id=PROGRAMME_OWNER, name="platform")

PRINCIPAL = "ledger_principal"
EXPIRES_AT = "ledger_expires_at"


async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Puts the principal into the request's state. Raises NotSignedIn, then Forbidden."""
    operation = str(getattr(handler, "operation_id", None))
    if operation in PUBLIC or connection.scope.get("method") == "OPTIONS":  # what a path takes is no secret
        return
    runtime: Runtime = connection.app.state.runtime
    principal = await _authenticate(connection, runtime)
    allowed = PERMISSIONS.get(operation)
    if allowed is None or not allowed.admits(principal):
        names = ", ".join(allowed.names()) if allowed else "nobody"
        raise Forbidden(operation=operation, allowed=names)


async def _authenticate(connection: ASGIConnection[Any, Any, Any, Any], runtime: Runtime) -> Principal:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn
    platform_token = runtime.settings.platform_token
    if platform_token and same(token.encode(), platform_token.encode()):
        connection.scope["state"][PRINCIPAL] = PLATFORM
        return PLATFORM
    found = await runtime.principal_of(token)
    if found is None:
        raise NotSignedIn
    principal, expires_at = found
    connection.scope["state"][PRINCIPAL] = principal
    connection.scope["state"][EXPIRES_AT] = expires_at
    return principal


def provide_principal(request: Request[Any, Any, Any]) -> Principal:
    principal: Principal = request.scope["state"][PRINCIPAL]
    return principal


def bearer_token(request: Request[Any, Any, Any]) -> str:
    """The token of a request that has been authenticated."""
    return request.headers["authorization"].partition(" ")[2].strip()
