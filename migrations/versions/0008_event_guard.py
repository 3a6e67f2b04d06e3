"""The outbox is append-only: what has been told to the outside is never told differently."""

from migrations.guards import add_append_only, drop_append_only

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    add_append_only("events")


def downgrade() -> None:
    drop_append_only("events")
