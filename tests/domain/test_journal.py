"""The posting machine: what it refuses and in which order, that a transaction is whole, and a model it agrees with."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.domain.accounts import BALANCE_MAX, PURPOSES, Account, AccountKey, Purpose, Side, available_account
from ledger.domain.errors import Refusal
from ledger.domain.journal import (
    AlreadyReversed,
    AmountOutOfRange,
    BalanceTooHigh,
    BalanceTooLow,
    Books,
    BudgetExhausted,
    CommodityMismatch,
    LegCountOutOfRange,
    LegNotAllowed,
    NotTransferable,
    OutOfStock,
    ReversalIncomplete,
    post_transactions,
)
from ledger.domain.transactions import ALLOWED_LEGS, AMOUNT_MAX, LEGS_MAX, Transaction, TransactionKind
from tests.domain.books import (
    BUDGET,
    LOT,
    OTHER_RIDER,
    OWED,
    RIDER,
    account,
    held_account,
    item_account,
    key_of,
    leg,
    new_ids,
    transaction,
)

HOLD, REVERSE, RESTOCK = TransactionKind.HOLD, TransactionKind.REVERSE, TransactionKind.RESTOCK
REVERSED = UUID(int=77)

WRONG_EVERYWHERE = leg(item_account(Purpose.SHELF), held_account(rider=OTHER_RIDER), 0)
POOR = [account(BUDGET, 5)]

# Each case is wrong in its own way and in every way below it, so the table proves the order of precedence.
REFUSALS: list[tuple[str, Transaction, type[Refusal]]] = [
    ("no legs", transaction(kind=REVERSE, reverses=REVERSED), LegCountOutOfRange),
    ("too many legs", transaction(*[WRONG_EVERYWHERE] * (LEGS_MAX + 1)), LegCountOutOfRange),
    ("nothing moves", transaction(WRONG_EVERYWHERE), AmountOutOfRange),
    ("a negative amount", transaction(leg(amount=-1)), AmountOutOfRange),
    ("too much at once", transaction(leg(amount=AMOUNT_MAX + 1)), AmountOutOfRange),
    (
        "a kind that may not, between two commodities and two riders",
        transaction(leg(item_account(Purpose.SHELF), held_account(rider=OTHER_RIDER)), reverses=REVERSED),
        LegNotAllowed,
    ),
    (
        "two commodities, reversed already, of an empty shelf",
        transaction(
            leg(item_account(Purpose.SHELF), item_account(Purpose.RESERVED, "ITEM:rice")), kind=HOLD, reverses=REVERSED
        ),
        CommodityMismatch,
    ),
    (
        "from rider to rider, reversed already, of an empty lot",
        transaction(leg(LOT, held_account(rider=OTHER_RIDER)), kind=HOLD, reverses=REVERSED),
        NotTransferable,
    ),
    ("a hold that reverses", transaction(leg(LOT, held_account()), kind=HOLD, reverses=REVERSED), ReversalIncomplete),
    (
        "a reversal of nothing, from an empty lot",
        transaction(leg(LOT, BUDGET), kind=REVERSE, reverses=None),
        ReversalIncomplete,
    ),
    (
        "reversed already, from an empty lot",
        transaction(leg(LOT, BUDGET), kind=REVERSE, reverses=REVERSED),
        AlreadyReversed,
    ),
    ("an empty lot", transaction(leg(LOT, BUDGET), kind=REVERSE), BalanceTooLow),
    ("an exhausted budget", transaction(leg(amount=6)), BudgetExhausted),
    (
        "an empty shelf",
        transaction(leg(item_account(Purpose.SHELF), item_account(Purpose.RESERVED)), kind=HOLD),
        OutOfStock,
    ),
    ("more debt repaid than owed", transaction(leg(amount=5), leg(LOT, OWED, 5)), BalanceTooLow),
]


@pytest.mark.parametrize(("posted", "expected"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS])
def test_each_fault_is_refused_in_its_order_and_leaves_no_trace(posted: Transaction, expected: type[Refusal]) -> None:
    effects, [refusal] = post_transactions(POOR, [posted], new_id=new_ids(), reversed_ids=[REVERSED])
    assert type(refusal) is expected
    assert not (effects.opened_accounts or effects.changed_accounts or effects.transactions or effects.entries)


def test_an_account_never_passes_the_largest_balance() -> None:
    accounts = [account(BUDGET, 5, number=1), account(LOT, BALANCE_MAX - 4, number=2)]
    _, refusals = post_transactions(
        accounts, [transaction(leg(amount=5)), transaction(leg(amount=4), number=2)], new_id=new_ids()
    )
    assert [type(refusal) for refusal in refusals] == [BalanceTooHigh, type(None)]


@pytest.mark.parametrize("kind", TransactionKind)
def test_a_kind_moves_between_its_own_purposes_and_no_others(kind: TransactionKind) -> None:
    for debit in Purpose:
        for credit in Purpose:
            moved = leg(key_of(debit), key_of(credit))
            rich = [account(key_of(purpose), 100, number=number) for number, purpose in enumerate(Purpose)]
            _, [refusal] = post_transactions(rich, [transaction(moved, kind=kind)], new_id=new_ids())
            assert (refusal is None) is ((debit, credit) in ALLOWED_LEGS[kind]), (debit, credit, refusal)


def test_every_kind_moves_something() -> None:
    assert set(ALLOWED_LEGS) == set(TransactionKind)
    assert all(ALLOWED_LEGS.values())


def test_a_transaction_refused_at_its_last_leg_leaves_its_first_undone() -> None:
    books = Books([account(BUDGET, 100)], new_id=new_ids())
    assert books.post(transaction(leg(amount=10), leg(amount=91))) is not None
    assert (books.balance(BUDGET), books.balance(LOT)) == (100, 0)
    assert not books.effects().entries


def test_a_batch_goes_on_after_a_refusal_from_where_the_last_accepted_left_the_books() -> None:
    batch = [transaction(leg(amount=amount), number=amount) for amount in (60, 50, 40)]
    effects, refusals = post_transactions([account(BUDGET, 100)], batch, new_id=new_ids())
    assert [refusal is None for refusal in refusals] == [True, False, True]
    assert isinstance(refusals[1], BudgetExhausted)
    assert (refusals[1].available, refusals[1].wanted) == (40, 50)
    assert [posted.id for posted in effects.transactions] == [batch[0].id, batch[2].id]


def test_a_leg_may_spend_what_an_earlier_leg_of_the_same_transaction_brought() -> None:
    books = Books([account(BUDGET, 10), account(OWED, 4, number=501)], new_id=new_ids())
    assert books.post(transaction(leg(amount=10), leg(LOT, OWED, 4))) is None
    assert (books.balance(LOT), books.balance(OWED)) == (6, 0)


def test_one_transaction_is_reversed_once_within_a_batch_too() -> None:
    twice = [transaction(leg(LOT, BUDGET, 1), kind=REVERSE, number=n, reverses=UUID(int=9)) for n in (1, 2)]
    _, refusals = post_transactions([account(LOT, 10)], twice, new_id=new_ids())
    assert [type(refusal) for refusal in refusals] == [type(None), AlreadyReversed]


def test_a_refused_reversal_may_be_tried_again() -> None:
    books = Books([account(LOT, 1)], new_id=new_ids())
    wanted = [transaction(leg(LOT, BUDGET, n), kind=REVERSE, number=n, reverses=UUID(int=9)) for n in (2, 1)]
    assert [type(books.post(one)) for one in wanted] == [BalanceTooLow, type(None)]


def test_versions_go_on_from_the_stored_one_without_a_gap() -> None:
    effects, _ = post_transactions(
        [account(BUDGET, 100, version=41)],
        [transaction(leg(amount=1), leg(amount=2), number=n) for n in (1, 2)],
        new_id=new_ids(),
    )
    versions = [entry.version for entry in effects.entries if entry.side is Side.DEBIT]
    assert versions == [42, 43, 44, 45]
    assert [found.version for found in effects.changed_accounts] == [45]


def test_an_account_is_opened_by_its_first_entry_only() -> None:
    books = Books([account(BUDGET, 100)], new_id=new_ids())
    books.post(transaction(leg()))
    books.post(transaction(leg(), number=2))
    effects = books.effects()
    assert [(opened.key, opened.balance, opened.version) for opened in effects.opened_accounts] == [(LOT, 20, 2)]
    assert [changed.key for changed in effects.changed_accounts] == [BUDGET]


def test_reading_the_effects_twice_gives_the_same() -> None:
    books = Books([account(BUDGET, 100)], new_id=new_ids())
    books.post(transaction(leg()))
    assert books.effects() == books.effects()


def test_lots_come_soonest_to_lapse_first_then_oldest_and_empty_ones_not_at_all() -> None:
    lots = [available_account(RIDER, day) for day in ("2028-12-31", "2027-12-31", "2026-12-31")]
    stored = [account(lots[0], 1, number=1), account(lots[1], 1, number=2), account(lots[2], 0, number=3)]
    stranger = account(available_account(OTHER_RIDER, "2026-12-31"), 9, number=4)
    books = Books([*stored, stranger], new_id=new_ids())
    assert books.lots(RIDER, Purpose.AVAILABLE) == [lots[1], lots[0]]
    assert books.total(RIDER, Purpose.AVAILABLE) == 2


# --- the same by plain loops ------------------------------------------------------------------------------------

KEYS = [key_of(purpose) for purpose in Purpose] + [
    available_account(RIDER, "2028-12-31"),
    available_account(OTHER_RIDER, "2027-12-31"),
    held_account(rider=OTHER_RIDER),
]
LEGAL = [
    (kind, leg(debit, credit, 1))
    for kind in TransactionKind
    for debit in KEYS
    for credit in KEYS
    if (debit.purpose, credit.purpose) in ALLOWED_LEGS[kind]
]
amounts = st.integers(-1, 60)


@st.composite
def batches(draw: st.DrawFn) -> list[Transaction]:
    made: list[Transaction] = []
    for number in range(draw(st.integers(1, 12))):
        kind, first = draw(st.sampled_from(LEGAL))
        others = [one for of_kind, one in LEGAL if of_kind is kind]
        legs = [first, *draw(st.lists(st.sampled_from(others), max_size=3))]
        if draw(st.integers(0, 9)) == 0:  # now and then something that is not allowed
            legs.append(leg(draw(st.sampled_from(KEYS)), draw(st.sampled_from(KEYS))))
        moved = [leg(one.debit_account, one.credit_account, draw(amounts)) for one in legs]
        reverses = None
        if (kind is REVERSE) is not (draw(st.integers(0, 9)) == 0):  # now and then the wrong way round
            reverses = draw(st.sampled_from([UUID(int=1), UUID(int=2), *(one.id for one in made)]))
        made.append(transaction(*moved, kind=kind, number=number, reverses=reverses))
    return made


@dataclass
class Model:
    """Balances in a dictionary, copied before each transaction and put back after a refusal. Knows no `Books`."""

    balances: dict[AccountKey, int]
    versions: dict[AccountKey, int] = field(default_factory=dict)
    reversed_ids: set[UUID] = field(default_factory=set)
    history: list[tuple[UUID, AccountKey, int, int, int]] = field(default_factory=list)

    def post(self, posted: Transaction) -> str | None:
        before = (dict(self.balances), dict(self.versions), len(self.history))
        refused = self._form(posted) or self._moves(posted)
        if refused:
            self.balances, self.versions = before[0], before[1]
            del self.history[before[2] :]
        elif posted.reverses:
            self.reversed_ids.add(posted.reverses)
        return refused

    def _form(self, posted: Transaction) -> str | None:
        for one in posted.legs:
            debit, credit = one.debit_account, one.credit_account
            if one.amount < 1:
                return "amount_out_of_range"
            if (debit.purpose, credit.purpose) not in ALLOWED_LEGS[posted.kind]:
                return "leg_not_allowed"
            if debit.commodity != credit.commodity:
                return "commodity_mismatch"
            riders = {key.owner_id for key in (debit, credit) if key.rule.owner_kind == "rider"}
            if len(riders) > 1:
                return "not_transferable"
        if (posted.kind is REVERSE) != bool(posted.reverses):
            return "reversal_incomplete"
        return "already_reversed" if posted.reverses in self.reversed_ids else None

    def _moves(self, posted: Transaction) -> str | None:
        for one in posted.legs:
            for key, grows_on in ((one.debit_account, Side.DEBIT), (one.credit_account, Side.CREDIT)):
                rule = PURPOSES[key.purpose]
                change = one.amount if rule.normal_side is grows_on else -one.amount
                after = self.balances.get(key, 0) + change
                if rule.has_floor and after < 0:
                    stock = "out_of_stock" if key.commodity != "POINTS" else "insufficient_points"
                    return "budget_exhausted" if key.purpose is Purpose.BUDGET else stock
                self.balances[key] = after
                self.versions[key] = self.versions.get(key, 0) + 1
                self.history.append((posted.id, key, one.amount, after, self.versions[key]))
        return None


@settings(max_examples=300)
@given(batches(), st.lists(st.integers(0, 50), min_size=len(KEYS), max_size=len(KEYS)), st.booleans())
def test_the_machine_agrees_with_a_plain_model(batch: list[Transaction], opening: list[int], is_known: bool) -> None:
    reversed_ids = [UUID(int=1)] if is_known else []
    stored = [account(key, opening[n], number=n, version=0) for n, key in enumerate(KEYS) if opening[n]]
    model = Model(balances={found.key: found.balance for found in stored}, reversed_ids=set(reversed_ids))
    effects, refusals = post_transactions(stored, batch, new_id=new_ids(), reversed_ids=reversed_ids)

    assert [refusal.code if refusal else None for refusal in refusals] == [model.post(posted) for posted in batch]
    final: dict[UUID, Account] = {found.id: found for found in (*effects.opened_accounts, *effects.changed_accounts)}
    touched = {key for _, key, *_ in model.history}
    assert {found.key: found.balance for found in final.values()} == {key: model.balances[key] for key in touched}
    assert [
        (entry.transaction_id, final[entry.account_id].key, entry.amount, entry.balance_after, entry.version)
        for entry in effects.entries
    ] == model.history


@settings(max_examples=100)
@given(batches())
def test_every_accepted_transaction_balances_per_commodity_and_leg(batch: list[Transaction]) -> None:
    stored = [account(key, 50, number=number) for number, key in enumerate(KEYS)]
    effects, _ = post_transactions(stored, batch, new_id=new_ids())
    sums: dict[tuple[UUID, int], int] = {}
    for entry in effects.entries:
        sums[entry.transaction_id, entry.leg] = (
            sums.get((entry.transaction_id, entry.leg), 0) + entry.side * entry.amount
        )
    assert not any(sums.values())
    assert len(effects.entries) == 2 * sum(len(posted.legs) for posted in effects.transactions)
