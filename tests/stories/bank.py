"""Moving points between riders, for the bank test: a correction that takes from one and gives to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.domain.accounts import available_account, budget_account
from ledger.domain.errors import Refusal
from ledger.domain.transactions import Leg, Transaction, TransactionKind
from ledger.services.posting import open_books, write_books
from ledger.storage.programmes import GENERAL_SPONSOR, read_sponsor_id
from ledger.storage.unit_of_work import UnitOfWork

LAPSES_ON = "2027-12-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    giver_id: UUID
    taker_id: UUID
    points: int


def transfer_points(uow: UnitOfWork, batch: Sequence[Transfer]) -> list[bool]:
    """Whether each was made; one that the giver cannot afford is not."""
    sponsor_id = read_sponsor_id(uow, GENERAL_SPONSOR)
    owners = {owner for item in batch for owner in (item.giver_id, item.taker_id)}
    books = open_books(uow, owner_ids={sponsor_id, *owners})
    outcomes: list[Refusal | None] = []
    for item in batch:
        giver, taker = (available_account(owner, LAPSES_ON) for owner in (item.giver_id, item.taker_id))
        between = budget_account(sponsor_id)
        correction = Transaction(
            id=uow.new_id(),
            kind=TransactionKind.ADJUST,
            effective_at=uow.now,
            recorded_at=uow.now,
            actor="tests",
            legs=(
                Leg(debit_account=giver, credit_account=between, amount=item.points),
                Leg(debit_account=between, credit_account=taker, amount=item.points),
            ),
            rulebook_version=1,
        )
        outcomes.append(books.post(correction))
    write_books(uow, books)
    return [refusal is None for refusal in outcomes]
