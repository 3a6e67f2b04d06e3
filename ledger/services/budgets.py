"""Sponsors and the points they may award: creating one, and funding its budget from issuance."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.domain.accounts import PROGRAMME_OWNER, budget_account, issuance_account
from ledger.domain.calendar import local_day
from ledger.domain.errors import AlreadyExists, NotFound, Refusal
from ledger.domain.transactions import Leg, Transaction, TransactionKind
from ledger.services.posting import open_books, write_books
from ledger.services.waiting import book_waiting
from ledger.storage import programmes as programme_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateSponsor:
    code: str
    name: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FundBudget:
    """`sponsor` is its code, `points` what its budget grows by."""

    sponsor: str
    points: int
    memo: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funded:
    """`balance` is what the sponsor may award now, in points."""

    sponsor: str
    transaction_id: UUID
    balance: int


def create_sponsors(uow: UnitOfWork, batch: Sequence[CreateSponsor]) -> list[str | Refusal]:
    """Per item the code of the new sponsor, or: the code is taken."""
    taken = set(programme_store.read_sponsor_ids(uow))
    outcomes: list[str | Refusal] = []
    for command in batch:
        if command.code in taken:
            outcomes.append(AlreadyExists(noun="sponsor", name=command.code))
            continue
        taken.add(command.code)
        programme_store.insert_sponsor(uow, sponsor_id=uow.new_id(), code=command.code, name=command.name)
        outcomes.append(command.code)
    append_events(
        uow,
        [
            Event(
                kind="sponsor.created",
                subject=f"sponsor/{command.code}",
                data={"name": command.name, "by": command.actor},
            )
            for command, outcome in zip(batch, outcomes, strict=True)
            if not isinstance(outcome, Refusal)
        ],
    )
    return outcomes


def fund_budgets(uow: UnitOfWork, batch: Sequence[FundBudget]) -> list[Funded | Refusal]:
    """Per item the budget as it is then, or: no such sponsor, amount out of range, balance too high.

    Credits that waited for it are booked in the same unit of work.
    """
    sponsors = programme_store.read_sponsor_ids(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, programme_store.read_zone_of(uow)))
    named = {sponsors[command.sponsor] for command in batch if command.sponsor in sponsors}
    books = open_books(uow, owner_ids={PROGRAMME_OWNER, *named})
    outcomes: list[Funded | Refusal] = []
    for command in batch:
        if command.sponsor not in sponsors:
            outcomes.append(NotFound(noun="sponsor", name=command.sponsor))
            continue
        budget = budget_account(sponsors[command.sponsor])
        transaction = Transaction(
            id=uow.new_id(),
            kind=TransactionKind.FUND,
            effective_at=uow.now,
            recorded_at=uow.now,
            actor=command.actor,
            rulebook_version=rulebook.version,
            memo=command.memo,
            idempotency_key=command.key,
            legs=(Leg(debit_account=issuance_account(), credit_account=budget, amount=command.points),),
        )
        refusal = books.post(transaction)
        outcomes.append(
            refusal or Funded(sponsor=command.sponsor, transaction_id=transaction.id, balance=books.balance(budget))
        )
    write_books(uow, books)
    append_events(
        uow,
        [
            Event(
                kind="budget.funded",
                subject=f"sponsor/{command.sponsor}",
                data={
                    "points": command.points,
                    "memo": command.memo,
                    "by": command.actor,
                    "budget_after": outcome.balance,
                },
            )
            for command, outcome in zip(batch, outcomes, strict=True)
            if isinstance(outcome, Funded)
        ],
    )
    book_waiting(uow)
    return outcomes
