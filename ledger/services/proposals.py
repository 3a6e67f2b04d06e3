"""Proposals: proposing, approving, rejecting, withdrawing, and what lapses because nobody decided.

What an approved one books is in `proposing.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from ledger.domain.access import SYSTEM_ACTOR, Role
from ledger.domain.errors import NotFound, Refusal
from ledger.domain.proposals import (
    Proposal,
    ProposalKind,
    ProposalState,
    check_approval,
    check_form,
    check_payee,
    check_rejection,
    check_roles,
    check_withdrawal,
)
from ledger.domain.reports import RiderNotActive
from ledger.domain.riders import Rider, RiderStatus
from ledger.services.proposing import Proposed, Proposing
from ledger.storage import proposals as proposal_store
from ledger.storage import riders as rider_store
from ledger.storage.programmes import GENERAL_SPONSOR
from ledger.storage.unit_of_work import UnitOfWork

LAPSED_REASON = "逾期未批 · not approved in time"
LAPSES_MAX = 1_000
"""Proposals that one run of the job closes: one unit of work well under a second. It is run until none is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose:
    """`points` is signed, as in `Proposal`. `sponsor` is the code of the budget that pays or is paid.

    `roles` are those of the actor, whose limits they set.
    """

    kind: ProposalKind
    points: int
    reason: str
    actor: str
    roles: frozenset[Role]
    rider_code: str | None = None
    sponsor: str = GENERAL_SPONSOR


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveProposal:
    """`proposal` is what the client named it by: the UUID or the code."""

    proposal: str
    actor: str
    roles: frozenset[Role]
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectProposal:
    proposal: str
    reason: str
    actor: str
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawProposal:
    proposal: str
    actor: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseProposals:
    """Close up to `limit` proposals that nobody decided in time."""

    limit: int = LAPSES_MAX


def propose(uow: UnitOfWork, batch: Sequence[Propose]) -> list[Proposed | Refusal]:
    """Per item the proposal, or in this order: a form that cannot be meant; no such rider, no such sponsor; the
    rider has left, is the proposer; above what the person may propose."""
    riders = rider_store.lock_riders_by_code(uow, {command.rider_code for command in batch if command.rider_code})
    proposing = Proposing(uow, riders=riders.values())
    outcomes: list[Proposed | Refusal] = []
    for command in batch:
        rider = riders.get(command.rider_code or "")
        if refusal := _check_proposal(proposing, command, rider):
            outcomes.append(refusal)
            continue
        proposed = proposing.propose(
            kind=command.kind,
            points=command.points,
            rider=rider,
            sponsor_id=proposing.sponsors[command.sponsor],
            reason=command.reason,
            actor=command.actor,
            roles=command.roles,
        )
        outcomes.append(proposed if isinstance(proposed, Refusal) else proposing.outcome(proposed))
    proposing.write()
    return outcomes


def approve_proposals(uow: UnitOfWork, batch: Sequence[ApproveProposal]) -> list[Proposed | Refusal]:
    """Per item the proposal with one approval more, booked with the last one. Or: no such proposal, not for their role,
    not open, own proposal, it pays the approver, approved by them already, the rider has left, above what the person
    may approve; then what the books say (too few points, budget exhausted, less is owed), and of a rulebook what
    speaks against it by now."""
    found = proposal_store.lock_proposals(uow, {command.proposal for command in batch})
    proposing = _open(uow, found)
    outcomes: list[Proposed | Refusal] = []
    for command in batch:
        if command.proposal not in found:
            outcomes.append(NotFound(noun="proposal", name=command.proposal))
            continue
        proposal = proposing.current(found[command.proposal])
        rider = proposing.rider_of(proposal)
        refusal = check_roles(proposal, command.roles) or check_approval(
            proposal, command.actor, rider.code if rider else None, uow.now
        )
        if refusal := refusal or _check_rider(rider):
            outcomes.append(refusal)
            continue
        approved = proposing.approve(proposal, actor=command.actor, roles=command.roles, key=command.key)
        outcomes.append(approved if isinstance(approved, Refusal) else proposing.outcome(approved))
    proposing.write()
    return outcomes


