"""Proposals, their approvals and the rulebooks they propose."""

import sqlalchemy as sa
from alembic import op

from ledger.storage import types

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    _create_proposals()
    _create_proposal_approvals()
    _create_proposed_rulebooks()


def downgrade() -> None:
    op.drop_table("proposed_rulebooks")
    op.drop_table("proposal_approvals")
    op.drop_table("proposals")


def _create_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("id", types.Id(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("rider_id", types.Id(), nullable=True),
        sa.Column("sponsor_id", types.Id(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("approvals_required", sa.SmallInteger(), nullable=False),
        sa.Column("rulebook_version", sa.Integer(), nullable=False),
        sa.Column("proposed_at", types.UtcDateTime(), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("lapses_at", types.UtcDateTime(), nullable=False),
        sa.Column("transaction_id", types.Id(), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=80), nullable=True),
        sa.Column("closing_reason", sa.String(length=500), nullable=False),
        *_checks(),
        sa.ForeignKeyConstraint(
            ["programme_id", "rider_id"], ["riders.programme_id", "riders.id"], name="fk_proposals_rider_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "sponsor_id"], ["sponsors.programme_id", "sponsors.id"], name="fk_proposals_sponsor_id"
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "transaction_id"],
            ["transactions.programme_id", "transactions.id"],
            name="fk_proposals_transaction_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "id", name="pk_proposals"),
        sa.UniqueConstraint("programme_id", "code", name="uq_proposals_code"),
        sa.UniqueConstraint("programme_id", "transaction_id", name="uq_proposals_transaction_id"),
    )
    op.create_index("ix_proposals_state", "proposals", ["programme_id", "state", "proposed_at", "id"], unique=False)
    op.create_index("ix_proposals_proposed_at", "proposals", ["programme_id", "proposed_at", "id"], unique=False)


def _checks() -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint("kind IN ('adjustment', 'funding', 'write_off', 'rulebook')", name="ck_proposals_kind"),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'rejected', 'withdrawn', 'lapsed')", name="ck_proposals_state"
        ),
        sa.CheckConstraint(
            "(state = 'approved' AND kind <> 'rulebook') = (transaction_id IS NOT NULL)",
            name="ck_proposals_transaction_id",
        ),
        sa.CheckConstraint("(state = 'proposed') = (closed_at IS NULL)", name="ck_proposals_closed_at"),
        sa.CheckConstraint("state <> 'approved' OR closed_by <> proposed_by", name="ck_proposals_closed_by"),
        sa.CheckConstraint("reason <> ''", name="ck_proposals_reason"),
        sa.CheckConstraint("(kind IN ('funding', 'rulebook')) = (rider_id IS NULL)", name="ck_proposals_rider_id"),
        sa.CheckConstraint("(kind = 'rulebook') = (sponsor_id IS NULL)", name="ck_proposals_sponsor_id"),
        sa.CheckConstraint("(kind = 'rulebook') = (points = 0)", name="ck_proposals_points"),
    ]


def _create_proposal_approvals() -> None:
    op.create_table(
        "proposal_approvals",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", types.Id(), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("approved_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "proposal_id"],
            ["proposals.programme_id", "proposals.id"],
            name="fk_proposal_approvals_proposal_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "proposal_id", "approved_by", name="pk_proposal_approvals"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_proposal_approvals_approved_at", "proposal_approvals", ["programme_id", "approved_at"], unique=False
    )


def _create_proposed_rulebooks() -> None:
    op.create_table(
        "proposed_rulebooks",
        sa.Column("programme_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", types.Id(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id", "proposal_id"],
            ["proposals.programme_id", "proposals.id"],
            name="fk_proposed_rulebooks_proposal_id",
        ),
        sa.PrimaryKeyConstraint("programme_id", "proposal_id", name="pk_proposed_rulebooks"),
        sa.UniqueConstraint("programme_id", "version", name="uq_proposed_rulebooks_version"),
    )
