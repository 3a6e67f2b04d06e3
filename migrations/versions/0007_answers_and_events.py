"""Stored answers of idempotency keys, and the outbox of events."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("request_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "actor", "key", name="pk_idempotency_keys"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "event_counters",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_event_counters_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", name="pk_event_counters"),
    )
    op.create_table(
        "events",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_events_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "number", name="pk_events"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("events")
    op.drop_table("event_counters")
    op.drop_table("idempotency_keys")
