"""What the database holds, beside what the clients remember."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from ledger.storage.engine import open_database
from ledger.storage.tables import reports, transactions
from tests.books import check_books
from tests.faults.load import Asked
from tests.world import PROGRAMME_ID


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Keys by what is known of them: `missing` and `unsent` must be empty, `twice` too."""

    sent: int
    acknowledged: int
    stored: int
    missing: set[str]
    unsent: set[str]
    twice: set[str]

    @property
    def is_equal(self) -> bool:
        return not (self.missing or self.unsent or self.twice)


def compare(database_url: str, asked: Sequence[Asked]) -> Compared:
    """Every acknowledged request is in the books exactly once, and nothing is there that was not sent."""
    stored = read_stored_keys(database_url)
    sent = {found.key for found in asked if found.key}
    acknowledged = {found.key for found in asked if found.key and found.is_done}
    return Compared(
        sent=len(sent),
        acknowledged=len(acknowledged),
        stored=stored.total(),
        missing=acknowledged - stored.keys(),
        unsent=stored.keys() - sent,
        twice={key for key, number in stored.items() if number > 1},
    )


def read_stored_keys(database_url: str) -> Counter[str]:
    """The key of each report (its description) and of each transaction, as often as it is there."""
    with reading(database_url) as connection:
        described = connection.scalars(select(reports.c.description).where(reports.c.programme_id == PROGRAMME_ID))
        keys = connection.scalars(
            select(transactions.c.idempotency_key)
            .where(transactions.c.programme_id == PROGRAMME_ID)
            .where(transactions.c.idempotency_key.is_not(None))
        )
        return Counter([*described, *keys])


def find_faults(database_url: str) -> list[str]:
    """What the check of the books finds; nothing, in right books."""
    with reading(database_url) as connection:
        return check_books(connection, PROGRAMME_ID)


@contextmanager
def reading(database_url: str) -> Iterator[Connection]:
    database = open_database(database_url)
    try:
        with database.reader.connect() as connection:
            yield connection
    finally:
        database.dispose()


def check_consistent(first: Sequence[Asked], again: Sequence[Asked]) -> None:
    """Who was acknowledged before and asks again is told the same; who was not, is told now."""
    for before, after in zip(first, again, strict=True):
        assert after.is_done, f"{before.key} is still answered {after.status} {after.answer}"
        if before.is_done:
            assert after.is_replay, f"{before.key} was done once more"
            assert after.answer == before.answer, f"{before.key} is answered otherwise now"
