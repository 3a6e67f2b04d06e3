"""Redemptions over HTTP: who sees a voucher, what a retry gets, what a rider is told."""

from typing import Any
from xml.etree import ElementTree

import pytest

from ledger.domain.access import Role
from ledger.domain.catalog import LimitPeriod
from tests.world import Client, World, headers


@pytest.fixture
def shop(world: World) -> World:
    """R00001 has 1,000 points; soap at 50, a helmet at 900 which one person has to approve."""
    world.token("rider")
    world.earn(1_000)
    world.put_item(limit_count=2, limit_period=LimitPeriod.MONTH)
    world.put_item("G-010", name="3C 头盔", price_points=900)
    return world


def redeem(client: Client, world: World, sku: str = "G-001", **body: Any) -> Any:
    return client.post("/v1/me/redemptions", json={"sku": sku, **body}, headers=headers(world.token("rider")))


def test_a_rider_redeems_and_has_the_voucher_at_once(client: Client, shop: World) -> None:
    answer = redeem(client, shop)
    assert answer.status_code == 201
    assert answer.json()["balances"] == {"available": 950, "held": 50, "owed": 0}
    redemption = answer.json()["redemption"]
    assert (redemption["state"], redemption["rider_name"]) == ("ready", "王**")
    assert len(redemption["voucher"].replace("-", "")) == 9
    listed = client.get("/v1/me/redemptions", headers=headers(shop.token("rider"))).json()["items"]
    assert [found["voucher"] for found in listed] == [redemption["voucher"]]


def test_the_same_request_again_gives_the_same_voucher_and_takes_nothing_more(client: Client, shop: World) -> None:
    sent = headers(shop.token("rider"), key="once")
    first, again = (client.post("/v1/me/redemptions", json={"sku": "G-001"}, headers=sent) for _ in range(2))
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert shop.balance().held == 50


def test_a_voucher_is_in_no_answer_to_the_staff_but_to_a_manager_who_asks_for_it(client: Client, shop: World) -> None:
    redemption = redeem(client, shop).json()["redemption"]
    secret = redemption["voucher"]
    plain = secret.replace("-", "")
    for role in (Role.APPROVER, Role.AUDITOR, Role.MANAGER, Role.KEEPER):
        for path in ("redemptions", f"redemptions/{redemption['code']}", "events?limit=200", "dashboard"):
            text = client.get(f"/v1/{path}", headers=headers(shop.token(role))).text
            assert secret not in text and plain not in text, (role, path)
    where = f"/v1/redemptions/{redemption['code']}/voucher"
    assert client.get(where, headers=headers(shop.token(Role.APPROVER))).status_code == 403
    assert client.get(where, headers=headers(shop.token(Role.MANAGER))).json()["voucher"] == secret


def test_a_voucher_is_drawn_as_a_qr_for_its_rider_and_nobody_elses(client: Client, shop: World) -> None:
    code = redeem(client, shop).json()["redemption"]["code"]
    where = f"/v1/me/redemptions/{code}/voucher.svg"
    drawn = client.get(where, headers=headers(shop.token("rider")))
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert ElementTree.fromstring(drawn.text).tag.endswith("svg")
    shop.enroll("R00002")
    assert client.get(where, headers=headers(shop.rider_token("R00002"))).status_code == 404
    waiting = redeem(client, shop, "G-010").json()["redemption"]["code"]
    refused = client.get(f"/v1/me/redemptions/{waiting}/voucher.svg", headers=headers(shop.token("rider")))
    assert (refused.status_code, refused.json()["code"]) == (409, "redemption_wrong_state")


def test_a_keeper_sees_whose_it_is_before_handing_over(client: Client, shop: World) -> None:
    voucher = redeem(client, shop).json()["redemption"]["voucher"]
    keeper = headers(shop.token(Role.KEEPER))
    preview = client.post("/v1/fulfilments?dry_run=true", json={"voucher": voucher.lower()}, headers=keeper)
    assert preview.json()["redemption"]["rider_name"] == "王**"
    assert shop.stock().delivered == 0
    done = client.post("/v1/fulfilments", json={"voucher": voucher}, headers=headers(shop.token(Role.KEEPER)))
    assert done.json()["redemption"]["state"] == "fulfilled"
    again = client.post("/v1/fulfilments", json={"voucher": voucher}, headers=headers(shop.token(Role.KEEPER)))
    assert (again.status_code, again.json()["code"]) == (409, "voucher_used")
    assert "operator/keeper" in again.json()["detail"]


