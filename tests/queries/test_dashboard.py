"""The manager's screen: what waits, what moved, what runs low."""

from datetime import timedelta

from ledger.queries.dashboard import Dashboard, read_dashboard
from tests.world import World


def read(world: World) -> Dashboard:
    now, zone = world.clock.now, world.runtime.zone_of(world.programme_id)
    with world.runtime.reading() as connection:
        return read_dashboard(connection, world.programme_id, now=now, zone=zone)


def test_an_empty_programme_has_an_empty_screen(world: World) -> None:
    found = read(world)
    assert (found.reports.waiting, found.redemptions.waiting, found.ready) == (0, 0, 0)
    assert (found.points.issued_today, found.points.redeemed_today, found.points.available) == (0, 0, 0)
    assert (found.low_stock, found.top) == ([], [])


def test_queues_have_their_age_against_what_was_promised(world: World) -> None:
    world.enroll()
    world.earn(1_000)
    world.put_item("G-010", price_points=900)
    world.submit()
    begin = world.clock.now
    world.redeem("G-010")
    world.clock.pass_time(hours=49)  # FAC-01 is promised within 48 hours, and so is an approval

    found = read(world)

    assert (found.reports.waiting, found.reports.overdue) == (1, 1)
    assert (found.redemptions.waiting, found.redemptions.overdue) == (1, 1)
    assert found.redemptions.oldest_at == begin
    assert found.redemptions.next_due_at == begin + timedelta(hours=48)


def test_points_count_on_the_local_day_and_month_in_which_they_moved(world: World) -> None:
    world.enroll()
    taken_back = world.award(category_code="SAF-01").case.report.code
    world.earn(100)
    world.put_item(stock=2, reorder_point=1)
    world.redeem()
    assert read(world).points.issued_today == 120
    world.clock.pass_time(days=1)
    world.revoke(taken_back)
    points = read(world).points
    assert (points.issued_today, points.issued_this_month) == (-20, 100)
    assert (points.redeemed_today, points.available, points.held, points.owed) == (0, 50, 50, 0)
    world.clock.now = world.clock.now.replace(day=31, hour=16)  # April in Ningbo
    assert read(world).points.issued_this_month == 0


def test_a_shelf_at_its_reorder_point_runs_low(world: World) -> None:
    world.enroll()
    world.earn(100)
    world.put_item(stock=2, reorder_point=1)
    world.put_item("G-002", stock=1)  # has no reorder point
    assert read(world).low_stock == []
    world.redeem()
    [low] = read(world).low_stock
    assert (low.sku, low.station_code, low.shelf, low.reorder_point) == ("G-001", "ZGM", 1, 1)
