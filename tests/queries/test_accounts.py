"""Balances and statements: chains without a gap, pages without a double, any past instant as a replay gives it."""

from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from ledger.domain.accounts import Purpose
from ledger.domain.errors import NotFound
from ledger.queries import accounts, riders, transactions
from ledger.queries.slices import Slice
from ledger.services.imports import import_reports
from ledger.storage.tables import accounts as accounts_table
from ledger.storage.tables import entries
from tests.services.test_imports import row
from tests.world import World

PAGE_SIZES = [1, 2, 3, 5, 7, 100]


@pytest.fixture
def lived(world: World) -> World:
    """A rider with lots of two years, a spending, debts, repayments and late entries of earlier times."""
    world.enroll()
    world.run(import_reports, *(row(number) for number in range(8)))
    for number in range(6):
        world.clock.pass_time(hours=number + 1)
        code = world.award(category_code="SAF-03" if number % 2 else "SAF-01").case.report.code
        if number in {1, 3}:
            world.spend(world.balance().available - 7)
            world.clock.pass_time(minutes=1)
            world.revoke(code)
    world.run(import_reports, *(row(number) for number in range(8, 12)))
    return world


def account_ids(world: World, **narrowed_to: Any) -> list[accounts.AccountRecord]:
    values: dict[str, Any] = {"purpose": None, "owner": None, "commodity": None, **narrowed_to}
    with world.runtime.reading() as connection:
        return accounts.read_accounts(connection, world.programme_id, limit=100, after=None, **values).items


@pytest.mark.parametrize("size", PAGE_SIZES)
def test_an_accounts_statement_is_one_chain_over_all_its_pages(lived: World, size: int) -> None:
    for account in account_ids(lived):
        lines: list[accounts.AccountLine] = []
        after = None
        with lived.runtime.reading() as connection:
            while True:
                page = accounts.read_account_statement(
                    connection, lived.programme_id, account.id, limit=size, after=after
                )
                assert len(page.items) == size or page.after is None
                lines += page.items
                after = page.after
                if after is None:
                    break
        assert [line.version for line in lines] == list(range(account.version, 0, -1))
        assert lines[0].balance_after == account.balance
        assert lines[-1].balance_before == 0
        for newer, older in pairwise(lines):
            assert newer.balance_before == older.balance_after
        for line in lines:
            grows = line.side == account.normal_side
            assert line.balance_after - line.balance_before == (line.amount if grows else -line.amount)
            assert line.counter_account_id != account.id


@pytest.mark.parametrize("size", PAGE_SIZES)
def test_a_riders_statement_is_one_chain_over_all_lots_and_pages(lived: World, size: int) -> None:
    lines: list[riders.StatementLine] = []
    after = None
    with lived.runtime.reading() as connection:
        rider = riders.read_rider(connection, lived.programme_id, "R00001")
        while True:
            page: Slice[riders.StatementLine] = riders.read_statement(
                connection, lived.programme_id, rider, limit=size, after=after
            )
            lines += page.items
            after = page.after
            if after is None:
                break
    assert lines[0].balance_after == lived.balance().available
    assert lines[-1].balance_before == 0
    for newer, older in pairwise(lines):
        assert newer.balance_before == older.balance_after
    assert all(type(line.balance_after) is int and line.balance_after >= 0 for line in lines)
    assert {line.lapses_on for line in lines} == {"2026-12-31", "2027-12-31"}
    assert all(line.report_code for line in lines if line.kind in {"award", "reverse"})


def replay(world: World, owner_id: UUID, purpose: Purpose, at: datetime) -> int:
    """By a plain loop over all entries."""
    with world.runtime.reading() as connection:
        mine = {
            found.id: found.normal_side
            for found in connection.execute(select(accounts_table.c.id, accounts_table.c.normal_side, *OWNED))
            if (found.owner_id, found.purpose) == (owner_id, purpose)
        }
        lines = connection.execute(select(entries.c.account_id, *MOVED)).all()
    return sum(
        mine[line.account_id] * line.side * line.amount
        for line in lines
        if line.account_id in mine and line.effective_at <= at
    )


OWNED = (accounts_table.c.owner_id, accounts_table.c.purpose)
MOVED = (entries.c.side, entries.c.amount, entries.c.effective_at)


