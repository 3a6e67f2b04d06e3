"""The journal is append-only on both engines, and on PostgreSQL every transaction balances at commit."""

from migrations.guards import add_append_only, add_zero_sum, drop_append_only, drop_zero_sum

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    add_append_only("transactions")
    add_append_only("entries")
    add_zero_sum()


def downgrade() -> None:
    drop_zero_sum()
    drop_append_only("entries")
    drop_append_only("transactions")
