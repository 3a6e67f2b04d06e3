"""Incidents, the shares of their reporters, and awards of which a later one can take the place.

SQLite cannot alter a key, so there the awards are made anew; they have no triggers.
"""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0020"
down_revision = "0019"

WITHOUT_ROWID = {"sqlite_with_rowid": False}


def upgrade() -> None:
    _number_awards()
    op.create_table(
        "incidents",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("category_code", sa.String(length=10), nullable=False),
        sa.Column("founded_at", types.UtcDateTime(), nullable=False),
        sa.Column("founded_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_founded_at", "incidents", ["programme_id", "founded_at", "id"], unique=False)
    _create_incident_reports()


def downgrade() -> None:
    op.drop_table("incident_reports")
    op.drop_table("incidents")
    # An award that another took the place of is the reports' past: its transactions stay, in the append-only journal.
    op.execute("DELETE FROM awards WHERE NOT is_current")
    op.drop_index("uq_awards_is_current", "awards")
    with op.batch_alter_table("awards", table_kwargs=WITHOUT_ROWID) as awards:
        awards.drop_constraint("pk_awards", type_="primary")
        awards.create_primary_key("pk_awards", ["programme_id", "report_id", "rider_id", "part"])
        awards.drop_constraint("ck_awards_is_current", type_="check")
        awards.drop_column("is_current")
        awards.drop_column("revision")


def _number_awards() -> None:
    with op.batch_alter_table("awards", table_kwargs=WITHOUT_ROWID) as awards:
        awards.add_column(sa.Column("revision", sa.SmallInteger(), nullable=False, server_default="0"))
        awards.add_column(sa.Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()))
        awards.create_check_constraint("ck_awards_is_current", "is_current OR reversed_at IS NOT NULL")
        awards.drop_constraint("pk_awards", type_="primary")
        awards.create_primary_key("pk_awards", ["programme_id", "report_id", "rider_id", "part", "revision"])
    with op.batch_alter_table("awards", table_kwargs=WITHOUT_ROWID) as awards:
        awards.alter_column("revision", existing_type=sa.SmallInteger(), existing_nullable=False, server_default=None)
        awards.alter_column("is_current", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)
    op.create_index(
        "uq_awards_is_current",
        "awards",
        ["programme_id", "report_id", "rider_id", "part"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )


def _create_incident_reports() -> None:
    op.create_table(
        "incident_reports",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", types.Id(), nullable=False),
        sa.Column("incident_id", types.Id(), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("points_full", sa.BigInteger(), nullable=False),
        sa.Column("share", sa.String(length=10), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=True),
        sa.Column("joined_at", types.UtcDateTime(), nullable=False),
        sa.Column("joined_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("share IN ('full', 'later', 'none')", name="ck_incident_reports_share"),
        sa.CheckConstraint("(share = 'full') = (coalesce(number, 0) = 1)", name="ck_incident_reports_number"),
        sa.CheckConstraint("points_full >= 0", name="ck_incident_reports_points_full"),
        sa.ForeignKeyConstraint(
            ["programme_id", "report_id"], ["reports.programme_id", "reports.id"], name="fk_incident_reports_report_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "incident_id"],
            ["incidents.programme_id", "incidents.id"],
            name="fk_incident_reports_incident_id",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_incident_reports_rider_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "report_id", name="pk_incident_reports"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_incident_reports_incident_id",
        "incident_reports",
        ["programme_id", "incident_id", "report_id"],
        unique=False,
    )
    for name, columns, condition in (
        ("uq_incident_reports_full", ["programme_id", "incident_id"], "share = 'full'"),
        ("uq_incident_reports_rider_id", ["programme_id", "incident_id", "rider_id"], "share <> 'none'"),
    ):
        op.create_index(
            name,
            "incident_reports",
            columns,
            unique=True,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
