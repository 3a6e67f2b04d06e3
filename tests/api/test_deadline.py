"""Every request is answered in time, or told to come back; who reads all the books may take longer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from litestar import Litestar
from litestar.response import Stream
from litestar.testing import TestClient

from ledger.api import deadline
from ledger.api.runtime import Runtime
from ledger.domain.access import Role
from ledger.storage import group_commit
from tests.storage.writers import busy, command
from tests.world import World, headers

LIMIT_SECONDS = 0.3
SLOWNESS_SECONDS = 1.0
REPORT = {"rider_code": "R00001", "category_code": "SAF-03", "lat": 29.8146, "lon": 121.5542, "description": "a hole"}


@contextmanager
def impatience() -> Iterator[None]:
    """Within the block nobody waits for longer than a moment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline, "ANSWER_SECONDS_MAX", LIMIT_SECONDS)
        patch.setattr(group_commit, "ANSWER_SECONDS_MAX", LIMIT_SECONDS)
        yield


@pytest.fixture
def slow_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection for reading is handed over late, as from a server that is frozen."""
    reading = Runtime.reading

    @contextmanager
    def read_late(self: Runtime) -> Iterator[Any]:
        time.sleep(SLOWNESS_SECONDS)
        with reading(self) as connection:
            yield connection

    monkeypatch.setattr(Runtime, "reading", read_late)


def test_a_write_that_waits_too_long_is_told_to_come_back_and_is_not_done_later(
    client: TestClient[Litestar], world: World
) -> None:
    world.enroll("R00001")
    sender = headers(world.token(Role.MANAGER), key="late")
    client.get("/v1/reports", headers=sender)  # the token is known now
    with impatience():
        with busy(world.runtime.writer):
            answer = client.post("/v1/reports", json=REPORT, headers=sender)
            time.sleep(LIMIT_SECONDS)  # the command came into the queue a little later than the request came here
        # Who comes after it is answered when it has been left out.
        world.runtime.writer.run(command("later"))
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert client.get("/v1/reports", headers=sender).json()["items"] == []
    again = client.post("/v1/reports", json=REPORT, headers=sender)
    assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, None)


def test_a_read_that_takes_too_long_is_told_to_come_back(
    client: TestClient[Litestar], world: World, slow_to_read: None
) -> None:
    sender = headers(world.token(Role.AUDITOR))
    with impatience():
        answer = client.get("/v1/reports", headers=sender)
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")


@pytest.mark.parametrize("path", ["/v1/audits", "/v1/exports/journal?format=csv"])
def test_who_reads_all_the_books_may_take_longer(
    client: TestClient[Litestar], world: World, slow_to_read: None, path: str
) -> None:
    world.enroll()
    world.award()
    sender = headers(world.token(Role.AUDITOR))
    with impatience():
        answer = client.get(path, headers=sender)
    assert answer.status_code == 200, answer.text


def test_whatever_streams_has_a_limit_of_its_own(app: Litestar) -> None:
    handlers = [handler for route in app.routes for handler in getattr(route, "route_handlers", [])]
    streaming = {handler for handler in handlers if handler.parsed_fn_signature.return_type.is_subclass_of(Stream)}
    assert len(streaming) >= 2
    assert {handler.operation_id for handler in streaming if deadline.SECONDS_OPTION not in handler.opt} == set()
