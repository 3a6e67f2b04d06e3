"""The schema's version: upgrade, downgrade, and whether it is the one this program needs."""

from dataclasses import dataclass
from pathlib import Path

import migrations
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

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
    with database.writer.connect() as connection:
        command.upgrade(_config(connection), revision)
        connection.commit()
    return read_version(database)


def downgrade(database: Database, revision: str) -> SchemaVersion:
    """Goes back to an earlier revision, `base` for an empty database. What the later tables held is lost."""
    with database.writer.connect() as connection:
        command.downgrade(_config(connection), revision)
        connection.commit()
    return read_version(database)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
