"""The catalogue, the stations that hand its goods over, and redemptions. Stock itself is in the journal's accounts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

stations = Table(
    "stations",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(16), nullable=False),
    Column("name", String(60), nullable=False),
    Column("subdistrict", String(60), nullable=False),
    Column("address", String(500), nullable=False),
    Column("is_active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    primary_key("stations", "id"),
    UniqueConstraint("programme_id", "code", name="uq_stations_code"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_stations_programme_id"),
)

station_keepers = Table(
    "station_keepers",
    metadata,
    # A keeper who is listed anywhere hands over at those stations only.
    programme_id(),
    Column("operator_id", Id, nullable=False),
    Column("station_id", Id, nullable=False),
    primary_key("station_keepers", "operator_id", "station_id"),
    foreign_key("station_keepers", ["operator_id"], "operators", ["id"]),
    foreign_key("station_keepers", ["station_id"], "stations", ["id"]),
    Index("ix_station_keepers_station_id", "programme_id", "station_id"),
    sqlite_with_rowid=False,
)

items = Table(
    "items",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("sku", String(20), nullable=False),
    Column("name", String(60), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("description", String(500), nullable=False),
    Column("price_points", BigInteger, nullable=False),
    Column("is_stocked", Boolean, nullable=False),
    Column("reorder_point", Integer),
    Column("limit_count", Integer),
    Column("limit_period", String(10)),
    Column("picture_url", String(500)),
    Column("active_from", Date),
    Column("active_until", Date),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    primary_key("items", "id"),
    UniqueConstraint("programme_id", "sku", name="uq_items_sku"),
    CheckConstraint("kind IN ('goods', 'service', 'voucher', 'donation')", name="ck_items_kind"),
    CheckConstraint("price_points > 0", name="ck_items_price_points"),
    CheckConstraint("(limit_count IS NULL) = (limit_period IS NULL)", name="ck_items_limit"),
    ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_items_programme_id"),
)

redemptions = Table(
    "redemptions",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(10), nullable=False),
    Column("rider_id", Id, nullable=False),
    Column("item_id", Id, nullable=False),
    Column("station_id", Id),
    Column("points", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("approvals_required", SmallInteger, nullable=False),
    Column("requested_at", UtcDateTime, nullable=False),
    Column("requested_by", String(80), nullable=False),
    Column("decide_due_at", UtcDateTime, nullable=False),
    Column("rulebook_version", Integer, nullable=False),
    Column("hold_id", Id, nullable=False),
    Column("voucher_code", String(12)),
    Column("ready_at", UtcDateTime),
    Column("pick_up_by", Date),
    Column("closing_id", Id),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(80)),
    Column("reason", String(500), nullable=False),
    primary_key("redemptions", "id"),
    UniqueConstraint("programme_id", "code", name="uq_redemptions_code"),
    # A voucher's code is good for one redemption.
    UniqueConstraint("programme_id", "voucher_code", name="uq_redemptions_voucher_code"),
    # One hold a redemption, and one transaction that captures or releases it: no double spending, no double release.
    UniqueConstraint("programme_id", "hold_id", name="uq_redemptions_hold_id"),
    UniqueConstraint("programme_id", "closing_id", name="uq_redemptions_closing_id"),
    CheckConstraint(
        "state IN ('requested', 'ready', 'fulfilled', 'rejected', 'cancelled', 'lapsed')", name="ck_redemptions_state"
    ),
    CheckConstraint("(state IN ('requested', 'ready')) = (closing_id IS NULL)", name="ck_redemptions_closing_id"),
    CheckConstraint("points > 0", name="ck_redemptions_points"),
    foreign_key("redemptions", ["rider_id"], "riders", ["id"]),
    foreign_key("redemptions", ["item_id"], "items", ["id"]),
    foreign_key("redemptions", ["station_id"], "stations", ["id"]),
    foreign_key("redemptions", ["hold_id"], "transactions", ["id"]),
    foreign_key("redemptions", ["closing_id"], "transactions", ["id"]),
    Index("ix_redemptions_state", "programme_id", "state", "requested_at", "id"),
    Index("ix_redemptions_requested_at", "programme_id", "requested_at", "id"),
    Index("ix_redemptions_rider_id", "programme_id", "rider_id", "requested_at", "id"),
)

redemption_approvals = Table(
    "redemption_approvals",
    metadata,
    programme_id(),
    Column("redemption_id", Id, nullable=False),
    # Two approvals are two people: the key says so.
    Column("approved_by", String(80), nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
    primary_key("redemption_approvals", "redemption_id", "approved_by"),
    foreign_key("redemption_approvals", ["redemption_id"], "redemptions", ["id"]),
    sqlite_with_rowid=False,
)
