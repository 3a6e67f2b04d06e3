"""A peer for rankings: a Redis sorted set of the riders' merit, on a server of its own that listens on a socket.

It knows a score and nothing else: no ties, no names, no durability. That is how fast a rank can be read.
"""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

KEY = b"merit"
MEMBERS_AT_ONCE = 10_000
START_SECONDS = 10.0


class NoRedis(Exception):
    """There is no redis-server here."""


@contextmanager
def running_redis() -> Iterator["SortedSet"]:
    """An empty sorted set, gone after the block. Raises NoRedis."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise NoRedis("no redis-server here: apt install redis-server, or compare with another machine's figures")
    with tempfile.TemporaryDirectory(prefix="ledger-redis-") as folder:
        path = Path(folder) / "socket"
        options = ("--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", "--dir", folder)
        server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        try:
            with closing(SortedSet(_connect(path))) as found:
                yield found
        finally:
            server.terminate()
            server.wait()


def _connect(path: Path) -> socket.socket:
    until = time.monotonic() + START_SECONDS
    while True:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(path))
            return connection
        except OSError:
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


class SortedSet:
    """Just enough of the protocol (RESP) for a sorted set."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._answers = connection.makefile("rb")

    def fill(self, scores: Iterable[tuple[bytes, int]]) -> None:
        remaining = iter(scores)
        while part := list(islice(remaining, MEMBERS_AT_ONCE)):
            self._ask(b"ZADD", KEY, *(word for member, score in part for word in (b"%d" % score, member)))

    def read_first(self, count: int) -> Any:
        return self._ask(b"ZREVRANGE", KEY, b"0", b"%d" % (count - 1), b"WITHSCORES")

    def read_surroundings(self, member: bytes, *, each_side: int) -> Any:
        rank = int(self._ask(b"ZREVRANK", KEY, member))
        first, last = max(0, rank - each_side), rank + each_side
        return self._ask(b"ZREVRANGE", KEY, b"%d" % first, b"%d" % last, b"WITHSCORES")

    def close(self) -> None:
        self._answers.close()
        self._connection.close()

    def _ask(self, *words: bytes) -> Any:
        parts = [b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)]
        self._connection.sendall(b"".join(parts))
        return self._read()

    def _read(self) -> Any:
        line = self._answers.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"*":
            return [self._read() for _ in range(int(rest))]
        if kind == b"$":
            return self._answers.read(int(rest) + 2)[:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        return rest
