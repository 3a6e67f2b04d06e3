"""Months that are published and final, corrections beside their lists, and titles under review.

The index on awards begins with the month, because closing a month reads all of its awards in the order of riders.
"""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types
from migrations.guards import add_append_only, drop_append_only

revision = "0018"
down_revision = "0016"


def upgrade() -> None:
    _create_months()
    _create_corrections()
    _create_corrected_standings()
    op.add_column("titles", sa.Column("under_review", sa.String(length=20), nullable=True))
    op.drop_index("ix_awards_month", "awards")
    op.create_index("ix_awards_month", "awards", ["programme_id", "month", "rider_id", "day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_awards_month", "awards")
    op.create_index("ix_awards_month", "awards", ["programme_id", "rider_id", "month", "day"], unique=False)
    op.drop_column("titles", "under_review")
    op.drop_table("corrected_standings")
    drop_append_only("corrections")
    op.drop_table("corrections")
    op.drop_table("months")


def _create_months() -> None:
    op.create_table(
        "months",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("published_at", types.UtcDateTime(), nullable=False),
        sa.Column("published_by", sa.String(length=80), nullable=False),
        sa.Column("published_riders", sa.BigInteger(), nullable=False),
        sa.Column("published_merit", sa.BigInteger(), nullable=False),
        sa.Column("published_digest", sa.String(length=64), nullable=False),
        sa.Column("objections_until", sa.Date(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("corrections_in_list", sa.Integer(), nullable=False),
        sa.Column("finalized_at", types.UtcDateTime(), nullable=True),
        sa.Column("finalized_by", sa.String(length=80), nullable=True),
        sa.Column("final_riders", sa.BigInteger(), nullable=True),
        sa.Column("final_merit", sa.BigInteger(), nullable=True),
        sa.Column("final_digest", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(finalized_at IS NULL) = (final_digest IS NULL) AND (finalized_at IS NULL) = (finalized_by IS NULL)"
            " AND (finalized_at IS NULL) = (final_riders IS NULL) AND (finalized_at IS NULL) = (final_merit IS NULL)",
            name="ck_months_final",
        ),
        sa.CheckConstraint("corrections_in_list BETWEEN 0 AND corrections", name="ck_months_corrections"),
        sa.PrimaryKeyConstraint("programme_id", "month", name="pk_months"),
        sqlite_with_rowid=False,
    )


def _create_corrections() -> None:
    op.create_table(
        "corrections",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("report_id", types.Id(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("merit", sa.BigInteger(), nullable=False),
        sa.Column("verified_reports", sa.Integer(), nullable=False),
        sa.Column("serious_points", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("transaction_id", types.Id(), nullable=True),
        sa.CheckConstraint("number > 0", name="ck_corrections_number"),
        sa.CheckConstraint(
            "merit <= 0 AND verified_reports <= 0 AND serious_points <= 0", name="ck_corrections_counts"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "month"], ["months.programme_id", "months.month"], name="fk_corrections_month"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_corrections_rider_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "report_id"], ["reports.programme_id", "reports.id"], name="fk_corrections_report_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "transaction_id"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_corrections_transaction_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "month", "number", name="pk_corrections"),
        sa.UniqueConstraint(
            "programme_id", "report_id", "rider_id", "part", "recorded_at", name="uq_corrections_report_id"
        ),
        sqlite_with_rowid=False,
    )
    add_append_only("corrections")


def _create_corrected_standings() -> None:
    op.create_table(
        "corrected_standings",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("merit", sa.BigInteger(), nullable=False),
        sa.Column("verified_reports", sa.BigInteger(), nullable=False),
        sa.Column("serious_points", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", types.UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "merit >= 0 AND verified_reports >= 0 AND serious_points >= 0", name="ck_corrected_standings_counts"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "month", "rider_id"],
            ["standings.programme_id", "standings.month", "standings.rider_id"],
            name="fk_corrected_standings_month_rider_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "month", "rider_id", name="pk_corrected_standings"),
        sqlite_with_rowid=False,
    )
