"""Riders, and the one erasable table that knows who they are."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKeyConstraint, LargeBinary, String, Table, UniqueConstraint

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

riders = Table(
    "riders",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(16), nullable=False),
    Column("industry_code", String(10)),
    Column("subdistrict", String(60), nullable=False),
    Column("status", String(10), nullable=False),
    Column("enrolled_at", UtcDateTime, nullable=False),
    Column("source", String(60), nullable=False),
    primary_key("riders", "id"),
    UniqueConstraint("programme_id", "code", name="uq_riders_code"),
    CheckConstraint("status IN ('active', 'suspended', 'left')", name="ck_riders_status"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_riders_programme_id"),
)

persons = Table(
    "persons",
    metadata,
    # The only table that knows who a rider is. Leaving erases the row; the books keep the id.
    programme_id(),
    Column("rider_id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("phone_encrypted", LargeBinary),
    Column("phone_hash", LargeBinary(32)),
    primary_key("persons", "rider_id"),
    UniqueConstraint("programme_id", "phone_hash", name="uq_persons_phone_hash"),
    foreign_key("persons", ["rider_id"], "riders", ["id"]),
)

appointments = Table(
    "appointments",
    metadata,
    # The roll of 新锋骑手: one appointment a rider. Source: programme.md, Honors.
    programme_id(),
    Column("rider_id", Id, nullable=False),
    Column("appointed_on", Date, nullable=False),
    Column("trained_on", Date),
    Column("ends_on", Date),
    Column("appointed_by", String(80), nullable=False),
    primary_key("appointments", "rider_id"),
    CheckConstraint("ends_on IS NULL OR ends_on >= appointed_on", name="ck_appointments_ends_on"),
    foreign_key("appointments", ["rider_id"], "riders", ["id"]),
)
