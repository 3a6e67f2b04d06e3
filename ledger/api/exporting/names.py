"""Accounts and commodities as hledger and beancount spell them. Different accounts have different names.

No account is the parent of another one, so that a balance that counts the accounts below (beancount's does) is the
account's own: the bucket stands before the item's code.
"""

from functools import lru_cache

from ledger.domain.accounts import ITEM_PREFIX, POINTS, PURPOSES, OwnerKind, Purpose
from ledger.queries.journal_export import AccountName

NAMES_REMEMBERED_MAX = 20_000
"""Names made once and used again, some megabytes; the hot accounts are always among them."""

GROUPS = {
    OwnerKind.PROGRAMME: "programme",
    OwnerKind.SPONSOR: "sponsors",
    OwnerKind.RIDER: "riders",
    OwnerKind.ITEM: "items",
    OwnerKind.STATION: "stations",
}

ROOTS = {
    # What the district owes riders, sponsors and visitors of a station is a liability to it; what a rider owes, an
    # asset. What is taken for good is an income, and what points and goods come from, equity.
    Purpose.ISSUANCE: "Equity",
    Purpose.BUDGET: "Liabilities",
    Purpose.AVAILABLE: "Liabilities",
    Purpose.HELD: "Liabilities",
    Purpose.OWED: "Assets",
    Purpose.REDEEMED: "Income",
    Purpose.EXPIRED: "Income",
    Purpose.SUPPLY: "Equity",
    Purpose.SHELF: "Liabilities",
    Purpose.RESERVED: "Liabilities",
    Purpose.DELIVERED: "Income",
}
"""Purpose → beancount's root account. Both programs make a balance sheet of it."""


@lru_cache(NAMES_REMEMBERED_MAX)
def plain_name(name: AccountName) -> str:
    """For people and hledger: `riders:R00001:available:2027-12-31`, `stations:ZGM:shelf:G-001`."""
    return ":".join(_plain(part) for part in _parts(name))


@lru_cache(NAMES_REMEMBERED_MAX)
def beancount_name(name: AccountName) -> str:
    """`Liabilities:Riders:R00001:Available:2027-12-31`."""
    return ":".join((ROOTS[name.purpose], *map(_component, _parts(name))))


def hledger_commodity(commodity: str) -> str:
    return commodity if commodity == POINTS else f'"{commodity}"'


def beancount_commodity(commodity: str) -> str:
    """`ITEM.G-001`: no colon there, and the last character is a letter or a digit."""
    symbol = commodity.replace(ITEM_PREFIX, "ITEM.")
    return f"{symbol}.0" if symbol.endswith("-") else symbol


def _parts(name: AccountName) -> list[str]:
    owner_kind = PURPOSES[name.purpose].owner_kind
    parts = [GROUPS[owner_kind]]
    if owner_kind is not OwnerKind.PROGRAMME:
        parts.append(name.owner)
    parts.append(name.purpose.value)
    if name.bucket:
        parts.append(name.bucket)
    if owner_kind is OwnerKind.STATION:
        parts.append(name.commodity.removeprefix(ITEM_PREFIX))
    return parts


def _plain(part: str) -> str:
    return "".join(one if one.isalnum() or one in "-._" else f"%{ord(one):X}" for one in part)


def _component(part: str) -> str:
    """Letters, digits and hyphens, a capital or a digit first. Source: beancount, core/account.py.

    Codes of riders, items and stations begin with a capital and have nothing to escape. Two sponsors whose codes differ
    in the first letter's case alone would share a name, and the asserted balances would say so.
    """
    safe = "".join(one if one.isalpha() or one.isdecimal() or one == "-" else f"-{ord(one):X}-" for one in part)
    return f"X{safe}" if safe.startswith("-") else safe[:1].upper() + safe[1:]
