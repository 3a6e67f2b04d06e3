"""Proposals, their approvals and the rulebooks they propose: what one person asks for and another must approve."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ledger.storage.tables.base import foreign_key, metadata, primary_key, programme_id
from ledger.storage.types import Id, UtcDateTime

proposals = Table(
    "proposals",
    metadata,
    programme_id(),
    Column("id", Id, nullable=False),
    Column("code", String(10), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("points", BigInteger, nullable=False),  # signed: what the rider or the budget gets
    Column("rider_id", Id),
    Column("sponsor_id", Id),
    Column("reason", String(500), nullable=False),
    Column("approvals_required", SmallInteger, nullable=False),
    Column("rulebook_version", Integer, nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("proposed_by", String(80), nullable=False),
    Column("lapses_at", UtcDateTime, nullable=False),
    Column("transaction_id", Id),
    Column("closed_at", UtcDateTime),
    Column("closed_by", String(80)),
    Column("closing_reason", String(500), nullable=False),
    primary_key("proposals", "id"),
    UniqueConstraint("programme_id", "code", name="uq_proposals_code"),
    # What was approved is booked once.
    UniqueConstraint("programme_id", "transaction_id", name="uq_proposals_transaction_id"),
    CheckConstraint("kind IN ('adjustment', 'funding', 'write_off', 'rulebook')", name="ck_proposals_kind"),
    CheckConstraint("state IN ('proposed', 'approved', 'rejected', 'withdrawn', 'lapsed')", name="ck_proposals_state"),
    CheckConstraint(
        "(state = 'approved' AND kind <> 'rulebook') = (transaction_id IS NOT NULL)", name="ck_proposals_transaction_id"
    ),
    CheckConstraint("(state = 'proposed') = (closed_at IS NULL)", name="ck_proposals_closed_at"),
    # Maker and checker are two people, whatever the program says.
    CheckConstraint("state <> 'approved' OR closed_by <> proposed_by", name="ck_proposals_closed_by"),
    CheckConstraint("reason <> ''", name="ck_proposals_reason"),
    # A rulebook moves no points and concerns nobody's account; a funding concerns no rider.
    CheckConstraint("(kind IN ('funding', 'rulebook')) = (rider_id IS NULL)", name="ck_proposals_rider_id"),
    CheckConstraint("(kind = 'rulebook') = (sponsor_id IS NULL)", name="ck_proposals_sponsor_id"),
    CheckConstraint("(kind = 'rulebook') = (points = 0)", name="ck_proposals_points"),
    foreign_key("proposals", ["rider_id"], "riders", ["id"]),
    foreign_key("proposals", ["sponsor_id"], "sponsors", ["id"]),
    foreign_key("proposals", ["transaction_id"], "transactions", ["id"]),
    Index("ix_proposals_state", "programme_id", "state", "proposed_at", "id"),
    Index("ix_proposals_proposed_at", "programme_id", "proposed_at", "id"),
)

proposal_approvals = Table(
    "proposal_approvals",
    metadata,
    programme_id(),
    Column("proposal_id", Id, nullable=False),
    # Two approvals are two people: the key says so.
    Column("approved_by", String(80), nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
    primary_key("proposal_approvals", "proposal_id", "approved_by"),
    foreign_key("proposal_approvals", ["proposal_id"], "proposals", ["id"]),
    Index("ix_proposal_approvals_approved_at", "programme_id", "approved_at"),
    sqlite_with_rowid=False,
)

proposed_rulebooks = Table(
    "proposed_rulebooks",
    metadata,
    # Beside the proposal, so that no list of proposals reads documents. The version is the rulebook's own once it is
    # approved; one that never was leaves its number unused.
    programme_id(),
    Column("proposal_id", Id, nullable=False),
    Column("version", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("document", Text, nullable=False),
    primary_key("proposed_rulebooks", "proposal_id"),
    UniqueConstraint("programme_id", "version", name="uq_proposed_rulebooks_version"),
    foreign_key("proposed_rulebooks", ["proposal_id"], "proposals", ["id"]),
)
