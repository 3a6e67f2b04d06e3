"""Proposals and their approvals: locking and writing. Reading for people is in `ledger/queries/proposals.py`."""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.domain.proposals import (
    Proposal,
    ProposalApproval,
    ProposalKind,
    ProposalState,
    ProposedVersion,
    read_proposal_code,
)
from ledger.domain.reports import ReportState
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.reports import parse_id
from ledger.storage.tables import proposal_approvals, proposals, proposed_rulebooks, reports
from ledger.storage.unit_of_work import UnitOfWork

PROPOSAL_COLUMNS = [column for column in proposals.c if column.name != "programme_id"]
PROPOSALS_BY_ID = Lookup(select(*PROPOSAL_COLUMNS), by=[proposals.c.id], locked_in_order_of=[proposals.c.id])
PROPOSALS_BY_CODE = Lookup(select(*PROPOSAL_COLUMNS), by=[proposals.c.code], locked_in_order_of=[proposals.c.id])

Used = Counter[tuple[str, bool]]
"""(actor, whether it is funding) → points."""


def lock_proposals(uow: UnitOfWork, names: Collection[str]) -> dict[str, Proposal]:
    """The proposals by the names they were asked for (UUID or code), locked in the order of their ids."""
    by_code = {name: code for name in names if (code := read_proposal_code(name)) is not None}
    by_id = {name: parsed for name in names if (parsed := parse_id(name)) is not None}
    found: list[Proposal] = []
    if by_id:
        found += to_proposals(uow.connection, uow.programme_id, PROPOSALS_BY_ID.rows(uow, set(by_id.values())))
    if by_code:
        found += to_proposals(uow.connection, uow.programme_id, PROPOSALS_BY_CODE.rows(uow, set(by_code.values())))
    with_id = {proposal.id: proposal for proposal in found}
    with_code = {proposal.code: proposal for proposal in found}
    answer = {name: with_code[code] for name, code in by_code.items() if code in with_code}
    answer.update((name, with_id[parsed]) for name, parsed in by_id.items() if parsed in with_id)
    return answer


def lock_overdue(uow: UnitOfWork, limit: int) -> list[Proposal]:
    """Up to `limit` proposals that nobody decided in time, the oldest first."""
    ids = uow.connection.scalars(
        select(proposals.c.id)
        .where(proposals.c.programme_id == uow.programme_id)
        .where(proposals.c.state == ProposalState.PROPOSED.value)
        .where(proposals.c.lapses_at <= uow.now)
        .order_by(proposals.c.proposed_at, proposals.c.id)
        .limit(limit)
    ).all()
    return to_proposals(uow.connection, uow.programme_id, PROPOSALS_BY_ID.rows(uow, ids))


def read_proposed_points(uow: UnitOfWork, since: datetime) -> tuple[Used, Counter[UUID]]:
    """Points that people proposed since then and that wait or were approved, by person and by rider."""
    of_people: Used = Counter()
    of_riders: Counter[UUID] = Counter()
    p = proposals.c
    live = [ProposalState.PROPOSED.value, ProposalState.APPROVED.value]
    rows = uow.connection.execute(
        select(p.proposed_by, p.kind, p.rider_id, func.sum(func.abs(p.points)).label("points"))
        .where(p.programme_id == uow.programme_id)
        .where(p.proposed_at >= since)
        .where(p.state.in_(live))
        .group_by(p.proposed_by, p.kind, p.rider_id)
    )
    for row in rows:
        of_people[row.proposed_by, row.kind == ProposalKind.FUNDING.value] += int(row.points)
        if row.rider_id is not None:
            of_riders[row.rider_id] += int(row.points)
    return of_people, of_riders


def read_approved_points(uow: UnitOfWork, since: datetime) -> Used:
    """Points that people approved since then, by person: each approval counts in full, the first of two as well."""
    p, a = proposals.c, proposal_approvals.c
    rows = uow.connection.execute(
        select(a.approved_by, p.kind, func.sum(func.abs(p.points)).label("points"))
        .select_from(proposal_approvals)
        .join(proposals, (p.programme_id == uow.programme_id) & (p.id == a.proposal_id))
        .where(a.programme_id == uow.programme_id)
        .where(a.approved_at >= since)
        .group_by(a.approved_by, p.kind)
    )
    used: Used = Counter()
    for row in rows:
        used[row.approved_by, row.kind == ProposalKind.FUNDING.value] += int(row.points)
    return used


def read_approvals(
    connection: Connection, programme_id: int, proposal_ids: Collection[UUID]
) -> dict[UUID, tuple[ProposalApproval, ...]]:
    """Proposal id → its approvals, in the order in which they were given."""
    a = proposal_approvals.c
    rows = connection.execute(
        select(a.proposal_id, a.approved_by, a.approved_at)
        .where(a.programme_id == programme_id)
        .where(is_in(connection, a.proposal_id, set(proposal_ids)))
        .order_by(a.approved_at, a.approved_by)
    )
    found: dict[UUID, tuple[ProposalApproval, ...]] = {}
    for row in rows:
        approval = ProposalApproval(approved_by=row.approved_by, approved_at=row.approved_at)
        found[row.proposal_id] = (*found.get(row.proposal_id, ()), approval)
    return found