def test_a_balance_at_any_past_instant_is_what_a_replay_gives(lived: World) -> None:
    dice = Random(7)
    begin, owner_id = row(0).submitted_at - timedelta(days=1), lived.rider_id("R00001")
    span = (lived.clock.now - begin).total_seconds()
    with lived.runtime.reading() as connection:
        moments = list(connection.scalars(select(entries.c.effective_at).distinct()))
    moments += [begin + timedelta(seconds=dice.uniform(0, span)) for _ in range(20)]
    moments += [moment - timedelta(microseconds=1) for moment in moments]
    for moment in moments:
        found = lived.balance(at=moment)
        expected = [replay(lived, owner_id, p, moment) for p in (Purpose.AVAILABLE, Purpose.HELD, Purpose.OWED)]
        assert [found.available, found.held, found.owed] == expected
        assert sum(lot.available for lot in found.lots) == found.available
    assert lived.balance(at=lived.clock.now).lots == lived.balance().lots


def test_an_accounts_balance_at_a_past_instant_is_what_its_entries_give(lived: World) -> None:
    with lived.runtime.reading() as connection:
        for account in account_ids(lived):
            now = accounts.read_account_balance(connection, lived.programme_id, account.id, at=None)
            then = accounts.read_account_balance(connection, lived.programme_id, account.id, at=lived.clock.now)
            assert (now.balance, now.version) == (account.balance, account.version)
            assert (then.balance, type(then.balance)) == (account.balance, int)


def test_the_trial_balance_is_zero_now_and_at_every_instant(lived: World) -> None:
    with lived.runtime.reading() as connection:
        moments = [None, *connection.scalars(select(entries.c.effective_at).distinct())]
        for moment in moments:
            trial = accounts.read_trial_balance(connection, lived.programme_id, at=moment)
            assert [total.difference for total in trial.totals] == [0]
        now = accounts.read_trial_balance(connection, lived.programme_id, at=None)
    lines = {line.purpose: line for line in now.items}
    assert lines[Purpose.ISSUANCE].debit == 10_000_000
    assert lines[Purpose.AVAILABLE].credit == lived.balance().available
    assert {type(line.credit) for line in now.items} == {int}


def test_accounts_are_found_by_their_owner(lived: World) -> None:
    by_owner = {owner: account_ids(lived, owner=owner) for owner in ("R00001", "general", str(lived.programme_id), "x")}
    assert {found.purpose for found in by_owner["R00001"]} == {Purpose.AVAILABLE, Purpose.HELD, Purpose.OWED}
    assert [found.purpose for found in by_owner["general"]] == [Purpose.BUDGET]
    assert [found.purpose for found in by_owner[str(lived.programme_id)]] == [Purpose.ISSUANCE]
    assert by_owner["x"] == []
    assert len(account_ids(lived)) == sum(map(len, by_owner.values()))
    assert [found.purpose for found in account_ids(lived, purpose=Purpose.OWED)] == [Purpose.OWED]


@pytest.mark.parametrize("size", [1, 4, 100])
def test_transactions_come_newest_first_with_legs_that_balance(lived: World, size: int) -> None:
    found: list[transactions.TransactionRecord] = []
    after = None
    with lived.runtime.reading() as connection:
        while True:
            page = transactions.read_transactions(
                connection,
                lived.programme_id,
                kind=None,
                account_id=None,
                since=None,
                until=None,
                limit=size,
                after=after,
            )
            found += page.items
            after = page.after
            if after is None:
                break
        alone = [transactions.read_transaction(connection, lived.programme_id, one.id) for one in found]
    assert alone == found
    assert [(one.effective_at, one.id) for one in found] == sorted(
        ((t.effective_at, t.id) for t in found), reverse=True
    )
    # The budget, ten credited rows of one day, six reports, two spendings, two reversals.
    assert len({one.id for one in found}) == len(found) == 1 + 10 + 6 + 2 + 2
    by_id = {one.id: one for one in found}
    for one in found:
        assert one.legs and all(leg.amount > 0 for leg in one.legs)
        if one.reverses:
            assert by_id[one.reverses].reversed_by == one.id


def test_what_is_not_there_is_not_found(world: World) -> None:
    nothing = UUID(int=1)
    with world.runtime.reading() as connection:
        for read in (accounts.read_account, transactions.read_transaction):
            with pytest.raises(NotFound):
                read(connection, world.programme_id, nothing)
        with pytest.raises(NotFound):
            accounts.read_account_balance(connection, world.programme_id, nothing, at=None)
