"""The books balance after each statement, checked for all its entries at once, instead of at commit entry by entry."""

from migrations.guards import add_zero_sum, add_zero_sum_by_statement, drop_zero_sum

revision = "0015"
down_revision = "0011"


def upgrade() -> None:
    drop_zero_sum()
    add_zero_sum_by_statement()


def downgrade() -> None:
    drop_zero_sum()
    add_zero_sum()
