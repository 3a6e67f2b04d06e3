"""Idempotency keys with stored answers, written in the same unit of work as what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, select

from ledger.storage.lookups import Lookup
from ledger.storage.tables import idempotency_keys
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """A client's key, whose it is, and the SHA-256 of the request it came with."""

    actor: str
    key: str
    request_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client is told: a status number and the body's bytes, the same each time it asks."""

    status: int
    body: bytes
    is_replay: bool = False

    def as_replay(self) -> "Answer":
        return replace(self, is_replay=True)


ANSWERS_OF_ACTOR = Lookup(
    select(
        idempotency_keys.c.actor,
        idempotency_keys.c.key,
        idempotency_keys.c.request_sha256,
        idempotency_keys.c.status,
        idempotency_keys.c.body,
    ).where(idempotency_keys.c.actor == bindparam("actor")),
    by=[idempotency_keys.c.key],
    locked_in_order_of=[idempotency_keys.c.key],
)


def read_answers(uow: UnitOfWork, keys: Sequence[IdempotencyKey]) -> dict[tuple[str, str], tuple[bytes, Answer]]:
    """(actor, key) → (hash of the request that was answered, its answer), for those that have one.

    Locked: a row that was committed here but not yet on the synchronous standby could be lost with this server; the
    lock needs a commit of its own, which waits for the standby. Source: design.md section 8.
    """
    names_by_actor: dict[str, set[str]] = {}
    for key in keys:
        names_by_actor.setdefault(key.actor, set()).add(key.key)
    return {
        (row.actor, row.key): (row.request_sha256, Answer(status=row.status, body=row.body, is_replay=True))
        for actor in sorted(names_by_actor)
        for row in ANSWERS_OF_ACTOR.rows(uow, names_by_actor[actor], actor=actor)
    }


def store_answers(uow: UnitOfWork, answers: Sequence[tuple[IdempotencyKey, Answer]]) -> None:
    uow.insert(
        idempotency_keys,
        [
            {
                "programme_id": uow.programme_id,
                "actor": key.actor,
                "key": key.key,
                "request_sha256": key.request_sha256,
                "status": answer.status,
                "body": answer.body,
                "recorded_at": uow.now,
            }
            for key, answer in answers
        ],
    )
