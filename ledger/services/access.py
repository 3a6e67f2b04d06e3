"""Operators, service keys, sessions and one-time codes: who may sign in, and the tokens they get.

Passwords are verified by the caller before the command is queued: Argon2 takes long, and the writer must not wait.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.domain.access import OwnAccount, PrincipalKind, Role, Scope
from ledger.domain.calendar import local_day
from ledger.domain.errors import AlreadyExists, NotFound, Refusal, TooManyAttempts, WrongCredentials
from ledger.services.credentials import same
from ledger.storage import access as access_store
from ledger.storage import programmes as programme_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork

SESSION_HOURS = {PrincipalKind.OPERATOR: 12, PrincipalKind.RIDER: 24 * 30}
"""A shift with overtime for the staff; a month for a rider's own phone."""

CODE_MINUTES = 5
CODE_ATTEMPTS_MAX = 5
CODE_PAUSE_SECONDS = 60
CODES_PER_DAY_MAX = 10
"""A one-time code: valid for five minutes, five guesses of a million, one a minute, ten a day and phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOperator:
    name: str
    display_name: str
    password_hash: str
    roles: frozenset[Role]
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeactivateOperator:
    name: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateServiceKey:
    """The key's token was made by the caller, who shows it once; only its hash comes here."""

    name: str
    scopes: frozenset[Scope]
    token_sha256: bytes
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeServiceKey:
    name: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    kind: PrincipalKind
    subject_id: UUID
    token_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RedeemCode:
    """A rider's sign-in: the code against what was sent to the phone; `subject_id` None when nobody has the phone."""

    phone_hash: bytes
    code_hash: bytes
    subject_id: UUID | None
    token_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseSession:
    token_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SendCode:
    phone_hash: bytes
    code_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something was stored. `expires_at` where it ends by itself, `id` where it has one."""

    at: datetime
    id: UUID | None = None
    expires_at: datetime | None = None


def create_operators(uow: UnitOfWork, batch: Sequence[CreateOperator]) -> list[Done | Refusal]:
    outcomes: list[Done | Refusal] = []
    for command in batch:
        if access_store.operator_exists(uow, command.name):
            outcomes.append(AlreadyExists(noun="operator", name=command.name))
            continue
        operator_id = uow.new_id()
        access_store.insert_operator(
            uow,
            operator_id=operator_id,
            name=command.name,
            display_name=command.display_name,
            password_hash=command.password_hash,
            roles=" ".join(sorted(command.roles)),
        )
        _record(uow, "operator.created", f"operator/{command.name}", command.actor, roles=sorted(command.roles))
        outcomes.append(Done(at=uow.now, id=operator_id))
    return outcomes


def deactivate_operators(uow: UnitOfWork, batch: Sequence[DeactivateOperator]) -> list[Done | Refusal]:
    """Ends the operators' sessions too. Per item done, or: one's own account, no such operator."""
    outcomes: list[Done | Refusal] = []
    for command in batch:
        if command.actor == f"operator/{command.name}":
            outcomes.append(OwnAccount(name=command.name))
            continue
        operator_id = access_store.deactivate_operator(uow, command.name)
        if operator_id is None:
            outcomes.append(NotFound(noun="operator", name=command.name))
            continue
        access_store.revoke_tokens_of(uow, operator_id)
        _record(uow, "operator.deactivated", f"operator/{command.name}", command.actor)
        outcomes.append(Done(at=uow.now, id=operator_id))
    return outcomes


def create_service_keys(uow: UnitOfWork, batch: Sequence[CreateServiceKey]) -> list[Done | Refusal]:
    outcomes: list[Done | Refusal] = []
    for command in batch:
        if access_store.service_key_exists(uow, command.name):
            outcomes.append(AlreadyExists(noun="service_key", name=command.name))
            continue
        key_id = uow.new_id()
        access_store.insert_service_key(uow, key_id=key_id, name=command.name, scopes=" ".join(sorted(command.scopes)))
        access_store.insert_token(
            uow,
            token_sha256=command.token_sha256,
            kind=PrincipalKind.SERVICE.value,
            subject_id=key_id,
            expires_at=None,
        )
        _record(uow, "service_key.created", f"key/{command.name}", command.actor, scopes=sorted(command.scopes))
        outcomes.append(Done(at=uow.now, id=key_id))
    return outcomes


def revoke_service_keys(uow: UnitOfWork, batch: Sequence[RevokeServiceKey]) -> list[Done | Refusal]:
    outcomes: list[Done | Refusal] = []
    for command in batch:
        key_id = access_store.revoke_service_key(uow, command.name)
        if key_id is None:
            outcomes.append(NotFound(noun="service_key", name=command.name))
            continue
        access_store.revoke_tokens_of(uow, key_id)
        _record(uow, "service_key.revoked", f"key/{command.name}", command.actor)
        outcomes.append(Done(at=uow.now, id=key_id))
    return outcomes


def open_sessions(uow: UnitOfWork, batch: Sequence[OpenSession]) -> list[Done | Refusal]:
    """For somebody whose password has been verified."""
    return [_open_session(uow, command.kind, command.subject_id, command.token_sha256) for command in batch]


def redeem_codes(uow: UnitOfWork, batch: Sequence[RedeemCode]) -> list[Done | Refusal]:
    """A session for the right code. A wrong one costs an attempt; an unknown phone answers like a wrong code."""
    outcomes: list[Done | Refusal] = []
    for command in batch:
        sent = access_store.use_attempt(uow, command.phone_hash)
        is_right = sent is not None and same(sent[0], command.code_hash) and uow.now < sent[1]
        if not is_right or command.subject_id is None:
            outcomes.append(WrongCredentials())
            continue
        access_store.spend_one_time_code(uow, command.phone_hash)
        outcomes.append(_open_session(uow, PrincipalKind.RIDER, command.subject_id, command.token_sha256))
    return outcomes


def close_sessions(uow: UnitOfWork, batch: Sequence[CloseSession]) -> list[Done | Refusal]:
    for command in batch:
        access_store.revoke_token(uow, command.token_sha256)
    return [Done(at=uow.now) for _ in batch]


def send_codes(uow: UnitOfWork, batch: Sequence[SendCode]) -> list[Done | Refusal]:
    """Stores the code that the caller sends to the phone once this is committed, or refuses: too soon, too many."""
    zone = programme_store.read_zone_of(uow)
    today = local_day(uow.now, zone)
    outcomes: list[Done | Refusal] = []
    for command in batch:
        sending = access_store.read_sending(uow, command.phone_hash)
        sent_today = sending[2] if sending and sending[1] == today else 0
        pause = CODE_PAUSE_SECONDS - (uow.now - sending[0]).total_seconds() if sending else 0
        if sent_today >= CODES_PER_DAY_MAX:
            outcomes.append(TooManyAttempts(retry_after_seconds=_seconds_left_today(uow.now, zone)))
        elif pause > 0:
            outcomes.append(TooManyAttempts(retry_after_seconds=int(pause) + 1))
        else:
            expires_at = uow.now + timedelta(minutes=CODE_MINUTES)
            access_store.replace_one_time_code(
                uow,
                phone_hash=command.phone_hash,
                code_hash=command.code_hash,
                expires_at=expires_at,
                attempts=CODE_ATTEMPTS_MAX,
                day=today,
                sent_today=sent_today + 1,
            )
            outcomes.append(Done(at=uow.now, expires_at=expires_at))
    return outcomes


def _seconds_left_today(now: datetime, zone: ZoneInfo) -> int:
    tomorrow = local_day(now, zone) + timedelta(days=1)
    midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=zone)
    return int((midnight.astimezone(UTC) - now).total_seconds()) + 1


def _open_session(uow: UnitOfWork, kind: PrincipalKind, subject_id: UUID, sha256: bytes) -> Done:
    expires_at = uow.now + timedelta(hours=SESSION_HOURS[kind])
    access_store.insert_token(uow, token_sha256=sha256, kind=kind.value, subject_id=subject_id, expires_at=expires_at)
    return Done(at=uow.now, id=subject_id, expires_at=expires_at)


def _record(uow: UnitOfWork, kind: str, subject: str, actor: str, **data: object) -> None:
    append_events(uow, [Event(kind=kind, subject=subject, data={"by": actor, **data})])
