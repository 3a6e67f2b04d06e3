"""Proposals as people see them: the queue that waits, the list, one of them with what it would change."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, select

from ledger.domain.accounts import Purpose
from ledger.domain.errors import NotFound
from ledger.domain.proposals import Proposal, ProposalCase, ProposalKind, ProposalState, read_proposal_code
from ledger.domain.riders import mask_name
from ledger.queries.riders import read_balance, read_rider
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.proposals import PROPOSAL_COLUMNS, to_proposals
from ledger.storage.reports import parse_id
from ledger.storage.tables import accounts, persons, proposals, riders, sponsors


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilter:
    """What a list is narrowed to; None means any."""

    state: ProposalState | None = None
    kind: ProposalKind | None = None
    rider_code: str | None = None
    proposed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalEvidence:
    """A proposal, and what is there now, in points: the rider's and the budget's, each None where not concerned."""

    case: ProposalCase
    available: int | None
    owed: int | None
    budget: int | None


def read_proposals(
    connection: Connection,
    programme_id: int,
    *,
    narrowed_to: ProposalFilter,
    is_newest_first: bool,
    limit: int,
    after: SortKey | None,
) -> Slice[ProposalCase]:
    """By the moment they were proposed."""
    p = proposals.c
    statement = _select(programme_id)
    if narrowed_to.state is not None:
        statement = statement.where(p.state == narrowed_to.state.value)
    if narrowed_to.kind is not None:
        statement = statement.where(p.kind == narrowed_to.kind.value)
    if narrowed_to.rider_code is not None:
        statement = statement.where(riders.c.code == narrowed_to.rider_code)
    if narrowed_to.proposed_by is not None:
        statement = statement.where(p.proposed_by == narrowed_to.proposed_by)
    keys = [(p.proposed_at, is_newest_first), (p.id, is_newest_first)]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    found = {proposal.id: proposal for proposal in to_proposals(connection, programme_id, rows[:limit])}
    return cut(
        rows,
        limit,
        to_item=lambda row: _to_case(row, found[row.id]),
        to_key=lambda row: (row.proposed_at, row.id),
    )


def read_proposal(connection: Connection, programme_id: int, name: str) -> ProposalEvidence:
    """By UUID or code. Raises NotFound."""
    statement = _select(programme_id)
    if (parsed := parse_id(name)) is not None:
        statement = statement.where(proposals.c.id == parsed)
    else:
        statement = statement.where(proposals.c.code == (read_proposal_code(name) or ""))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(noun="proposal", name=name)
    [proposal] = to_proposals(connection, programme_id, [row])
    case = _to_case(row, proposal)
    balance = None
    if case.rider_code is not None:
        balance = read_balance(connection, programme_id, read_rider(connection, programme_id, case.rider_code))
    return ProposalEvidence(
        case=case,
        available=balance.available if balance else None,
        owed=balance.owed if balance else None,
        budget=_read_budget(connection, programme_id, proposal.sponsor_id) if proposal.sponsor_id else None,
    )


def _read_budget(connection: Connection, programme_id: int, sponsor_id: UUID) -> int:
    a = accounts.c
    return int(
        connection.scalar(
            select(func.coalesce(func.sum(a.balance), 0))
            .where(a.programme_id == programme_id)
            .where(a.owner_id == sponsor_id)
            .where(a.purpose == Purpose.BUDGET.value)
        )
        or 0
    )


def _select(programme_id: int) -> Select[Any]:
    p = proposals.c
    return (
        select(
            *PROPOSAL_COLUMNS,
            riders.c.code.label("rider_code"),
            persons.c.name.label("rider_name"),
            sponsors.c.code.label("sponsor"),
        )
        .select_from(proposals)
        .outerjoin(sponsors, (sponsors.c.programme_id == programme_id) & (sponsors.c.id == p.sponsor_id))
        .outerjoin(riders, (riders.c.programme_id == programme_id) & (riders.c.id == p.rider_id))
        .outerjoin(persons, (persons.c.programme_id == programme_id) & (persons.c.rider_id == p.rider_id))
        .where(p.programme_id == programme_id)
    )


def _to_case(row: Row[Any], proposal: Proposal) -> ProposalCase:
    return ProposalCase(
        proposal=proposal,
        rider_code=row.rider_code,
        rider_name=mask_name(row.rider_name or ""),
        sponsor=row.sponsor,
    )
