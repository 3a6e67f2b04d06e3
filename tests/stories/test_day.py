"""A day in the programme, and what became of it two weeks later: rider, approver, keeper, each over HTTP.

Source: programme.md, Who uses the software; and Value scale and rules (300 points by rule, 15 days to pick up).
"""

import asyncio
from typing import Any

import pytest

from ledger.domain.access import Role
from ledger.jobs import JOBS, run_job
from tests.books import check_books
from tests.world import Client, World, headers


class People:
    """Each asks as whoever they are; an answer that is no success fails the test with its words."""

    def __init__(self, client: Client, world: World) -> None:
        self._client = client
        self._tokens: dict[str, str] = {role.value: world.token(role) for role in Role}
        self._tokens["rider"] = world.token("rider")

    def ask(self, who: str, where: str) -> Any:
        answer = self._client.get(f"/v1/{where}", headers=headers(self._tokens[who]))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def do(self, who: str, where: str, **body: Any) -> Any:
        answer = self._client.post(f"/v1/{where}", json=body, headers=headers(self._tokens[who]))
        assert answer.status_code < 300, answer.text
        return answer.json()

    def redeem(self, sku: str) -> Any:
        return self.do("rider", "me/redemptions", sku=sku)["redemption"]


@pytest.fixture
def people(client: Client, world: World) -> People:
    """R00001 has 2,000 points; soap and a meal by rule, a helmet and rice with an approver."""
    found = People(client, world)
    world.earn(2_000)
    for sku, name, points in [
        ("G-001", "香皂", 50),
        ("S-002", "暖心餐", 30),
        ("G-010", "3C 头盔", 900),
        ("G-006", "大米", 350),
    ]:
        world.put_item(sku, name=name, price_points=points, stock=10)
    return found


def test_a_day_in_the_programme(people: People, world: World) -> None:
    balance = people.ask("rider", "me/balance")
    assert (balance["available"], balance["lots"][0]["lapses_on"]) == (2_000, "2027-12-31")

    soap, meal = people.redeem("G-001"), people.redeem("S-002")
    helmet, rice = people.redeem("G-010"), people.redeem("G-006")
    assert [one["state"] for one in (soap, meal, helmet, rice)] == ["ready", "ready", "requested", "requested"]
    assert people.ask("rider", "me/balance")["held"] == 50 + 30 + 900 + 350

    world.clock.pass_time(hours=2)
    queue = people.ask("approver", "redemptions?state=requested&order=oldest")["items"]
    assert [one["code"] for one in queue] == [helmet["code"], rice["code"]]
    weighed = people.ask("approver", f"redemptions/{helmet['code']}/evidence")
    assert (weighed["balances"]["available"], weighed["stock"]["shelf"]) == (670, 9)
    people.do("approver", f"redemptions/{helmet['code']}/approval")
    people.do("approver", f"redemptions/{rice['code']}/rejection", reason="本月已领过一次")

    world.clock.pass_time(hours=2)
    for code in (soap["code"], helmet["code"]):
        voucher = people.ask("rider", f"me/redemptions/{code}")["voucher"]
        assert people.do("keeper", "fulfilments", voucher=voucher)["redemption"]["state"] == "fulfilled"

    world.clock.pass_time(days=16)
    [lapse] = [job for job in JOBS if job.name == "lapse_redemptions"]
    asyncio.run(run_job(world.runtime.writer, world.runtime.read_programme_ids, lapse))
    ended = {one["code"]: one["state"] for one in people.ask("rider", "me/redemptions")["items"]}
    assert ended == {
        soap["code"]: "fulfilled",
        helmet["code"]: "fulfilled",
        rice["code"]: "rejected",
        meal["code"]: "lapsed",
    }

    lines = people.ask("rider", "me/statement?limit=6")["items"]
    assert [(line["kind"], line["change"], line["balance_after"], line["memo"].split()[0]) for line in lines] == [
        ("release", 30, 1_050, "S-002"),
        ("release", 350, 1_020, "G-006"),
        ("hold", -350, 670, "G-006"),
        ("hold", -900, 1_020, "G-010"),
        ("hold", -30, 1_920, "S-002"),
        ("hold", -50, 1_950, "G-001"),
    ]
    assert [line["redemption_code"] for line in lines[:2]] == [meal["code"], rice["code"]]
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []
