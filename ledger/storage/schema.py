"""The schema's version: upgrade, downgrade, and whether it is the one this program needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import migrations
from ledger.domain.errors import BrokenInvariant
from ledger.storage.engine import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaVersion:
    """`current` is None on an empty database."""

    current: str | None
    newest: str

    @property
    def is_newest(self) -> bool:
        return self.current == self.newest


def read_version(database: Database) -> SchemaVersion:
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None, "there are no migrations"
    with database.reader.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return SchemaVersion(current=current, newest=newest)


def upgrade(database: Database, revision: str = "head") -> SchemaVersion:
    """Brings the database to the revision. Safe to run twice."""
    with _migrating(database) as connection:
        command.upgrade(_config(connection), revision)
    return read_version(database)


def downgrade(database: Database, revision: str) -> SchemaVersion:
    """Goes back to an earlier revision, `base` for an empty database. What the later tables held is lost."""
    with _migrating(database) as connection:
        command.downgrade(_config(connection), revision)
    return read_version(database)


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """A connection without the limit on a statement's time: an index on a filled table takes as long as it takes.

    On SQLite without foreign keys, because a table whose constraints change is made anew; they are checked afterwards.
    Source: SQLite, "Making Other Kinds Of Table Schema Changes".
    """
    with database.writer.connect() as connection:
        if database.is_sqlite:
            # Straight to the driver: inside a transaction, which SQLAlchemy would begin, the pragma does nothing.
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
        else:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.commit()
        yield connection
        if database.is_sqlite and (orphans := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise BrokenInvariant(f"the migration left {len(orphans)} rows that point nowhere, first {orphans[0]}")
        connection.commit()
    # The setting would stay with the connection: the next unit of work gets a fresh one.
    database.writer.dispose()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
