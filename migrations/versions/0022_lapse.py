"""Lots are found by the day on which they lapse."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_index("ix_accounts_bucket", "accounts", ["programme_id", "purpose", "bucket", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_accounts_bucket", table_name="accounts")
