"""Engines: one for the writer, one for readers, on SQLite or PostgreSQL, and what kind of failure an error is."""

import json
import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

BUSY_TIMEOUT_SECONDS = 5
"""How long a statement waits for a lock before it gives up; well inside a client's patience of 10 s or so."""

IDLE_TIMEOUT_SECONDS = 30
"""How long PostgreSQL lets a transaction sit idle: a frozen process must not keep a programme's turn for ever."""

CONNECT_TIMEOUT_SECONDS = 3
STATEMENT_TIMEOUT_SECONDS = 15
READ_POOL_SIZE = 8
"""Connections for reads: more threads than this only queue on two cores."""

IS_WRITER = "ledger_is_writer"
"""Execution option of the writer's connections; decides how SQLite begins a unit of work."""


class CommitInDoubt(Exception):
    """A COMMIT that was answered, but may be lost with this server: not to be acknowledged. Ask again by key."""


class Failure(StrEnum):
    """What an error from the database means for the unit of work that met it."""

    TRANSIENT = "transient"  # the database is busy; the same work may succeed when run again
    CONFLICT = "conflict"  # a unique key is taken: somebody else was first, and running again will see it
    FULL = "full"  # no room on the database's disk; until there is some, only reading goes on
    DISCONNECTED = "disconnected"  # the connection is gone or leads to a server that must not be used
    PERMANENT = "permanent"  # running it again would fail again


# 40001 serialization failure, 40P01 deadlock, 55P03 lock timeout, 57014 statement timeout.
TRANSIENT_SQLSTATES = {"40001", "40P01", "55P03", "57014"}
UNIQUE_SQLSTATE = "23505"
DISK_FULL_SQLSTATE = "53100"
# 25006: read-only, this node was demoted. 25P03: the transaction sat idle for too long, and the session was ended.
DISCONNECTED_SQLSTATES = {"25006", "25P03"}
# 08: connection; 53: no connection or memory left; 57P: the server stops or starts; 58: its disk or system.
DISCONNECTED_CLASSES = ("08", "53", "57P", "58")


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where the books are. `writer` is used by one thread, `reader` by many."""

    writer: Engine
    reader: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.writer.dialect.name == "sqlite"

    def dispose(self) -> None:
        self.writer.dispose()
        self.reader.dispose()


def open_database(url: str | URL) -> Database:
    """Engines for `sqlite:///file` or `postgresql://…`. Connects to nothing yet. Raises ValueError for any other."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(parsed)
    if backend == "postgresql":
        return _open_postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise ValueError(f"LEDGER_DATABASE_URL: {backend} is not supported; use sqlite:///FILE or postgresql://…")


def _to_json(value: Any) -> str:
    # ensure_ascii would store \uXXXX, and a Chinese key would never be found.
    return json.dumps(value, ensure_ascii=False)


def _open_sqlite(url: URL) -> Database:
    options: dict[str, Any] = {
        "json_serializer": _to_json,
        # An error's text goes to the log, and a statement's parameters are people's names.
        "hide_parameters": True,
        # autocommit: we say BEGIN ourselves, see _begin.
        "connect_args": {"isolation_level": None, "timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
    }
    writer = create_engine(url, pool_size=1, max_overflow=0, **options)
    reader = create_engine(url, pool_size=READ_POOL_SIZE, **options)
    for engine in (writer, reader):
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return Database(writer=writer.execution_options(**{IS_WRITER: True}), reader=reader)


def _set_pragmas(connection: sqlite3.Connection, _record: object) -> None:
    """WAL: readers go on while the writer writes. FULL: what is acknowledged survives a power cut."""
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Writers begin IMMEDIATE: with a plain BEGIN, 280 of 320 read-then-write units died of "database is locked"."""
    is_writer = connection.get_execution_options().get(IS_WRITER, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")


def _open_postgresql(url: URL) -> Database:
    settings = (
        f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS * 1000} -c lock_timeout={BUSY_TIMEOUT_SECONDS * 1000}"
        f" -c idle_in_transaction_session_timeout={IDLE_TIMEOUT_SECONDS * 1000} -c timezone=UTC"
    )
    options: dict[str, Any] = {
        "json_serializer": _to_json,
        # An error's text goes to the log, and a statement's parameters are people's names.
        "hide_parameters": True,
    }
    connect_args = {
        "options": settings,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "application_name": "city-partner-ledger",
    }
    # The writer looks up by key. A plan made while a table was small reads all of it, and the checks of foreign keys
    # and triggers keep such a plan for as long as the connection lives: an award took five times as long.
    writer_args = connect_args | {"options": f"{settings} -c enable_seqscan=off"}
    writer = create_engine(
        url, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED", connect_args=writer_args, **options
    )
    # REPEATABLE READ: all statements of one read see one state, so that lists, totals and balances agree.
    reader = create_engine(
        url,
        pool_size=READ_POOL_SIZE,
        pool_pre_ping=True,
        isolation_level="REPEATABLE READ",
        connect_args=connect_args,
        **options,
    )
    return Database(writer=writer.execution_options(**{IS_WRITER: True}), reader=reader)


def classify_failure(error: BaseException) -> Failure:
    """Classified by SQLSTATE, not by class: 25006 arrives as InternalError. Source: design.md section 8."""
    if isinstance(error, CommitInDoubt):
        return Failure.DISCONNECTED
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, psycopg.Error):
        return _classify_sqlstate(original)
    if isinstance(original, sqlite3.OperationalError):
        return _classify_sqlite(original)
    if isinstance(original, sqlite3.IntegrityError):
        is_unique = _sqlite_code(original) in {
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        }
        return Failure.CONFLICT if is_unique else Failure.PERMANENT
    if isinstance(error, OperationalError | InterfaceError):
        return Failure.DISCONNECTED
    return Failure.PERMANENT


def _classify_sqlstate(error: psycopg.Error) -> Failure:
    state = error.sqlstate
    if state is None:
        # No state: the connection broke before the server could say anything, or none could be made.
        return Failure.DISCONNECTED if isinstance(error, psycopg.OperationalError) else Failure.PERMANENT
    if state in TRANSIENT_SQLSTATES:
        return Failure.TRANSIENT
    if state == UNIQUE_SQLSTATE:
        return Failure.CONFLICT
    if state == DISK_FULL_SQLSTATE:
        return Failure.FULL
    if state in DISCONNECTED_SQLSTATES or state.startswith(DISCONNECTED_CLASSES):
        return Failure.DISCONNECTED
    return Failure.PERMANENT


def _classify_sqlite(error: sqlite3.OperationalError) -> Failure:
    primary_code = _sqlite_code(error) & 0xFF
    if primary_code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return Failure.TRANSIENT
    if primary_code == sqlite3.SQLITE_FULL:
        return Failure.FULL
    if primary_code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY}:
        return Failure.DISCONNECTED
    return Failure.PERMANENT


def _sqlite_code(error: sqlite3.Error) -> int:
    """The extended code, or 0 for an error that Python's module raised by itself."""
    return getattr(error, "sqlite_errorcode", 0)
