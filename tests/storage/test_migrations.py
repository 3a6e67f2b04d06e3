"""The migrations build exactly the tables of the program, forward and back, on a filled database."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, func, inspect, select, text

from ledger.storage import schema
from ledger.storage.engine import Database, open_database
from ledger.storage.tables import metadata
from tests.conftest import open_world
from tests.world import World, found_programme

REVISIONS = [f"{number:04d}" for number in (*range(1, 12), 15, 16, *range(18, 24))]

# The sorts of its columns make it an expression, which is not compared; its definition is compared below instead.
UNCOMPARED_INDEX = "ix_standings_chain"
CHAIN = "(programme_id, month, merit DESC, verified_reports DESC, serious_points DESC, reached_at, rider_id)"

SQLITE_TRIGGERS = {
    "0005": {
        "entries_append_only_delete",
        "entries_append_only_update",
        "transactions_append_only_delete",
        "transactions_append_only_update",
    },
    "0008": {"events_append_only_delete", "events_append_only_update"},
    "0018": {"corrections_append_only_delete", "corrections_append_only_update"},
}
POSTGRES_TRIGGERS = {
    "0005": {
        "entries_append_only",
        "entries_no_truncate",
        "entries_zero_sum",
        "transactions_append_only",
        "transactions_no_truncate",
    },
    "0008": {"events_append_only", "events_no_truncate"},
    "0018": {"corrections_append_only", "corrections_no_truncate"},
}


def read_triggers(engine: Engine) -> set[str]:
    query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    if engine.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    with engine.connect() as connection:
        return set(connection.scalars(text(query)))


def is_compared(_thing: Any, name: str | None, kind: str, _is_reflected: bool, _other: Any) -> bool:
    return not (kind == "index" and name == UNCOMPARED_INDEX)


def find_differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"include_object": is_compared, "compare_type": True})
    return [found for found in compare_metadata(context, metadata) if "alembic_version" not in str(found)]


def test_the_migrated_schema_is_that_of_the_program(database_url: str) -> None:
    database = open_database(database_url)
    with database.reader.connect() as connection:
        assert find_differences(connection) == []
        definitions = " ".join(connection.scalars(text(_definition_query(database)), {"name": UNCOMPARED_INDEX}))
    assert CHAIN in definitions
    database.dispose()


def _definition_query(database: Database) -> str:
    if database.is_sqlite:
        return "SELECT sql FROM sqlite_master WHERE name = :name"
    return "SELECT indexdef FROM pg_indexes WHERE indexname = :name"


def test_the_comparison_sees_a_difference(database_url: str) -> None:
    database = open_database(database_url)
    with database.writer.begin() as connection:
        connection.execute(text("DROP INDEX ix_reports_state"))
        assert "ix_reports_state" in str(find_differences(connection))
    database.dispose()


def test_checks_are_there_by_their_names(database_url: str) -> None:
    # Alembic does not compare them.
    database = open_database(database_url)
    inspector = inspect(database.reader)
    for table in metadata.tables.values():
        wanted = {str(check.name) for check in table.constraints if str(check.name).startswith("ck_")}
        assert {str(check["name"]) for check in inspector.get_check_constraints(table.name)} == wanted
    database.dispose()


def test_every_table_has_its_triggers_after_every_migration(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    by_revision = SQLITE_TRIGGERS if database.is_sqlite else POSTGRES_TRIGGERS
    expected: set[str] = set()
    for revision in REVISIONS:
        assert schema.upgrade(database, revision).current == revision
        expected |= by_revision.get(revision, set())
        assert read_triggers(database.reader) == expected
    assert schema.read_version(database).is_newest
    for revision in reversed(REVISIONS):
        assert read_triggers(database.reader) == expected
        expected -= by_revision.get(revision, set())
        schema.downgrade(database, "-1")
    assert read_triggers(database.reader) == expected == set()
    database.dispose()


def fill(world: World) -> None:
    world.enroll_with_phone("R00001", "13812345678")
    world.award(external_id="1")
    world.revoke(world.award(external_id="2").case.report.code)
    world.approve_proposal(world.propose())
    world.propose_rulebook()


def test_a_filled_database_goes_back_to_nothing_and_up_again(database_url: str) -> None:
    with open_world(database_url) as world:
        fill(world)
    database = open_database(database_url)
    assert schema.downgrade(database, "base").current is None
    with database.reader.connect() as connection:
        assert set(inspect(connection).get_table_names()) <= {"alembic_version"}
    schema.upgrade(database)
    with database.reader.connect() as connection:
        assert find_differences(connection) == []
    database.dispose()
    with open_world(database_url) as world:
        found_programme(world)
        fill(world)
        assert world.balance().available == 30


@pytest.mark.parametrize("revision", REVISIONS)
def test_each_step_back_from_a_filled_database_keeps_what_earlier_tables_hold(database_url: str, revision: str) -> None:
    with open_world(database_url) as world:
        fill(world)
    database = open_database(database_url)
    before = count_rows(database)
    schema.downgrade(database, revision)
    after = count_rows(database)
    assert after == {table: rows for table, rows in before.items() if table in after}
    schema.upgrade(database)
    assert schema.read_version(database).is_newest
    database.dispose()


def test_shares_go_back_to_the_awards_that_count(database_url: str) -> None:
    with open_world(database_url) as world:
        for rider in ("R00001", "R00002"):
            world.enroll(rider)
        first, second = (world.award(rider).case.report.code for rider in ("R00001", "R00002"))
        world.merge(second, first)
    database = open_database(database_url)
    schema.downgrade(database, "0019")
    with database.reader.connect() as connection:
        points = connection.scalars(text("SELECT points_granted FROM awards WHERE reversed_at IS NULL")).all()
    assert sorted(points) == [1, 10]
    schema.upgrade(database)
    database.dispose()


def test_there_is_no_way_back_while_a_credit_waits(database_url: str) -> None:
    with open_world(database_url) as world:
        poor = World(runtime=world.runtime, clock=world.clock, programme_id=2)
        found_programme(poor, budget_points=25)
        poor.enroll()
        for _ in range(3):
            last = poor.award().case.report.code
        taken_back = poor.award().case.report.code
        poor.revoke(taken_back)
        database = open_database(database_url)
        with pytest.raises(RuntimeError, match="1 credits wait"):
            schema.downgrade(database, "0020")
        assert schema.read_version(database).current == "0021", "the refused step leaves its tables as they were"
        schema.upgrade(database)
        assert poor.report(last).award.is_waiting  # type: ignore[union-attr]
        poor.fund(5)
    schema.downgrade(database, "0020")
    schema.upgrade(database)
    database.dispose()


def count_rows(database: Database) -> dict[str, int]:
    with database.reader.connect() as connection:
        names = set(inspect(connection).get_table_names()) - {"alembic_version"}
        return {name: connection.scalar(select(func.count()).select_from(metadata.tables[name])) or 0 for name in names}


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    database = open_database(database_url)
    assert schema.upgrade(database) == schema.upgrade(database) == schema.read_version(database)
    database.dispose()
