"""The journal: accounts with floors, transactions, entries."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    _create_accounts()
    _create_transactions()
    _create_entries()


def downgrade() -> None:
    op.drop_table("entries")
    op.drop_table("transactions")
    op.drop_table("accounts")


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("owner_id", types.Id(), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("commodity", sa.String(length=40), nullable=False),
        sa.Column("bucket", sa.String(length=40), nullable=False),
        sa.Column("normal_side", sa.SmallInteger(), nullable=False),
        sa.Column("has_floor", sa.Boolean(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("NOT has_floor OR balance >= 0", name="ck_accounts_floor"),
        sa.CheckConstraint("normal_side IN (-1, 1)", name="ck_accounts_normal_side"),
        sa.CheckConstraint("version >= 0", name="ck_accounts_version"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_accounts_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_accounts"),
        sa.UniqueConstraint("programme_id", "owner_id", "purpose", "commodity", "bucket", name="uq_accounts_key"),
    )
    op.create_index("ix_accounts_purpose", "accounts", ["programme_id", "purpose", "id"], unique=False)


def _create_transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("effective_at", types.UtcDateTime(), nullable=False),
        sa.Column("recorded_at", types.UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("source_id", types.Id(), nullable=True),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("memo", sa.String(length=500), nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=True),
        sa.Column("reverses", types.Id(), nullable=True),
        sa.ForeignKeyConstraint(
            ["programme_id", "reverses"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_transactions_reverses",
        ),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_transactions_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_transactions"),
        sa.UniqueConstraint("programme_id", "reverses", name="uq_transactions_reverses"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_transactions_effective_at", "transactions", ["programme_id", "effective_at", "id"], unique=False
    )


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", types.Id(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", types.Id(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name="ck_entries_amount"),
        sa.CheckConstraint("side IN (-1, 1)", name="ck_entries_side"),
        sa.CheckConstraint("version > 0", name="ck_entries_version"),
        sa.ForeignKeyConstraint(
            ["programme_id", "account_id"], ["accounts.programme_id", "accounts.id"], name="fk_entries_account_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "transaction_id"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_entries_transaction_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "account_id", "version", name="pk_entries"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "uq_entries_transaction_id", "entries", ["programme_id", "transaction_id", "leg", "side"], unique=True
    )
