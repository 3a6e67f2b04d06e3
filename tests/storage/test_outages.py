"""The database goes away, comes back, is busy or leaves an answer open: retried with the same keys, told in time."""

import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text

from ledger.domain.errors import StorageFull, StorageUnavailable
from ledger.storage.engine import open_database
from ledger.storage.group_commit import ATTEMPTS_MAX, PATIENCE_SECONDS
from ledger.storage.unit_of_work import UnitOfWork
from tests.storage.test_group_commit import wait_for
from tests.storage.writers import break_on_bad, busy, busy_database, command, failing_first, read_recorded, record
from tests.world import PROGRAMME_ID, World


@pytest.fixture
def postgresql(world: World) -> World:
    if world.runtime.database.is_sqlite:
        pytest.skip("SQLite has no server that could go away")
    return world


def end_connection(uow: UnitOfWork) -> None:
    """The server ends the writer's connection in the middle of its work."""
    uow.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_a_busy_database_is_tried_again(world: World) -> None:
    use_case, calls = failing_first(2)
    assert world.runtime.writer.run(command("one", use_case=use_case, key="k")).body == b'["one done"]'
    assert (len(calls), read_recorded(world)) == (3, ["one"])


def test_a_connection_lost_during_a_unit_of_work_is_replaced(postgresql: World) -> None:
    use_case, calls = failing_first(1, end_connection)
    assert postgresql.runtime.writer.run(command("one", use_case=use_case)).body == b'["one done"]'
    assert (len(calls), read_recorded(postgresql)) == (2, ["one"])


def test_a_connection_lost_between_two_commands_is_replaced(postgresql: World) -> None:
    writer = postgresql.runtime.writer
    for item in ("one", "two", "three"):
        assert writer.run(command(item)).status == 200
        with postgresql.runtime.reading() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
    assert read_recorded(postgresql) == ["one", "two", "three"]


def test_a_demoted_server_is_left_for_a_new_connection(postgresql: World) -> None:
    def demote(uow: UnitOfWork) -> None:
        uow.connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
        uow.connection.commit()
        uow.connection.execute(text("UPDATE event_counters SET last_number = last_number"))

    use_case, calls = failing_first(1, demote)

    def first_demoted(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        if not calls:
            calls.append(0)
            demote(uow)
        return use_case(uow, batch)  # type: ignore[return-value]

    assert postgresql.runtime.writer.run(command("one", use_case=first_demoted)).status == 200
    assert read_recorded(postgresql) == ["one"]


def test_a_full_disk_is_told_at_once_and_writing_goes_on_when_there_is_room(world: World) -> None:
    use_case, calls = failing_first(1, fill_the_disk)
    with pytest.raises(StorageFull):
        world.runtime.writer.run(command("one", use_case=use_case, key="k"))
    assert (len(calls), read_recorded(world)) == (1, [])
    assert not world.runtime.writer.run(command("one", use_case=use_case, key="k")).is_replay
    assert read_recorded(world) == ["one"]


def fill_the_disk(uow: UnitOfWork) -> None:
    """Raises the engine's own error for having no room."""
    connection = uow.connection
    if connection.dialect.name == "postgresql":
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$"))
    connection.exec_driver_sql("PRAGMA max_page_count = 1")  # not below what there is already
    try:
        connection.exec_driver_sql("CREATE TABLE filling AS SELECT zeroblob(1000000)")
    finally:
        connection.exec_driver_sql("PRAGMA max_page_count = 4294967294")


def test_when_the_database_stays_away_all_are_told_at_once(world: World) -> None:
    use_case, calls = failing_first(1_000)
    with ThreadPoolExecutor(20) as pool:
        with busy(world.runtime.writer):
            waiting = [pool.submit(world.runtime.writer.run, command(f"{n}", use_case=use_case)) for n in range(20)]
            wait_for(world.runtime.writer, 20)
        begin = time.monotonic()
        errors = [future.exception() for future in waiting]
    assert {type(error) for error in errors} == {StorageUnavailable}
    assert time.monotonic() - begin < PATIENCE_SECONDS
    assert len(calls) == ATTEMPTS_MAX  # together, not each by itself
    assert world.runtime.writer.run(command("back")).status == 200
    assert read_recorded(world) == ["back"]


def test_a_break_followed_by_an_outage_does_not_try_everybody_alone(world: World) -> None:
    """The bad command splits the batch; then the database is busy for whoever comes first."""
    calls: list[int] = []

    def break_then_busy(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        calls.append(len(batch))
        if len(batch) > 1:
            return break_on_bad(uow, ["bad"])
        busy_database(uow)
        return record(uow, batch)

    with ThreadPoolExecutor(20) as pool:
        with busy(world.runtime.writer):
            waiting = [
                pool.submit(world.runtime.writer.run, command(f"{n}", use_case=break_then_busy)) for n in range(20)
            ]
            wait_for(world.runtime.writer, 20)
        assert {type(future.exception()) for future in waiting} == {StorageUnavailable}
    assert len(calls) == 1 + ATTEMPTS_MAX


LOCK_FILE = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("COMMIT")
"""


def test_a_file_that_another_process_locks_for_a_moment_is_waited_for(world: World) -> None:
    path = world.runtime.database.writer.url.database
    if not world.runtime.database.is_sqlite or path is None:
        pytest.skip("PostgreSQL has no file to lock")
    holder = subprocess.Popen([sys.executable, "-c", LOCK_FILE, path, "0.7"], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout and holder.stdout.readline() == "locked\n"
        assert world.runtime.writer.run(command("one")).status == 200
    assert read_recorded(world) == ["one"]


def test_a_turn_that_another_process_holds_for_a_moment_is_waited_for(postgresql: World, database_url: str) -> None:
    other = open_database(database_url)
    with UnitOfWork(
        other.writer,
        programme_id=PROGRAMME_ID,
        clock=postgresql.clock,
        new_id=postgresql.runtime.clock,  # type: ignore[arg-type]
    ):
        client = threading.Thread(target=postgresql.runtime.writer.run, args=(command("one"),))
        client.start()
        client.join(0.5)
        assert client.is_alive()
    client.join()
    other.dispose()
    assert read_recorded(postgresql) == ["one"]


def test_a_commit_whose_answer_is_in_doubt_has_one_effect(postgresql: World, postgres: str) -> None:
    """The first COMMIT is cancelled while it waits for a standby; asked again by its key, it is found done."""
    admin = open_database(postgres).writer.execution_options(isolation_level="AUTOCOMMIT")
    calls: list[int] = []

    def record_durably(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        calls.append(1)
        uow.connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
        pid = uow.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        threading.Timer(0.3, cancel_and_let_go, args=(admin, pid)).start()
        return record(uow, batch)

    reconfigure(admin, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    try:
        answer = postgresql.runtime.writer.run(command("one", use_case=record_durably, key="k"))
    finally:
        reconfigure(admin, "ALTER SYSTEM RESET synchronous_standby_names")
        admin.dispose()
    assert answer.body == b'["one done"]'
    assert answer.is_replay  # the second attempt found what the first had done
    assert (len(calls), read_recorded(postgresql)) == (1, ["one"])


def cancel_and_let_go(admin: Engine, pid: int) -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_cancel_backend({pid})")
        connection.exec_driver_sql("ALTER SYSTEM RESET synchronous_standby_names")
        connection.exec_driver_sql("SELECT pg_reload_conf()")


def reconfigure(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(statement)
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    time.sleep(0.1)  # the server's processes read it a moment later
