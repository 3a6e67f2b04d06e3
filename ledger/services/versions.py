"""Versions of the rulebook that one unit of work proposes or approves, as earlier items of the batch left them."""

from datetime import date
from uuid import UUID

from ledger.domain.documents import RulebookInvalid
from ledger.domain.errors import Refusal
from ledger.domain.proposals import Proposal, ProposedVersion
from ledger.domain.rulebook import read_rulebook
from ledger.domain.rulebook_versions import check_version, earliest_day
from ledger.storage import programmes as programme_store
from ledger.storage import proposals as proposal_store
from ledger.storage.unit_of_work import UnitOfWork


class Versions:
    """Propose and adopt one after another; write once. Reads only when a version is concerned, which is seldom."""

    def __init__(self, uow: UnitOfWork, *, today: date) -> None:
        self._uow = uow
        self._today = today
        self._newest: tuple[int, date] | None = None
        self._last_proposed: int | None = None
        self._waiting: set[str] | None = None
        self._proposed: list[tuple[UUID, ProposedVersion, str]] = []
        self._adopted: list[tuple[Proposal, ProposedVersion, str]] = []

    def propose(self, proposal_id: UUID, *, document: str, valid_from: date | None) -> ProposedVersion | Refusal:
        """The next number for the document, from the earliest day if none is given; or what speaks against it: not
        valid, too early, a category missing."""
        newest, newest_valid_from = self._read_newest()
        if valid_from is None:
            valid_from = earliest_day(newest_valid_from=newest_valid_from, today=self._today)
        if self._last_proposed is None:
            self._last_proposed = proposal_store.read_last_proposed_version(self._uow)
        version = max(newest, self._last_proposed) + 1
        if refusal := self._check(version, document, valid_from):
            return refusal
        self._last_proposed = version
        proposed = ProposedVersion(version=version, valid_from=valid_from)
        self._proposed.append((proposal_id, proposed, document))
        return proposed

    def adopt(self, approved: Proposal) -> Refusal | None:
        """The version will be in force from its day; or what speaks against it by now."""
        assert approved.version is not None, f"proposal {approved.code} proposes no rulebook"
        version = approved.version
        document = proposal_store.read_document(self._uow, approved.id)
        if refusal := self._check(version.version, document, version.valid_from):
            return refusal
        self._newest = version.version, version.valid_from
        self._adopted.append((approved, version, document))
        return None

    def write_adopted(self) -> None:
        for proposal, version, document in self._adopted:
            programme_store.insert_rulebook(
                self._uow,
                version=version.version,
                document=document,
                valid_from=version.valid_from,
                memo=proposal.reason,
                proposed_by=proposal.proposed_by,
                approved_by=proposal.closed_by or "",
            )

    def write_proposed(self) -> None:
        """After the proposals, which these belong to."""
        proposal_store.insert_proposed_rulebooks(self._uow, self._proposed)

    def _check(self, version: int, document: str, valid_from: date) -> Refusal | None:
        try:
            rulebook = read_rulebook(version, document)
        except RulebookInvalid as invalid:
            return invalid
        if self._waiting is None:
            self._waiting = proposal_store.read_waiting_categories(self._uow)
        newest, newest_valid_from = self._read_newest()
        return check_version(
            rulebook,
            valid_from=valid_from,
            newest=newest,
            newest_valid_from=newest_valid_from,
            today=self._today,
            waiting=self._waiting,
        )

    def _read_newest(self) -> tuple[int, date]:
        if self._newest is None:
            self._newest = programme_store.read_newest_version(self._uow)
        return self._newest
