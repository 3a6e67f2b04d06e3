"""Who may sign in: operators, service keys, tokens, one-time codes."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "one_time_codes",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(), nullable=False),
        sa.Column("attempts_left", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sent_today", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "phone_hash", name="pk_one_time_codes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "operators",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_operators_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_operators"),
        sa.UniqueConstraint("programme_id", "name", name="uq_operators_name"),
    )
    op.create_table(
        "service_keys",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_service_keys_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_service_keys"),
        sa.UniqueConstraint("programme_id", "name", name="uq_service_keys_name"),
    )
    op.create_table(
        "tokens",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("token_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject_id", types.Id(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(), nullable=True),
        sa.Column("revoked_at", types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_tokens_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "token_sha256", name="pk_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_tokens_subject_id", "tokens", ["programme_id", "subject_id"], unique=False)


def downgrade() -> None:
    op.drop_table("tokens")
    op.drop_table("service_keys")
    op.drop_table("operators")
    op.drop_table("one_time_codes")
