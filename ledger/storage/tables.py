"""The tables. Every primary, unique and foreign key and every index begins with the programme: a programme is the unit
of distribution, and no statement crosses one (design.md section 8).

The migrations build exactly these; a test compares the two. Triggers (append-only, zero-sum) are in the migrations.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from ledger.storage.types import Id, UtcDateTime

metadata = MetaData()

PROGRAMME_ID_MAX = 999_999_999_999
"""GB/T 2260 codes have 6 digits, with street and community (GB/T 10114) 12."""


def _programme_id() -> Column[Any]:
    return Column("programme_id", BigInteger, nullable=False)


def _primary_key(table: str, *columns: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint("programme_id", *columns, name=f"pk_{table}")


def _foreign_key(table: str, columns: list[str], target: str, target_columns: list[str]) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["programme_id", *columns],
        [f"{target}.programme_id", *(f"{target}.{column}" for column in target_columns)],
        name=f"fk_{table}_{'_'.join(columns)}",
    )


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
    _programme_id(),
    Column("version", Integer, nullable=False, autoincrement=False),
    Column("valid_from", Date, nullable=False),
    Column("document", Text, nullable=False),
    Column("memo", String(500), nullable=False),
    Column("proposed_by", String(80), nullable=False),
    Column("approved_by", String(80), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    _primary_key("rulebooks", "version"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_rulebooks_programme_id"),
)

sponsors = Table(
    "sponsors",
    metadata,
    _programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(40), nullable=False),
    Column("name", String(60), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    _primary_key("sponsors", "id"),
    UniqueConstraint("programme_id", "code", name="uq_sponsors_code"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_sponsors_programme_id"),
)

operators = Table(
    "operators",
    metadata,
    _programme_id(),
    Column("id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("display_name", String(60), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("roles", String(200), nullable=False),  # role names, sorted, separated by spaces
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    _primary_key("operators", "id"),
    # The name is what the books print as the actor, so it is unique for ever and never renamed.
    UniqueConstraint("programme_id", "name", name="uq_operators_name"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_operators_programme_id"),
)

service_keys = Table(
    "service_keys",
    metadata,
    _programme_id(),
    Column("id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    _primary_key("service_keys", "id"),
    UniqueConstraint("programme_id", "name", name="uq_service_keys_name"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_service_keys_programme_id"),
)

tokens = Table(
    "tokens",
    metadata,
    _programme_id(),
    # Only the hash is kept: who reads the table cannot sign in with it.
    Column("token_sha256", LargeBinary(32), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("subject_id", Id, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    _primary_key("tokens", "token_sha256"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_tokens_programme_id"),
    Index("ix_tokens_subject_id", "programme_id", "subject_id"),
    sqlite_with_rowid=False,
)

one_time_codes = Table(
    "one_time_codes",
    metadata,
    _programme_id(),
    Column("phone_hash", LargeBinary(32), nullable=False),
    Column("code_hash", LargeBinary(32), nullable=False),
    Column("sent_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("attempts_left", SmallInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("sent_today", SmallInteger, nullable=False),
    _primary_key("one_time_codes", "phone_hash"),
    sqlite_with_rowid=False,
)

riders = Table(
    "riders",
    metadata,
    _programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(16), nullable=False),
    Column("industry_code", String(10)),
    Column("subdistrict", String(60), nullable=False),
    Column("status", String(10), nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
    Column("source", String(60), nullable=False),
    _primary_key("riders", "id"),
    UniqueConstraint("programme_id", "code", name="uq_riders_code"),
    CheckConstraint("status IN ('active', 'suspended', 'left')", name="ck_riders_status"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_riders_programme_id"),
)

persons = Table(
    "persons",
    metadata,
    # The only table that knows who a rider is. Leaving erases the row; the books keep the id.
    _programme_id(),
    Column("rider_id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("phone_encrypted", LargeBinary),
    Column("phone_hash", LargeBinary(32)),
    _primary_key("persons", "rider_id"),
    UniqueConstraint("programme_id", "phone_hash", name="uq_persons_phone_hash"),
    _foreign_key("persons", ["rider_id"], "riders", ["id"]),
)

reports = Table(
    "reports",
    metadata,
    _programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(10), nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("category_code", String(10), nullable=False),
    Column("hours", SmallInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("lat_e7", Integer),
    Column("lon_e7", Integer),
    Column("datum", String(10)),
    Column("address", String(500), nullable=False),
    Column("subdistrict", String(60), nullable=False),
    Column("description", String(500), nullable=False),
    Column("photo_url", String(500)),
    Column("photo_taken_at", UtcDateTime),
    Column("source", String(60), nullable=False),
    Column("external_id", String(80)),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("review_due_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String(80)),
    Column("reason", String(500), nullable=False),
    Column("duplicate_of", Id),
    _primary_key("reports", "id"),
    UniqueConstraint("programme_id", "code", name="uq_reports_code"),
    # The other system's id makes a second import of the same row impossible.
    UniqueConstraint("programme_id", "source", "external_id", name="uq_reports_external_id"),
    CheckConstraint("state IN ('submitted', 'verified', 'rejected', 'duplicate', 'revoked')", name="ck_reports_state"),
    _foreign_key("reports", ["rider_id"], "riders", ["id"]),
    _foreign_key("reports", ["duplicate_of"], "reports", ["id"]),
    Index("ix_reports_submitted_at", "programme_id", "submitted_at", "id"),
    Index("ix_reports_state", "programme_id", "state", "review_due_at", "id"),
    Index("ix_reports_rider_id", "programme_id", "rider_id", "submitted_at", "id"),
    Index("ix_reports_lat_e7", "programme_id", "category_code", "lat_e7", "lon_e7"),
)

accounts = Table(
    "accounts",
    metadata,
    _programme_id(),
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
    _primary_key("accounts", "id"),
    # One account a key, so two server processes cannot open the same lot twice.
    UniqueConstraint("programme_id", "owner_id", "purpose", "commodity", "bucket", name="uq_accounts_key"),
    # The second fence: no overspend, no oversell, no budget overrun, whatever a program believes.
    CheckConstraint("NOT has_floor OR balance >= 0", name="ck_accounts_floor"),
    CheckConstraint("normal_side IN (-1, 1)", name="ck_accounts_normal_side"),
    CheckConstraint("version >= 0", name="ck_accounts_version"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_accounts_programme_id"),
    Index("ix_accounts_purpose", "programme_id", "purpose", "id"),
)

transactions = Table(
    "transactions",
    metadata,
    _programme_id(),
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
    _primary_key("transactions", "id"),
    # At most one reversal a transaction. NULLs are distinct on both engines.
    UniqueConstraint("programme_id", "reverses", name="uq_transactions_reverses"),
    _foreign_key("transactions", ["reverses"], "transactions", ["id"]),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_transactions_programme_id"),
    Index("ix_transactions_effective_at", "programme_id", "effective_at", "id"),
    sqlite_with_rowid=False,
)

entries = Table(
    "entries",
    metadata,
    _programme_id(),
    Column("account_id", Id, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("transaction_id", Id, nullable=False),
    Column("leg", SmallInteger, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("balance_after", BigInteger, nullable=False),
    Column("effective_at", UtcDateTime, nullable=False),
    # An account's versions are its history in order: two writers cannot both write version 7.
    _primary_key("entries", "account_id", "version"),
    CheckConstraint("amount > 0", name="ck_entries_amount"),
    CheckConstraint("side IN (-1, 1)", name="ck_entries_side"),
    CheckConstraint("version > 0", name="ck_entries_version"),
    _foreign_key("entries", ["account_id"], "accounts", ["id"]),
    _foreign_key("entries", ["transaction_id"], "transactions", ["id"]),
    Index("uq_entries_transaction_id", "programme_id", "transaction_id", "leg", "side", unique=True),
    sqlite_with_rowid=False,
)

awards = Table(
    "awards",
    metadata,
    _programme_id(),
    # One live award a (report, rider): the key itself says so, a report is credited to its rider once.
    Column("report_id", Id, nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("transaction_id", Id),
    Column("sponsor_id", Id, nullable=False),
    Column("points_wanted", BigInteger, nullable=False),
    Column("points_granted", BigInteger, nullable=False),
    Column("limited_by", String(20)),
    Column("is_cap_exempt", Boolean, nullable=False),
    Column("is_serious", Boolean, nullable=False),
    Column("merit", BigInteger, nullable=False),
    Column("day", Date, nullable=False),
    Column("month", String(7), nullable=False),
    Column("lapses_on", Date, nullable=False),
    Column("rulebook_version", Integer, nullable=False),
    Column("effective_at", UtcDateTime, nullable=False),
    Column("reversal_id", Id),
    Column("reversed_at", UtcDateTime),
    _primary_key("awards", "report_id", "rider_id"),
    CheckConstraint("points_granted BETWEEN 0 AND points_wanted", name="ck_awards_points"),
    CheckConstraint("(points_granted > 0) = (transaction_id IS NOT NULL)", name="ck_awards_transaction_id"),
    _foreign_key("awards", ["report_id"], "reports", ["id"]),
    _foreign_key("awards", ["transaction_id"], "transactions", ["id"]),
    _foreign_key("awards", ["reversal_id"], "transactions", ["id"]),
    Index("ix_awards_month", "programme_id", "rider_id", "month", "day"),
    sqlite_with_rowid=False,
)

standings = Table(
    "standings",
    metadata,
    _programme_id(),
    Column("month", String(7), nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("merit", BigInteger, nullable=False),
    Column("verified_reports", BigInteger, nullable=False),
    Column("serious_points", BigInteger, nullable=False),
    Column("reached_at", UtcDateTime),
    _primary_key("standings", "month", "rider_id"),
    CheckConstraint("merit >= 0 AND verified_reports >= 0 AND serious_points >= 0", name="ck_standings_counts"),
    _foreign_key("standings", ["rider_id"], "riders", ["id"]),
    # The tie chain of the ranking, ready sorted.
    Index(
        "ix_standings_chain",
        "programme_id",
        "month",
        text("merit DESC"),
        text("verified_reports DESC"),
        text("serious_points DESC"),
        "reached_at",
        "rider_id",
    ),
    Index("ix_standings_rider_id", "programme_id", "rider_id", "month"),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    _programme_id(),
    # The actor belongs to the key: one client's key can neither collide with another's nor read its answer.
    Column("actor", String(80), nullable=False),
    Column("key", String(200), nullable=False),
    Column("request_sha256", LargeBinary(32), nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    _primary_key("idempotency_keys", "actor", "key"),
    sqlite_with_rowid=False,
)

event_counters = Table(
    "event_counters",
    metadata,
    # One row a programme: the lock on it makes the numbers of events gap-free across server processes.
    _programme_id(),
    Column("last_number", BigInteger, nullable=False),
    _primary_key("event_counters"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_event_counters_programme_id"),
)

events = Table(
    "events",
    metadata,
    _programme_id(),
    Column("number", BigInteger, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("subject", String(80), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False),  # JSON, UTF-8, keys sorted
    _primary_key("events", "number"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_events_programme_id"),
    sqlite_with_rowid=False,
)
