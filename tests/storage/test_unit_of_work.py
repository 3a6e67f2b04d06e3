"""A unit of work: all or nothing, its connection always given back, and turns that never cross."""

import threading
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, select
from uuid_utils.compat import uuid7

from ledger.storage.engine import CommitInDoubt, open_database
from ledger.storage.events import Event, append_events
from ledger.storage.tables import event_counters, events
from ledger.storage.unit_of_work import UnitOfWork
from tests.world import PROGRAMME_ID, World


def unit(world: World, *, programme_id: int = PROGRAMME_ID, clock: Callable[[], datetime] | None = None) -> UnitOfWork:
    return UnitOfWork(
        world.runtime.database.writer, programme_id=programme_id, clock=clock or world.clock, new_id=uuid7
    )


def an_event() -> Event:
    return Event(kind="tests.happened", subject="tests/1", data={})


def count_events(world: World) -> int:
    with world.runtime.reading() as connection:
        return connection.scalar(select(func.count()).select_from(events)) or 0


def test_what_was_not_committed_is_gone(world: World) -> None:
    before = count_events(world)
    with unit(world) as uow:
        append_events(uow, [an_event()])
    assert count_events(world) == before


def test_what_was_committed_is_there(world: World) -> None:
    before = count_events(world)
    with unit(world) as uow:
        append_events(uow, [an_event(), an_event()])
        uow.commit()
    assert count_events(world) == before + 2


def test_an_error_inside_rolls_back_and_passes_on(world: World) -> None:
    before = count_events(world)
    with pytest.raises(ZeroDivisionError), unit(world) as uow:
        append_events(uow, [an_event()])
        raise ZeroDivisionError
    assert count_events(world) == before


def test_no_failure_keeps_the_writers_only_connection(world: World) -> None:
    def broken_clock() -> datetime:
        raise ZeroDivisionError

    for _ in range(3):
        with pytest.raises(ZeroDivisionError), unit(world, clock=broken_clock):
            pass
        with pytest.raises(ZeroDivisionError), unit(world) as uow:
            uow.connection.execute(select(event_counters.c.last_number)).all()
            raise ZeroDivisionError
    with unit(world) as uow:  # would wait for half a minute and fail if one had been kept
        uow.commit()


def test_numbers_of_events_have_no_gap_after_a_rollback(world: World) -> None:
    with unit(world) as uow:
        append_events(uow, [an_event()])
    with unit(world) as uow:
        append_events(uow, [an_event()])
        uow.commit()
    with world.runtime.reading() as connection:
        numbers = list(connection.scalars(select(events.c.number).order_by(events.c.number)))
    assert numbers == list(range(1, len(numbers) + 1))


def test_units_of_one_programme_take_turns_between_processes(world: World, database_url: str) -> None:
    other = open_database(database_url)
    order: list[str] = []
    with unit(world) as uow:
        thread = threading.Thread(target=take_turn, args=(other.writer, world.clock, order))
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        order.append("first")
        uow.commit()
    thread.join()
    assert order == ["first", "second"]
    other.dispose()


def take_turn(engine: Engine, clock: Callable[[], datetime], order: list[str]) -> None:
    with UnitOfWork(engine, programme_id=PROGRAMME_ID, clock=clock, new_id=uuid7) as uow:
        order.append("second")
        uow.commit()


def test_now_is_read_when_the_turn_has_come(world: World, database_url: str) -> None:
    """So the times of two units follow each other as their commits do."""
    other = open_database(database_url)
    times: list[datetime] = []

    def record() -> datetime:
        times.append(world.clock())
        return world.clock()

    with unit(world) as uow:
        thread = threading.Thread(target=take_turn, args=(other.writer, record, []))
        thread.start()
        thread.join(0.2)
        assert times == []
        world.clock.pass_time(seconds=1)
        uow.commit()
    thread.join()
    assert times == [uow.now.replace(second=uow.now.second + 1)]
    other.dispose()


def test_units_of_two_programmes_do_not_wait_for_each_other(world: World, database_url: str) -> None:
    if world.runtime.database.is_sqlite:
        pytest.skip("SQLite has one writer for the whole file")
    other = open_database(database_url)
    with unit(world), UnitOfWork(other.writer, programme_id=1, clock=world.clock, new_id=uuid7) as uow:
        uow.commit()
    other.dispose()


def test_a_commit_that_was_not_waited_for_on_the_standby_is_in_doubt(world: World, postgres: str) -> None:
    """PostgreSQL answers success, with a warning, when a COMMIT that waits for a standby is cancelled."""
    if world.runtime.database.is_sqlite:
        pytest.skip("SQLite has no standby")
    admin = open_database(postgres).writer.execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    try:
        with pytest.raises(CommitInDoubt), unit(world) as uow:
            append_events(uow, [an_event()])
            uow.connection.exec_driver_sql("SET LOCAL synchronous_commit = on")
            pid = uow.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            canceller = threading.Timer(0.5, cancel, args=(admin, pid))
            canceller.start()
            uow.commit()
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql("ALTER SYSTEM RESET synchronous_standby_names")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        canceller.join()
        admin.dispose()


def cancel(admin: Engine, pid: int) -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_cancel_backend({pid})")


def test_ids_come_from_where_the_unit_was_told(world: World) -> None:
    with UnitOfWork(
        world.runtime.database.writer, programme_id=PROGRAMME_ID, clock=world.clock, new_id=lambda: UUID(int=5)
    ) as uow:
        assert uow.new_id() == UUID(int=5)
        assert uow.now == world.clock.now
