"""Who may sign in: operators, service keys, tokens, one-time codes."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from ledger.storage.tables.base import metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

operators = Table(
    "operators",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("display_name", String(60), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("roles", String(200), nullable=False),  # role names, sorted, separated by spaces
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    primary_key("operators", "id"),
    # The name is what the books print as the actor, so it is unique for ever and never renamed.
    UniqueConstraint("programme_id", "name", name="uq_operators_name"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_operators_programme_id"),
)

service_keys = Table(
    "service_keys",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    primary_key("service_keys", "id"),
    UniqueConstraint("programme_id", "name", name="uq_service_keys_name"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_service_keys_programme_id"),
)

tokens = Table(
    "tokens",
    metadata,
    programme_id(),
    # Only the hash is kept: who reads the table cannot sign in with it.
    Column("token_sha256", LargeBinary(32), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    primary_key("tokens", "token_sha256"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_tokens_programme_id"),
    Index("ix_tokens_subject_id", "programme_id", "subject_id"),
    sqlite_with_rowid=False,
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    programme_id(),
    Column("phone_hash", LargeBinary(32), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("attempts_left", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("sent_today", SmallInteger, nullable=False),
    primary_key("one_time_codes", "phone_hash"),
    sqlite_with_rowid=False,
)
