"""Accounts: everything that is counted is one. What a purpose means, which side grows it, and whether it has a floor.

This is the table of design.md section 1. It knows nothing of transactions: which kinds may touch which purposes is in
`transactions.py`.
"""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from uuid import UUID

POINTS = "POINTS"
ITEM_PREFIX = "ITEM:"

PROGRAMME_OWNER = UUID(int=0)
"""Owner of the programme's own accounts (issuance, redeemed, expired): the nil id, which UUIDv7 never makes."""

BALANCE_MAX = 2**53 - 1
"""Largest balance: the largest integer that every JSON reader keeps exact. Source: RFC 8259 §6."""


class Side(IntEnum):
    """The side of an entry, and the side on which an account grows. The sum over `side × amount` is zero."""

    DEBIT = -1
    CREDIT = 1


class OwnerKind(StrEnum):
    PROGRAMME = "programme"
    SPONSOR = "sponsor"
    RIDER = "rider"
    ITEM = "item"
    STATION = "station"


class Purpose(StrEnum):
    ISSUANCE = "issuance"
    BUDGET = "budget"
    AVAILABLE = "available"
    HELD = "held"
    OWED = "owed"
    REDEEMED = "redeemed"
    EXPIRED = "expired"
    SUPPLY = "supply"
    SHELF = "shelf"
    RESERVED = "reserved"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeRule:
    """What a purpose means. `has_floor`: the balance, on the normal side, never goes below zero."""

    owner_kind: OwnerKind
    normal_side: Side
    has_floor: bool
    is_points: bool


def _rule(owner_kind: OwnerKind, normal_side: Side, *, floor: bool = True, points: bool = True) -> PurposeRule:
    return PurposeRule(owner_kind=owner_kind, normal_side=normal_side, has_floor=floor, is_points=points)


PURPOSES: dict[Purpose, PurposeRule] = {
    Purpose.ISSUANCE: _rule(OwnerKind.PROGRAMME, Side.DEBIT, floor=False),
    Purpose.BUDGET: _rule(OwnerKind.SPONSOR, Side.CREDIT),
    Purpose.AVAILABLE: _rule(OwnerKind.RIDER, Side.CREDIT),
    Purpose.HELD: _rule(OwnerKind.RIDER, Side.CREDIT),
    Purpose.OWED: _rule(OwnerKind.RIDER, Side.DEBIT),
    Purpose.REDEEMED: _rule(OwnerKind.PROGRAMME, Side.CREDIT),
    Purpose.EXPIRED: _rule(OwnerKind.PROGRAMME, Side.CREDIT),
    Purpose.SUPPLY: _rule(OwnerKind.ITEM, Side.DEBIT, floor=False, points=False),
    Purpose.SHELF: _rule(OwnerKind.STATION, Side.CREDIT, points=False),
    Purpose.RESERVED: _rule(OwnerKind.STATION, Side.CREDIT, points=False),
    Purpose.DELIVERED: _rule(OwnerKind.ITEM, Side.CREDIT, points=False),
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AccountKey:
    """What an account is, within its programme. `bucket` is an ISO date where it matters, else empty."""

    owner_id: UUID
    purpose: Purpose
    commodity: str = POINTS
    bucket: str = ""

    @property
    def rule(self) -> PurposeRule:
        return PURPOSES[self.purpose]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as it stands. `balance` is on the account's normal side; `version` counts its entries."""

    id: UUID
    key: AccountKey
    balance: int = 0
    version: int = 0


def issuance_account() -> AccountKey:
    return AccountKey(owner_id=PROGRAMME_OWNER, purpose=Purpose.ISSUANCE)


def budget_account(sponsor_id: UUID) -> AccountKey:
    return AccountKey(owner_id=sponsor_id, purpose=Purpose.BUDGET)


def available_account(rider_id: UUID, lapses_on: str) -> AccountKey:
    return AccountKey(owner_id=rider_id, purpose=Purpose.AVAILABLE, bucket=lapses_on)


def redeemed_account() -> AccountKey:
    return AccountKey(owner_id=PROGRAMME_OWNER, purpose=Purpose.REDEEMED)


def expired_account() -> AccountKey:
    return AccountKey(owner_id=PROGRAMME_OWNER, purpose=Purpose.EXPIRED)


def owed_account(rider_id: UUID) -> AccountKey:
    return AccountKey(owner_id=rider_id, purpose=Purpose.OWED)
