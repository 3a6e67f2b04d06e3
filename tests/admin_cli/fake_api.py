"""A small server that speaks the contract with canned answers, and the two ways to run `points` against it.

A real socket, and for everything about terminals a real process on a real one: nothing of ours is replaced.
"""

import fcntl
import io
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, urlsplit

from admin_cli.app import main
from admin_cli.language import Language

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "cpl_op_330212_test"
SECONDS_MAX = 20.0
"""How long a session in a terminal may take before the test fails; it takes one or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer; a `body` that is bytes goes out as it is."""

    body: Any
    status: int = 200
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[Asked], Said]


def problem(status: int, code: str, detail: str = "No, because of 3 of 4.", **more: object) -> Said:
    body = {"type": f"/problems/{code}", "title": code, "status": status, "detail": detail, "code": code, **more}
    return Said(status=status, body=body, content_type="application/problem+json")


def page(*items: object, after: str | None = None) -> Said:
    return Said(body={"items": list(items), "next": after})


def make_report(code: str = "ABCDE12345", **changes: object) -> dict[str, Any]:
    report = {
        "id": "01a20b7b-13b8-777a-b3b5-889e7ec64c9e",
        "code": code,
        "rider_code": "R00001",
        "category_code": "SAF-02",
        "category_name": "井盖缺失、移位",
        "grade": "urgent",
        "is_urgent": True,
        "hours": 1,
        "state": "submitted",
        "address": "四明中路 668 号",
        "subdistrict": "钟公庙街道",
        "lat": 29.8123456,
        "lon": 121.5432101,
        "datum": "GCJ-02",
        "description": "井盖翘起",
        "photo_url": "https://photos.example.test/1.jpg",
        "photo_taken_at": "2026-11-24T01:00:00Z",
        "source": "grid",
        "external_id": None,
        "submitted_at": "2026-11-24T01:10:00Z",
        "recorded_at": "2026-11-24T01:10:00Z",
        "review_due_at": "2026-11-24T03:10:00Z",
        "decided_at": None,
        "decided_by": None,
        "reason": "",
        "duplicate_of": None,
        "award": None,
    }
    return {**report, **changes}


def make_rider(code: str = "R00001", **changes: object) -> dict[str, Any]:
    rider = {
        "id": "01a20b7b-1386-7635-aa5f-7c18aeec48d2",
        "code": code,
        "name": "王小明",
        "phone": "138****5678",
        "industry_code": "01",
        "industry_name": "外卖配送",
        "subdistrict": "钟公庙街道",
        "status": "active",
        "enrolled_at": "2026-11-24T02:55:45.027178Z",
        "source": "operator/owner",
    }
    return {**rider, **changes}


PROGRAMME = Said(
    body={"id": 330212, "name": "鄞州区", "time_zone": "Asia/Shanghai", "created_at": "2026-11-24T01:00:00Z"}
)


class FakeApi:
    """`answers` by method and path; a list is used up one by one, its last one stays."""

    def __init__(self) -> None:
        self.answers: dict[str, Said | Answer | list[Said]] = {"GET /v1/programme": PROGRAMME}
        self.asked: list[Asked] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.api = self
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> "FakeApi":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked) -> Said:
        self.asked.append(asked)
        found = self.answers.get(f"{asked.method} {asked.path}")
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        if callable(found):
            found = found(asked)
        return found or problem(404, "not_found")

    def writes(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.method != "GET"]


class _Server(ThreadingHTTPServer):
    api: FakeApi
    block_on_close = True


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _do(self) -> None:
        parts = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = self.server.api.answer(
            Asked(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=json.loads(data) if data else None,
            )
        )
        content = said.body if isinstance(said.body, bytes) else json.dumps(said.body, ensure_ascii=False).encode()
        self.send_response(said.status)
        self.send_header("Content-Type", said.content_type)
        self.send_header("Content-Length", str(len(content)))
        # One request a connection, so that no thread waits for a second one when the test is over.
        self.send_header("Connection", "close")
        for name, value in said.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815 - the names that the standard library calls

    def log_message(self, *_: object) -> None:
        """Silent."""


def environment(api: FakeApi | None, home: Path, **more: str) -> dict[str, str]:
    """An environment in which nothing of the developer's own is seen."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    ours = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "LANG": "C.UTF-8", "POINTS_LANG": "en"}
    server = {"POINTS_SERVER": api.address, "POINTS_TOKEN": TOKEN} if api else {}
    return {**kept, **ours, **server, **more}


def run_points(
    api: FakeApi | None, home: Path, *arguments: str, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """`points` in a pipe, inside this process: the same `main`, without half a second of imports a time.

    The language is that of sentences made while it runs; help pages are made on import and need `start_points`.
    """
    variables = environment(api, home, **more)
    out, error = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, variables, clear=True))
        stack.enter_context(patch("admin_cli.language._language", Language(variables["POINTS_LANG"])))
        for name, stream in (("stdin", io.StringIO(stdin)), ("stdout", out), ("stderr", error)):
            stack.enter_context(patch.object(sys, name, stream))
        code = main(list(arguments))
    texts = []
    for stream in (out, error):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return subprocess.CompletedProcess(list(arguments), code, *texts)


def start_points(
    api: FakeApi | None, home: Path, *arguments: str, stdin: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    """`points` in a pipe as a process, in a session of its own so that it cannot ask on the developer's terminal."""
    return subprocess.run(
        [sys.executable, "-m", "admin_cli", *arguments],
        cwd=ROOT,
        env=environment(api, home, **more),
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=SECONDS_MAX,
        start_new_session=True,
        check=False,
    )


class Terminal:
    """`points` on a terminal of its own."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self._process = process
        self._descriptor = descriptor
        self.seen = ""

    def wait_for(self, words: str) -> str:
        """Everything since the last call up to and with the words; what was printed after them is kept."""
        deadline = time.monotonic() + SECONDS_MAX
        while words not in self.seen:
            is_open = self._read()
            lost = not is_open or time.monotonic() > deadline
            assert not lost or words in self.seen, f"{words!r} did not appear; last seen:\n{plain(self.seen)[-2000:]}"
        before, found, self.seen = self.seen.partition(words)
        return before + found

    def type(self, keys: str) -> None:
        os.write(self._descriptor, keys.encode())

    def finish(self) -> tuple[int, str]:
        """The exit code and what was printed since the last `wait_for`."""
        deadline = time.monotonic() + SECONDS_MAX
        while self._read():
            assert time.monotonic() < deadline, f"it does not end; last seen:\n{plain(self.seen)[-2000:]}"
        return self._process.wait(SECONDS_MAX), self.seen

    def _read(self) -> bool:
        """False when the program has closed the terminal."""
        if not select.select([self._descriptor], [], [], 0.2)[0]:
            return True
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:
            return False
        self.seen += data.decode(errors="replace")
        return bool(data)


@contextmanager
def on_terminal(
    api: FakeApi | None, home: Path, *arguments: str, columns: int = 80, lines: int = 24, **more: str
) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "admin_cli", *arguments],
        cwd=ROOT,
        env=environment(api, home, TERM="xterm-256color", **more),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # It becomes the controlling terminal, so that Ctrl-C reaches the program as a person's would.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - the child only calls ioctl
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


def plain(text: str) -> str:
    """What a person sees of it: without colours, cursor moves and links."""
    text = re.sub(r"\x1b\]8;[^\x1b]*\x1b\\", "", text)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text).replace("\r\n", "\n")
