"""Column types come back as they went in, to the microsecond, on both engines."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError
from uuid_utils.compat import uuid7

from ledger.storage.engine import open_database
from ledger.storage.types import Id, UtcDateTime

samples = Table("samples", MetaData(), Column("at", UtcDateTime), Column("id", Id))


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[Connection]:
    database = open_database(empty_database_url)
    with database.writer.begin() as found:
        samples.create(found)
        yield found
    database.dispose()


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2026, 3, 10, 2, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 10, 2, 0, 0, 999_999, tzinfo=UTC),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(1900, 1, 1, tzinfo=UTC),
        datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 3, 10, 10, 0, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_an_instant_comes_back_aware_in_utc_to_the_microsecond(connection: Connection, instant: datetime) -> None:
    connection.execute(insert(samples).values(at=instant))
    found = connection.scalar(select(samples.c.at))
    assert found == instant
    assert found.tzinfo is UTC
    assert connection.scalar(select(samples.c.at).where(samples.c.at == instant)) == instant


def test_a_naive_time_is_refused(connection: Connection) -> None:
    with pytest.raises(StatementError, match="naive"):
        connection.execute(insert(samples).values(at=datetime(2026, 3, 10)))  # noqa: DTZ001 - that is the fault


def test_instants_sort_as_they_follow_each_other(connection: Connection) -> None:
    begin = datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    instants = [begin + timedelta(microseconds=step**7) for step in range(60)]
    for instant in reversed(instants):
        connection.execute(insert(samples).values(at=instant))
    assert list(connection.scalars(select(samples.c.at).order_by(samples.c.at))) == instants


@pytest.mark.parametrize("value", [UUID(int=0), UUID(int=2**128 - 1), UUID("018f0000-0000-7000-8000-000000000000")])
def test_an_id_comes_back(connection: Connection, value: UUID) -> None:
    connection.execute(insert(samples).values(id=value))
    assert connection.scalar(select(samples.c.id).where(samples.c.id == value)) == value


def test_ids_sort_in_the_order_in_which_they_were_made(connection: Connection) -> None:
    ids = [uuid7() for _ in range(500)]
    for value in reversed(ids):
        connection.execute(insert(samples).values(id=value))
    assert list(connection.scalars(select(samples.c.id).order_by(samples.c.id))) == ids


def test_nothing_is_nothing(connection: Connection) -> None:
    connection.execute(insert(samples).values(at=None, id=None))
    assert connection.execute(select(samples.c.at, samples.c.id)).one() == (None, None)
