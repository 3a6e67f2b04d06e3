"""What must not be seen: another rider's things, another programme's things."""

import json
from dataclasses import replace
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ledger.domain.access import Role
from tests.api.people import list_operations
from tests.world import World, found_programme, headers

OTHER_PROGRAMME_ID = 330_203
PHONE = "13812345678"
QUERIES = {"get_journal_export": "?format=csv", "list_rulebook_changes": "?since=1"}
"""Of operations that answer nothing without one."""


@pytest.fixture
def other_world(world: World) -> World:
    """A second programme in the same database, with a rider and a report of the same codes' making."""
    found = replace(world, programme_id=OTHER_PROGRAMME_ID, tokens={})
    found_programme(found, name="海曙区", budget_points=777)
    found.token("rider")
    found.award()
    return found


def names_of(world: World) -> dict[str, str]:
    """Path parameters that exist in the world."""
    world.token("rider")
    credited = world.award()
    world.award()
    world.submit()
    assert credited.case.award is not None
    world.earn(200)
    world.put_item()
    return {
        "sku": "G-001",
        "redemption": world.redeem().code,
        "code": "R00001",
        "report": credited.case.report.code,
        "name": "reviewer",
        "account_id": str(world.balance().lots[0].account_id),
        "transaction_id": str(credited.case.award.transaction_id),
        "version": "1",
        "month": "2026-03",
    }


def get(client: TestClient[Litestar], path: str, token: str) -> Any:
    return client.get(path, headers=headers(token))


def test_a_rider_sees_nothing_of_another_rider(client: TestClient[Litestar], app: Litestar, world: World) -> None:
    names = names_of(world)
    world.enroll_with_phone("R00002", PHONE)
    stranger = world.rider_token("R00002")
    for operation in list_operations(app):
        # The rankings are public lists; another test sees to it that their names are masked.
        public = {
            "get_ranking",
            "get_month",
            "list_months",
            "get_my_ranking",
            "get_programme",
            "list_categories",
            "list_items",
            "get_item",
            "list_stations",
            "list_honors",
            "list_titles",
        }
        if operation.method != "GET" or operation.id in public:
            continue
        answer = get(client, operation.at(**names), stranger)
        own = (
            "me",
            "my_balance",
            "my_statement",
            "my_reports",
            "my_standings",
            "my_catalog",
            "my_redemptions",
            "my_titles",
            "principal",
        )
        if operation.id.endswith(own):
            assert answer.status_code == 200, operation.id
            assert "R00001" not in answer.text and names["report"] not in answer.text, operation.id
        else:
            assert answer.status_code in {403, 404}, operation.id


def test_a_rider_reports_for_nobody_else(client: TestClient[Litestar], world: World) -> None:
    own = world.token("rider")
    world.enroll("R00002")
    hazard = {"category_code": "FAC-01", "lat": 29.8, "lon": 121.5}
    for changes in ({"rider_code": "R00002"}, {"external_id": "x"}, {"submitted_at": "2026-03-01T00:00:00Z"}):
        answer = client.post("/v1/reports", json={**hazard, **changes}, headers=headers(own))
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_field"), changes
    bulk = client.post(
        "/v1/reports/bulk", json={"items": [hazard, {**hazard, "rider_code": "R00002"}]}, headers=headers(own)
    )
    assert [item["outcome"] for item in bulk.json()["items"]] == ["done", "refused"]
    assert get(client, "/v1/reports?rider=R00002", world.token(Role.OWNER)).json()["items"] == []


def test_names_and_phones_are_masked_where_others_look(client: TestClient[Litestar], world: World) -> None:
    world.enroll_with_phone("R00001", PHONE)
    world.award()
    ranking = get(client, "/v1/rankings/2026-03", world.rider_token("R00001"))
    assert ranking.json()["items"][0]["name"] == "王**"
    rider = get(client, "/v1/riders/R00001", world.token(Role.OWNER))
    assert rider.json()["phone"] == "138****5678"
    for answer in (ranking, rider, get(client, "/v1/events?limit=200", world.token(Role.OWNER))):
        assert PHONE not in answer.text


