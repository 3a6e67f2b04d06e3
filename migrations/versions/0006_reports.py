"""Reports, their awards, and the monthly standings."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _create_reports()
    _create_standings()
    _create_awards()


def downgrade() -> None:
    op.drop_table("awards")
    op.drop_table("standings")
    op.drop_table("reports")


def _create_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("category_code", sa.String(length=10), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lat_e7", sa.Integer(), nullable=True),
        sa.Column("lon_e7", sa.Integer(), nullable=True),
        sa.Column("datum", sa.String(length=10), nullable=True),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("subdistrict", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("photo_url", sa.String(length=500), nullable=True),
        sa.Column("photo_taken_at", types.UtcDateTime(), nullable=True),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("submitted_at", types.UtcDateTime(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("review_due_at", types.UtcDateTime(), nullable=False),
        sa.Column("decided_at", types.UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("duplicate_of", types.Id(), nullable=True),
        sa.CheckConstraint(
            "state IN ('submitted', 'verified', 'rejected', 'duplicate', 'revoked')", name="ck_reports_state"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "duplicate_of"], ["reports.programme_id", "reports.id"], name="fk_reports_duplicate_of"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_reports_rider_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_reports"),
        sa.UniqueConstraint("programme_id", "code", name="uq_reports_code"),
        sa.UniqueConstraint("programme_id", "source", "external_id", name="uq_reports_external_id"),
    )
    op.create_index("ix_reports_lat_e7", "reports", ["programme_id", "category_code", "lat_e7", "lon_e7"], unique=False)
    op.create_index("ix_reports_rider_id", "reports", ["programme_id", "rider_id", "submitted_at", "id"], unique=False)
    op.create_index("ix_reports_state", "reports", ["programme_id", "state", "review_due_at", "id"], unique=False)
    op.create_index("ix_reports_submitted_at", "reports", ["programme_id", "submitted_at", "id"], unique=False)


def _create_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("merit", sa.BigInteger(), nullable=False),
        sa.Column("verified_reports", sa.BigInteger(), nullable=False),
        sa.Column("serious_points", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("merit >= 0 AND verified_reports >= 0 AND serious_points >= 0", name="ck_standings_counts"),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_standings_rider_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "month", "rider_id", name="pk_standings"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_standings_chain",
        "standings",
        [
            "programme_id",
            "month",
            sa.text("merit DESC"),
            sa.text("verified_reports DESC"),
            sa.text("serious_points DESC"),
            "reached_at",
            "rider_id",
        ],
        unique=False,
    )
    op.create_index("ix_standings_rider_id", "standings", ["programme_id", "rider_id", "month"], unique=False)


def _create_awards() -> None:
    op.create_table(
        "awards",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", types.Id(), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("transaction_id", types.Id(), nullable=True),
        sa.Column("sponsor_id", types.Id(), nullable=False),
        sa.Column("points_wanted", sa.BigInteger(), nullable=False),
        sa.Column("points_granted", sa.BigInteger(), nullable=False),
        sa.Column("limited_by", sa.String(length=20), nullable=True),
        sa.Column("is_cap_exempt", sa.Boolean(), nullable=False),
        sa.Column("is_serious", sa.Boolean(), nullable=False),
        sa.Column("merit", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("lapses_on", sa.Date(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("effective_at", types.UtcDateTime(), nullable=False),
        sa.Column("reversal_id", types.Id(), nullable=True),
        sa.Column("reversed_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint("(points_granted > 0) = (transaction_id IS NOT NULL)", name="ck_awards_transaction_id"),
        sa.CheckConstraint("points_granted BETWEEN 0 AND points_wanted", name="ck_awards_points"),
        sa.ForeignKeyConstraint(
            ["programme_id", "report_id"], ["reports.programme_id", "reports.id"], name="fk_awards_report_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "reversal_id"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_awards_reversal_id",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "transaction_id"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_awards_transaction_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "report_id", "rider_id", name="pk_awards"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_awards_month", "awards", ["programme_id", "rider_id", "month", "day"], unique=False)
