"""Servers to measure over HTTP, each a process of its own, served as the product is. Run as a program.

`ours URL` is the product. `bare` answers a POST with a body of the size of ours, and does nothing: the floor.
`functions URL BUDGET` makes the lean transfer of pgledger's method behind an equal handler. Each prints its port when
it is ready and ends with its standard input, however its parent ended.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from litestar import Litestar, Request, Response, post
from uuid_utils.compat import uuid7

from ledger.app import create_app
from ledger.serve import reserve_port, run_server
from tests.benchmarks.databases import connect_bare
from tests.benchmarks.functions import LEAN, POINTS
from tests.benchmarks.programmes import CATEGORY, REVIEWER
from tests.deployment import test_settings

BARE_BODY = b'{"report":{"id":"' + b"0" * 700 + b'"}}'
"""About as long as an answer of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    port: int
    pid: int


@contextmanager
def running_server(kind: str, *arguments: str) -> Iterator[Server]:
    """The server of that kind runs while the block does."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.serving", kind, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdin and server.stdout
        try:
            port = server.stdout.readline().strip()
            if not port:
                raise RuntimeError(f"the server {kind} did not start; its words are above")
            yield Server(port=int(port), pid=server.pid)
        finally:
            server.stdin.close()
            server.wait()


def create_bare_app() -> Litestar:
    @post("/v1/reports/{report:str}/verification", status_code=200)
    async def answer(report: str) -> Response[bytes]:
        return Response(content=BARE_BODY, media_type="application/json")

    return Litestar(route_handlers=[answer], openapi_config=None, logging_config=None)


def create_functions_app(url: str, budget: str) -> Litestar:
    """As the product's handlers: the loop answers, threads talk to the database, here with a connection each."""
    known = threading.local()

    @post("/v1/reports/{rider:str}/verification", status_code=200, sync_to_thread=True)
    def answer(rider: str, request: Request[Any, Any, Any]) -> Response[bytes]:
        if not hasattr(known, "connection"):
            known.connection = connect_bare(url)
        values = (uuid7(), UUID(budget), UUID(rider), POINTS, request.headers["idempotency-key"], REVIEWER, CATEGORY)
        row = known.connection.execute(LEAN, values, prepare=True).fetchone()
        return Response(content=msgspec.json.encode({"available": row[0]}), media_type="application/json")

    return Litestar(route_handlers=[answer], openapi_config=None, logging_config=None)


def main(kind: str, *arguments: str) -> None:
    apps: dict[str, Callable[..., Litestar]] = {
        "ours": lambda url: create_app(test_settings(url)),
        "bare": create_bare_app,
        "functions": create_functions_app,
    }
    reserved = reserve_port("127.0.0.1", 0)
    port = reserved.getsockname()[1]
    threading.Thread(target=_end_with_parent, daemon=True).start()
    run_server(apps[kind](*arguments), reserved, on_ready=lambda: print(port, flush=True))


def _end_with_parent() -> None:
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(*sys.argv[1:])
