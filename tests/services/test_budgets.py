"""Sponsors: created once, funded from issuance, never beyond what a book can hold."""

from ledger.queries import programmes as queries
from ledger.services.budgets import CreateSponsor, FundBudget, Funded, create_sponsors, fund_budgets
from tests.books import check_books
from tests.world import BUDGET, World


def create(code: str) -> CreateSponsor:
    return CreateSponsor(code=code, name="钟公庙街道", actor="operator/owner")


def fund(sponsor: str, points: int) -> FundBudget:
    return FundBudget(sponsor=sponsor, points=points, memo="二〇二六年度", actor="operator/owner")


def test_a_sponsor_is_created_once_and_funded_in_sets(world: World) -> None:
    first, again = world.run(create_sponsors, create("zgm"), create("zgm"))
    assert (first, again.code) == ("zgm", "already_exists")
    outcomes = world.run(fund_budgets, fund("zgm", 100), fund("nobody", 5), fund("zgm", 50), fund("general", 1))
    assert [type(outcome) for outcome in outcomes] == [Funded, type(outcomes[1]), Funded, Funded]
    assert outcomes[1].code == "not_found"
    assert outcomes[2].balance == 150
    with world.runtime.reading() as connection:
        budgets = queries.read_budgets(connection, world.programme_id, limit=10, after=None).items
        assert check_books(connection, world.programme_id) == []
    assert {budget.sponsor: budget.available for budget in budgets} == {"general": BUDGET + 1, "zgm": 150}


def test_nothing_and_less_than_nothing_cannot_be_funded(world: World) -> None:
    for points in (0, -1, 10**13):
        assert world.refuse(fund_budgets, fund("general", points)).code == "amount_out_of_range"
