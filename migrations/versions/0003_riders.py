"""Riders, and the persons behind them in a table of their own that can be erased."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "riders",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("industry_code", sa.String(length=10), nullable=True),
        sa.Column("subdistrict", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("enrolled_at", types.UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.CheckConstraint("status IN ('active', 'suspended', 'left')", name="ck_riders_status"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_riders_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_riders"),
        sa.UniqueConstraint("programme_id", "code", name="uq_riders_code"),
    )
    op.create_table(
        "persons",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("phone_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("phone_hash", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_persons_rider_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "rider_id", name="pk_persons"),
        sa.UniqueConstraint("programme_id", "phone_hash", name="uq_persons_phone_hash"),
    )


def downgrade() -> None:
    op.drop_table("persons")
    op.drop_table("riders")
