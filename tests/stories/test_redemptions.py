"""Hard cases of redemptions. Source: hard-cases.md and programme.md, Value scale and rules."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.domain.catalog import ItemKind, LimitPeriod, LimitReached, StationRequired
from ledger.domain.journal import BalanceTooLow, OutOfStock
from ledger.domain.redemptions import (
    AlreadyApproved,
    OwnRequest,
    Redemption,
    RedemptionState,
    RedemptionWrongState,
    VoucherLapsed,
    VoucherUsed,
    WrongStation,
)
from ledger.domain.vouchers import VoucherMalformed
from ledger.services.closing import (
    CancelRedemption,
    FulfilRedemption,
    LapseRedemptions,
    RejectRedemption,
    cancel_redemptions,
    fulfil_redemptions,
    lapse_redemptions,
    reject_redemptions,
)
from ledger.services.redeeming import Redeemed
from ledger.services.redemptions import (
    ApproveRedemption,
    RequestRedemption,
    approve_redemptions,
    request_redemptions,
)
from tests.books import check_books
from tests.world import World

APPROVER, OTHER = "operator/approver", "operator/manager"


def request(rider: str, sku: str = "G-001", **changes: object) -> RequestRedemption:
    return replace(RequestRedemption(rider_code=rider, sku=sku, actor=f"rider/{rider}"), **changes)  # type: ignore[arg-type]


def fulfil(redemption: Redemption, **changes: object) -> FulfilRedemption:
    assert redemption.voucher_code is not None
    command = FulfilRedemption(voucher=redemption.voucher_code, actor="operator/keeper", keeper="keeper")
    return replace(command, **changes)  # type: ignore[arg-type]


def assert_books(world: World) -> None:
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


@pytest.fixture
def rich(world: World) -> World:
    """R00001 has 2,500 points; there are goods for every number of approvals."""
    world.enroll()
    world.earn(2_500)
    world.put_item()
    world.put_item("G-010", name="3C 头盔", price_points=900)
    world.put_item("S-010", name="骑手意外险一年", price_points=2_000, kind=ItemKind.SERVICE)
    return world


def test_of_200_riders_who_want_the_last_unit_one_gets_it_and_nobody_else_loses_points(world: World) -> None:
    riders = [world.enroll(f"R{number:05d}") for number in range(1, 201)]
    for rider in riders:
        world.award(rider, category_code="SAF-03")
    world.put_item(stock=1)

    with ThreadPoolExecutor(32) as pool:
        outcomes = list(pool.map(lambda rider: world.run(request_redemptions, request(rider))[0], riders))

    winners = [rider for rider, outcome in zip(riders, outcomes, strict=True) if isinstance(outcome, Redeemed)]
    assert len(winners) == 1
    assert sum(isinstance(outcome, OutOfStock) for outcome in outcomes) == 199
    for rider in riders:
        balance = world.balance(rider)
        assert (balance.available, balance.held) == ((0, 50) if rider in winners else (50, 0))
    stock = world.stock()
    assert (stock.shelf, stock.reserved, stock.delivered) == (0, 1, 0)
    assert_books(world)


def test_of_200_in_one_batch_one_gets_the_last_unit(world: World) -> None:
    riders = [world.enroll(f"R{number:05d}") for number in range(1, 201)]
    for rider in riders:
        world.award(rider, category_code="SAF-03")
    world.put_item(stock=1)

    outcomes = world.run(request_redemptions, *(request(rider) for rider in riders))

    assert [type(outcome) for outcome in outcomes] == [Redeemed] + [OutOfStock] * 199
    assert_books(world)


def test_two_approvers_at_once_make_one_voucher(rich: World) -> None:
    redemption = rich.redeem("G-010")

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(
            lambda actor: rich.run(approve_redemptions, ApproveRedemption(redemption=redemption.code, actor=actor))[0],
            (APPROVER, OTHER),
        )

    done = [outcome for outcome in (first, second) if isinstance(outcome, Redeemed)]
    refused = [outcome for outcome in (first, second) if isinstance(outcome, RedemptionWrongState)]
    assert len(done) == len(refused) == 1
    assert done[0].case.redemption.state is RedemptionState.READY
    assert refused[0].changed_by == done[0].case.redemption.approvals[0].approved_by
    assert_books(rich)


def test_up_to_300_points_the_rule_approves_up_to_1500_one_person_above_two(rich: World) -> None:
    small, large = rich.redeem(), rich.redeem("G-010")
    assert (small.state, small.approvals_required) == (RedemptionState.READY, 0)
    assert (large.state, large.approvals_required) == (RedemptionState.REQUESTED, 1)
    rich.earn(2_000)
    largest = rich.redeem("S-010")
    assert (largest.state, largest.approvals_required) == (RedemptionState.REQUESTED, 2)
    assert rich.approve(largest.code).state is RedemptionState.REQUESTED
    ready = rich.approve(largest.code, actor=OTHER)
    assert ready.state is RedemptionState.READY
    assert ready.voucher_code is not None


def test_a_person_does_not_approve_twice(rich: World) -> None:
    redemption = rich.redeem("S-010")
    rich.approve(redemption.code)
    again = rich.refuse(approve_redemptions, ApproveRedemption(redemption=redemption.code, actor=APPROVER))
    assert isinstance(again, AlreadyApproved)


def test_a_person_does_not_approve_what_they_requested(rich: World) -> None:
    redemption = rich.redeem("G-010", actor="operator/manager")
    refusal = rich.refuse(approve_redemptions, ApproveRedemption(redemption=redemption.code, actor=OTHER))
    assert isinstance(refusal, OwnRequest)
    assert rich.approve(redemption.code).state is RedemptionState.READY


def test_a_voucher_is_good_once(rich: World) -> None:
    redemption = rich.redeem()
    rich.do(fulfil_redemptions, fulfil(redemption))
    again = rich.refuse(fulfil_redemptions, fulfil(redemption))
    assert isinstance(again, VoucherUsed)
    assert again.fulfilled_by == "operator/keeper"
    balance, stock = rich.balance(), rich.stock()
    assert (balance.available, balance.held) == (2_450, 0)
    assert (stock.shelf, stock.reserved, stock.delivered) == (99, 0, 1)
    assert_books(rich)


def test_a_voucher_twice_in_one_batch_is_good_once(rich: World) -> None:
    redemption = rich.redeem()
    first, second = rich.run(fulfil_redemptions, fulfil(redemption), fulfil(redemption))
    assert isinstance(first, Redeemed)
    assert isinstance(second, VoucherUsed)


def test_a_voucher_is_read_as_people_type_it_and_a_wrong_character_is_found(rich: World) -> None:
    redemption = rich.redeem()
    code = redemption.voucher_code or ""
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert isinstance(rich.refuse(fulfil_redemptions, fulfil(redemption, voucher=wrong)), VoucherMalformed)
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    assert isinstance(rich.do(fulfil_redemptions, fulfil(redemption, voucher=typed)), Redeemed)


def test_rejecting_gives_points_and_stock_back(rich: World) -> None:
    redemption = rich.redeem("G-010")
    before = rich.balance()
    assert (before.available, before.held) == (1_600, 900)
    rejected: Redeemed = rich.do(
        reject_redemptions, RejectRedemption(redemption=redemption.code, reason="重复申请", actor=APPROVER)
    )
    assert rejected.case.redemption.state is RedemptionState.REJECTED
    after, stock = rich.balance(), rich.stock("G-010")
    assert (after.available, after.held) == (2_500, 0)
    assert (stock.shelf, stock.reserved) == (100, 0)
    again = rich.refuse(reject_redemptions, RejectRedemption(redemption=redemption.code, reason="再来", actor=APPROVER))
    assert isinstance(again, RedemptionWrongState)
    assert_books(rich)


@pytest.mark.parametrize("sku", ["G-001", "G-010"])
def test_a_rider_cancels_their_own_redemption_and_nobody_elses(rich: World, sku: str) -> None:
    rich.enroll("R00002")
    redemption = rich.redeem(sku)
    command = CancelRedemption(redemption=redemption.code, reason="不要了", actor="rider/R00001")
    other = replace(command, actor="rider/R00002", rider_id=rich.rider_id("R00002"))
    assert rich.refuse(cancel_redemptions, other).code == "not_found"
    rich.do(cancel_redemptions, replace(command, rider_id=rich.rider_id("R00001")))
    assert rich.balance().available == 2_500
    assert rich.refuse(cancel_redemptions, command).code == "redemption_wrong_state"
    if redemption.voucher_code:
        assert rich.refuse(fulfil_redemptions, fulfil(redemption)).code == "redemption_wrong_state"
    assert_books(rich)


def test_what_is_not_picked_up_within_15_days_lapses_and_comes_back(rich: World) -> None:
    redemption = rich.redeem()
    rich.clock.pass_time(days=15)
    assert rich.do(lapse_redemptions, LapseRedemptions()) == []
    rich.clock.pass_time(days=1)
    assert isinstance(rich.refuse(fulfil_redemptions, fulfil(redemption)), VoucherLapsed)
    [lapsed] = rich.do(lapse_redemptions, LapseRedemptions())
    assert lapsed.case.redemption.state is RedemptionState.LAPSED
    assert rich.do(lapse_redemptions, LapseRedemptions()) == []
    balance, stock = rich.balance(), rich.stock()
    assert (balance.available, balance.held, stock.shelf) == (2_500, 0, 100)
    assert_books(rich)


def test_the_limit_counts_what_was_not_given_back_in_the_local_month(rich: World) -> None:
    rich.put_item("G-006", stock=10, limit_count=1, limit_period=LimitPeriod.MONTH)
    first = rich.redeem("G-006")
    refusal = rich.refuse(request_redemptions, request("R00001", "G-006"))
    assert isinstance(refusal, LimitReached)
    assert refusal.resets_on is not None
    assert refusal.resets_on.isoformat() == "2026-04-01"
    rich.do(cancel_redemptions, CancelRedemption(redemption=first.code, reason="", actor="rider/R00001"))
    rich.redeem("G-006")
    # 16:00 UTC is midnight in Ningbo: the next month begins there.
    rich.clock.now = rich.clock.now.replace(month=3, day=31, hour=16)
    rich.redeem("G-006")


def test_limits_stock_and_points_count_within_one_batch(rich: World) -> None:
    rich.put_item("G-006", stock=2, limit_count=3, limit_period=LimitPeriod.EVER, price_points=1_200)
    outcomes = rich.run(request_redemptions, *[request("R00001", "G-006")] * 4)
    assert [type(outcome) for outcome in outcomes] == [Redeemed, Redeemed, OutOfStock, OutOfStock]
    rich.restock("G-006", 5)
    assert isinstance(rich.refuse(request_redemptions, request("R00001", "G-006")), BalanceTooLow)
    assert_books(rich)


def test_points_that_lapsed_are_not_spent(rich: World) -> None:
    rich.clock.now += timedelta(days=700)  # the lots of 2026 lapsed on 31 December 2027
    refusal = rich.refuse(request_redemptions, request("R00001"))
    assert isinstance(refusal, BalanceTooLow)
    assert refusal.available == 0


def test_the_soonest_to_lapse_is_spent_first(world: World) -> None:
    world.enroll()
    world.put_item()
    world.award(category_code="SAF-01")
    world.clock.now = world.clock.now.replace(year=2027)
    world.earn(50)
    redemption = world.redeem()
    lots = {lot.lapses_on: (lot.available, lot.held) for lot in world.balance().lots}
    assert lots == {"2027-12-31": (0, 20), "2028-12-31": (20, 30)}
    world.do(cancel_redemptions, CancelRedemption(redemption=redemption.code, reason="", actor="rider/R00001"))
    lots = {lot.lapses_on: (lot.available, lot.held) for lot in world.balance().lots}
    assert lots == {"2027-12-31": (20, 0), "2028-12-31": (50, 0)}


def test_a_station_is_named_where_several_have_the_item_and_its_keepers_hand_over(rich: World) -> None:
    rich.put_station("XYZ", keepers=("keeper",))
    rich.restock("G-001", 5, station="XYZ")
    refusal = rich.refuse(request_redemptions, request("R00001"))
    assert isinstance(refusal, StationRequired)
    assert "XYZ" in refusal.known
    elsewhere, here = rich.redeem(station="ZGM"), rich.redeem(station="XYZ")
    assert isinstance(rich.refuse(fulfil_redemptions, fulfil(elsewhere)), WrongStation)
    rich.do(fulfil_redemptions, fulfil(here))
    rich.do(fulfil_redemptions, fulfil(elsewhere, actor=OTHER, keeper="manager"))
    assert_books(rich)


def test_a_donation_is_given_at_once_in_the_amount_the_rider_says(rich: World) -> None:
    rich.put_item("D-001", kind=ItemKind.DONATION, is_stocked=False, price_points=10, name="暖骑互助基金")
    donation = rich.redeem("D-001", points=120)
    assert (donation.state, donation.voucher_code) == (RedemptionState.FULFILLED, None)
    assert rich.balance().available == 2_380
    assert rich.refuse(request_redemptions, request("R00001", "D-001", points=9)).code == "invalid_field"
    assert rich.refuse(request_redemptions, request("R00001", "D-001")).code == "invalid_field"
    large = rich.redeem("D-001", points=500)
    assert large.state is RedemptionState.REQUESTED
    assert rich.approve(large.code).state is RedemptionState.FULFILLED
    assert_books(rich)


def test_refusals_come_in_their_order_and_change_nothing(rich: World) -> None:
    events = rich.event_count()
    rich.put_item("OLD", active_until=rich.clock.now.date() - timedelta(days=1), stock=1)
    events = rich.event_count()
    for command, code in [
        (request("R99999"), "not_found"),
        (request("R00001", "NONE"), "not_found"),
        (request("R00001", "OLD"), "item_not_active"),
        (request("R00001", points=60), "invalid_field"),
        (request("R00001", station="NOWHERE"), "not_found"),
    ]:
        assert rich.refuse(request_redemptions, command).code == code
    assert rich.event_count() == events
    assert rich.balance().available == 2_500
