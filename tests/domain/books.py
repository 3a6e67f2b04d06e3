"""Builders for the posting machine: accounts, legs and transactions, valid by default."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from ledger.domain.accounts import Account, AccountKey, Purpose, available_account, budget_account, owed_account
from ledger.domain.transactions import Leg, Transaction, TransactionKind

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
SPONSOR, RIDER, OTHER_RIDER, ITEM = (UUID(int=number) for number in (1, 2, 3, 4))
BUDGET = budget_account(SPONSOR)
LOT = available_account(RIDER, "2027-12-31")
OWED = owed_account(RIDER)


def new_ids(first: int = 1_000) -> Callable[[], UUID]:
    numbers = count(first)
    return lambda: UUID(int=next(numbers))


def held_account(lapses_on: str = "2027-12-31", *, rider: UUID = RIDER) -> AccountKey:
    return AccountKey(owner_id=rider, purpose=Purpose.HELD, bucket=lapses_on)


def item_account(purpose: Purpose, commodity: str = "ITEM:soap") -> AccountKey:
    return AccountKey(owner_id=ITEM, purpose=purpose, commodity=commodity)


def key_of(purpose: Purpose) -> AccountKey:
    """An account of the purpose, valid in every respect."""
    if not AccountKey(owner_id=ITEM, purpose=purpose).rule.is_points:
        return item_account(purpose)
    owner = {"programme": UUID(int=0), "sponsor": SPONSOR, "rider": RIDER}[
        AccountKey(owner_id=RIDER, purpose=purpose).rule.owner_kind
    ]
    bucket = "2027-12-31" if purpose in {Purpose.AVAILABLE, Purpose.HELD} else ""
    return AccountKey(owner_id=owner, purpose=purpose, bucket=bucket)


def account(key: AccountKey, balance: int, *, number: int = 500, version: int = 1) -> Account:
    return Account(id=UUID(int=number), key=key, balance=balance, version=version)


def leg(debit: AccountKey = BUDGET, credit: AccountKey = LOT, amount: int = 10) -> Leg:
    return Leg(debit_account=debit, credit_account=credit, amount=amount)


def transaction(
    *legs: Leg, kind: TransactionKind = TransactionKind.AWARD, number: int = 1, **changes: Any
) -> Transaction:
    values: dict[str, Any] = {
        "id": UUID(int=10_000 + number),
        "kind": kind,
        "effective_at": NOW,
        "recorded_at": NOW,
        "actor": "tests",
        "legs": legs,
        "rulebook_version": 1,
        "reverses": UUID(int=20_000 + number) if kind is TransactionKind.REVERSE else None,
    }
    return Transaction(**{**values, **changes})
