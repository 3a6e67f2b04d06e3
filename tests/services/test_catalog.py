"""Putting items and stations, and units that come in and go out: as sets, told once, never below nothing."""

from dataclasses import replace

from ledger.domain.catalog import ItemKind, NotOnShelf
from ledger.domain.errors import Refusal
from ledger.services.catalog import (
    Change,
    ChangeItem,
    ChangeStation,
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


def test_two_people_who_change_different_things_do_not_undo_each_other(world: World) -> None:
    world.put_item()
    cheaper = ChangeItem(sku="G-001", changes={"price_points": 40}, actor="operator/manager")
    renamed = ChangeItem(sku="G-001", changes={"name": "手工皂", "reorder_point": 5}, actor="operator/owner")
    assert [outcome.change for outcome in world.run(put_items, cheaper, renamed, renamed)] == [
        Change.CHANGED,
        Change.CHANGED,
        Change.UNCHANGED,
    ]
    item = world.stock().item
    assert (item.price_points, item.name, item.reorder_point) == (40, "手工皂", 5)


def test_a_change_is_judged_as_the_whole_item_would_be(world: World) -> None:
    world.put_item()
    alone = ChangeItem(sku="G-001", changes={"limit_count": 3}, actor="operator/manager")
    assert world.refuse(put_items, alone).code == "invalid_field"
    assert world.refuse(put_items, replace(alone, sku="G-999")).code == "not_found"


def test_a_station_keeps_what_a_change_does_not_name(world: World) -> None:
    world.put_station(address="四明中路 1000 号", keepers=("keeper",))
    closed = ChangeStation(code="ZGM", changes={"is_active": False}, actor="operator/manager")
    kept = world.do(put_stations, closed)
    assert (kept.station.is_active, kept.station.address, kept.keepers) == (False, "四明中路 1000 号", ("keeper",))
    [moved, unknown, again] = world.run(
        put_stations,
        replace(closed, changes={}, keepers=("manager",)),
        replace(closed, keepers=("nobody",)),
        replace(closed, changes={"name": "新名"}),
    )
    assert moved.keepers == again.keepers == ("manager",)
    assert unknown.code == "not_found"
    assert world.refuse(put_stations, replace(closed, code="NONE")).code == "not_found"


def test_units_come_in_and_go_out_and_never_more_than_there_are(world: World) -> None:
    world.put_item(stock=10)
    outcomes = world.run(restock_items, restock(5), restock(-12), restock(-4))
    assert not isinstance(outcomes[0], Refusal) and not isinstance(outcomes[1], Refusal)
    assert isinstance(outcomes[2], NotOnShelf)
    assert (outcomes[2].on_shelf, outcomes[2].wanted) == (3, 4)
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
