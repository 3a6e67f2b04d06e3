"""Use-cases and commands to try the writer with. What they do is seen in the outbox: an event per item."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import create_engine, event, select, text

from ledger.domain.errors import NotFound, Refusal
from ledger.storage.engine import Database
from ledger.storage.events import Event, append_events
from ledger.storage.group_commit import Command, GroupCommit, UseCase
from ledger.storage.idempotency import Answer, IdempotencyKey
from ledger.storage.tables import events
from ledger.storage.unit_of_work import UnitOfWork
from tests.world import PROGRAMME_ID, World

LEADER = "tests/leader"


def record(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
    """Writes each item down, and answers it with the number of its event."""
    append_events(uow, [Event(kind="tests.recorded", subject=item, data={}) for item in batch])
    return [f"{item} done" for item in batch]


def refuse_odd(uow: UnitOfWork, batch: Sequence[str]) -> list[str | Refusal]:
    """Items that end in an odd digit are refused."""
    fine = [item for item in batch if not int(item[-1]) % 2]
    record(uow, fine)
    return [f"{item} done" if item in fine else NotFound(noun="report", name=item) for item in batch]


def break_on_bad(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
    """Does all its work, and then breaks if there was a bad item in it."""
    done = record(uow, batch)
    if "bad" in batch:
        raise ZeroDivisionError("a bug")
    return done


def render(outcomes: Sequence[Any]) -> Answer:
    plain = [f"refused {outcome.code}" if isinstance(outcome, Refusal) else outcome for outcome in outcomes]
    return Answer(status=200, body=msgspec.json.encode(plain))


def command(
    *items: Any,
    use_case: UseCase = record,
    key: str | None = None,
    actor: str = "operator/tests",
    request: bytes = b"the same",
    is_dry_run: bool = False,
    programme_id: int = PROGRAMME_ID,
) -> Command:
    found = IdempotencyKey(actor=actor, key=key, request_sha256=request.ljust(32)) if key else None
    return Command(
        programme_id=programme_id, use_case=use_case, items=items, render=render, key=found, is_dry_run=is_dry_run
    )


def read_recorded(world: World) -> list[str]:
    """What was written down and committed, in the order of the numbers, by another connection."""
    with world.runtime.reading() as connection:
        return list(
            connection.scalars(
                select(events.c.subject).where(events.c.kind == "tests.recorded").order_by(events.c.number)
            )
        )


def read_numbers(world: World) -> list[int]:
    with world.runtime.reading() as connection:
        return list(connection.scalars(select(events.c.number).order_by(events.c.number)))


@contextmanager
def busy(writer: GroupCommit) -> Iterator[None]:
    """Within the block the writer is held up by a command, so that whatever is handed to it waits together."""
    started, released = threading.Event(), threading.Event()

    def hold_up(_uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        started.set()
        assert released.wait(30)
        return list(batch)

    leader = threading.Thread(target=writer.run, args=(command(LEADER, use_case=hold_up),))
    leader.start()
    assert started.wait(30)
    try:
        yield
    finally:
        released.set()
        leader.join()


@contextmanager
def counted_commits(database: Database) -> Iterator[list[int]]:
    """A list that grows by one with every COMMIT of the writer."""
    commits: list[int] = []

    def count(_connection: object) -> None:
        commits.append(1)

    event.listen(database.writer, "commit", count)
    yield commits
    event.remove(database.writer, "commit", count)


def busy_database(uow: UnitOfWork) -> None:
    """Raises the engine's own error for being busy."""
    if uow.connection.dialect.name == "postgresql":
        uow.connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"))
    other = create_engine(uow.connection.engine.url)
    with other.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def failing_first(times: int, fail: Callable[[UnitOfWork], None] = busy_database) -> tuple[UseCase, list[int]]:
    """A use-case that fails so many times and then records; and the list of its calls."""
    calls: list[int] = []

    def use_case(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        done = record(uow, batch)
        calls.append(len(batch))
        if len(calls) <= times:
            fail(uow)
        return done

    return use_case, calls
