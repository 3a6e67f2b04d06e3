"""Set-based statements write what was given: every column type, NULLs, Chinese, many rows, none."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError

from ledger.domain.errors import BrokenInvariant
from ledger.storage.bulk import add_of, insert_of, insert_rows, is_in, read_rows, run_writes, update_of
from ledger.storage.engine import Failure, classify_failure, open_database
from ledger.storage.tables import metadata
from ledger.storage.types import Id, Packed, UtcDateTime

samples = Table(
    "samples",
    MetaData(),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("id", Id),
    Column("small", SmallInteger),
    Column("whole", Integer),
    Column("big", BigInteger),
    Column("is_true", Boolean),
    Column("word", String(40)),
    Column("prose", Text),
    Column("octets", LargeBinary),
    Column("packed", Packed),
    Column("day", Date),
    Column("at", UtcDateTime),
)
VALUES: dict[str, Any] = {
    "id": UUID(int=7),
    "small": -1,
    "whole": 1_215_542_000,
    "big": 2**53,
    "is_true": True,
    "word": "鄞州区 'quoted', {braced}, \\N",
    "prose": "NULL",
    "octets": b'\x00\xff,{}"\\',
    "packed": b'{"report":{"id":"7"}}',
    "day": date(2026, 3, 10),
    "at": datetime(2026, 3, 10, 2, 0, 0, 1, tzinfo=UTC),
}
EMPTY = dict.fromkeys(VALUES)


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[Connection]:
    database = open_database(empty_database_url)
    with database.writer.begin() as found:
        samples.create(found)
        yield found
    database.dispose()


def update_rows(connection: Connection, rows: list[dict[str, Any]]) -> None:
    run_writes(connection, [update_of(connection.dialect, samples, key=["number"], rows=rows)])


def read(connection: Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(*samples.c).order_by(samples.c.number)).mappings()]


def test_the_samples_hold_every_type_that_the_tables_use() -> None:
    used = {type(column.type) for table in metadata.tables.values() for column in table.c}
    assert used <= {type(column.type) for column in samples.c}


def test_every_type_is_inserted_with_values_and_without(connection: Connection) -> None:
    rows = [{"number": 1, **VALUES}, {"number": 2, **EMPTY}, {"number": 3, **VALUES}]
    insert_rows(connection, samples, rows)
    assert read(connection) == rows


def test_a_column_that_is_empty_in_every_row_is_inserted(connection: Connection) -> None:
    insert_rows(connection, samples, [{"number": 1, **EMPTY}])
    assert read(connection) == [{"number": 1, **EMPTY}]


def test_every_type_is_updated_to_a_value_and_to_nothing(connection: Connection) -> None:
    insert_rows(connection, samples, [{"number": 1, **EMPTY}, {"number": 2, **VALUES}, {"number": 3, **VALUES}])
    update_rows(connection, [{"number": 1, **VALUES}, {"number": 2, **EMPTY}])
    assert read(connection) == [{"number": 1, **VALUES}, {"number": 2, **EMPTY}, {"number": 3, **VALUES}]


def test_an_update_that_does_not_find_all_its_rows_is_a_broken_invariant(connection: Connection) -> None:
    insert_rows(connection, samples, [{"number": 1, **VALUES}])
    with pytest.raises(BrokenInvariant, match="3 rows of samples were to change, 1 did"):
        update_rows(connection, [{"number": number, "small": 5} for number in (1, 2, 3)])


def test_what_is_added_to_is_inserted_first_and_keeps_its_other_columns(connection: Connection) -> None:
    insert_rows(connection, samples, [{"number": 1, **VALUES}])
    rows = [{"number": 1, "big": -3, "is_true": False}, {"number": 2, "big": -4, "is_true": False}]
    for _ in range(2):
        run_writes(connection, [add_of(connection.dialect, samples, to="big", key=["number"], rows=rows)])
    assert read(connection) == [
        {"number": 1, **VALUES, "big": 2**53 - 6},
        {"number": 2, **EMPTY, "big": -8, "is_true": False},
    ]


def test_rows_are_read_by_a_key_of_several_columns(connection: Connection) -> None:
    rows = [{"number": number, **VALUES, "small": number % 2} for number in range(4)]
    insert_rows(connection, samples, rows)
    keys = [(VALUES["word"], VALUES["at"], 1), (VALUES["word"], VALUES["at"], 7)]
    found = read_rows(connection, samples, key=("word", "at", "small"), keys=keys)
    assert sorted(row.number for row in found) == [1, 3]
    assert read_rows(connection, samples, key=("word",), keys=[]) == []


def test_no_rows_are_no_statement(connection: Connection) -> None:
    insert_rows(connection, samples, [])
    assert read(connection) == []


def test_writes_are_carried_out_in_their_order(connection: Connection) -> None:
    dialect = connection.dialect
    writes = [
        insert_of(dialect, samples, [{"number": 1, **VALUES}]),
        update_of(dialect, samples, key=["number"], rows=[{"number": 1, "small": 5}]),
        insert_of(dialect, samples, [{"number": 2, **VALUES}]),
        update_of(dialect, samples, key=["number"], rows=[{"number": number, "small": 6} for number in (1, 2)]),
    ]
    assert run_writes(connection, writes) == [1, 1, 1, 2]
    assert [row["small"] for row in read(connection)] == [6, 6]


def test_a_write_that_fails_says_why_and_the_later_ones_are_not_done(connection: Connection) -> None:
    insert_rows(connection, samples, [{"number": 1, **VALUES}])
    same, other = ([{"number": number, **VALUES}] for number in (1, 2))
    with pytest.raises((DBAPIError, psycopg.Error)) as caught, connection.begin_nested():
        run_writes(connection, [insert_of(connection.dialect, samples, rows) for rows in (same, other)])
    assert classify_failure(caught.value) is Failure.CONFLICT
    assert [row["number"] for row in read(connection)] == [1]


def test_a_naive_time_is_refused(connection: Connection) -> None:
    naive = datetime(2026, 3, 10)  # noqa: DTZ001 - that is the fault
    with pytest.raises(ValueError, match="naive"):
        insert_rows(connection, samples, [{"number": 1, **VALUES, "at": naive}])


def test_thousands_of_rows_go_in_and_are_found_again(connection: Connection) -> None:
    numbers = range(5_000)
    insert_rows(connection, samples, [{"number": number, **VALUES} for number in numbers])
    update_rows(connection, [{"number": number, "small": 9} for number in numbers])
    found = connection.scalar(
        select(func.count()).select_from(samples).where(is_in(connection, samples.c.number, numbers))
    )
    assert found == 5_000


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_every_type_is_found_by_it_and_no_other_is(connection: Connection, name: str) -> None:
    insert_rows(connection, samples, [{"number": 1, **VALUES}, {"number": 2, **EMPTY}])
    chosen = select(samples.c.number)
    assert list(connection.scalars(chosen.where(is_in(connection, samples.c[name], [VALUES[name]])))) == [1]
    assert list(connection.scalars(chosen.where(is_in(connection, samples.c[name], [])))) == []
