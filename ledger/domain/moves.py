"""Which legs a use-case wants: an award that first repays debt, a reversal that reaches as far as it can, a hold that
takes what lapses soonest, how a hold ends, and what is left of a lot when its day is over.

Pure arithmetic over the books as earlier items of the batch left them. The floors are the journal's business; these
functions only see to it that what they ask for exists.
"""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from ledger.domain.accounts import AccountKey, Purpose, available_account, expired_account, owed_account
from ledger.domain.journal import BalanceTooLow, Books
from ledger.domain.transactions import LEGS_MAX, Leg


def award_legs(books: Books, *, budget: AccountKey, rider_id: UUID, lapses_on: str, points: int) -> tuple[Leg, ...]:
    """budget → the rider's lot; then lot → owed, as far as there is debt. Source: design.md section 1."""
    lot, owed = available_account(rider_id, lapses_on), owed_account(rider_id)
    legs = [Leg(debit_account=budget, credit_account=lot, amount=points)]
    if repaid := min(points, books.balance(owed)):
        legs.append(Leg(debit_account=lot, credit_account=owed, amount=repaid))
    return tuple(legs)


def reversal_legs(books: Books, *, budget: AccountKey, rider_id: UUID, lapses_on: str, points: int) -> tuple[Leg, ...]:
    """The award's own lot first, then the other lots soonest lapse first, each → budget; the rest is owed → budget.

    Source: hard-cases.md, "a credited report is reversed after its points were spent".
    """
    own_lot = available_account(rider_id, lapses_on)
    lots = [own_lot, *(lot for lot in books.lots(rider_id, Purpose.AVAILABLE) if lot != own_lot)]
    legs: list[Leg] = []
    missing = points
    for lot in lots:
        if taken := min(missing, books.balance(lot)):
            legs.append(Leg(debit_account=lot, credit_account=budget, amount=taken))
            missing -= taken
    if missing:
        legs.append(Leg(debit_account=owed_account(rider_id), credit_account=budget, amount=missing))
    return tuple(legs)


def hold_legs(books: Books, *, rider_id: UUID, points: int, today: str) -> tuple[Leg, ...] | BalanceTooLow:
    """available → held, lot by lot, soonest lapse first. Lots that lapsed before `today` (ISO date) are not spent.

    One allocation decides and deducts. Source: hard-cases.md, "redemption checks the total and deducts something else".
    """
    taken = _allocate(books, rider_id=rider_id, points=points, today=today)
    if isinstance(taken, BalanceTooLow):
        return taken
    return tuple(
        Leg(debit_account=lot, credit_account=replace(lot, purpose=Purpose.HELD), amount=amount)
        for lot, amount in taken
    )


def taking_legs(
    books: Books, *, budget: AccountKey, rider_id: UUID, points: int, today: str
) -> tuple[Leg, ...] | BalanceTooLow:
    """available → budget, lot by lot as a hold takes them. Never into debt: that is for a credit that was wrong."""
    taken = _allocate(books, rider_id=rider_id, points=points, today=today)
    if isinstance(taken, BalanceTooLow):
        return taken
    return tuple(Leg(debit_account=lot, credit_account=budget, amount=amount) for lot, amount in taken)


def _allocate(books: Books, *, rider_id: UUID, points: int, today: str) -> list[tuple[AccountKey, int]] | BalanceTooLow:
    """How much from which lot."""
    lots = [lot for lot in books.lots(rider_id, Purpose.AVAILABLE) if lot.bucket >= today]
    allocated: list[tuple[AccountKey, int]] = []
    missing = points
    for lot in lots:
        if taken := min(missing, books.balance(lot)):
            allocated.append((lot, taken))
            missing -= taken
    if missing:
        return BalanceTooLow(available=points - missing, wanted=points)
    return allocated


def release_legs(hold: Iterable[Leg], *, today: str, grace_until: str | None = None) -> tuple[Leg, ...]:
    """The hold's legs mirrored: everything goes back to where it came from, points to their own lots.

    With `grace_until` points whose lot lapsed before `today` go to a lot of that day instead. Both are ISO dates.
    Source: hard-cases.md, "a redemption is cancelled and its points have lapsed meanwhile".
    """

    def origin(account: AccountKey) -> AccountKey:
        if grace_until is None or account.purpose is not Purpose.AVAILABLE or account.bucket >= today:
            return account
        return replace(account, bucket=grace_until)

    return tuple(
        Leg(debit_account=leg.credit_account, credit_account=origin(leg.debit_account), amount=leg.amount)
        for leg in hold
    )


def expiry_legs(books: Books, *, rider_id: UUID, today: str) -> tuple[Leg, ...]:
    """All that is left of each lot that lapsed before `today` (ISO date) → expired; what is held stays held.

    Soonest lapse first, as many lots as one transaction can take; none: nothing of the rider's has lapsed.
    Source: hard-cases.md, "the balance collapses on expiry".
    """
    lapsed = [lot for lot in books.lots(rider_id, Purpose.AVAILABLE) if lot.bucket < today]
    return tuple(
        Leg(debit_account=lot, credit_account=expired_account(), amount=books.balance(lot)) for lot in lapsed[:LEGS_MAX]
    )


def capture_legs(hold: Iterable[Leg], *, redeemed: AccountKey, delivered: AccountKey) -> tuple[Leg, ...]:
    """What the hold holds goes on: points to `redeemed`, units to `delivered`."""
    return tuple(
        Leg(
            debit_account=leg.credit_account,
            credit_account=redeemed if leg.credit_account.purpose is Purpose.HELD else delivered,
            amount=leg.amount,
        )
        for leg in hold
    )
