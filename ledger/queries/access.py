"""Who is asking: principals by token, credentials by name, and the lists of operators and service keys."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select

from ledger.domain.access import Principal, PrincipalKind, Role, Scope
from ledger.domain.errors import NotFound
from ledger.domain.riders import RiderStatus
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.tables import operators, riders, service_keys, tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorRecord:
    id: UUID
    name: str
    display_name: str
    roles: list[Role]
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKeyRecord:
    id: UUID
    name: str
    scopes: list[Scope]
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An active operator's id and password hash, for a sign-in."""

    operator_id: UUID
    password_hash: str
    principal: Principal


def read_principal(
    connection: Connection, programme_id: int, *, token_sha256: bytes, now: datetime
) -> tuple[Principal, datetime | None] | None:
    """Who holds the token and until when, or None when it is unknown, expired, revoked, or its holder inactive."""
    token = connection.execute(
        select(tokens.c.kind, tokens.c.subject_id, tokens.c.expires_at)
        .where(tokens.c.programme_id == programme_id)
        .where(tokens.c.token_sha256 == token_sha256)
        .where(tokens.c.revoked_at.is_(None))
    ).one_or_none()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    reader = {
        PrincipalKind.OPERATOR: _read_operator,
        PrincipalKind.RIDER: _read_rider,
        PrincipalKind.SERVICE: _read_service,
    }[PrincipalKind(token.kind)]
    principal = reader(connection, programme_id, token.subject_id)
    return (principal, token.expires_at) if principal else None


def read_credentials(connection: Connection, programme_id: int, name: str) -> Credentials | None:
    row = connection.execute(
        select(operators.c.id, operators.c.name, operators.c.roles, operators.c.password_hash)
        .where(operators.c.programme_id == programme_id)
        .where(operators.c.name == name)
        .where(operators.c.is_active)
    ).one_or_none()
    if row is None:
        return None
    return Credentials(
        operator_id=row.id, password_hash=row.password_hash, principal=_to_operator_principal(programme_id, row)
    )


def read_operators(
    connection: Connection, programme_id: int, *, limit: int, after: SortKey | None
) -> Slice[OperatorRecord]:
    """By name."""
    statement = _select_operators().where(operators.c.programme_id == programme_id)
    rows = connection.execute(ordered(statement, [(operators.c.name, False)], limit=limit, after=after)).all()
    return cut(rows, limit, to_item=_to_operator, to_key=lambda row: (row.name,))


def read_operator(connection: Connection, programme_id: int, name: str) -> OperatorRecord:
    row = connection.execute(
        _select_operators().where(operators.c.programme_id == programme_id).where(operators.c.name == name)
    ).one_or_none()
    if row is None:
        raise NotFound(noun="operator", name=name)
    return _to_operator(row)


def read_service_keys(
    connection: Connection, programme_id: int, *, limit: int, after: SortKey | None
) -> Slice[ServiceKeyRecord]:
    """By name, revoked ones too."""
    statement = _select_keys().where(service_keys.c.programme_id == programme_id)
    rows = connection.execute(ordered(statement, [(service_keys.c.name, False)], limit=limit, after=after)).all()
    return cut(rows, limit, to_item=_to_key_record, to_key=lambda row: (row.name,))


def read_service_key(connection: Connection, programme_id: int, name: str) -> ServiceKeyRecord:
    row = connection.execute(
        _select_keys().where(service_keys.c.programme_id == programme_id).where(service_keys.c.name == name)
    ).one_or_none()
    if row is None:
        raise NotFound(noun="service_key", name=name)
    return _to_key_record(row)


def _read_operator(connection: Connection, programme_id: int, subject_id: UUID) -> Principal | None:
    row = connection.execute(
        select(operators.c.id, operators.c.name, operators.c.roles)
        .where(operators.c.programme_id == programme_id)
        .where(operators.c.id == subject_id)
        .where(operators.c.is_active)
    ).one_or_none()
    return _to_operator_principal(programme_id, row) if row else None


def _read_rider(connection: Connection, programme_id: int, subject_id: UUID) -> Principal | None:
    code = connection.scalar(
        select(riders.c.code)
        .where(riders.c.programme_id == programme_id)
        .where(riders.c.id == subject_id)
        .where(riders.c.status != RiderStatus.LEFT.value)
    )
    if code is None:
        return None
    return Principal(kind=PrincipalKind.RIDER, programme_id=programme_id, subject_id=subject_id, name=code)


def _read_service(connection: Connection, programme_id: int, subject_id: UUID) -> Principal | None:
    row = connection.execute(
        select(service_keys.c.name, service_keys.c.scopes)
        .where(service_keys.c.programme_id == programme_id)
        .where(service_keys.c.id == subject_id)
        .where(service_keys.c.revoked_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    return Principal(
        kind=PrincipalKind.SERVICE,
        programme_id=programme_id,
        subject_id=subject_id,
        name=row.name,
        scopes=frozenset(map(Scope, row.scopes.split())),
    )


def _to_operator_principal(programme_id: int, row: Any) -> Principal:
    return Principal(
        kind=PrincipalKind.OPERATOR,
        programme_id=programme_id,
        subject_id=row.id,
        name=row.name,
        roles=frozenset(map(Role, row.roles.split())),
    )


def _select_operators() -> Any:
    return select(
        operators.c.id,
        operators.c.name,
        operators.c.display_name,
        operators.c.roles,
        operators.c.is_active,
        operators.c.created_at,
    )


def _to_operator(row: Row[Any]) -> OperatorRecord:
    return OperatorRecord(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        roles=[Role(name) for name in row.roles.split()],
        is_active=row.is_active,
        created_at=row.created_at,
    )


def _select_keys() -> Any:
    return select(
        service_keys.c.id,
        service_keys.c.name,
        service_keys.c.scopes,
        service_keys.c.created_at,
        service_keys.c.revoked_at,
    )


def _to_key_record(row: Row[Any]) -> ServiceKeyRecord:
    return ServiceKeyRecord(
        id=row.id,
        name=row.name,
        scopes=[Scope(name) for name in row.scopes.split()],
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
