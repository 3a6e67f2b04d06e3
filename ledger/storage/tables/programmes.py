"""Programmes, their rulebooks and sponsors, and what every unit of work writes: stored answers, events."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.storage.tables.base import PROGRAMME_ID_MAX, metadata, primary_key, programme_id
from ledger.storage.types import Id, Packed, UtcDateTime

programmes = Table(
    "programmes",
    metadata,
    Column("id", BigInteger, nullable=False, autoincrement=False),
    Column("name", String(60), nullable=False),
    Column("time_zone", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_programmes"),
    CheckConstraint(f"id BETWEEN 1 AND {PROGRAMME_ID_MAX}", name="ck_programmes_id"),
)

rulebooks = Table(
    "rulebooks",
    metadata,
    programme_id(),
    Column("version", Integer, nullable=False, autoincrement=False),
    Column("valid_from", Date, nullable=False),
    Column("document", Text, nullable=False),
    Column("memo", String(500), nullable=False),
    Column("proposed_by", String(80), nullable=False),
    Column("approved_by", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    primary_key("rulebooks", "version"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_rulebooks_programme_id"),
)

sponsors = Table(
    "sponsors",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    primary_key("sponsors", "id"),
    UniqueConstraint("programme_id", "code", name="uq_sponsors_code"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_sponsors_programme_id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    programme_id(),
    # The actor belongs to the key: one client's key can neither collide with another's nor read its answer.
    Column("actor", String(80), nullable=False),
    Column("key", String(200), nullable=False),
    Column("request_sha256", LargeBinary(32), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", Packed, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    primary_key("idempotency_keys", "actor", "key"),
    sqlite_with_rowid=False,
)

event_counters = Table(
    "event_counters",
    metadata,
    # One row a programme: the lock on it makes the numbers of events gap-free across server processes.
    programme_id(),
    Column("last_number", BigInteger, nullable=False),
    primary_key("event_counters"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_event_counters_programme_id"),
)

events = Table(
    "events",
    metadata,
    programme_id(),
    Column("number", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False),  # JSON, UTF-8, keys sorted
    primary_key("events", "number"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_events_programme_id"),
    sqlite_with_rowid=False,
)
