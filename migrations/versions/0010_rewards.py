"""The catalogue, the stations that hand its goods over, and redemptions."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _create_stations()
    _create_station_keepers()
    _create_items()
    _create_redemptions()
    _index_redemptions()
    _create_redemption_approvals()
    is_stock = sa.text("commodity <> 'POINTS'")
    op.create_index(
        "ix_accounts_commodity",
        "accounts",
        ["programme_id", "commodity", "id"],
        sqlite_where=is_stock,
        postgresql_where=is_stock,
    )


def downgrade() -> None:
    op.drop_index("ix_accounts_commodity", "accounts")
    op.drop_table("redemption_approvals")
    op.drop_table("redemptions")
    op.drop_table("items")
    op.drop_table("station_keepers")
    op.drop_table("stations")


def _create_stations() -> None:
    op.create_table(
        "stations",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("subdistrict", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_stations_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_stations"),
        sa.UniqueConstraint("programme_id", "code", name="uq_stations_code"),
    )


def _create_station_keepers() -> None:
    op.create_table(
        "station_keepers",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("operator_id", types.Id(), nullable=False),
        sa.Column("station_id", types.Id(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "operator_id"],
            ["operators.programme_id", "operators.id"],
            name="fk_station_keepers_operator_id",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "station_id"],
            ["stations.programme_id", "stations.id"],
            name="fk_station_keepers_station_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "operator_id", "station_id", name="pk_station_keepers"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_station_keepers_station_id", "station_keepers", ["programme_id", "station_id"], unique=False)


def _create_items() -> None:
    op.create_table(
        "items",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("sku", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("price_points", sa.BigInteger(), nullable=False),
        sa.Column("is_stocked", sa.Boolean(), nullable=False),
        sa.Column("reorder_point", sa.Integer(), nullable=True),
        sa.Column("limit_count", sa.Integer(), nullable=True),
        sa.Column("limit_period", sa.String(length=10), nullable=True),
        sa.Column("picture_url", sa.String(length=500), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("active_until", sa.Date(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('goods', 'service', 'voucher', 'donation')", name="ck_items_kind"),
        sa.CheckConstraint("(limit_count IS NULL) = (limit_period IS NULL)", name="ck_items_limit"),
        sa.CheckConstraint("price_points > 0", name="ck_items_price_points"),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_items_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_items"),
        sa.UniqueConstraint("programme_id", "sku", name="uq_items_sku"),
    )


def _create_redemptions() -> None:
    op.create_table(
        "redemptions",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=False),
        sa.Column("item_id", types.Id(), nullable=False),
        sa.Column("station_id", types.Id(), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("approvals_required", sa.SmallInteger(), nullable=False),
        sa.Column("requested_at", types.UtcDateTime(), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("decide_due_at", types.UtcDateTime(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("hold_id", types.Id(), nullable=False),
        sa.Column("voucher_code", sa.String(length=12), nullable=True),
        sa.Column("ready_at", types.UtcDateTime(), nullable=True),
        sa.Column("pick_up_by", sa.Date(), nullable=True),
        sa.Column("closing_id", types.Id(), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(state IN ('requested', 'ready')) = (closing_id IS NULL)", name="ck_redemptions_closing_id"
        ),
        sa.CheckConstraint(
            "state IN ('requested', 'ready', 'fulfilled', 'rejected', 'cancelled', 'lapsed')",
            name="ck_redemptions_state",
        ),
        sa.CheckConstraint("points > 0", name="ck_redemptions_points"),
        sa.ForeignKeyConstraint(
            ["programme_id", "closing_id"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_redemptions_closing_id",
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "hold_id"], ["transactions.programme_id", "transactions.id"], name="fk_redemptions_hold_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "item_id"], ["items.programme_id", "items.id"], name="fk_redemptions_item_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_redemptions_rider_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "station_id"], ["stations.programme_id", "stations.id"], name="fk_redemptions_station_id"
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_redemptions"),
        sa.UniqueConstraint("programme_id", "closing_id", name="uq_redemptions_closing_id"),
        sa.UniqueConstraint("programme_id", "code", name="uq_redemptions_code"),
        sa.UniqueConstraint("programme_id", "hold_id", name="uq_redemptions_hold_id"),
        sa.UniqueConstraint("programme_id", "voucher_code", name="uq_redemptions_voucher_code"),
    )


def _index_redemptions() -> None:
    op.create_index("ix_redemptions_requested_at", "redemptions", ["programme_id", "requested_at", "id"], unique=False)
    op.create_index(
        "ix_redemptions_rider_id", "redemptions", ["programme_id", "rider_id", "requested_at", "id"], unique=False
    )
    op.create_index(
        "ix_redemptions_state", "redemptions", ["programme_id", "state", "requested_at", "id"], unique=False
    )


def _create_redemption_approvals() -> None:
    op.create_table(
        "redemption_approvals",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("redemption_id", types.Id(), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "redemption_id"],
            ["redemptions.programme_id", "redemptions.id"],
            name="fk_redemption_approvals_redemption_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "redemption_id", "approved_by", name="pk_redemption_approvals"),
        sqlite_with_rowid=False,
    )
