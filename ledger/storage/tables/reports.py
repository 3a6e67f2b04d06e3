"""Reports, what they earned, and the monthly standings."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

reports = Table(
    "reports",
    metadata,
    programme_id(),
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
    Column("settled_at", UtcDateTime),
    Column("settled_by", String(80)),
    Column("after_photo_url", String(500)),
    primary_key("reports", "id"),
    UniqueConstraint("programme_id", "code", name="uq_reports_code"),
    # The other system's id makes a second import of the same row impossible.
    UniqueConstraint("programme_id", "source", "external_id", name="uq_reports_external_id"),
    CheckConstraint(
        "state IN ('submitted', 'verified', 'rejected', 'duplicate', 'settled', 'revoked')", name="ck_reports_state"
    ),
    foreign_key("reports", ["rider_id"], "riders", ["id"]),
    foreign_key("reports", ["duplicate_of"], "reports", ["id"]),
    Index("ix_reports_submitted_at", "programme_id", "submitted_at", "id"),
    Index("ix_reports_state", "programme_id", "state", "review_due_at", "id"),
    Index("ix_reports_rider_id", "programme_id", "rider_id", "submitted_at", "id"),
    Index("ix_reports_lat_e7", "programme_id", "category_code", "lat_e7", "lon_e7"),
)

WAITING = "transaction_id IS NULL AND points_granted > 0 AND reversed_at IS NULL"
"""What makes an award one that waits for its budget."""

awards = Table(
    "awards",
    metadata,
    programme_id(),
    # A report is credited to its rider once, and so is the bonus for a hazard that was settled; what is booked anew is
    # the next revision.
    Column("report_id", Id, nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("part", String(10), nullable=False),
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
    Column("booked_at", UtcDateTime),
    Column("reversal_id", Id),
    Column("reversed_at", UtcDateTime),
    Column("revision", SmallInteger, nullable=False),
    Column("is_current", Boolean, nullable=False),
    primary_key("awards", "report_id", "rider_id", "part", "revision"),
    CheckConstraint("part IN ('report', 'settlement')", name="ck_awards_part"),
    CheckConstraint("points_granted BETWEEN 0 AND points_wanted", name="ck_awards_points"),
    # What another took the place of counts no more.
    CheckConstraint("is_current OR reversed_at IS NOT NULL", name="ck_awards_is_current"),
    # Granted without a transaction: the credit waits for its budget.
    CheckConstraint("transaction_id IS NULL OR points_granted > 0", name="ck_awards_transaction_id"),
    CheckConstraint("booked_at IS NULL OR transaction_id IS NOT NULL", name="ck_awards_booked_at"),
    foreign_key("awards", ["report_id"], "reports", ["id"]),
    foreign_key("awards", ["transaction_id"], "transactions", ["id"]),
    foreign_key("awards", ["reversal_id"], "transactions", ["id"]),
    # A whole month's awards in the order of riders, for its close; and a rider's of a month, for the caps.
    Index("ix_awards_month", "programme_id", "month", "rider_id", "day"),
    # One award that counts a (report, rider, part).
    Index(
        "uq_awards_is_current",
        "programme_id",
        "report_id",
        "rider_id",
        "part",
        unique=True,
        sqlite_where=text("is_current"),
        postgresql_where=text("is_current"),
    ),
    # The queue of credits that wait for a budget: empty as a rule.
    Index(
        "ix_awards_waiting",
        "programme_id",
        "sponsor_id",
        "effective_at",
        "report_id",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
    sqlite_with_rowid=False,
)

standings = Table(
    "standings",
    metadata,
    programme_id(),
    Column("month", String(7), nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("merit", BigInteger, nullable=False),
    Column("verified_reports", BigInteger, nullable=False),
    Column("serious_points", BigInteger, nullable=False),
    Column("reached_at", UtcDateTime),
    primary_key("standings", "month", "rider_id"),
    CheckConstraint("merit >= 0 AND verified_reports >= 0 AND serious_points >= 0", name="ck_standings_counts"),
    foreign_key("standings", ["rider_id"], "riders", ["id"]),
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

score_counts = Table(
    "score_counts",
    metadata,
    programme_id(),
    # Riders with merit in the month, counted ever finer: a band of merit, one merit, one score, and for a score that
    # many share the day and the slot in which it was reached. What a level does not look at is 0, or 1970.
    Column("month", String(7), nullable=False),
    Column("level", String(5), nullable=False),
    Column("merit", BigInteger, nullable=False),
    Column("verified_reports", BigInteger, nullable=False),
    Column("serious_points", BigInteger, nullable=False),
    Column("reached_from", UtcDateTime, nullable=False),
    Column("riders", BigInteger, nullable=False),
    Column("is_crowded", Boolean, nullable=False),
    primary_key("score_counts", "month", "level", "merit", "verified_reports", "serious_points", "reached_from"),
    CheckConstraint("level IN ('band', 'merit', 'score', 'day', 'slot')", name="ck_score_counts_level"),
    sqlite_with_rowid=False,
)
