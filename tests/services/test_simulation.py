"""A simulation rates history as the service would have done under other rules, and changes nothing."""

from datetime import date

from ledger.domain.rulebook import read_rulebook
from ledger.domain.simulation import Simulation
from ledger.queries import simulation as queries
from ledger.services.programmes import default_rulebook
from tests.world import World

DEFAULT = default_rulebook()
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def simulate(world: World, document: str, *, since: date = FIRST, until: date = LAST) -> Simulation:
    simulation = Simulation()
    with world.runtime.reading() as connection:
        *_, (done, total) = queries.simulate(
            connection, world.programme_id, simulation, read_rulebook(0, document), since=since, until=until
        )
    assert done == total
    return simulation


def history(world: World) -> None:
    """R00001: twelve lamps on one day, two of them above the cap, and one settled; R00002: a hazard, and a revoked."""
    world.enroll()
    world.enroll("R00002")
    reports = [world.award().case.report.code for _ in range(12)]
    world.settle(reports[0])
    world.award("R00002", category_code="SAF-02")
    world.revoke(world.award("R00002", category_code="SAF-01").case.report.code)


def test_the_same_rules_give_what_history_gave(world: World) -> None:
    history(world)
    before = world.event_count()
    found = simulate(world, DEFAULT)
    assert found.before == found.after == {"FAC-01": 105, "SAF-02": 30}
    assert (found.awards, found.riders, found.winners, found.losers, found.unknown) == (14, 2, 0, 0, 0)
    assert world.event_count() == before


def test_other_rules_tell_winners_losers_and_what_the_budget_would_pay(world: World) -> None:
    history(world)
    document = DEFAULT.replace("reports_per_day = 10", "reports_per_day = 12").replace("points = 30", "points = 25")
    found = simulate(world, document)
    assert found.after == {"FAC-01": 125, "SAF-02": 25}
    assert [(one.rider_code, one.change) for one in found.most_gained] == [("R00001", 20)]
    assert [(one.rider_code, one.change) for one in found.most_lost] == [("R00002", -5)]
    assert sum(found.sponsors_after.values()) - sum(found.sponsors_before.values()) == 15


def test_a_category_that_the_rules_do_not_have_counts_as_nothing_and_is_said(world: World) -> None:
    history(world)
    first, second = DEFAULT.index('[[categories]]\ncode = "SAF-02"'), DEFAULT.index('[[categories]]\ncode = "SAF-03"')
    found = simulate(world, DEFAULT[:first] + DEFAULT[second:])
    assert (found.after["SAF-02"], found.unknown) == (0, 1)


def test_days_outside_do_not_count_but_use_up_the_months_cap(world: World) -> None:
    world.enroll()
    world.award()
    world.clock.pass_time(days=1)
    world.award()
    document = DEFAULT.replace("points_per_month = 2000", "points_per_month = 12")
    found = simulate(world, document, since=date(2026, 3, 11))
    assert (found.awards, found.before["FAC-01"], found.after["FAC-01"]) == (1, 10, 2)
    assert simulate(world, DEFAULT, since=date(2026, 4, 1), until=date(2026, 4, 2)).awards == 0


def test_riders_beyond_a_window_are_rated_too(world: World, monkeypatch) -> None:
    history(world)
    monkeypatch.setattr(queries, "WINDOW_RIDERS", 1)
    assert simulate(world, DEFAULT).awards == 14
