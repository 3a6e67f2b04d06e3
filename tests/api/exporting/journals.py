"""Journals to write: of one rider with one award unless told otherwise."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.api.exporting.journal import Journal
from ledger.domain.accounts import POINTS, Purpose
from ledger.domain.transactions import TransactionKind
from ledger.queries.journal_export import AccountName, ExportedAccount, ExportedEntry, ExportedTransaction

BUDGET = AccountName(Purpose.BUDGET, "general", POINTS, "")
LOT = AccountName(Purpose.AVAILABLE, "R00001", POINTS, "2027-12-31")
AT = datetime(2026, 3, 9, 16, 30, tzinfo=UTC)
"""Half past midnight on the 10th in Ningbo."""


def make_transaction(number: int = 1, *, points: int = 50, **changes: Any) -> ExportedTransaction:
    values: dict[str, Any] = {
        "id": UUID(int=number),
        "kind": TransactionKind.AWARD,
        "effective_at": AT,
        "recorded_at": AT + timedelta(hours=1),
        "actor": "operator/reviewer",
        "source_id": UUID(int=7),
        "rulebook_version": 1,
        "memo": "SAF-03 路面塌陷",
        "idempotency_key": None,
        "reverses": None,
        "entries": [make_entry(BUDGET, -1, points, 1_000 - points), make_entry(LOT, 1, points, points)],
    }
    return ExportedTransaction(**{**values, **changes})


def make_entry(account: AccountName, side: int, amount: int, balance_after: int) -> ExportedEntry:
    return ExportedEntry(
        account=account,
        account_id=UUID(int=len(account.owner)),
        version=1,
        leg=0,
        side=side,
        amount=amount,
        balance_after=balance_after,
    )


def make_journal(
    transactions: Sequence[ExportedTransaction], accounts: Sequence[ExportedAccount], **changes: Any
) -> Journal:
    values: dict[str, Any] = {
        "programme_id": 330212,
        "programme": "鄞州区",
        "zone": ZoneInfo("Asia/Shanghai"),
        "first_day": date(2026, 3, 10),
        "last_day": date(2026, 3, 10),
        "is_continued": False,
        "accounts": lambda: accounts,
        "transactions": lambda: transactions,
    }
    return Journal(**{**values, **changes})


def make_account(name: AccountName, closing: int, *, opening: int = 0) -> ExportedAccount:
    return ExportedAccount(name=name, opening=opening, closing=closing)


def journal_of_memos(memos: Sequence[str]) -> Journal:
    """An award of one point a memo."""
    transactions = [make_transaction(number, points=1, memo=memo, actor=memo) for number, memo in enumerate(memos, 1)]
    return make_journal(transactions, [make_account(BUDGET, len(memos)), make_account(LOT, -len(memos))])
