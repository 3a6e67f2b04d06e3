"""Operators, service keys, tokens and one-time codes. Secrets arrive here hashed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from ledger.storage.tables import one_time_codes, operators, service_keys, tokens
from ledger.storage.unit_of_work import UnitOfWork


def operator_exists(uow: UnitOfWork, name: str) -> bool:
    return (
        uow.connection.scalar(
            select(operators.c.id).where(operators.c.programme_id == uow.programme_id).where(operators.c.name == name)
        )
        is not None
    )


def insert_operator(
    uow: UnitOfWork, *, operator_id: UUID, name: str, display_name: str, password_hash: str, roles: str
) -> None:
    uow.connection.execute(
        insert(operators).values(
            programme_id=uow.programme_id,
            id=operator_id,
            name=name,
            display_name=display_name,
            password_hash=password_hash,
            roles=roles,
            is_active=True,
            created_at=uow.now,
        )
    )


def deactivate_operator(uow: UnitOfWork, name: str) -> UUID | None:
    """The operator's id, or None when nobody has the name. The row stays: the books print the name."""
    operator_id: UUID | None = uow.connection.scalar(
        update(operators)
        .where(operators.c.programme_id == uow.programme_id)
        .where(operators.c.name == name)
        .values(is_active=False)
        .returning(operators.c.id)
    )
    return operator_id


def service_key_exists(uow: UnitOfWork, name: str) -> bool:
    return (
        uow.connection.scalar(
            select(service_keys.c.id)
            .where(service_keys.c.programme_id == uow.programme_id)
            .where(service_keys.c.name == name)
        )
        is not None
    )


def insert_service_key(uow: UnitOfWork, *, key_id: UUID, name: str, scopes: str) -> None:
    uow.connection.execute(
        insert(service_keys).values(
            programme_id=uow.programme_id, id=key_id, name=name, scopes=scopes, created_at=uow.now
        )
    )


def revoke_service_key(uow: UnitOfWork, name: str) -> UUID | None:
    key_id: UUID | None = uow.connection.scalar(
        update(service_keys)
        .where(service_keys.c.programme_id == uow.programme_id)
        .where(service_keys.c.name == name)
        .values(revoked_at=uow.now)
        .returning(service_keys.c.id)
    )
    return key_id


def insert_token(
    uow: UnitOfWork, *, token_sha256: bytes, kind: str, subject_id: UUID, expires_at: datetime | None
) -> None:
    uow.connection.execute(
        insert(tokens).values(
            programme_id=uow.programme_id,
            token_sha256=token_sha256,
            kind=kind,
            subject_id=subject_id,
            created_at=uow.now,
            expires_at=expires_at,
            revoked_at=None,
        )
    )


def revoke_token(uow: UnitOfWork, token_sha256: bytes) -> None:
    uow.connection.execute(
        update(tokens)
        .where(tokens.c.programme_id == uow.programme_id)
        .where(tokens.c.token_sha256 == token_sha256)
        .values(revoked_at=uow.now)
    )


def revoke_tokens_of(uow: UnitOfWork, subject_id: UUID) -> None:
    uow.connection.execute(
        update(tokens)
        .where(tokens.c.programme_id == uow.programme_id)
        .where(tokens.c.subject_id == subject_id)
        .where(tokens.c.revoked_at.is_(None))
        .values(revoked_at=uow.now)
    )


def replace_one_time_code(
    uow: UnitOfWork,
    *,
    phone_hash: bytes,
    code_hash: bytes,
    expires_at: datetime,
    attempts: int,
    day: date,
    sent_today: int,
) -> None:
    delete_one_time_code(uow, phone_hash)
    uow.connection.execute(
        insert(one_time_codes).values(
            programme_id=uow.programme_id,
            phone_hash=phone_hash,
            code_hash=code_hash,
            sent_at=uow.now,
            expires_at=expires_at,
            attempts_left=attempts,
            day=day,
            sent_today=sent_today,
        )
    )


def delete_one_time_code(uow: UnitOfWork, phone_hash: bytes) -> None:
    uow.connection.execute(
        delete(one_time_codes)
        .where(one_time_codes.c.programme_id == uow.programme_id)
        .where(one_time_codes.c.phone_hash == phone_hash)
    )


def spend_one_time_code(uow: UnitOfWork, phone_hash: bytes) -> None:
    """The code works no more. The row stays: it remembers how many were sent today."""
    uow.connection.execute(
        update(one_time_codes)
        .where(one_time_codes.c.programme_id == uow.programme_id)
        .where(one_time_codes.c.phone_hash == phone_hash)
        .values(attempts_left=0)
    )


def use_attempt(uow: UnitOfWork, phone_hash: bytes) -> tuple[bytes, datetime] | None:
    """Takes one attempt off the code sent to the phone; its hash and expiry, or None when no attempt is left."""
    row = uow.connection.execute(
        update(one_time_codes)
        .where(one_time_codes.c.programme_id == uow.programme_id)
        .where(one_time_codes.c.phone_hash == phone_hash)
        .where(one_time_codes.c.attempts_left > 0)
        .values(attempts_left=one_time_codes.c.attempts_left - 1)
        .returning(one_time_codes.c.code_hash, one_time_codes.c.expires_at)
    ).one_or_none()
    return (row.code_hash, row.expires_at) if row else None


def read_sending(uow: UnitOfWork, phone_hash: bytes) -> tuple[datetime, date, int] | None:
    """When the last code went to the phone, on which local day, and how many went out that day."""
    row = uow.connection.execute(
        select(one_time_codes.c.sent_at, one_time_codes.c.day, one_time_codes.c.sent_today)
        .where(one_time_codes.c.programme_id == uow.programme_id)
        .where(one_time_codes.c.phone_hash == phone_hash)
        .with_for_update()
    ).one_or_none()
    return (row.sent_at, row.day, row.sent_today) if row else None
