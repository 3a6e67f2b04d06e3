"""Which legs an approved proposal wants. Pure arithmetic over the books as earlier items of the batch left them."""

from datetime import date

from ledger.domain.accounts import budget_account, issuance_account, owed_account
from ledger.domain.errors import Refusal
from ledger.domain.journal import Books
from ledger.domain.moves import award_legs, taking_legs
from ledger.domain.proposals import DebtTooSmall, Proposal, ProposalKind
from ledger.domain.transactions import Leg, TransactionKind

TRANSACTION_KIND = {
    ProposalKind.ADJUSTMENT: TransactionKind.ADJUST,
    ProposalKind.FUNDING: TransactionKind.FUND,
    ProposalKind.WRITE_OFF: TransactionKind.ADJUST,
}
"""A return of unspent budget is of kind `fund` too, so that what a sponsor gave is one sum."""


def proposal_legs(
    books: Books, proposal: Proposal, *, rider_code: str, today: date, lapses_on: date
) -> tuple[Leg, ...] | Refusal:
    """Points given go to the rider's lot of `lapses_on` and repay debt like an award; points taken must be there."""
    assert proposal.sponsor_id is not None, f"proposal {proposal.code} moves no points"
    budget, points = budget_account(proposal.sponsor_id), abs(proposal.points)
    if proposal.rider_id is None:
        issuance = issuance_account()
        debit, credit = (issuance, budget) if proposal.points > 0 else (budget, issuance)
        return (Leg(debit_account=debit, credit_account=credit, amount=points),)
    if proposal.kind is ProposalKind.WRITE_OFF:
        owed = owed_account(proposal.rider_id)
        if books.balance(owed) < points:
            return DebtTooSmall(rider_code=rider_code, owed=books.balance(owed), wanted=points)
        return (Leg(debit_account=budget, credit_account=owed, amount=points),)
    if proposal.points < 0:
        return taking_legs(books, budget=budget, rider_id=proposal.rider_id, points=points, today=today.isoformat())
    return award_legs(books, budget=budget, rider_id=proposal.rider_id, lapses_on=lapses_on.isoformat(), points=points)