@pytest.mark.parametrize("path", ["/v1/me/statement", "/v1/me/reports"])
def test_a_cursor_is_no_key_to_another_riders_list(path: str, client: TestClient[Litestar], world: World) -> None:
    names_of(world)
    world.enroll("R00002")
    cursor = get(client, f"{path}?limit=1", world.token("rider")).json()["next"]
    assert cursor
    assert get(client, f"{path}?cursor={cursor}", world.token("rider")).status_code == 200
    refused = get(client, f"{path}?cursor={cursor}", world.rider_token("R00002"))
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


def test_one_programme_sees_nothing_of_another(
    client: TestClient[Litestar], app: Litestar, world: World, other_world: World
) -> None:
    names = names_of(world)
    ours = {str(value) for key, value in names.items() if key in {"report", "account_id", "transaction_id"}}
    for who in (Role.OWNER, "rider"):
        token = other_world.token(who)
        for operation in list_operations(app):
            if operation.method == "GET":
                answer = get(client, operation.at(**names) + QUERIES.get(operation.id, ""), token)
                assert answer.status_code in {200, 403, 404}, operation.id
                assert answer.status_code == 404 or not any(name in answer.text for name in ours), operation.id
                assert "鄞州区" not in answer.text and "10000000" not in answer.text, operation.id


def test_a_cursor_is_no_key_to_another_programmes_list(
    client: TestClient[Litestar], app: Litestar, world: World, other_world: World
) -> None:
    names = names_of(world)
    checked = 0
    for operation in list_operations(app):
        if operation.method != "GET":
            continue
        path = operation.at(**names)
        answer = get(client, f"{path}?limit=1", world.token(Role.OWNER))
        cursor = answer.json().get("next") if answer.status_code == 200 else None
        if cursor:
            refused = get(client, f"{path}?limit=1&cursor={cursor}", other_world.token(Role.OWNER))
            assert refused.status_code in {400, 404}, operation.id
            checked += 1
    assert checked > 6


def snapshot(client: TestClient[Litestar], world: World) -> str:
    """All that a programme shows of itself."""
    token = world.token(Role.OWNER)
    paths = ("reports", "riders", "trial_balance", "events", "operators", "service_keys", "programme", "transactions")
    return json.dumps([get(client, f"/v1/{path}", token).json() for path in paths])


def test_one_programme_changes_nothing_of_another(
    client: TestClient[Litestar], app: Litestar, world: World, other_world: World
) -> None:
    names = names_of(world)
    before = snapshot(client, world)
    report = {"report": names["report"], "reason": "x", "duplicate_of": names["report"]}
    bodies: dict[str, Any] = {
        "verify_report": {},
        "reject_report": {"reason": "x"},
        "revoke_report": {"reason": "x"},
        "mark_duplicate": {"duplicate_of": names["report"]},
        "verify_reports": {"items": [{"report": names["report"]}]},
        "reject_reports": {"items": [{key: report[key] for key in ("report", "reason")}]},
        "revoke_reports": {"items": [{key: report[key] for key in ("report", "reason")}]},
        "mark_duplicates": {"items": [report]},
        "deactivate_operator": {},
    }
    for operation in list_operations(app):
        if operation.id in bodies:
            answer = client.post(
                operation.at(**names), json=bodies[operation.id], headers=headers(other_world.token(Role.OWNER))
            )
            assert answer.status_code == 404 or answer.json().get("refused") == 1 or operation.id.startswith("deact")
    assert snapshot(client, world) == before


def test_the_same_key_of_the_same_name_in_two_programmes_are_two_requests(
    client: TestClient[Litestar], world: World, other_world: World
) -> None:
    world.token("rider")
    hazard = {"rider_code": "R00001", "category_code": "FAC-01", "lat": 29.8, "lon": 121.5}
    codes = {
        client.post("/v1/reports", json=hazard, headers=headers(one.token(Role.OWNER), key="same")).json()["code"]
        for one in (world, other_world)
    }
    assert len(codes) == 2


def test_a_rider_sees_the_names_of_others_masked_on_every_ranking(client: TestClient[Litestar], world: World) -> None:
    world.enroll("R00001", name="王小明")
    world.enroll("R00002", name="李四")
    for rider in ("R00001", "R00002"):
        world.award(rider)
    token = world.rider_token("R00002")
    for path in ("/v1/rankings/2026-03", "/v1/me/rankings/2026-03"):
        answer = get(client, path, token)
        assert sorted(line["name"] for line in answer.json()["items"]) == ["李*", "王**"], path
        assert "小明" not in answer.text
