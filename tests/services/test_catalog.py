"""Putting items and stations, and units that come in and go out: as sets, told once, never below nothing."""

from dataclasses import replace

from ledger.domain.catalog import ItemKind
from ledger.domain.errors import Refusal
from ledger.services.catalog import (
    Change,
    PutItem,
    PutStation,
    RestockItem,
    put_items,
    put_stations,
    restock_items,
)
from tests.books import check_books
from tests.world import World

SOAP = PutItem(sku="G-001", name="香皂", kind=ItemKind.GOODS, price_points=50, actor="operator/manager")


def restock(quantity: int, *, sku: str = "G-001", station: str = "ZGM") -> RestockItem:
    return RestockItem(sku=sku, station=station, quantity=quantity, memo="进货", actor="operator/manager")


def test_an_item_is_created_changed_and_left_alone_and_only_changes_are_told(world: World) -> None:
    outcomes = world.run(put_items, SOAP, SOAP, replace(SOAP, price_points=60))
    assert [outcome.change for outcome in outcomes] == [Change.CREATED, Change.UNCHANGED, Change.CHANGED]
    assert world.stock().item.price_points == 60
    told = world.event_count()
    assert world.do(put_items, replace(SOAP, price_points=60)).change is Change.UNCHANGED
    assert world.event_count() == told


def test_a_bad_line_does_not_stop_the_others(world: World) -> None:
    bad = replace(SOAP, sku="soap")
    first, second, third = world.run(put_items, bad, replace(SOAP, limit_count=3), replace(SOAP, sku="G-002"))
    assert isinstance(first, Refusal) and isinstance(second, Refusal)
    assert third.change is Change.CREATED


def test_a_redemption_keeps_the_price_it_was_asked_at(world: World) -> None:
    world.enroll()
    world.earn(50)
    world.put_item()
    redemption = world.redeem()
    world.put_item(price_points=5_000, stock=0)
    assert redemption.points == 50
    assert world.balance().held == 50


def test_stations_have_the_keepers_they_are_given_and_no_others(world: World) -> None:
    station = PutStation(code="ZGM", name="钟公庙驿站", keepers=("keeper", "manager"), actor="operator/manager")
    assert world.do(put_stations, station).keepers == ("keeper", "manager")
    assert world.do(put_stations, replace(station, keepers=())).keepers == ()
    assert world.refuse(put_stations, replace(station, keepers=("nobody",))).code == "not_found"
    assert world.refuse(put_stations, replace(station, code="zgm")).code == "invalid_field"


def test_units_come_in_and_go_out_and_never_more_than_there_are(world: World) -> None:
    world.put_item(stock=10)
    outcomes = world.run(restock_items, restock(5), restock(-12), restock(-4))
    assert not isinstance(outcomes[0], Refusal) and not isinstance(outcomes[1], Refusal)
    assert outcomes[2].code == "out_of_stock"
    assert world.stock().shelf == 3
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def test_what_cannot_be_restocked_says_why(world: World) -> None:
    world.put_item(stock=1)
    world.put_item("S-001", is_stocked=False, stock=0)
    world.put_station("OLD", is_active=False)
    for command, code in [
        (restock(1, sku="NONE"), "not_found"),
        (restock(1, station="NONE"), "not_found"),
        (restock(1, sku="S-001"), "invalid_field"),
        (restock(0), "invalid_field"),
        (restock(1, station="OLD"), "station_not_active"),
    ]:
        assert world.refuse(restock_items, command).code == code
