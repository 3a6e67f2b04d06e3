"""Stored answers are packed from here on. What is stored already is read as it is; the way back unpacks the others."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from ledger.storage.packing import unpack

revision = "0016"
down_revision = "0015"

ROWS_AT_ONCE = 1_000

# programme_id, actor, key, body
Stored = sa.Row[Any, Any, Any, Any]

answers = sa.table(
    "idempotency_keys",
    sa.column("programme_id", sa.BigInteger),
    sa.column("actor", sa.String),
    sa.column("key", sa.String),
    sa.column("body", sa.LargeBinary),
)
KEY = (answers.c.programme_id, answers.c.actor, answers.c.key)


def upgrade() -> None:
    """Nothing to do: an answer says by its first byte whether it is packed."""


def downgrade() -> None:
    connection = op.get_bind()
    unpacked = (
        sa.update(answers)
        .where(*(column == sa.bindparam(f"old_{column.name}") for column in KEY))
        .values(body=sa.bindparam("unpacked"))
    )
    rows = read_after(connection, None)
    while rows:
        connection.execute(
            unpacked,
            [
                {
                    "old_programme_id": row.programme_id,
                    "old_actor": row.actor,
                    "old_key": row.key,
                    "unpacked": unpack(bytes(row.body)),
                }
                for row in rows
            ],
        )
        rows = read_after(connection, rows[-1])


def read_after(
    connection: sa.Connection, last: sa.Row[Any, Any, Any, Any] | None
) -> Sequence[sa.Row[Any, Any, Any, Any]]:
    """The next answers in the order of the key."""
    statement = sa.select(*KEY, answers.c.body).order_by(*KEY).limit(ROWS_AT_ONCE)
    if last is not None:
        statement = statement.where(sa.tuple_(*KEY) > sa.tuple_(last.programme_id, last.actor, last.key))
    return connection.execute(statement).all()
