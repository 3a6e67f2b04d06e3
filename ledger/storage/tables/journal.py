"""The books: accounts, transactions, entries."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    text,
)

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

IS_STOCK = text("commodity <> 'POINTS'")
"""Written out, not bound: else no planner would see that a query stays inside the index on stock."""

accounts = Table(
    "accounts",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("owner_id", Id, nullable=False),
    Column("purpose", String(10), nullable=False),
    Column("commodity", String(40), nullable=False),
    Column("bucket", String(40), nullable=False),
    Column("normal_side", SmallInteger, nullable=False),
    Column("has_floor", Boolean, nullable=False),
    Column("balance", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    primary_key("accounts", "id"),
    # One account a key, so two server processes cannot open the same lot twice.
    UniqueConstraint("programme_id", "owner_id", "purpose", "commodity", "bucket", name="uq_accounts_key"),
    # The second fence: no overspend, no oversell, no budget overrun, whatever a program believes.
    CheckConstraint("NOT has_floor OR balance >= 0", name="ck_accounts_floor"),
    CheckConstraint("normal_side IN (-1, 1)", name="ck_accounts_normal_side"),
    CheckConstraint("version >= 0", name="ck_accounts_version"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_accounts_programme_id"),
    Index("ix_accounts_purpose", "programme_id", "purpose", "id"),
    # Lots by the day on which they lapse. Without the balance: a column that every posting changes would make
    # PostgreSQL write each index of the table at each posting (no heap-only updates).
    Index("ix_accounts_bucket", "programme_id", "purpose", "bucket", "id"),
    # Stock alone: a district has some hundred accounts of units among hundreds of thousands of points.
    Index(
        "ix_accounts_commodity",
        "programme_id",
        "commodity",
        "id",
        sqlite_where=IS_STOCK,
        postgresql_where=IS_STOCK,
    ),
)

transactions = Table(
    "transactions",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("effective_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("source_id", Id),
    Column("rulebook_version", Integer, nullable=False),
    Column("memo", String(500), nullable=False),
    Column("idempotency_key", String(200)),
    Column("reverses", Id),
    primary_key("transactions", "id"),
    # At most one reversal a transaction. NULLs are distinct on both engines.
    UniqueConstraint("programme_id", "reverses", name="uq_transactions_reverses"),
    foreign_key("transactions", ["reverses"], "transactions", ["id"]),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_transactions_programme_id"),
    Index("ix_transactions_effective_at", "programme_id", "effective_at", "id"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    programme_id(),
    Column("account_id", Id, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("transaction_id", Id, nullable=False),
    Column("leg", SmallInteger, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance_after", BigInteger, nullable=False),
    Column("effective_at", UtcDateTime, nullable=False),
    # An account's versions are its history in order: two writers cannot both write version 7.
    primary_key("entries", "account_id", "version"),
    CheckConstraint("amount > 0", name="ck_entries_amount"),
    CheckConstraint("side IN (-1, 1)", name="ck_entries_side"),
    CheckConstraint("version > 0", name="ck_entries_version"),
    foreign_key("entries", ["account_id"], "accounts", ["id"]),
    foreign_key("entries", ["transaction_id"], "transactions", ["id"]),
    Index("uq_entries_transaction_id", "programme_id", "transaction_id", "leg", "side", unique=True),
    sqlite_with_rowid=False,
)
