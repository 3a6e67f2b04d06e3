"""Credits that wait for a budget: booked in the order of their verification, as far as the money reaches.

A credit that does not fit leaves its sponsor's others behind it, smaller ones too: nobody is overtaken.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.access import SYSTEM_ACTOR
from ledger.domain.accounts import Purpose, budget_account
from ledger.domain.awards import Award, Part
from ledger.domain.calendar import local_day
from ledger.domain.cases import WaitingCredit
from ledger.domain.errors import BrokenInvariant
from ledger.domain.journal import Books
from ledger.domain.moves import award_legs
from ledger.domain.rulebook import Rulebook
from ledger.domain.transactions import Transaction, TransactionKind
from ledger.services.posting import open_books, write_books
from ledger.storage import programmes as programme_store
from ledger.storage import waiting as waiting_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork

BOOKED_MAX = 1_000
"""Credits booked in one unit of work: the rest is for the next run of the job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookWaitingCredits:
    """Everything that waits and can be paid; at most `BOOKED_MAX` at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedCredit:
    report_code: str
    rider_code: str
    award: Award


def book_waiting_credits(uow: UnitOfWork, batch: Sequence[BookWaitingCredits]) -> list[list[BookedCredit]]:
    """Per item what was booked: fewer than `BOOKED_MAX` when nothing is left that the budgets could pay."""
    return [book_waiting(uow) for _ in batch]


def book_waiting(uow: UnitOfWork) -> list[BookedCredit]:
    """For any use-case that has put points into a budget, after it has written its own books."""
    waiting = waiting_store.read_payable(uow, limit=BOOKED_MAX)
    if not waiting:
        return []
    awards = [credit.award for credit in waiting]
    books = open_books(uow, owner_ids={id_ for award in awards for id_ in (award.sponsor_id, award.rider_id)})
    today = local_day(uow.now, programme_store.read_zone_of(uow))
    rulebook = programme_store.read_rulebook_in_force(uow, today)
    booked: list[BookedCredit] = []
    events: list[Event] = []
    for credit in waiting:
        award = credit.award.booked(uow.new_id(), lapses_on=rulebook.lapse_day(today), now=uow.now)
        if refusal := books.post(_transaction(uow, books, credit, award, rulebook)):
            raise BrokenInvariant(f"credit of report {credit.report_code} cannot be booked: {refusal}")
        booked.append(BookedCredit(report_code=credit.report_code, rider_code=credit.rider_code, award=award))
        events.append(_event(books, credit, award))
    write_books(uow, books)
    waiting_store.update_booked(uow, [found.award for found in booked])
    append_events(uow, events)
    return booked


def _transaction(uow: UnitOfWork, books: Books, credit: WaitingCredit, award: Award, rulebook: Rulebook) -> Transaction:
    assert award.transaction_id is not None
    category = rulebook.categories.get(credit.category_code)
    what = f"{credit.category_code} {category.name}" if category else credit.category_code
    if award.part is Part.SETTLEMENT:
        what = f"办结奖励 · settled: {what}"
    return Transaction(
        id=award.transaction_id,
        kind=TransactionKind.AWARD,
        effective_at=uow.now,
        recorded_at=uow.now,
        actor=SYSTEM_ACTOR,
        source_id=award.report_id,
        rulebook_version=award.rulebook_version,
        memo=f"{what}（{credit.decided_by} 已核定，预算到位补记 · booked when the budget was funded）",
        legs=award_legs(
            books,
            budget=budget_account(award.sponsor_id),
            rider_id=award.rider_id,
            lapses_on=award.lapses_on.isoformat(),
            points=award.points_granted,
        ),
    )


def _event(books: Books, credit: WaitingCredit, award: Award) -> Event:
    return Event(
        kind="credit.booked",
        subject=f"report/{credit.report_code}",
        data={
            "rider": credit.rider_code,
            "by": SYSTEM_ACTOR,
            "points_granted": award.points_granted,
            "waited_since": award.effective_at.isoformat(),
            "transaction": str(award.transaction_id),
            "available_after": books.total(award.rider_id, Purpose.AVAILABLE),
            "owed_after": books.total(award.rider_id, Purpose.OWED),
            "budget_after": books.balance(budget_account(award.sponsor_id)),
        },
    )
