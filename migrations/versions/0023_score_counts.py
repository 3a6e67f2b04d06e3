"""Score counts: riders of a month by band of merit, merit, score, and the moment a crowded score was reached.

Filled from the standings, level by level: only what more than a thousand share is counted finer.
"""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0023"
down_revision = "0022"

BAND_MERIT = 64
CROWD = 1_000

# The epoch, and an instant cut down to so many seconds since it.
SQLITE = ("0", "s.reached_at - s.reached_at % ({seconds} * 1000000)")
POSTGRESQL = (
    "TIMESTAMPTZ '1970-01-01 00:00:00+00'",
    "date_bin(INTERVAL '{seconds} seconds', s.reached_at, TIMESTAMPTZ '1970-01-01 00:00:00+00')",
)


def upgrade() -> None:
    op.create_table(
        "score_counts",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("level", sa.String(length=5), nullable=False),
        sa.Column("merit", sa.BigInteger(), nullable=False),
        sa.Column("verified_reports", sa.BigInteger(), nullable=False),
        sa.Column("serious_points", sa.BigInteger(), nullable=False),
        sa.Column("reached_from", types.UtcDateTime(), nullable=False),
        sa.Column("riders", sa.BigInteger(), nullable=False),
        sa.Column("is_crowded", sa.Boolean(), nullable=False),
        sa.CheckConstraint("level IN ('band', 'merit', 'score', 'day', 'slot')", name="ck_score_counts_level"),
        sa.PrimaryKeyConstraint(
            "programme_id",
            "month",
            "level",
            "merit",
            "verified_reports",
            "serious_points",
            "reached_from",
            name="pk_score_counts",
        ),
        sqlite_with_rowid=False,
    )
    epoch, cut = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    score = "s.merit, s.verified_reports, s.serious_points"
    _fill("band", f"s.merit - s.merit % {BAND_MERIT}, 0, 0, {epoch}")
    _fill("merit", f"s.merit, 0, 0, {epoch}", crowd=CROWD)
    _fill("score", f"{score}, {epoch}", crowd=CROWD, within="merit")
    _fill("day", f"{score}, {cut.format(seconds=86_400)}", within="score")
    _fill("slot", f"{score}, {cut.format(seconds=300)}", within="score")


def downgrade() -> None:
    op.drop_table("score_counts")


def _fill(level: str, counted_by: str, *, crowd: int | None = None, within: str | None = None) -> None:
    """The rows of a level; those within a crowded row of the level above, if one is named."""
    is_crowded = "false" if crowd is None else f"count(*) > {crowd}"
    inside = ""
    if within is not None:
        inside = (
            " JOIN score_counts c ON c.programme_id = s.programme_id AND c.month = s.month AND c.merit = s.merit"
            f" AND c.level = '{within}' AND c.is_crowded"
        )
    if within == "score":
        inside += " AND c.verified_reports = s.verified_reports AND c.serious_points = s.serious_points"
    op.execute(
        "INSERT INTO score_counts (programme_id, month, level, merit, verified_reports, serious_points, reached_from,"
        " riders, is_crowded)"
        f" SELECT s.programme_id, s.month, '{level}', {counted_by}, count(*), {is_crowded}"
        f" FROM standings s{inside} WHERE s.merit > 0 GROUP BY 1, 2, 4, 5, 6, 7"
    )
