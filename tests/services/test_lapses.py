"""Lapsing points: what is left of a lot whose day is over goes, once, in pieces, and nothing else does."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select, text

from ledger.domain.transactions import LEGS_MAX, TransactionKind
from ledger.services.closing import CancelRedemption, RejectRedemption, cancel_redemptions, reject_redemptions
from ledger.services.imports import import_reports
from ledger.services.lapses import Lapsed, LapsedLot, LapsePoints, lapse_points
from ledger.storage.lapses import find_lapsed
from ledger.storage.tables import events, transactions
from tests.books import check_books
from tests.services.test_imports import row
from tests.storage.test_unit_of_work import unit
from tests.world import World

LAST_EVENING = datetime(2027, 12, 31, 15, 59, tzinfo=UTC)
"""A minute before midnight in Ningbo, on the last day of what was earned in 2026."""


@pytest.fixture(autouse=True)
def story(world: World) -> Iterator[None]:
    world.enroll()
    yield
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def lapse(world: World, **changes: Any) -> Lapsed:
    lapsed: Lapsed = world.do(lapse_points, LapsePoints(**changes))
    return lapsed


def expiries(world: World) -> list[Any]:
    with world.runtime.reading() as connection:
        return list(connection.execute(select(transactions).where(transactions.c.kind == TransactionKind.EXPIRE.value)))


def expired(world: World) -> int:
    with world.runtime.reading() as connection:
        return connection.scalar(text("SELECT coalesce(sum(balance), 0) FROM accounts WHERE purpose = 'expired'")) or 0


def test_a_lot_is_good_to_the_end_of_its_last_local_day_and_lapses_after_it(world: World) -> None:
    world.award()
    world.clock.now = LAST_EVENING
    assert lapse(world).riders == ()
    assert world.balance().available == 10
    world.clock.pass_time(minutes=1)
    assert lapse(world).points == 10
    assert (world.balance().available, world.balance().lots, expired(world)) == (0, [], 10)


def test_what_was_spent_does_not_lapse_and_what_is_held_stays_held(world: World) -> None:
    world.earn(50)
    world.spend(20)
    world.clock.now = LAST_EVENING
    world.clock.pass_time(hours=1)
    assert lapse(world).points == 30
    balance = world.balance()
    assert (balance.available, balance.held, expired(world)) == (0, 20, 30)


def test_lots_that_live_are_left_alone(world: World) -> None:
    world.award()
    world.clock.now = LAST_EVENING
    world.award(category_code="SAF-01")
    world.clock.pass_time(days=1)
    [rider] = lapse(world).riders
    assert rider.lots == (LapsedLot(lapsed_on="2027-12-31", points=10),)
    assert (rider.balances.available, world.balance().available) == (20, 20)


def test_twice_is_once(world: World) -> None:
    world.award()
    world.clock.now = LAST_EVENING
    world.clock.pass_time(days=1)
    first, second = world.run(lapse_points, LapsePoints(), LapsePoints())
    assert (first.points, second.points) == (10, 0)
    count = world.event_count()
    assert lapse(world) == Lapsed(riders=(), is_more=False)
    assert world.event_count() == count
    assert len(expiries(world)) == 1


def test_side_by_side_is_once(world: World, other_process: World) -> None:
    for number in range(2, 12):
        world.award(world.enroll(f"R{number:05d}"))
    world.clock.now = LAST_EVENING
    world.clock.pass_time(days=1)

    def run(number: int) -> int:
        points = 0
        is_more = True
        while is_more:
            piece = lapse((world, other_process)[number % 2], limit=3)
            points, is_more = points + piece.points, piece.is_more
        return points

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(run, range(6))) == 100
    assert (expired(world), len(expiries(world))) == (100, 10)


def test_a_piece_is_bounded_and_the_next_goes_on(world: World) -> None:
    for number in range(2, 7):
        world.award(world.enroll(f"R{number:05d}"))
    world.clock.now = LAST_EVENING
    world.clock.pass_time(days=1)
    pieces = [lapse(world, limit=2) for _ in range(3)]
    assert [(len(piece.riders), piece.is_more) for piece in pieces] == [(2, True), (2, True), (1, False)]


def test_a_rider_with_more_lots_than_a_transaction_takes_is_done_in_two(world: World) -> None:
    """A lot a day is what grace and other rules of lapsing can make; the bound is that of one transaction."""
    for year in range(LEGS_MAX + 2):
        world.run(import_reports, row(year, submitted_at=datetime(1900 + year, 5, 1, tzinfo=UTC)))
    first, second = lapse(world), lapse(world)
    assert (len(first.riders[0].lots), first.is_more) == (LEGS_MAX, True)
    assert (len(second.riders[0].lots), second.is_more) == (2, False)


def test_points_that_come_into_a_lot_long_lapsed_go_with_the_next_run(world: World) -> None:
    world.run(import_reports, row(1, submitted_at=datetime(2023, 5, 1, tzinfo=UTC)))
    assert lapse(world).riders[0].lots == (LapsedLot(lapsed_on="2024-12-31", points=10),)
    world.run(import_reports, row(2, submitted_at=datetime(2023, 6, 1, tzinfo=UTC)))
    assert lapse(world).points == 10


def test_the_event_and_the_transaction_say_what_lapsed_and_what_is_left(world: World) -> None:
    world.award()
    world.run(import_reports, row(1, submitted_at=datetime(2024, 5, 1, tzinfo=UTC)))
    lapse(world, actor="operator/manager")
    [expiry] = expiries(world)
    with world.runtime.reading() as connection:
        [told] = connection.execute(select(events).where(events.c.kind == "points.lapsed")).all()
    assert (expiry.actor, expiry.source_id) == ("operator/manager", world.rider_id("R00001"))
    assert told.subject == "rider/R00001"
    assert json.loads(told.data) == {
        "rider": "R00001",
        "points": 10,
        "lots": [{"lapsed_on": "2025-12-31", "points": 10}],
        "by": "operator/manager",
        "transaction": str(expiry.id),
        "available_after": 10,
        "held_after": 0,
        "owed_after": 0,
    }


def test_a_preview_changes_nothing(world: World) -> None:
    world.run(import_reports, row(1, submitted_at=datetime(2024, 5, 1, tzinfo=UTC)))
    [preview] = world.run(lapse_points, LapsePoints(), dry_run=True)
    assert (preview.points, expired(world), world.balance().available) == (10, 0, 10)


def test_lapsed_lots_are_found_by_the_index_on_their_day(world: World) -> None:
    sent: list[tuple[str, Any]] = []

    def keep(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        sent.append((statement, parameters))

    explain = "EXPLAIN QUERY PLAN" if world.runtime.database.is_sqlite else "EXPLAIN"
    with unit(world) as uow:
        event.listen(uow.connection, "before_cursor_execute", keep)
        find_lapsed(uow, world.clock.now.date(), limit=10)
        statement, parameters = sent[-1]
        plan = str(uow.connection.exec_driver_sql(f"{explain} {statement}", parameters).all())
    assert "ix_accounts_bucket" in plan
    assert "sort" not in plan.lower() and "temp" not in plan.lower()


# --- grace -------------------------------------------------------------------------------------------------------

AFTER_GRACE = "2028-01-15"
"""Two weeks after the first of January of 2028, on which the redemptions below end."""


def hold_over_the_last_day(world: World) -> str:
    """The code of a redemption of 400 points that waits for its approver while the lot of its points lapses."""
    world.earn(400)
    held = world.redeem(world.put_service(400))
    world.clock.now = LAST_EVENING
    world.clock.pass_time(hours=1)
    assert lapse(world).riders == ()
    return held.code


def lots(world: World) -> list[tuple[str, int]]:
    return [(lot.lapses_on, lot.available) for lot in world.balance().lots if lot.available]


def test_points_that_lapsed_while_held_get_grace_when_we_reject(world: World) -> None:
    code = hold_over_the_last_day(world)
    world.do(reject_redemptions, RejectRedemption(redemption=code, reason="停办", actor="operator/approver"))
    assert lots(world) == [(AFTER_GRACE, 400)]
    assert lapse(world).riders == ()
    world.clock.pass_time(days=15)
    assert lapse(world).riders[0].lots == (LapsedLot(lapsed_on=AFTER_GRACE, points=400),)


def test_points_that_lapsed_while_held_get_grace_when_the_staff_cancels(world: World) -> None:
    code = hold_over_the_last_day(world)
    world.do(cancel_redemptions, CancelRedemption(redemption=code, reason="缺货", actor="operator/manager"))
    assert lots(world) == [(AFTER_GRACE, 400)]
    with world.runtime.reading() as connection:
        memo = connection.scalar(
            select(transactions.c.memo).where(transactions.c.kind == TransactionKind.RELEASE.value)
        )
    assert memo is not None
    assert f"grace until {AFTER_GRACE}" in memo


def test_points_that_lapsed_while_held_get_none_when_the_rider_cancels(world: World) -> None:
    code = hold_over_the_last_day(world)
    world.do(cancel_redemptions, CancelRedemption(redemption=code, reason="", actor="rider/R00001"))
    assert lapse(world).riders[0].lots == (LapsedLot(lapsed_on="2027-12-31", points=400),)
    assert world.balance().available == 0


def test_points_whose_lot_lives_go_back_to_it_whoever_ends_the_redemption(world: World) -> None:
    world.earn(400)
    held = world.redeem(world.put_service(400))
    world.do(reject_redemptions, RejectRedemption(redemption=held.code, reason="停办", actor="operator/approver"))
    assert lots(world) == [("2027-12-31", 400)]
