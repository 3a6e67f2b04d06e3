"""Real errors of both engines, and what each means for the unit of work that met it."""

import sqlite3
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger.storage.engine import CommitInDoubt, Database, Failure, classify_failure, open_database


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    found = open_database(empty_database_url)
    with found.writer.begin() as connection:
        connection.execute(
            text("CREATE TABLE samples (number INTEGER PRIMARY KEY, is_even INTEGER CHECK (is_even < 2))")
        )
        connection.execute(text("INSERT INTO samples VALUES (1, 0)"))
    yield found
    found.dispose()


def failure_of(database: Database, *statements: str) -> Failure:
    with pytest.raises(DBAPIError) as raised, database.writer.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
    return classify_failure(raised.value)


def only_on(database: Database, name: str) -> None:
    if database.writer.dialect.name != name:
        pytest.skip(f"said by {name} only")


def test_a_taken_key_is_a_conflict(database: Database) -> None:
    assert failure_of(database, "INSERT INTO samples VALUES (1, 1)") is Failure.CONFLICT


@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO samples VALUES (2, 2)", "SELECT nothing FROM samples", "SELEC 1", "SELECT 1 FROM nowhere"],
)
def test_what_would_fail_again_is_permanent(database: Database, statement: str) -> None:
    assert failure_of(database, statement) is Failure.PERMANENT


def test_a_locked_row_or_file_is_transient(database: Database) -> None:
    other = create_engine(database.writer.url)
    with other.connect() as holder:
        if database.is_sqlite:
            holder.exec_driver_sql("BEGIN IMMEDIATE")
        holder.execute(text("UPDATE samples SET is_even = 1"))
        hurry = "PRAGMA busy_timeout = 50" if database.is_sqlite else "SET LOCAL lock_timeout = 50"
        with pytest.raises(DBAPIError) as raised:
            if database.is_sqlite:
                with database.reader.connect() as connection:
                    connection.exec_driver_sql(hurry)
                    connection.execute(text("UPDATE samples SET is_even = 0"))
            else:
                with database.writer.connect() as connection:
                    connection.exec_driver_sql(hurry)
                    connection.execute(text("UPDATE samples SET is_even = 0"))
        assert classify_failure(raised.value) is Failure.TRANSIENT
    other.dispose()


@pytest.mark.parametrize(
    ("statements", "failure"),
    [
        (["SET LOCAL statement_timeout = 20", "SELECT pg_sleep(1)"], Failure.TRANSIENT),
        (["SET TRANSACTION READ ONLY", "UPDATE samples SET is_even = 0"], Failure.DISCONNECTED),
        (["SET TRANSACTION READ ONLY", "SELECT number FROM samples FOR UPDATE"], Failure.DISCONNECTED),
        (["SELECT pg_terminate_backend(pg_backend_pid())"], Failure.DISCONNECTED),
        (["SET LOCAL idle_in_transaction_session_timeout = 20", "SELECT pg_sleep(0)", "wait"], Failure.DISCONNECTED),
        (["DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"], Failure.TRANSIENT),
        (["DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"], Failure.TRANSIENT),
        (["DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$"], Failure.FULL),
        (["DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '57P03'; END $$"], Failure.DISCONNECTED),
        (["DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '08006'; END $$"], Failure.DISCONNECTED),
        (["DO $$ BEGIN RAISE EXCEPTION 'x'; END $$"], Failure.PERMANENT),
    ],
)
def test_postgresql_is_understood_by_its_sqlstate(database: Database, statements: list[str], failure: Failure) -> None:
    only_on(database, "postgresql")
    if statements[-1] == "wait":
        with pytest.raises(DBAPIError) as raised, database.writer.connect() as connection:
            connection.execute(text(statements[0]))
            time.sleep(0.2)
            connection.execute(text(statements[1]))
        assert classify_failure(raised.value) is failure
        return
    assert failure_of(database, *statements) is failure


def test_a_server_that_is_not_there_is_disconnected(database: Database) -> None:
    only_on(database, "postgresql")
    away = open_database(database.writer.url.set(host=None, query={"host": "/nowhere"}))
    with pytest.raises(DBAPIError) as raised:
        away.writer.connect()
    assert classify_failure(raised.value) is Failure.DISCONNECTED


def test_a_folder_that_is_not_there_is_disconnected(database: Database) -> None:
    only_on(database, "sqlite")
    away = open_database("sqlite:////nowhere/at/all/ledger.db")
    with pytest.raises(DBAPIError) as raised:
        away.writer.connect()
    assert classify_failure(raised.value) is Failure.DISCONNECTED


def test_a_read_only_file_is_disconnected(database: Database) -> None:
    only_on(database, "sqlite")
    assert database.writer.url.database
    away = create_engine(f"sqlite:///file:{database.writer.url.database}?mode=ro&uri=true")
    with pytest.raises(DBAPIError) as raised, away.connect() as connection:
        connection.execute(text("INSERT INTO samples VALUES (2, 0)"))
    away.dispose()
    assert classify_failure(raised.value) is Failure.DISCONNECTED


def test_an_error_of_no_database_is_permanent() -> None:
    assert classify_failure(RuntimeError("a bug")) is Failure.PERMANENT
    assert classify_failure(sqlite3.OperationalError("without a code")) is Failure.PERMANENT


def test_a_commit_in_doubt_is_asked_for_on_a_new_connection() -> None:
    assert classify_failure(CommitInDoubt("not replicated")) is Failure.DISCONNECTED


def test_another_engine_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="mysql"):
        open_database("mysql://somewhere/ledger")


def test_sqlite_is_opened_so_that_what_is_acknowledged_survives(database: Database) -> None:
    only_on(database, "sqlite")
    for engine in (database.writer, database.reader):
        with engine.connect() as connection:
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in PRAGMAS}
        assert found == PRAGMAS


PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_all_statements_of_one_read_see_one_state(database: Database) -> None:
    with database.reader.connect() as reading:
        assert reading.scalar(text("SELECT count(*) FROM samples")) == 1
        with database.writer.begin() as writing:
            writing.execute(text("INSERT INTO samples VALUES (2, 0)"))
        assert reading.scalar(text("SELECT count(*) FROM samples")) == 1
    with database.reader.connect() as reading:
        assert reading.scalar(text("SELECT count(*) FROM samples")) == 2
