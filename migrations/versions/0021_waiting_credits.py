"""Credits that wait for a budget: an award may be granted before it is booked.

There is no way back while one waits: the schema before has no place for it, and the rider's points would be lost.
"""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0021"
down_revision = "0020"

WITHOUT_ROWID = {"sqlite_with_rowid": False}
WAITING = "transaction_id IS NULL AND points_granted > 0 AND reversed_at IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("awards", table_kwargs=WITHOUT_ROWID) as awards:
        awards.add_column(sa.Column("booked_at", types.UtcDateTime(), nullable=True))
        awards.drop_constraint("ck_awards_transaction_id", type_="check")
        awards.create_check_constraint("ck_awards_transaction_id", "transaction_id IS NULL OR points_granted > 0")
        awards.create_check_constraint("ck_awards_booked_at", "booked_at IS NULL OR transaction_id IS NOT NULL")
    op.create_index(
        "ix_awards_waiting",
        "awards",
        ["programme_id", "sponsor_id", "effective_at", "report_id"],
        unique=False,
        sqlite_where=sa.text(WAITING),
        postgresql_where=sa.text(WAITING),
    )


def downgrade() -> None:
    if waiting := op.get_bind().scalar(sa.text(f"SELECT count(*) FROM awards WHERE {WAITING}")):
        raise RuntimeError(
            f"{waiting} 笔积分还在等预算，退回会丢失；请先追加预算（points budget waiting）。"
            f"{waiting} credits wait for a budget and would be lost: fund it first (points budget waiting)."
        )
    op.drop_index("ix_awards_waiting", "awards")
    # Of those that were taken back while they waited nothing was ever booked.
    op.execute(
        "UPDATE awards SET points_wanted = 0, points_granted = 0, merit = 0"
        " WHERE transaction_id IS NULL AND points_granted > 0"
    )
    with op.batch_alter_table("awards", table_kwargs=WITHOUT_ROWID) as awards:
        awards.drop_constraint("ck_awards_booked_at", type_="check")
        awards.drop_constraint("ck_awards_transaction_id", type_="check")
        awards.create_check_constraint(
            "ck_awards_transaction_id", "(points_granted > 0) = (transaction_id IS NOT NULL)"
        )
        awards.drop_column("booked_at")
