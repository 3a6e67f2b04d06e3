"""Clients that send over HTTP and remember what they sent and what they were told; each is a thread of its own."""

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any, Self

CLIENTS = 32
TIMEOUT_SECONDS = 60.0
"""Far beyond what the server allows itself, so that a late answer is seen to be late."""
PAUSE_SECONDS = 0.05
"""Before a client goes on after a failure: a server that is away would be asked thousands of times a second."""
BETWEEN_TRIES_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request that was sent, and what came back. `status` None: nothing did."""

    method: str
    path: str
    token: str
    key: str | None = None
    body: Any = None
    sent_at: float = 0.0
    answered_at: float = 0.0
    status: int | None = None
    answer: Any = None
    retry_after: str | None = None
    is_replay: bool = False

    @property
    def is_done(self) -> bool:
        """Acknowledged, and not with a no."""
        return self.status is not None and self.status < 300

    @property
    def seconds(self) -> float:
        return self.answered_at - self.sent_at

    @property
    def code(self) -> str | None:
        """Of the problem, if it was one."""
        return self.answer.get("code") if self.status and self.status >= 400 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    manager: str
    reviewer: str


class Client:
    """One connection, opened again where it broke. It never repeats by itself: what is unknown stays unknown."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: HTTPConnection | None = None

    def get(self, path: str, *, token: str = "") -> Asked:
        return self.ask(Asked(method="GET", path=path, token=token))

    def post(self, path: str, *, token: str, key: str, body: Any = None) -> Asked:
        return self.ask(Asked(method="POST", path=path, token=token, key=key, body=body))

    def again(self, asked: Asked) -> Asked:
        """The same request once more, under the same key."""
        return self.ask(Asked(method=asked.method, path=asked.path, token=asked.token, key=asked.key, body=asked.body))

    def ask(self, asked: Asked) -> Asked:
        """Filled in with what came back."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {asked.token}"}
        if asked.key:
            headers["Idempotency-Key"] = asked.key
        body = None if asked.body is None else json.dumps(asked.body)
        asked.sent_at = time.monotonic()
        try:
            if self._connection is None:
                self._connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
            self._connection.request(asked.method, asked.path, body=body, headers=headers)
            response = self._connection.getresponse()
            asked.answer = json.loads(response.read() or b"null")
            asked.status = response.status
            asked.retry_after = response.headers.get("Retry-After")
            asked.is_replay = response.headers.get("Idempotency-Replayed") == "true"
        except (OSError, HTTPException, ValueError):
            self.close()
        asked.answered_at = time.monotonic()
        return asked

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


@dataclass(kw_only=True)
class Load:
    """Within the block so many clients report hazards and have each verified, one request after the other.

    `asked` holds all they sent, in no order; a report's description is its key, so that the books tell who asked.
    """

    port: int
    tokens: Tokens
    name: str
    clients: int = CLIENTS
    asked: list[Asked] = field(default_factory=list)
    _is_over: threading.Event = field(default_factory=threading.Event)
    _sending: list[Future[None]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(self.clients)
        self._sending = [self._pool.submit(self._send, number) for number in range(self.clients)]
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._pool.shutdown()
        for sending in self._sending:
            sending.result()

    def wait_for_answers(self, number: int, *, seconds_max: float = 30.0) -> None:
        """Until so many more were acknowledged."""
        wanted = self.acknowledged() + number
        deadline = time.monotonic() + seconds_max
        while self.acknowledged() < wanted:
            assert time.monotonic() < deadline, f"{self.acknowledged()} of {wanted} were acknowledged in time"
            time.sleep(0.01)

    def acknowledged(self) -> int:
        return sum(asked.is_done for asked in self.asked[:])

    def _send(self, client_number: int) -> None:
        with Client(self.port) as client:
            for number in count():
                if self._is_over.is_set():
                    break
                key = f"{self.name}-{client_number}-{number}"
                reported = self._remember(
                    client.post("/v1/reports", token=self.tokens.manager, key=key, body=report(client_number, key))
                )
                if reported.is_done:
                    path = f"/v1/reports/{reported.answer['code']}/verification"
                    self._remember(client.post(path, token=self.tokens.reviewer, key=f"{key}-verified"))

    def _remember(self, asked: Asked) -> Asked:
        assert asked.status is None or asked.is_done or asked.status == 503, f"the load is wrong: {asked.answer}"
        self.asked.append(asked)
        if not asked.is_done:
            self._is_over.wait(PAUSE_SECONDS)
        return asked


def report(client_number: int, description: str) -> dict[str, Any]:
    """An urgent hazard: 50 points, under no cap."""
    return {
        "rider_code": rider_code(client_number),
        "category_code": "SAF-03",
        "lat": 29.8146,
        "lon": 121.5542,
        "description": description,
    }


def rider_code(number: int) -> str:
    return f"R{number + 1:05d}"


def ask_again(port: int, unknown: Sequence[Asked], *, seconds_max: float = 60.0) -> list[Asked]:
    """Each request once more under its key, as often as it takes to be answered."""
    deadline = time.monotonic() + seconds_max

    def insist(asked: Asked) -> Asked:
        with Client(port) as client:
            while not (found := client.again(asked)).is_done and time.monotonic() < deadline:
                time.sleep(BETWEEN_TRIES_SECONDS)
        return found

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(insist, unknown))
