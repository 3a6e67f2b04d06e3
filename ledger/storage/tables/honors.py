"""Honor titles: who was given which, for which period, and why."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text, UniqueConstraint

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

titles = Table(
    "titles",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("honor_code", String(10), nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("period", String(7), nullable=False),  # 2026-11, 2026, or empty for a title of no period
    Column("state", String(10), nullable=False),
    Column("name", String(60), nullable=False),
    Column("facts", Text, nullable=False),  # JSON: the numbers that earned it
    Column("rulebook_version", Integer, nullable=False),
    Column("awarded_at", UtcDateTime, nullable=False),
    Column("awarded_by", String(80), nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String(80)),
    Column("reason", String(500), nullable=False),
    Column("under_review", String(20)),  # the correction that put it in doubt, such as 2026-10/1
    primary_key("titles", "id"),
    # Awarding a month twice gives nobody a second title.
    UniqueConstraint("programme_id", "honor_code", "rider_id", "period", name="uq_titles_honor_code"),
    CheckConstraint("state IN ('proposed', 'granted', 'declined')", name="ck_titles_state"),
    foreign_key("titles", ["rider_id"], "riders", ["id"]),
    Index("ix_titles_rider_id", "programme_id", "rider_id", "awarded_at", "id"),
    Index("ix_titles_period", "programme_id", "period", "honor_code", "id"),
)
