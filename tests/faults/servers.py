"""The real server process, `points serve`, to be killed: on a port of its own, on books that were made before."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.deployment import test_settings
from tests.faults.load import Client
from tests.test_tidy import ROOT
from tests.world import PROGRAMME_ID

START_SECONDS_MAX = 60.0
STOP_SECONDS_MAX = 30.0


@dataclass(kw_only=True)
class Server:
    """`start` returns when it is ready; it may be started again after a kill, on the same port."""

    database_url: str
    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        settings = test_settings(self.database_url)
        environment = {
            **os.environ,
            "LEDGER_DATABASE_URL": settings.database_url,
            "LEDGER_SECRET": settings.secret,
            "LEDGER_ARGON2_TIME_COST": "1",
            "LEDGER_ARGON2_MEMORY_KIB": "64",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "admin_cli", "serve", "--port", str(self.port)],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """SIGKILL: nothing of it runs any more when this returns."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def kill_at_commit(self) -> None:
        """SIGKILL in the moment in which work is committed and nobody has been told, as a rule."""
        assert self.process
        target = [self.database_url, str(PROGRAMME_ID), str(self.process.pid)]
        subprocess.run([sys.executable, "-m", "tests.faults.sniper", *target], cwd=ROOT, check=True)
        self.process.wait()

    def stop(self) -> None:
        """In order, and not for ever: what hangs is killed, and is an error."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        assert self.process.returncode == 0, self.log.read_text()[-2_000:]

    def threads(self) -> int:
        return self._status("Threads")

    def memory_mib(self) -> int:
        return self._status("VmRSS") // 1024

    def memory_peak_mib(self) -> int:
        return self._status("VmHWM") // 1024

    def _status(self, name: str) -> int:
        assert self.process
        found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text(), re.MULTILINE)
        assert found
        return int(found[1])

    def _wait_until_ready(self) -> None:
        assert self.process
        deadline = time.monotonic() + START_SECONDS_MAX
        with Client(self.port) as client:
            while client.get("/readyz").status != 200:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"the server is not ready:\n{self.log.read_text()[-4_000:]}")
                time.sleep(0.05)


@contextmanager
def running_server(database_url: str, folder: Path) -> Iterator[Server]:
    """Whatever happens, no process is left behind."""
    port = free_port()
    server = Server(database_url=database_url, log=folder / f"server-{port}.log", port=port)
    try:
        server.start()
        yield server
    finally:
        if server.process and server.process.poll() is None:
            server.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
