"""Honor titles, and the appointed roll of riders."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _create_appointments()
    _create_titles()


def downgrade() -> None:
    op.drop_table("titles")
    op.drop_table("appointments")


def _create_appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("appointed_on", sa.Date(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("appointed_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= appointed_on", name="ck_appointments_ends_on"),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_appointments_rider_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "rider_id", name="pk_appointments"),
    )


def _create_titles() -> None:
    op.create_table(
        "titles",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("honor_code", sa.String(length=10), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("awarded_at", types.UtcDateTime(), nullable=False),
        sa.Column("awarded_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint("state IN ('proposed', 'granted', 'declined')", name="ck_titles_state"),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_titles_rider_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_titles"),
        sa.UniqueConstraint("programme_id", "honor_code", "rider_id", "period", name="uq_titles_honor_code"),
    )
    op.create_index("ix_titles_period", "titles", ["programme_id", "period", "honor_code", "id"], unique=False)
    op.create_index("ix_titles_rider_id", "titles", ["programme_id", "rider_id", "awarded_at", "id"], unique=False)
