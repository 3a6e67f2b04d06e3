"""Proposing: the proposals of one unit of work, with books and allowances as earlier items of the batch left them.

Used by all use-cases on proposals, so that what is approved is booked in one place.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from ledger.domain.access import Role
from ledger.domain.accounts import PROGRAMME_OWNER, Purpose, budget_account
from ledger.domain.calendar import local_day
from ledger.domain.errors import Refusal
from ledger.domain.proposals import (
    Proposal,
    ProposalApproval,
    ProposalCase,
    ProposalKind,
    ProposalState,
    ProposedVersion,
    check_limits,
    proposal_code,
)
from ledger.domain.proposed_moves import TRANSACTION_KIND, proposal_legs
from ledger.domain.riders import Rider, mask_name
from ledger.domain.transactions import Transaction
from ledger.services.posting import open_books, write_books
from ledger.services.versions import Versions
from ledger.services.waiting import book_waiting
from ledger.storage import programmes as programme_store
from ledger.storage import proposals as proposal_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalBalances:
    """What is there after the step, in points: the rider's and the budget's, each None where it is not concerned."""

    available: int | None
    owed: int | None
    budget: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """The proposal as it is now, and the balances the step left."""

    case: ProposalCase
    balances: ProposalBalances


class Proposing:
    """Open it on the riders and proposals of the batch; propose, approve, close one after another; write once."""

    def __init__(self, uow: UnitOfWork, *, riders: Iterable[Rider], stored: Collection[Proposal] = ()) -> None:
        self._uow = uow
        self._riders = {rider.id: rider for rider in riders}
        self._names = rider_store.read_names(uow, self._riders)
        self.sponsors = programme_store.read_sponsor_ids(uow)
        self._sponsor_codes = {sponsor_id: code for code, sponsor_id in self.sponsors.items()}
        zone = programme_store.read_zone_of(uow)
        self.today = local_day(uow.now, zone)
        self.rulebook = programme_store.read_rulebook_in_force(uow, self.today)
        self.books = open_books(uow, owner_ids={PROGRAMME_OWNER, *self._riders, *self._sponsor_codes})
        day_began = datetime.combine(self.today, time.min, tzinfo=zone).astimezone(UTC)
        self._points_proposed, self._points_of_riders = proposal_store.read_proposed_points(uow, day_began)
        self._points_approved = proposal_store.read_approved_points(uow, day_began)
        self._versions = Versions(uow, today=self.today)
        # Proposals as they are now; those that were stored are changed, the others are new.
        self._stored = {proposal.id for proposal in stored}
        self._now: dict[UUID, Proposal] = {proposal.id: proposal for proposal in stored}
        self._touched: dict[UUID, None] = {}
        self._new_approvals: list[tuple[UUID, ProposalApproval]] = []
        self._events: list[Event] = []

    def current(self, proposal: Proposal) -> Proposal:
        """As earlier items of the batch left it."""
        return self._now[proposal.id]

    def rider_of(self, proposal: Proposal) -> Rider | None:
        return self._riders[proposal.rider_id] if proposal.rider_id is not None else None

    def propose(
        self,
        *,
        kind: ProposalKind,
        points: int,
        rider: Rider | None,
        sponsor_id: UUID,
        reason: str,
        actor: str,
        roles: Collection[Role],
    ) -> Proposal | Refusal:
        """A proposal that waits, or the refusal: above what the person may propose at a time or on a day.

        How many people must approve goes by all that was proposed for the rider today, so that nobody gets round the
        second one with many small proposals.
        """
        rules = self.rulebook.proposals
        amount, is_funding = abs(points), kind is ProposalKind.FUNDING
        used = self._points_proposed[actor, is_funding]
        if refusal := check_limits(rules, roles, points=amount, used=used, is_funding=is_funding):
            return refusal
        self._points_proposed[actor, is_funding] += amount
        together = amount
        if rider is not None:
            self._points_of_riders[rider.id] += amount
            together = self._points_of_riders[rider.id]
        return self._add(
            self._uow.new_id(),
            kind=kind,
            points=points,
            rider_id=rider.id if rider else None,
            sponsor_id=sponsor_id,
            reason=reason,
            approvals_required=rules.approvals_required(together, is_funding=is_funding),
            actor=actor,
        )

    def propose_rulebook(
        self, *, document: str, valid_from: date | None, reason: str, actor: str
    ) -> Proposal | Refusal:
        """A version that waits for one other person; or what speaks against it."""
        proposal_id = self._uow.new_id()
        version = self._versions.propose(proposal_id, document=document, valid_from=valid_from)
        if isinstance(version, Refusal):
            return version
        return self._add(
            proposal_id,
            kind=ProposalKind.RULEBOOK,
            points=0,
            rider_id=None,
            sponsor_id=None,
            reason=reason,
            approvals_required=1,
            actor=actor,
            version=version,
        )

    def approve(
        self, proposal: Proposal, *, actor: str, roles: Collection[Role], key: str | None
    ) -> Proposal | Refusal:
        """One approval more; with the last one it is booked. Or the refusal: above what the person may approve, or
        what the books say to it."""
        amount = abs(proposal.points)
        used = self._points_approved[actor, proposal.is_funding]
        rules = self.rulebook.proposals
        if refusal := check_limits(rules, roles, points=amount, used=used, is_funding=proposal.is_funding):
            return refusal
        approved = proposal.approved(by=actor, at=self._uow.now)
        if not approved.approvals_missing:
            booked = self._book(approved, actor=actor, key=key)
            if isinstance(booked, Refusal):
                return booked
            approved = booked
        self._points_approved[actor, proposal.is_funding] += amount
        self._new_approvals.append((approved.id, approved.approvals[-1]))
        self._set(approved)
        self._tell("proposal.approved", approved, actor)
        if approved.is_funding and approved.state is ProposalState.APPROVED:
            self._tell_of_funding(approved, actor)
        return approved

    def close(self, proposal: Proposal, state: ProposalState, *, actor: str, reason: str = "") -> Proposal:
        """Rejected, withdrawn or lapsed: nothing was booked and nothing will be."""
        closed = proposal.closed(state, by=actor, at=self._uow.now, reason=reason)
        self._set(closed)
        self._tell(f"proposal.{state.value}", closed, actor)
        return closed

    def outcome(self, proposal: Proposal) -> Proposed:
        """The proposal and the balances as they are at this point of the batch."""
        rider = self.rider_of(proposal)
        return Proposed(
            case=ProposalCase(
                proposal=proposal,
                rider_code=rider.code if rider else None,
                rider_name=mask_name(self._names.get(rider.id, "")) if rider else "",
                sponsor=self._sponsor_codes[proposal.sponsor_id] if proposal.sponsor_id else None,
            ),
            balances=self._balances(proposal),
        )

    def write(self) -> None:
        """Books first, which the proposals point at; then proposals, approvals, rulebooks, events."""
        write_books(self._uow, self.books)
        touched = [self._now[proposal_id] for proposal_id in self._touched]
        proposal_store.insert_proposals(self._uow, [found for found in touched if found.id not in self._stored])
        proposal_store.update_proposals(self._uow, [found for found in touched if found.id in self._stored])
        proposal_store.insert_approvals(self._uow, self._new_approvals)
        self._versions.write_proposed()
        self._versions.write_adopted()
        append_events(self._uow, self._events)
        if any(found.is_funding and found.transaction_id and found.points > 0 for found in touched):
            book_waiting(self._uow)

    def _book(self, approved: Proposal, *, actor: str, key: str | None) -> Proposal | Refusal:
        """Approved with its transaction, on which everybody's name stands; or with its rulebook to come."""
        uow, rider = self._uow, self.rider_of(approved)
        if approved.kind is ProposalKind.RULEBOOK:
            adopted = approved.closed(ProposalState.APPROVED, by=actor, at=uow.now)
            return self._versions.adopt(adopted) or adopted
        legs = proposal_legs(
            self.books,
            approved,
            rider_code=rider.code if rider else "",
            today=self.today,
            lapses_on=self.rulebook.lapse_day(self.today),
        )
        if isinstance(legs, Refusal):
            return legs
        transaction = Transaction(
            id=uow.new_id(),
            kind=TRANSACTION_KIND[approved.kind],
            effective_at=uow.now,
            recorded_at=uow.now,
            actor=actor,
            source_id=approved.id,
            rulebook_version=self.rulebook.version,
            memo=approved.memo,
            idempotency_key=key,
            legs=legs,
        )
        if refusal := self.books.post(transaction):
            return refusal
        return approved.closed(ProposalState.APPROVED, by=actor, at=uow.now, transaction_id=transaction.id)

    def _add(
        self,
        proposal_id: UUID,
        *,
        kind: ProposalKind,
        points: int,
        rider_id: UUID | None,
        sponsor_id: UUID | None,
        reason: str,
        approvals_required: int,
        actor: str,
        version: ProposedVersion | None = None,
    ) -> Proposal:
        """A new proposal that waits, and is told of."""
        now = self._uow.now
        proposal = Proposal(
            id=proposal_id,
            code=proposal_code(proposal_id),
            kind=kind,
            state=ProposalState.PROPOSED,
            points=points,
            rider_id=rider_id,
            sponsor_id=sponsor_id,
            reason=reason,
            approvals_required=approvals_required,
            rulebook_version=self.rulebook.version,
            proposed_at=now,
            proposed_by=actor,
            lapses_at=now + timedelta(days=self.rulebook.proposals.lapse_after_days),
            version=version,
        )
        self._set(proposal)
        self._tell("proposal.proposed", proposal, actor)
        return proposal

    def _balances(self, proposal: Proposal) -> ProposalBalances:
        rider_id = proposal.rider_id
        return ProposalBalances(
            available=self.books.total(rider_id, Purpose.AVAILABLE) if rider_id else None,
            owed=self.books.total(rider_id, Purpose.OWED) if rider_id else None,
            budget=self.books.balance(budget_account(proposal.sponsor_id)) if proposal.sponsor_id else None,
        )

    def _set(self, proposal: Proposal) -> None:
        self._now[proposal.id] = proposal
        self._touched[proposal.id] = None

    def _tell(self, kind: str, proposal: Proposal, actor: str) -> None:
        """The event, with the balances at this point."""
        rider, after = self.rider_of(proposal), self._balances(proposal)
        data: dict[str, Any] = {
            "kind": proposal.kind.value,
            "reason": proposal.reason,
            "proposed_by": proposal.proposed_by,
            "by": actor,
        }
        if proposal.version is not None:
            data |= {"version": proposal.version.version, "valid_from": proposal.version.valid_from.isoformat()}
        if proposal.sponsor_id is not None:
            sponsor = self._sponsor_codes[proposal.sponsor_id]
            data |= {"points": proposal.points, "sponsor": sponsor, "budget_after": after.budget}
        if rider is not None:
            data |= {"rider": rider.code, "available_after": after.available, "owed_after": after.owed}
        if proposal.transaction_id is not None:
            data["transaction"] = str(proposal.transaction_id)
        if proposal.closing_reason:
            data["closing_reason"] = proposal.closing_reason
        self._events.append(Event(kind=kind, subject=f"proposal/{proposal.code}", data=data))

    def _tell_of_funding(self, proposal: Proposal, actor: str) -> None:
        """As of any funding, for whoever follows the budgets alone."""
        assert proposal.sponsor_id is not None, f"funding {proposal.code} has no sponsor"
        data = {
            "points": proposal.points,
            "memo": proposal.memo,
            "by": actor,
            "budget_after": self._balances(proposal).budget,
        }
        subject = f"sponsor/{self._sponsor_codes[proposal.sponsor_id]}"
        self._events.append(Event(kind="budget.funded", subject=subject, data=data))
