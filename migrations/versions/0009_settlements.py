"""Hazards that were settled: a state of the report, and a second part of its award, the bonus.

SQLite cannot alter a constraint, so there both tables are made anew; neither has triggers. `schema.upgrade` has the
foreign keys off meanwhile and checks them afterwards.
"""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0009"
down_revision = "0008"

STATES = "'submitted', 'verified', 'rejected', 'duplicate', 'revoked'"
STATES_WITH_SETTLED = "'submitted', 'verified', 'rejected', 'duplicate', 'settled', 'revoked'"


def upgrade() -> None:
    with op.batch_alter_table("reports") as reports:
        reports.add_column(sa.Column("settled_at", types.UtcDateTime(), nullable=True))
        reports.add_column(sa.Column("settled_by", sa.String(length=80), nullable=True))
        reports.add_column(sa.Column("after_photo_url", sa.String(length=500), nullable=True))
        reports.drop_constraint("ck_reports_state", type_="check")
        reports.create_check_constraint("ck_reports_state", f"state IN ({STATES_WITH_SETTLED})")
    with op.batch_alter_table("awards", table_kwargs={"sqlite_with_rowid": False}) as awards:
        awards.add_column(sa.Column("part", sa.String(length=10), nullable=False, server_default="report"))
        awards.create_check_constraint("ck_awards_part", "part IN ('report', 'settlement')")
        awards.drop_constraint("pk_awards", type_="primary")
        awards.create_primary_key("pk_awards", ["programme_id", "report_id", "rider_id", "part"])
    with op.batch_alter_table("awards", table_kwargs={"sqlite_with_rowid": False}) as awards:
        awards.alter_column("part", existing_type=sa.String(length=10), existing_nullable=False, server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM awards WHERE part <> 'report'")
    op.execute("UPDATE reports SET state = 'verified' WHERE state = 'settled'")
    with op.batch_alter_table("awards", table_kwargs={"sqlite_with_rowid": False}) as awards:
        awards.drop_constraint("pk_awards", type_="primary")
        awards.create_primary_key("pk_awards", ["programme_id", "report_id", "rider_id"])
        awards.drop_constraint("ck_awards_part", type_="check")
        awards.drop_column("part")
    with op.batch_alter_table("reports") as reports:
        reports.drop_constraint("ck_reports_state", type_="check")
        reports.create_check_constraint("ck_reports_state", f"state IN ({STATES})")
        reports.drop_column("after_photo_url")
        reports.drop_column("settled_by")
        reports.drop_column("settled_at")
