"""What an embedded database needs to be of use at once: a programme, and its owner at the keyboard."""

import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ledger.api.runtime import Runtime
from ledger.domain.access import PrincipalKind, Role
from ledger.domain.errors import Refusal
from ledger.queries import access as access_queries
from ledger.queries import programmes as programme_queries
from ledger.services.access import OpenSession, open_sessions
from ledger.services.credentials import new_token, token_sha256
from ledger.services.programmes import CreateProgramme, create_programmes
from ledger.storage.group_commit import Command, UseCase
from ledger.storage.idempotency import Answer

PROGRAMME_ID = 330212
"""宁波市鄞州区. Source: GB/T 2260."""
PROGRAMME_NAME = "鄞州区"
TIME_ZONE = "Asia/Shanghai"
BUDGET_POINTS = 10_000_000


def play(runtime: Runtime, programme_id: int, use_case: UseCase, *items: Any) -> list[Any]:
    """Runs the items in one command and returns their outcomes. Raises the first refusal."""
    outcomes = try_play(runtime, programme_id, use_case, *items)
    for outcome in outcomes:
        if isinstance(outcome, Refusal):
            raise outcome
    return outcomes


def try_play(runtime: Runtime, programme_id: int, use_case: UseCase, *items: Any) -> list[Any]:
    """Runs the items in one command and returns their outcomes, refusals among them."""
    outcomes: list[Any] = []

    def keep(found: Sequence[Any]) -> Answer:
        outcomes[:] = found
        return Answer(status=200, body=b"")

    runtime.writer.run(Command(programme_id=programme_id, use_case=use_case, items=items, render=keep))
    return outcomes


def ensure_programme(runtime: Runtime) -> None:
    """A database without any programme gets 鄞州区. Its owner's password is random: the keyboard is the owner, and
    everybody else is made with `points operator create`."""
    with runtime.reading() as connection:
        if programme_queries.read_programmes(connection, limit=1, after=None).items:
            return
    found_programme(runtime, password_hash=runtime.passwords.hash(secrets.token_urlsafe(32)))


def found_programme(runtime: Runtime, *, password_hash: str) -> None:
    play(
        runtime,
        PROGRAMME_ID,
        create_programmes,
        CreateProgramme(
            name=PROGRAMME_NAME,
            time_zone=TIME_ZONE,
            owner_name="owner",
            owner_password_hash=password_hash,
            budget_points=BUDGET_POINTS,
        ),
    )


def find_owner(runtime: Runtime, programme_id: int) -> UUID | None:
    """The first active operator, by name, who is an owner."""
    with runtime.reading() as connection:
        found = access_queries.read_operators(connection, programme_id, limit=200, after=None).items
    return next((operator.id for operator in found if operator.is_active and Role.OWNER in operator.roles), None)


def open_session(runtime: Runtime, programme_id: int, kind: PrincipalKind, subject_id: UUID) -> str:
    """A fresh bearer token."""
    token = new_token(kind, programme_id)
    play(
        runtime,
        programme_id,
        open_sessions,
        OpenSession(kind=kind, subject_id=subject_id, token_sha256=token_sha256(token)),
    )
    return token
