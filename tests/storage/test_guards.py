"""The second fence: what the database itself refuses, whatever a program believes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.world import World

JOURNAL = ("transactions", "entries", "events")


@pytest.fixture
def connection(world: World) -> Iterator[Connection]:
    """A connection that may write, to books in which something has happened."""
    world.enroll()
    world.award()
    with world.runtime.database.writer.connect() as found:
        yield found


@pytest.mark.parametrize("table", JOURNAL)
def test_the_journal_cannot_be_changed_or_removed(connection: Connection, table: str) -> None:
    changes = [f"UPDATE {table} SET programme_id = programme_id", f"DELETE FROM {table}"]
    if connection.dialect.name == "postgresql":
        changes.append(f"TRUNCATE {table} CASCADE")
    for change in changes:
        with pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))
        connection.rollback()
    assert connection.scalar(text(f"SELECT count(*) FROM {table}"))


def test_an_account_with_a_floor_cannot_go_below_it(connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="ck_accounts_floor"):
        connection.execute(text("UPDATE accounts SET balance = -1 WHERE purpose = 'available'"))


def test_an_account_without_a_floor_can(connection: Connection) -> None:
    connection.execute(text("UPDATE accounts SET balance = -1 WHERE purpose = 'issuance'"))


COPY_ENTRY = """
    INSERT INTO entries
        (programme_id, account_id, version, transaction_id, leg, side, amount, balance_after, effective_at)
    SELECT programme_id, account_id, {version}, {transaction_id}, {leg}, side, {amount}, balance_after, effective_at
    FROM entries
    WHERE side = {side} AND account_id IN (SELECT id FROM accounts WHERE purpose = 'available')
"""


def copy_entry(**changes: str) -> str:
    values = {"version": "99", "transaction_id": "transaction_id", "leg": "7", "amount": "amount", "side": "1"}
    return COPY_ENTRY.format(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount": "0"}, "ck_entries_amount"),
        ({"amount": "-5"}, "ck_entries_amount"),
        ({"version": "0"}, "ck_entries_version"),
        # SQLite names the columns instead of the constraint.
        ({"version": "version"}, "pk_entries|entries.version"),
        ({"leg": "leg"}, "uq_entries_transaction_id|entries.leg"),
        ({"transaction_id": "account_id"}, "fk_entries_transaction_id|FOREIGN KEY"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(connection: Connection, changes: dict[str, str], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        connection.execute(text(copy_entry(**changes)))
        connection.commit()


def test_an_unbalanced_transaction_is_refused(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        pytest.skip("SQLite has no triggers a statement; the posting machine and the check of the books stand alone")
    with pytest.raises(DBAPIError, match="does not balance"):
        connection.execute(text(copy_entry()))


def test_a_transaction_is_reversed_once(connection: Connection) -> None:
    copy = """
        INSERT INTO transactions
            (programme_id, id, kind, effective_at, recorded_at, actor, rulebook_version, memo, reverses)
        SELECT programme_id, report_id, 'reverse', effective_at, effective_at, 'x', 1, '', transaction_id
        FROM awards
    """
    connection.execute(text(copy))
    with pytest.raises(IntegrityError, match=r"uq_transactions_reverses|transactions\.reverses"):
        connection.execute(text(copy.replace("report_id", "rider_id")))


@pytest.mark.parametrize("revision", ["revision", "revision + 1"])
def test_a_report_is_credited_to_its_rider_once(connection: Connection, revision: str) -> None:
    columns = (
        "programme_id, report_id, rider_id, part, transaction_id, sponsor_id, points_wanted, points_granted,"
        " is_cap_exempt, is_serious, merit, day, month, lapses_on, rulebook_version, effective_at, is_current"
    )
    with pytest.raises(IntegrityError, match=r"pk_awards|uq_awards_is_current|awards\.report_id"):
        connection.execute(
            text(f"INSERT INTO awards ({columns}, revision) SELECT {columns}, {revision} FROM awards WHERE is_current")
        )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("UPDATE awards SET points_granted = points_wanted + 1", "ck_awards_points"),
        ("UPDATE awards SET points_granted = 0", "ck_awards_transaction_id"),
        ("UPDATE reports SET state = 'lost'", "ck_reports_state"),
        ("UPDATE riders SET status = 'lost'", "ck_riders_status"),
        ("UPDATE standings SET merit = -1", "ck_standings_counts"),
        ("UPDATE accounts SET normal_side = 0", "ck_accounts_normal_side"),
        ("DELETE FROM riders", "fk_reports_rider_id|FOREIGN KEY|fk_"),
        ("DELETE FROM accounts", "fk_entries_account_id|FOREIGN KEY"),
    ],
)
def test_a_row_that_cannot_be_is_refused(connection: Connection, change: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        connection.execute(text(change))
        connection.commit()
