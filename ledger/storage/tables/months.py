"""Months that were published, and the corrections of their lists. An open month has no row."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Integer, String, Table, UniqueConstraint

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

months = Table(
    "months",
    metadata,
    programme_id(),
    Column("month", String(7), nullable=False),
    Column("rulebook_version", Integer, nullable=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("published_by", String(80), nullable=False),
    Column("published_riders", BigInteger, nullable=False),
    Column("published_merit", BigInteger, nullable=False),
    Column("published_digest", String(64), nullable=False),
    Column("objections_until", Date, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("corrections_in_list", Integer, nullable=False),
    Column("finalized_at", UtcDateTime),
    Column("finalized_by", String(80)),
    Column("final_riders", BigInteger),
    Column("final_merit", BigInteger),
    Column("final_digest", String(64)),
    primary_key("months", "month"),
    # Final is final with everything that proves it, or not at all.
    CheckConstraint(
        "(finalized_at IS NULL) = (final_digest IS NULL) AND (finalized_at IS NULL) = (finalized_by IS NULL)"
        " AND (finalized_at IS NULL) = (final_riders IS NULL) AND (finalized_at IS NULL) = (final_merit IS NULL)",
        name="ck_months_final",
    ),
    CheckConstraint("corrections_in_list BETWEEN 0 AND corrections", name="ck_months_corrections"),
    sqlite_with_rowid=False,
)

corrections = Table(
    "corrections",
    metadata,
    programme_id(),
    Column("month", String(7), nullable=False),
    Column("number", Integer, nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("report_id", Id, nullable=False),
    Column("part", String(10), nullable=False),
    Column("merit", BigInteger, nullable=False),
    Column("verified_reports", Integer, nullable=False),
    Column("serious_points", BigInteger, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("actor", String(80), nullable=False),
    Column("recorded_at", UtcDateTime, nullable=False),
    Column("transaction_id", Id),
    primary_key("corrections", "month", "number"),
    # An award is taken back once, so it is corrected once; which of a report's awards it was, the moment says.
    UniqueConstraint("programme_id", "report_id", "rider_id", "part", "recorded_at", name="uq_corrections_report_id"),
    CheckConstraint("number > 0", name="ck_corrections_number"),
    CheckConstraint("merit <= 0 AND verified_reports <= 0 AND serious_points <= 0", name="ck_corrections_counts"),
    foreign_key("corrections", ["month"], "months", ["month"]),
    foreign_key("corrections", ["rider_id"], "riders", ["id"]),
    foreign_key("corrections", ["report_id"], "reports", ["id"]),
    foreign_key("corrections", ["transaction_id"], "transactions", ["id"]),
    sqlite_with_rowid=False,
)

corrected_standings = Table(
    "corrected_standings",
    metadata,
    programme_id(),
    # What a rider's awards give now, where corrections have moved it away from the published list.
    Column("month", String(7), nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("merit", BigInteger, nullable=False),
    Column("verified_reports", BigInteger, nullable=False),
    Column("serious_points", BigInteger, nullable=False),
    Column("reached_at", UtcDateTime),
    primary_key("corrected_standings", "month", "rider_id"),
    CheckConstraint(
        "merit >= 0 AND verified_reports >= 0 AND serious_points >= 0", name="ck_corrected_standings_counts"
    ),
    foreign_key("corrected_standings", ["month", "rider_id"], "standings", ["month", "rider_id"]),
    sqlite_with_rowid=False,
)
