"""A load generator in a process of its own: keep-alive connections, each with one POST at a time. Run as a program.

Reads one JSON object from standard input (port, token, connections, seconds, requests) and prints one. Small on
purpose, so that it is not the bottleneck: requests are put together before the clock starts, and of an answer only the
status and the length are read. It prints its own processor time, so that the reader can check.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import uvloop

from tests.benchmarks.measuring import Slice

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length: "


class Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last is complete, until the slice is over."""

    def __init__(self, requests: Iterator[bytes], until: float, latencies: list[float]) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._until = until
        self._latencies = latencies
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head = self._received.find(END_OF_HEAD)
        if head < 0:
            return
        begin = self._received.lower().index(LENGTH, 0, head) + len(LENGTH)
        length = int(self._received[begin : self._received.index(b"\r\n", begin)])
        if len(self._received) < head + len(END_OF_HEAD) + length:
            return
        if b" 200 " not in self._received[:20]:
            self._end(RuntimeError(self._received.decode(errors="replace")))
            return
        self._received = b""
        self._latencies.append(time.perf_counter() - self._sent_at)
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or RuntimeError("the server hung up"))

    def _send(self) -> None:
        self._sent_at = time.perf_counter()
        request = next(self._requests, None) if self._sent_at < self._until else None
        if request is None:
            self._end(None)
        else:
            self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if self.ended.done():
            return
        if error:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)
        self._transport.close()


def to_bytes(path: str, key: str, body: str, token: str) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return f"{head}{body}".encode()


async def send_all(wanted: dict[str, Any]) -> dict[str, Any]:
    requests = [to_bytes(path, key, body, wanted["token"]) for path, key, body in wanted["requests"]]
    waiting = iter(requests)
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    own_began, began = time.process_time(), time.perf_counter()
    ends = []
    for _ in range(wanted["connections"]):
        _, connection = await loop.create_connection(
            lambda: Connection(waiting, began + wanted["seconds"], latencies), "127.0.0.1", wanted["port"]
        )
        ends.append(connection.ended)
    await asyncio.gather(*ends)
    elapsed = time.perf_counter() - began
    return {"latencies": latencies, "seconds": elapsed, "own_seconds": time.process_time() - own_began}


def run_load(
    port: int, requests: Sequence[tuple[str, str, str]], *, token: str, connections: int, seconds: float, each: int = 1
) -> Slice:
    """The load from a process of its own. A request is (path, key, body) and does `each` things."""
    wanted = {
        "port": port,
        "requests": requests,
        "token": token,
        "connections": connections,
        "seconds": seconds,
    }
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    found = json.loads(
        subprocess.run(command, input=json.dumps(wanted), stdout=subprocess.PIPE, check=True, text=True).stdout
    )
    latencies = found["latencies"]
    return Slice(
        done=len(latencies) * each,
        seconds=found["seconds"],
        latencies=latencies,
        own_seconds=found["own_seconds"],
    )


def main() -> None:
    print(json.dumps(uvloop.run(send_all(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
