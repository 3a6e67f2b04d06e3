"""Which legs an award, a reversal, a release and an expiry want: debt is repaid first, and nothing is made or lost."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.accounts import Purpose, available_account
from ledger.domain.journal import Books
from ledger.domain.moves import award_legs, expiry_legs, hold_legs, release_legs, reversal_legs
from ledger.domain.transactions import TransactionKind
from tests.domain.books import BUDGET, LOT, OWED, RIDER, account, new_ids, transaction

DAYS = ["2026-12-31", "2027-12-31", "2028-12-31"]
LOTS = [available_account(RIDER, day) for day in DAYS]


def books_with(*lots: int, owed: int = 0, budget: int = 1_000) -> Books:
    stored = [account(BUDGET, budget, number=1), account(OWED, owed, number=2)]
    stored += [account(key, points, number=3 + n) for n, (key, points) in enumerate(zip(LOTS, lots, strict=False))]
    return Books(stored, new_id=new_ids())


def award(books: Books, points: int, *, number: int = 1) -> None:
    legs = award_legs(books, budget=BUDGET, rider_id=RIDER, lapses_on=DAYS[1], points=points)
    assert books.post(transaction(*legs, number=number)) is None


def reverse(books: Books, points: int, *, number: int = 2) -> None:
    legs = reversal_legs(books, budget=BUDGET, rider_id=RIDER, lapses_on=DAYS[1], points=points)
    assert books.post(transaction(*legs, kind=TransactionKind.REVERSE, number=number)) is None


def test_an_award_without_debt_is_one_leg() -> None:
    assert len(award_legs(books_with(), budget=BUDGET, rider_id=RIDER, lapses_on=DAYS[1], points=10)) == 1


def test_an_award_repays_debt_first_and_the_rider_keeps_the_rest() -> None:
    books = books_with(owed=4)
    award(books, 10)
    assert (books.balance(LOT), books.balance(OWED), books.balance(BUDGET)) == (6, 0, 990)


def test_an_award_smaller_than_the_debt_leaves_nothing_to_spend() -> None:
    books = books_with(owed=30)
    award(books, 10)
    assert (books.balance(LOT), books.balance(OWED)) == (0, 20)


def test_a_reversal_takes_its_own_lot_then_the_soonest_to_lapse_then_makes_debt() -> None:
    books = books_with(5, 10, 5)
    legs = reversal_legs(books, budget=BUDGET, rider_id=RIDER, lapses_on=DAYS[1], points=25)
    assert [(leg.debit_account, leg.amount) for leg in legs] == [
        (LOTS[1], 10),
        (LOTS[0], 5),
        (LOTS[2], 5),
        (OWED, 5),
    ]


def test_a_reversal_stops_at_its_own_lot_where_that_suffices() -> None:
    legs = reversal_legs(books_with(5, 10, 5), budget=BUDGET, rider_id=RIDER, lapses_on=DAYS[1], points=10)
    assert [(leg.debit_account, leg.amount) for leg in legs] == [(LOTS[1], 10)]


def test_a_reversal_of_spent_points_is_all_debt() -> None:
    legs = reversal_legs(books_with(), budget=BUDGET, rider_id=RIDER, lapses_on=DAYS[1], points=10)
    assert [(leg.debit_account, leg.amount) for leg in legs] == [(OWED, 10)]


def test_an_expiry_takes_all_that_is_left_of_lots_before_today_and_of_no_other() -> None:
    legs = expiry_legs(books_with(5, 10, 5), rider_id=RIDER, today=DAYS[1])
    assert [(leg.debit_account, leg.amount) for leg in legs] == [(LOTS[0], 5)]
    legs = expiry_legs(books_with(5, 0, 5), rider_id=RIDER, today="2029-01-01")
    assert [(leg.debit_account, leg.amount) for leg in legs] == [(LOTS[0], 5), (LOTS[2], 5)]


def test_a_release_goes_back_to_its_lots_and_with_grace_only_what_lapsed_goes_to_a_new_one() -> None:
    hold = hold_legs(books_with(5, 10), rider_id=RIDER, points=12, today=DAYS[0])
    assert isinstance(hold, tuple)
    back = release_legs(hold, today=DAYS[1])
    assert [(leg.credit_account, leg.amount) for leg in back] == [(LOTS[0], 5), (LOTS[1], 7)]
    back = release_legs(hold, today=DAYS[1], grace_until="2028-01-14")
    assert [(leg.credit_account.bucket, leg.amount) for leg in back] == [("2028-01-14", 5), (DAYS[1], 7)]


@given(
    st.lists(st.integers(0, 30), min_size=3, max_size=3), st.integers(0, 50), st.lists(st.integers(1, 40), max_size=8)
)
def test_awards_and_reversals_keep_what_there_is_in_all(lots: list[int], owed: int, points: list[int]) -> None:
    books = books_with(*lots, owed=owed)
    worth = net(books)
    for number, amount in enumerate(points, 1):
        (award if number % 2 else reverse)(books, amount, number=number)
        worth += amount if number % 2 else -amount
        assert net(books) == worth
        assert books.balance(BUDGET) + net(books) == 1_000 + sum(lots) - owed


@given(st.lists(st.integers(0, 30), min_size=3, max_size=3), st.integers(0, 50), st.integers(1, 60))
def test_a_reversal_right_after_its_award_leaves_the_rider_worth_what_they_were(
    lots: list[int], owed: int, points: int
) -> None:
    books = books_with(*lots, owed=owed)
    worth = net(books)
    award(books, points)
    reverse(books, points)
    assert net(books) == worth


def net(books: Books) -> int:
    return books.total(RIDER, Purpose.AVAILABLE) - books.total(RIDER, Purpose.OWED)
