"""Riders are counted by score as the standings say, by a migration of a filled database as by the program itself."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from ledger.domain.calendar import Month
from ledger.domain.standings import Standing
from ledger.services.riders import EnrollRider, enroll_riders
from ledger.storage import schema
from ledger.storage.engine import open_database
from ledger.storage.score_counts import CROWD
from ledger.storage.standings import write_standings
from ledger.storage.unit_of_work import UnitOfWork
from tests.books import read_books
from tests.conftest import open_world
from tests.scores import find_wrong_score_counts
from tests.world import World

BEGIN = datetime(2026, 3, 1, 23, 50, tzinfo=UTC)


def write_crowd(world: World) -> None:
    """More riders than a crowd with one score, reached over two days and several slots; and one with a score alone."""
    codes = [f"C{number:05d}" for number in range(CROWD + 2)]
    world.run(
        enroll_riders,
        *(
            EnrollRider(
                code=code,
                name="王",
                industry_code="01",
                subdistrict="钟公庙街道",
                source="tests",
                actor="operator/manager",
            )
            for code in codes
        ),
    )
    ids: list[UUID] = [world.rider_id(code) for code in codes]
    found = [
        Standing(
            rider_id=rider_id,
            month=Month("2026-03"),
            merit=10 if number else 500,
            verified_reports=1,
            reached_at=BEGIN + timedelta(seconds=number),
        )
        for number, rider_id in enumerate(ids)
    ]
    database, clock = world.runtime.database, world.clock
    with UnitOfWork(database.writer, programme_id=world.programme_id, clock=clock, new_id=uuid7) as uow:
        write_standings(uow, before={}, after=found)
        uow.commit()


def test_a_filled_database_is_counted_by_the_migration(database_url: str) -> None:
    with open_world(database_url) as world:
        write_crowd(world)
        with world.runtime.reading() as connection:
            counted = read_books(connection, world.programme_id)
    assert list(find_wrong_score_counts(counted)) == []
    assert {row.level for row in counted.score_counts} == {"band", "merit", "score", "day", "slot"}
    database = open_database(database_url)
    schema.downgrade(database, "0019")
    schema.upgrade(database)
    database.dispose()
    with open_world(database_url) as world, world.runtime.reading() as connection:
        migrated = read_books(connection, world.programme_id)
    assert sorted(map(tuple, migrated.score_counts)) == sorted(map(tuple, counted.score_counts))
