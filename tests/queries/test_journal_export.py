"""The whole journal: in order, each transaction once and whole, and balances that do not come from what is exported."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from ledger.queries import journal_export
from ledger.queries.journal_export import (
    AccountName,
    ExportedAccount,
    ExportedTransaction,
    read_exported_accounts,
    read_exported_transactions,
)
from ledger.services.imports import import_reports
from tests.deployment import START
from tests.services.test_imports import BEGIN, row
from tests.world import World

TOMORROW = START + timedelta(days=1)


@pytest.fixture
def lived(world: World) -> World:
    """Two riders with credits of years ago that were recorded today, an award taken back, points on hold, goods."""
    for code in ("R00001", "R00002"):
        world.enroll(code)
    world.run(import_reports, *(row(number, f"R0000{number % 2 + 1}") for number in range(8)))
    world.earn(100)
    report = world.award("R00002").case.report.code
    world.redeem(world.put_item())
    world.revoke(report)
    return world


def read_all(
    world: World, *, begin: datetime | None = None, end: datetime = TOMORROW
) -> tuple[list[ExportedAccount], list[ExportedTransaction]]:
    with world.runtime.reading() as connection:
        span = (connection, world.programme_id)
        return (
            list(read_exported_accounts(*span, begin=begin, end=end)),
            list(read_exported_transactions(*span, begin=begin, end=end)),
        )


def sums_of(transactions: list[ExportedTransaction]) -> Counter[AccountName]:
    sums: Counter[AccountName] = Counter()
    for transaction in transactions:
        for entry in transaction.entries:
            sums[entry.account] -= entry.side * entry.amount
    return sums


@pytest.mark.parametrize("size", [1, 2, 3, 1_000])
def test_pieces_join_without_a_gap_or_a_double(lived: World, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_all(lived)
    monkeypatch.setattr(journal_export, "TRANSACTIONS_A_PIECE", size)
    monkeypatch.setattr(journal_export, "ACCOUNTS_A_PIECE", size)

    assert read_all(lived) == whole
    transactions = whole[1]
    keys = [(one.effective_at, one.id) for one in transactions]
    assert keys == sorted(set(keys)) and len(keys) > 10
    assert all(len(one.entries) % 2 == 0 and one.entries for one in transactions)


def test_what_moved_since_the_opening_is_the_difference_to_the_closing(lived: World) -> None:
    days = [None, BEGIN + timedelta(hours=7), START - timedelta(days=1)]
    ends = [BEGIN + timedelta(hours=9), START, TOMORROW]
    for begin in days:
        for end in ends:
            if begin is not None and begin >= end:
                continue
            accounts, transactions = read_all(lived, begin=begin, end=end)
            sums = sums_of(transactions)
            assert {one.name for one in accounts} >= sums.keys()
            for account in accounts:
                assert account.closing == account.opening + sums[account.name], (begin, end, account)
            assert sum(one.opening for one in accounts if one.name.commodity == "POINTS") == 0


def test_a_write_is_not_held_up_and_not_seen_half_way(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_export, "TRANSACTIONS_A_PIECE", 1)
    before = read_all(lived)
    with lived.runtime.reading() as connection:
        span = (connection, lived.programme_id)
        walk = read_exported_transactions(*span, begin=None, end=TOMORROW)
        first = next(walk)
        lived.award("R00002")
        seen = [first, *walk]
        accounts = list(read_exported_accounts(*span, begin=None, end=TOMORROW))

    assert (accounts, seen) == before
    assert len(read_all(lived)[1]) == len(seen) + 1