def test_my_catalogue_says_what_i_can_afford_and_why_not(client: Client, shop: World) -> None:
    redeem(client, shop)
    redeem(client, shop)
    shop.put_item("G-011", name="保温送餐箱", price_points=1_500)
    shop.put_item("G-012", name="没有货", stock=0)
    found = client.get("/v1/me/catalog", headers=headers(shop.token("rider"), language="en")).json()["items"]
    offers = {offer["item"]["sku"]: offer for offer in found}
    assert (offers["G-010"]["can_redeem"], offers["G-010"]["points_missing"]) == (True, 0)
    assert (offers["G-011"]["points_missing"], offers["G-011"]["reason"]) == (600, "600 points are missing")
    assert (offers["G-001"]["limit_left"], offers["G-001"]["can_redeem"]) == (0, False)
    assert "out of stock" in offers["G-012"]["reason"]
    affordable = client.get("/v1/me/catalog?affordable=true", headers=headers(shop.token("rider"))).json()["items"]
    assert [offer["item"]["sku"] for offer in affordable] == ["G-010"]


def test_the_statement_names_the_redemption(client: Client, shop: World) -> None:
    code = redeem(client, shop).json()["redemption"]["code"]
    client.post(f"/v1/me/redemptions/{code}/cancellation", json={}, headers=headers(shop.token("rider")))
    lines = client.get("/v1/me/statement?limit=2", headers=headers(shop.token("rider"))).json()["items"]
    assert [(line["kind"], line["change"], line["redemption_code"]) for line in lines] == [
        ("release", 50, code),
        ("hold", -50, code),
    ]
    assert lines[0]["memo"].startswith("G-001 香皂")


def test_many_are_decided_with_an_outcome_each(client: Client, shop: World) -> None:
    waiting = redeem(client, shop, "G-010").json()["redemption"]["code"]
    ready = redeem(client, shop).json()["redemption"]["code"]
    body = {"items": [{"redemption": waiting}, {"redemption": ready}, {"redemption": "NOTHING000"}]}
    answer = client.post("/v1/redemptions/approvals", json=body, headers=headers(shop.token(Role.APPROVER))).json()
    assert (answer["done"], answer["refused"]) == (1, 2)
    codes = [item.get("problem", {}).get("code") for item in answer["items"]]
    assert codes == [None, "redemption_wrong_state", "not_found"]


def test_an_approver_sees_points_limit_and_stock_as_they_stand(client: Client, shop: World) -> None:
    shop.put_item("G-010", name="3C 头盔", price_points=400, stock=0, limit_count=2, limit_period=LimitPeriod.YEAR)
    first, second = (redeem(client, shop, "G-010").json()["redemption"]["code"] for _ in range(2))
    shop.approve(first)
    seen = client.get(f"/v1/redemptions/{second}/evidence", headers=headers(shop.token(Role.APPROVER))).json()
    assert seen["redemption"]["code"] == second
    assert seen["balances"] == {"available": 200, "held": 800, "owed": 0}
    assert seen["limit"] == {"count": 2, "period": "year", "used": 2}
    assert seen["stock"] == {"code": "ZGM", "name": "ZGM 驿站", "shelf": 98, "reserved": 2}


def test_what_has_no_limit_and_no_stock_says_so_to_the_approver(client: Client, shop: World) -> None:
    code = redeem(client, shop, shop.put_service(400)).json()["redemption"]["code"]
    seen = client.get(f"/v1/redemptions/{code}/evidence", headers=headers(shop.token(Role.APPROVER))).json()
    assert (seen["limit"], seen["stock"]) == (None, None)
