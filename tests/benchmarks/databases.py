"""Databases to measure in: of either engine, as durable as in production, copied from a template that has a programme.

One place a run and engine. On PostgreSQL it is a server of its own, so that its processor time is ours alone.
"""

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier, Literal

from tests.benchmarks.processor_time import find_postmaster
from tests.postgres import create_database, drop_database, running_postgres

_numbers = count(1)
SEALED = "filled"
"""What a kept database is marked with when it is complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlitePlace:
    """Files in a folder; those to be kept in another."""

    folder: Path
    cache: Path
    engine: str = "sqlite"
    postmaster: int | None = None

    def create(self, *, like: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of another to which nobody is connected."""
        path = self.folder / f"{next(_numbers)}.db"
        if like is not None:
            self._checkpoint(like)
            shutil.copyfile(_path_of(like), path)
        return f"sqlite:///{path}"

    def keep(self, name: str) -> tuple[str, bool]:
        """The URL of the database of that name, and whether it is new and empty: until it is sealed, it is."""
        path = self.cache / f"{name}.db"
        url = f"sqlite:///{path}"
        if path.with_suffix(".sealed").exists():
            return url, False
        self.drop(url)
        return url, True

    def seal(self, url: str) -> None:
        self._checkpoint(url)
        Path(_path_of(url)).with_suffix(".sealed").touch()

    def drop(self, url: str) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{_path_of(url)}{suffix}").unlink(missing_ok=True)

    def size_bytes(self, url: str) -> int:
        """On disk, after a checkpoint and with nothing compacted: tables, indexes and the engine's own pages."""
        self._checkpoint(url)
        return sum(
            path.stat().st_size for suffix in ("", "-wal") if (path := Path(f"{_path_of(url)}{suffix}")).exists()
        )

    def _checkpoint(self, url: str) -> None:
        with closing(sqlite3.connect(_path_of(url))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresPlace:
    """Databases of a server. `postmaster` is its process, where /proc knows it."""

    admin_url: str
    postmaster: int | None = None
    engine: str = "postgresql"
    created: list[str] = field(default_factory=list)

    def create(self, *, like: str | None = None) -> str:
        name = f"benchmark_{os.getpid()}_{next(_numbers)}"
        self.created.append(name)
        return create_database(self.admin_url, name, template=_database_of(like) if like else "template0")

    def keep(self, name: str) -> tuple[str, bool]:
        """The same. A server named by LEDGER_TEST_PG_URL keeps it for the next run; one of our own ends with it."""
        statement = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        with connect_bare(self.admin_url) as connection:
            found = connection.execute(statement, (name,)).fetchone()
        if found == (SEALED,):
            return re.sub(r"(//[^/]*/)[^?]*", rf"\g<1>{name}", self.admin_url, count=1), False
        drop_database(self.admin_url, name)
        return create_database(self.admin_url, name), True

    def seal(self, url: str) -> None:
        comment = SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(_database_of(url)), Literal(SEALED))
        with connect_bare(url) as connection:
            connection.execute(comment)

    def drop(self, url: str) -> None:
        drop_database(self.admin_url, _database_of(url))

    def close(self) -> None:
        """A server that was named to us is as it was, but for what is kept."""
        for name in self.created:
            drop_database(self.admin_url, name)

    def size_bytes(self, url: str) -> int:
        with connect_bare(url) as connection:
            connection.execute("CHECKPOINT")
            row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


Place = SqlitePlace | PostgresPlace
"""Where databases of one engine are made, copied, measured and dropped."""


def _path_of(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _database_of(url: str) -> str:
    return url.rpartition("/")[2] if "?" not in url else re.sub(r"^.*//[^/]*/([^?]*)\?.*$", r"\1", url)


def connect_bare(url: str, *, autocommit: bool = True) -> psycopg.Connection:
    """A connection of the driver's own, with the server's default durability."""
    return psycopg.connect(url.replace("+psycopg", "", 1), autocommit=autocommit)


@contextmanager
def open_place(engine: str, folder: Path) -> Iterator[Place]:
    """A place in the folder (SQLite), or a durable server of its own (PostgreSQL). Raises NoPostgres."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(dir=folder, prefix="sqlite-") as found:
            yield SqlitePlace(folder=Path(found), cache=folder)
        return
    with running_postgres(is_durable=True) as admin_url:
        with connect_bare(admin_url) as connection:
            postmaster = find_postmaster(connection.info.backend_pid)
        place = PostgresPlace(admin_url=admin_url, postmaster=postmaster)
        try:
            yield place
        finally:
            place.close()
