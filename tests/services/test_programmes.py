"""Founding programmes: once each, and two side by side never see each other."""

import pytest
from sqlalchemy import text

from ledger.domain.calendar import Month
from ledger.domain.errors import AlreadyExists, NotFound
from ledger.domain.journal import AmountOutOfRange
from ledger.domain.transactions import AMOUNT_MAX
from ledger.queries import accounts, events, programmes, rankings, reports, riders
from ledger.queries.reports import ReportFilter
from ledger.queries.riders import RiderFilter
from ledger.services.programmes import CreateProgramme, create_programmes
from tests.books import check_books
from tests.world import World, found_programme


def founding(budget_points: int = 0) -> CreateProgramme:
    return CreateProgramme(
        name="第二区",
        time_zone="Asia/Shanghai",
        owner_name="owner",
        owner_password_hash="x",
        budget_points=budget_points,
    )


@pytest.fixture
def second(world: World) -> World:
    return World(runtime=world.runtime, clock=world.clock, programme_id=2)


def test_a_programme_is_founded_once(world: World, second: World) -> None:
    first, again = second.run(create_programmes, founding(), founding())
    assert first.programme_id == 2
    assert isinstance(again, AlreadyExists)
    assert isinstance(second.refuse(create_programmes, founding()), AlreadyExists)
    assert isinstance(world.refuse(create_programmes, founding()), AlreadyExists)


def test_two_processes_found_a_programme_once(second: World, other_process: World) -> None:
    third = World(runtime=other_process.runtime, clock=other_process.clock, programme_id=2)
    outcomes = [one.run(create_programmes, founding())[0] for one in (second, third)]
    assert [type(outcome) is AlreadyExists for outcome in outcomes] == [False, True]


def test_a_budget_of_nothing_books_nothing(second: World) -> None:
    second.do(create_programmes, founding(0))
    with second.runtime.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM accounts WHERE programme_id = 2")) == 0
        assert check_books(connection, 2) == []


def test_a_budget_past_every_measure_leaves_no_half_a_programme(second: World) -> None:
    with pytest.raises(AmountOutOfRange):
        second.run(create_programmes, founding(AMOUNT_MAX + 1))
    with second.runtime.reading() as connection, pytest.raises(NotFound):
        programmes.read_programme(connection, 2)


def test_two_programmes_side_by_side_never_see_each_other(world: World, second: World) -> None:
    found_programme(second, name="第二区", budget_points=1_000)
    for programme, category in ((world, "FAC-01"), (second, "SAF-01")):
        programme.enroll("R00001", name=programme.runtime.settings.sms or "x")
        programme.award(category_code=category, external_id="same")
    assert (world.balance().available, second.balance().available) == (10, 20)

    code = world.submit()
    with pytest.raises(NotFound):
        second.report(code)
    with world.runtime.reading() as connection:
        for programme, points in ((world, 10), (second, 20)):
            found = programme.programme_id
            assert check_books(connection, found) == []
            listed = riders.read_riders(connection, found, narrowed_to=RiderFilter(), limit=10, after=None)
            assert [known.rider.id for known in listed.items] == [programme.rider_id("R00001")]
            ranked = rankings.read_ranking(connection, found, Month("2026-03"), limit=10, after=None)
            assert [line.merit for line in ranked.items] == [points]
            cases = reports.read_reports(
                connection, found, narrowed_to=ReportFilter(), is_newest_first=True, limit=10, after=None
            )
            assert len(cases.items) == (2 if programme is world else 1)
            trial = accounts.read_trial_balance(connection, found, at=None)
            assert [total.difference for total in trial.totals] == [0]
            numbers = [event.number for event in events.read_events(connection, found, after_number=0, limit=50).items]
            assert numbers == list(range(1, len(numbers) + 1))
    with world.runtime.reading() as connection, pytest.raises(NotFound):
        reports.read_report(connection, 2, code)
