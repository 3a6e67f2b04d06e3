"""PostgreSQL servers of one test's own, to be stopped, killed, frozen, copied and promoted. They listen on 127.0.0.1.

Beside each runs a keeper, a shell that waits for its standard input to close, which happens however the test ends, and
then kills the server: nothing is left behind.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.servers import free_port
from tests.postgres import INITDB_OPTIONS, account_for, find_binaries, run_quietly, within_reach

START_SECONDS_MAX = 60.0
KEEP = '"$0" -D "$1" >>"$2" 2>&1 & read -r _; kill -9 $! 2>/dev/null; wait'
# A killed process leaves what it wrote to the system, which writes it out: only a power cut would need the disk.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "on",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "wal_keep_size": "256MB",
}


@dataclass(kw_only=True)
class Cluster:
    """One server and its data. `start` returns when it takes connections."""

    folder: Path
    name: str
    binaries: Path
    account: dict[str, Any]
    port: int = field(default_factory=free_port)
    keeper: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        return self.folder / self.name

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, **settings: str) -> None:
        run_quietly([self.binaries / "initdb", f"--pgdata={self.data}", *INITDB_OPTIONS], self.account)
        self.configure(**SETTINGS, **settings)

    def copy_from(self, primary: "Cluster") -> None:
        """Becomes a standby of the primary."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres"
        options = ["--checkpoint=fast", "--no-sync", "--write-recovery-conf", f"--dbname={source}"]
        run_quietly([self.binaries / "pg_basebackup", f"--pgdata={self.data}", *options], self.account)
        self.configure()

    def configure(self, **settings: str) -> None:
        """Later lines win. A running server reads them with `reload`."""
        lines = {"port": str(self.port), "unix_socket_directories": str(self.folder), **settings}
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in lines.items())

    def start(self) -> None:
        log = self.folder / f"{self.name}.log"
        command = ["sh", "-c", KEEP, str(self.binaries / "postgres"), str(self.data), str(log)]
        self.keeper = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, **self.account)
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, log.read_text()[-2_000:]
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """As `pg_ctl stop -m fast`: connections are cut, everything is written, nothing runs any more."""
        os.kill(self.pid, signal.SIGINT)
        deadline = time.monotonic() + START_SECONDS_MAX
        while (self.data / "postmaster.pid").exists():
            assert time.monotonic() < deadline, "PostgreSQL does not stop"
            time.sleep(0.05)
        self.end()

    def kill(self) -> None:
        """SIGKILL to the postmaster and to all its processes."""
        for pid in [self.pid, *self.children()]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.end()

    def end(self) -> None:
        if self.keeper and self.keeper.stdin:
            self.keeper.stdin.close()
            self.keeper.wait()
        self.keeper = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within the block it answers nothing, and no connection breaks."""
        pids = [self.pid, *self.children()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def promote(self) -> None:
        """The standby is a primary when this returns."""
        self.execute("SELECT pg_promote(true, 60)")

    def execute(self, statement: str, *, database: str = "postgres") -> list[Any]:
        """The rows, if it gives any. Each statement commits by itself."""
        target = self.url(database).replace("+psycopg", "")
        with psycopg.connect(target, autocommit=True, connect_timeout=3) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def reload(self) -> None:
        self.execute("SELECT pg_reload_conf()")
        time.sleep(0.2)  # its processes read it a moment later

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def children(self) -> list[int]:
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]

    def connections(self) -> int:
        """Of the service, to whatever database."""
        found = self.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'city-partner-ledger'")
        return int(found[0][0])


@contextmanager
def clusters_folder() -> Iterator[tuple[Path, Path, dict[str, Any]]]:
    """(folder, binaries, account) for clusters. The path is short, because a socket's path has a limit."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="ledger-faults-"))
    try:
        account = account_for(folder)
        yield folder, within_reach(binaries, folder, account), account
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_clusters(*names: str) -> Iterator[list[Cluster]]:
    """So many clusters, none created yet; all are ended after the block, whatever happened in it."""
    with clusters_folder() as (folder, binaries, account):
        clusters = [Cluster(folder=folder, name=name, binaries=binaries, account=account) for name in names]
        try:
            yield clusters
        finally:
            for cluster in clusters:
                cluster.end()
