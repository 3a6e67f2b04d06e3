"""Transactions: kinds, what each may touch, legs, entries, and the effects of a batch. Records only.

What is refused and what follows from a transaction is decided in `journal.py`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ledger.domain.accounts import Account, AccountKey, Purpose, Side

LEGS_MAX = 64
"""Legs in one transaction. A redemption from every lot a rider can have (one a year and purpose) stays far below."""

AMOUNT_MAX = 1_000_000_000_000
"""Largest amount of one leg: a thousand times what the whole district could earn in a year."""


class TransactionKind(StrEnum):
    FUND = "fund"
    AWARD = "award"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"
    EXPIRE = "expire"
    REVERSE = "reverse"
    ADJUST = "adjust"
    RESTOCK = "restock"
    STOCKTAKE = "stocktake"


P = Purpose
ALLOWED_LEGS: dict[TransactionKind, frozenset[tuple[Purpose, Purpose]]] = {
    # kind: {(debit purpose, credit purpose)}. Anything else is refused. Source: design.md section 1.
    TransactionKind.FUND: frozenset({(P.ISSUANCE, P.BUDGET), (P.BUDGET, P.ISSUANCE)}),
    TransactionKind.AWARD: frozenset({(P.BUDGET, P.AVAILABLE), (P.AVAILABLE, P.OWED)}),
    TransactionKind.HOLD: frozenset({(P.AVAILABLE, P.HELD), (P.SHELF, P.RESERVED)}),
    TransactionKind.CAPTURE: frozenset({(P.HELD, P.REDEEMED), (P.RESERVED, P.DELIVERED)}),
    TransactionKind.RELEASE: frozenset({(P.HELD, P.AVAILABLE), (P.RESERVED, P.SHELF)}),
    TransactionKind.EXPIRE: frozenset({(P.AVAILABLE, P.EXPIRED)}),
    TransactionKind.REVERSE: frozenset({(P.AVAILABLE, P.BUDGET), (P.OWED, P.BUDGET)}),
    TransactionKind.ADJUST: frozenset(
        {
            (P.BUDGET, P.AVAILABLE),
            (P.AVAILABLE, P.OWED),
            (P.AVAILABLE, P.BUDGET),
            (P.BUDGET, P.OWED),
            (P.OWED, P.BUDGET),
        }
    ),
    TransactionKind.RESTOCK: frozenset({(P.SUPPLY, P.SHELF), (P.SHELF, P.SUPPLY)}),
    TransactionKind.STOCKTAKE: frozenset({(P.SUPPLY, P.SHELF), (P.SHELF, P.SUPPLY)}),
}
del P


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One move: out of the debit account into the credit account. Both hold the same commodity; `amount` > 0."""

    debit_account: AccountKey
    credit_account: AccountKey
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A journal transaction, all or nothing. `source_id` is what it comes from: the report, the redemption,
    the item restocked, the rider whose points lapse."""

    id: UUID
    kind: TransactionKind
    effective_at: datetime
    recorded_at: datetime
    actor: str
    legs: tuple[Leg, ...]
    rulebook_version: int
    source_id: UUID | None = None
    idempotency_key: str | None = None
    memo: str = ""
    reverses: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One side of a leg on one account. `balance_after` is on the account's normal side; versions are gap-free."""

    account_id: UUID
    version: int
    transaction_id: UUID
    leg: int
    side: Side
    amount: int
    balance_after: int
    effective_at: datetime


@dataclass(slots=True, kw_only=True)
class Effects:
    """What is to be written, in order: accounts opened, accounts changed, transactions, entries."""

    opened_accounts: list[Account] = field(default_factory=list)
    changed_accounts: list[Account] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
