"""Programmes, their rulebooks and their sponsors."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "programmes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.CheckConstraint("id BETWEEN 1 AND 999999999999", name="ck_programmes_id"),
        sa.PrimaryKeyConstraint("id", name="pk_programmes"),
    )
    op.create_table(
        "rulebooks",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("memo", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_rulebooks_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "version", name="pk_rulebooks"),
    )
    op.create_table(
        "sponsors",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programmes.id"], name="fk_sponsors_programme_id"),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_sponsors"),
        sa.UniqueConstraint("programme_id", "code", name="uq_sponsors_code"),
    )


def downgrade() -> None:
    op.drop_table("sponsors")
    op.drop_table("rulebooks")
    op.drop_table("programmes")