def reject_proposals(uow: UnitOfWork, batch: Sequence[RejectProposal]) -> list[Proposed | Refusal]:
    """Per item the rejected proposal, or: no such proposal, not for their role, not open, own proposal."""
    found = proposal_store.lock_proposals(uow, {command.proposal for command in batch})
    proposing = _open(uow, found)
    outcomes: list[Proposed | Refusal] = []
    for command in batch:
        if command.proposal not in found:
            outcomes.append(NotFound(noun="proposal", name=command.proposal))
            continue
        proposal = proposing.current(found[command.proposal])
        if refusal := check_roles(proposal, command.roles) or check_rejection(proposal, command.actor, uow.now):
            outcomes.append(refusal)
            continue
        rejected = proposing.close(proposal, ProposalState.REJECTED, actor=command.actor, reason=command.reason)
        outcomes.append(proposing.outcome(rejected))
    proposing.write()
    return outcomes


def withdraw_proposals(uow: UnitOfWork, batch: Sequence[WithdrawProposal]) -> list[Proposed | Refusal]:
    """Per item the withdrawn proposal, or: no such proposal, not open, somebody else's."""
    found = proposal_store.lock_proposals(uow, {command.proposal for command in batch})
    proposing = _open(uow, found)
    outcomes: list[Proposed | Refusal] = []
    for command in batch:
        if command.proposal not in found:
            outcomes.append(NotFound(noun="proposal", name=command.proposal))
            continue
        proposal = proposing.current(found[command.proposal])
        if refusal := check_withdrawal(proposal, command.actor, uow.now):
            outcomes.append(refusal)
            continue
        withdrawn = proposing.close(proposal, ProposalState.WITHDRAWN, actor=command.actor, reason=command.reason)
        outcomes.append(proposing.outcome(withdrawn))
    proposing.write()
    return outcomes


def lapse_proposals(uow: UnitOfWork, batch: Sequence[LapseProposals]) -> list[list[Proposed] | Refusal]:
    """Per item those that lapsed, those waiting longest first; fewer than `limit`: none is left. Safe twice."""
    overdue = proposal_store.lock_overdue(uow, sum(command.limit for command in batch))
    proposing = _open(uow, {proposal.code: proposal for proposal in overdue})
    waiting = iter(overdue)
    outcomes: list[list[Proposed] | Refusal] = [
        [
            proposing.outcome(proposing.close(proposal, ProposalState.LAPSED, actor=SYSTEM_ACTOR, reason=LAPSED_REASON))
            for proposal in islice(waiting, command.limit)
        ]
        for command in batch
    ]
    proposing.write()
    return outcomes


def _open(uow: UnitOfWork, found: dict[str, Proposal]) -> Proposing:
    """Proposing on stored proposals that were locked, with their riders, who are locked next."""
    stored = {proposal.id: proposal for proposal in found.values()}.values()
    riders = rider_store.lock_riders(uow, {proposal.rider_id for proposal in stored if proposal.rider_id})
    return Proposing(uow, riders=riders.values(), stored=stored)


def _check_proposal(proposing: Proposing, command: Propose, rider: Rider | None) -> Refusal | None:
    if refusal := check_form(command.kind, points=command.points, rider_code=command.rider_code):
        return refusal
    if command.rider_code is not None and rider is None:
        return NotFound(noun="rider", name=command.rider_code)
    if command.sponsor not in proposing.sponsors:
        return NotFound(noun="sponsor", name=command.sponsor)
    return _check_rider(rider) or check_payee(command.rider_code, command.actor)


def _check_rider(rider: Rider | None) -> RiderNotActive | None:
    """Who is only suspended can still be put right."""
    if rider is None or rider.status is not RiderStatus.LEFT:
        return None
    return RiderNotActive(rider_code=rider.code, rider_status=rider.status)