def read_proposed_versions(
    connection: Connection, programme_id: int, proposal_ids: Collection[UUID]
) -> dict[UUID, ProposedVersion]:
    """Proposal id → the version it proposes; other proposals are missing."""
    v = proposed_rulebooks.c
    rows = connection.execute(
        select(v.proposal_id, v.version, v.valid_from)
        .where(v.programme_id == programme_id)
        .where(is_in(connection, v.proposal_id, set(proposal_ids)))
    )
    return {row.proposal_id: ProposedVersion(version=row.version, valid_from=row.valid_from) for row in rows}


def read_last_proposed_version(uow: UnitOfWork) -> int:
    """0 before the first. Numbers of versions that were not approved are not given again."""
    v = proposed_rulebooks.c
    return uow.connection.scalar(select(func.max(v.version)).where(v.programme_id == uow.programme_id)) or 0


def read_document(uow: UnitOfWork, proposal_id: UUID) -> str:
    v = proposed_rulebooks.c
    statement = select(v.document).where(v.programme_id == uow.programme_id).where(v.proposal_id == proposal_id)
    document: str = uow.connection.scalars(statement).one()
    return document


def read_waiting_categories(uow: UnitOfWork) -> set[str]:
    """Categories of the reports that wait for review."""
    return set(
        uow.connection.scalars(
            select(reports.c.category_code)
            .where(reports.c.programme_id == uow.programme_id)
            .where(reports.c.state == ReportState.SUBMITTED.value)
            .distinct()
        )
    )


def insert_proposals(uow: UnitOfWork, batch: Sequence[Proposal]) -> None:
    uow.insert(
        proposals,
        [
            {
                **_changing(uow, proposal),
                "code": proposal.code,
                "kind": proposal.kind.value,
                "points": proposal.points,
                "rider_id": proposal.rider_id,
                "sponsor_id": proposal.sponsor_id,
                "reason": proposal.reason,
                "approvals_required": proposal.approvals_required,
                "rulebook_version": proposal.rulebook_version,
                "proposed_at": proposal.proposed_at,
                "proposed_by": proposal.proposed_by,
                "lapses_at": proposal.lapses_at,
            }
            for proposal in batch
        ],
    )


def update_proposals(uow: UnitOfWork, batch: Sequence[Proposal]) -> None:
    """Writes the state and what came with it."""
    uow.update(proposals, key=("programme_id", "id"), rows=[_changing(uow, proposal) for proposal in batch])


def insert_approvals(uow: UnitOfWork, batch: Sequence[tuple[UUID, ProposalApproval]]) -> None:
    """Pairs of proposal id and approval."""
    uow.insert(
        proposal_approvals,
        [
            {
                "programme_id": uow.programme_id,
                "proposal_id": proposal_id,
                "approved_by": approval.approved_by,
                "approved_at": approval.approved_at,
            }
            for proposal_id, approval in batch
        ],
    )


def insert_proposed_rulebooks(uow: UnitOfWork, batch: Sequence[tuple[UUID, ProposedVersion, str]]) -> None:
    """Triples of proposal id, version and document."""
    uow.insert(
        proposed_rulebooks,
        [
            {
                "programme_id": uow.programme_id,
                "proposal_id": proposal_id,
                "version": version.version,
                "valid_from": version.valid_from,
                "document": document,
            }
            for proposal_id, version, document in batch
        ],
    )


def to_proposals(connection: Connection, programme_id: int, rows: Sequence[Any]) -> list[Proposal]:
    """From rows with the columns of `PROPOSAL_COLUMNS`; approvals and versions are read for all of them at once."""
    ids = {row.id for row in rows}
    approvals = read_approvals(connection, programme_id, ids) if ids else {}
    rulebook_ids = {row.id for row in rows if row.kind == ProposalKind.RULEBOOK.value}
    versions = read_proposed_versions(connection, programme_id, rulebook_ids) if rulebook_ids else {}
    return [_to_proposal(row, approvals.get(row.id, ()), versions.get(row.id)) for row in rows]


def _to_proposal(row: Any, approvals: tuple[ProposalApproval, ...], version: ProposedVersion | None) -> Proposal:
    return Proposal(
        id=row.id,
        code=row.code,
        kind=ProposalKind(row.kind),
        state=ProposalState(row.state),
        points=row.points,
        rider_id=row.rider_id,
        sponsor_id=row.sponsor_id,
        reason=row.reason,
        approvals_required=row.approvals_required,
        rulebook_version=row.rulebook_version,
        proposed_at=row.proposed_at,
        proposed_by=row.proposed_by,
        lapses_at=row.lapses_at,
        version=version,
        approvals=approvals,
        transaction_id=row.transaction_id,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        closing_reason=row.closing_reason,
    )


def _changing(uow: UnitOfWork, proposal: Proposal) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "id": proposal.id,
        "state": proposal.state.value,
        "transaction_id": proposal.transaction_id,
        "closed_at": proposal.closed_at,
        "closed_by": proposal.closed_by,
        "closing_reason": proposal.closing_reason,
    }
