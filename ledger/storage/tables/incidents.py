"""Incidents: which reports are of one hazard, and what share of its points each reporter has."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, SmallInteger, String, Table, text

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

incidents = Table(
    "incidents",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("category_code", String(10), nullable=False),
    Column("founded_at", UtcDateTime, nullable=False),
    Column("founded_by", String(80), nullable=False),
    primary_key("incidents", "id"),
    Index("ix_incidents_founded_at", "programme_id", "founded_at", "id"),
)

incident_reports = Table(
    "incident_reports",
    metadata,
    programme_id(),
    Column("report_id", Id, nullable=False),
    Column("incident_id", Id, nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("points_full", BigInteger, nullable=False),  # what the report would earn alone
    Column("share", String(10), nullable=False),
    Column("number", SmallInteger),  # the place among the reporters; none for a rider's second and for revoked ones
    Column("joined_at", UtcDateTime, nullable=False),
    Column("joined_by", String(80), nullable=False),
    # A report belongs to one incident: the key itself says so.
    primary_key("incident_reports", "report_id"),
    CheckConstraint("share IN ('full', 'later', 'none')", name="ck_incident_reports_share"),
    CheckConstraint("(share = 'full') = (coalesce(number, 0) = 1)", name="ck_incident_reports_number"),
    CheckConstraint("points_full >= 0", name="ck_incident_reports_points_full"),
    foreign_key("incident_reports", ["report_id"], "reports", ["id"]),
    foreign_key("incident_reports", ["incident_id"], "incidents", ["id"]),
    foreign_key("incident_reports", ["rider_id"], "riders", ["id"]),
    Index("ix_incident_reports_incident_id", "programme_id", "incident_id", "report_id"),
    # One hazard is paid in full once, and each rider for it once.
    Index(
        "uq_incident_reports_full",
        "programme_id",
        "incident_id",
        unique=True,
        sqlite_where=text("share = 'full'"),
        postgresql_where=text("share = 'full'"),
    ),
    Index(
        "uq_incident_reports_rider_id",
        "programme_id",
        "incident_id",
        "rider_id",
        unique=True,
        sqlite_where=text("share <> 'none'"),
        postgresql_where=text("share <> 'none'"),
    ),
    sqlite_with_rowid=False,
)
