"""Everybody who may or may not come: a token of each kind, and the operations there are to walk."""

from collections.abc import Iterator
from dataclasses import dataclass

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from ledger.domain.access import PrincipalKind, Role, Scope
from ledger.services.access import (
    CloseSession,
    CreateOperator,
    CreateServiceKey,
    DeactivateOperator,
    RevokeServiceKey,
    close_sessions,
    create_operators,
    create_service_keys,
    deactivate_operators,
    revoke_service_keys,
)
from ledger.services.credentials import new_token, token_sha256
from tests.deployment import PLATFORM_TOKEN
from tests.world import World


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path. `values` fills the path with names that nothing has."""

    id: str
    method: str
    path: str

    def at(self, **values: str) -> str:
        unknown = {"account_id": NOBODY, "transaction_id": NOBODY, "version": "999", "month": "2026-03"}
        parts = [
            {**unknown, **values}.get(part[1:-1], "UNKNOWN") if part.startswith("{") else part
            for part in self.path.split("/")
        ]
        return "/".join(parts)


NOBODY = "01a20b7d-0000-7000-8000-000000000000"


def list_operations(app: Litestar) -> Iterator[Operation]:
    """Every operation under /v1, from the routes themselves."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if isinstance(handler, HTTPRouteHandler) and route.path_format.startswith("/v1"):
                for method in handler.http_methods - {"OPTIONS"}:
                    yield Operation(id=str(handler.operation_id), method=str(method), path=route.path_format)


def token_of_scope(world: World, scope: Scope) -> str:
    token = new_token(PrincipalKind.SERVICE, world.programme_id)
    name = scope.value.replace(":", "-")
    world.do(
        create_service_keys,
        CreateServiceKey(
            name=name, scopes=frozenset({scope}), token_sha256=token_sha256(token), actor="operator/owner"
        ),
    )
    return token


def list_good_tokens(world: World) -> dict[str, str]:
    """Who → token: each role, a rider, a service key with each scope, the platform."""
    return {
        **{role.value: world.token(role) for role in Role},
        "rider": world.token("rider"),
        **{scope.value: token_of_scope(world, scope) for scope in Scope},
        "platform": PLATFORM_TOKEN,
    }


def list_bad_tokens(world: World) -> dict[str, str]:
    """Why → token. Time passes, so that one of them has expired."""
    expired = world.token(Role.OWNER)
    world.clock.pass_time(hours=13)
    world.tokens.clear()
    signed_out = world.token(Role.OWNER)
    world.do(close_sessions, CloseSession(token_sha256=token_sha256(signed_out)))
    world.tokens.clear()
    revoked = token_of_scope(world, Scope.REPORTS_READ)
    world.do(revoke_service_keys, RevokeServiceKey(name="reports-read", actor="operator/owner"))
    return {
        "expired": expired,
        "signed out": signed_out,
        "revoked": revoked,
        "deactivated": _token_of_deactivated(world),
        "garbage": "garbage",
        "of no programme": "cpl_op_999999_" + "x" * 43,
        "of an impossible programme": "cpl_op_99999999999999999999_" + "x" * 43,
        "of another kind": "cpl_zz_330212_" + "x" * 43,
        "strange characters": "cpl_op_330212_\xe9\xff",
        "empty": "",
    }


def _token_of_deactivated(world: World) -> str:
    world.do(
        create_operators,
        CreateOperator(
            name="gone", display_name="gone", password_hash="-", roles=frozenset({Role.OWNER}), actor="operator/owner"
        ),
    )
    token = world.token("gone")
    world.do(deactivate_operators, DeactivateOperator(name="gone", actor="operator/owner"))
    return token
