"""Incidents over HTTP: the suggestion, verifying with it, merging once however often it is sent, and by whom."""

from typing import Any

import pytest

from ledger.domain.access import Role
from tests.world import Client, World, headers


@pytest.fixture
def pair(world: World) -> tuple[str, str]:
    """A verified report and one of another rider's at the same place that waits."""
    first = world.award(world.enroll("R00001")).case.report.code
    return first, world.submit(world.enroll("R00002"))


def post(
    client: Client, world: World, path: str, body: Any, *, role: Role = Role.MANAGER, key: str | None = None
) -> Any:
    return client.post(f"/v1/{path}", json=body, headers=headers(world.token(role), key=key))


def test_a_reviewer_sees_the_suggestion_and_verifies_with_it(
    client: Client, world: World, pair: tuple[str, str]
) -> None:
    first, second = pair
    where = f"reports/{second}"
    reviewer = headers(world.token(Role.REVIEWER))
    [found] = client.get(f"/v1/{where}/incident-suggestions", headers=reviewer).json()["items"]
    assert (found["nearest"], found["distance_m"], found["number"], found["points"]) == (first, 0.0, 2, 1)
    answer = post(client, world, f"{where}/verification", {"same_hazard_as": found["nearest"]}, role=Role.REVIEWER)
    assert answer.status_code == 200
    report = answer.json()["report"]
    assert report["award"]["points_granted"] == 1
    assert report["incident"] == {"code": first, "share": "later", "number": 2}
    incident = client.get(f"/v1/incidents/{second}", headers=reviewer).json()
    assert [(one["report"], one["points_granted"]) for one in incident["items"]] == [(first, 10), (second, 1)]


def test_a_merger_sent_again_is_answered_again_and_booked_once(
    client: Client, world: World, pair: tuple[str, str]
) -> None:
    first, second = pair
    world.verify(second)
    body = {"into": first, "reason": "同一处路灯"}
    once, again = (post(client, world, f"incidents/{second}/merger", body, key="once") for _ in range(2))
    assert once.status_code == 200
    assert (again.content, again.headers["Idempotency-Replayed"]) == (once.content, "true")
    [rebooked] = once.json()["rebooked"]
    assert (rebooked["report"], rebooked["points_before"], rebooked["points_granted"]) == (second, 10, 1)
    assert world.balance("R00002").available == 1
    other = post(client, world, f"incidents/{second}/merger", body)
    assert (other.status_code, other.json()["code"]) == (409, "one_incident_already")


def test_a_preview_of_a_split_changes_nothing(client: Client, world: World, pair: tuple[str, str]) -> None:
    first, second = pair
    world.share(second, first)
    before = world.event_count()
    answer = post(client, world, f"incidents/{first}/split?dry_run=true", {"reports": [second], "reason": "是两处"})
    assert [one["points_granted"] for one in answer.json()["rebooked"]] == [10]
    assert [one["report"] for one in answer.json()["split_off"]["items"]] == [second]
    assert world.event_count() == before


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.APPROVER, Role.KEEPER, Role.AUDITOR])
def test_only_a_manager_takes_points_by_merging(
    client: Client, world: World, pair: tuple[str, str], role: Role
) -> None:
    first, second = pair
    world.verify(second)
    answer = post(client, world, f"incidents/{second}/merger", {"into": first, "reason": "同一处"}, role=role)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert world.balance("R00002").available == 10


def test_a_rider_reads_why_it_is_one_point(client: Client, world: World, pair: tuple[str, str]) -> None:
    first, second = pair
    world.share(second, first)
    rider = headers(world.rider_token("R00002"))
    [line] = client.get("/v1/me/statement", headers=rider).json()["items"]
    assert "第 2 位报告人，1 分" in line["memo"]
    assert client.get(f"/v1/me/reports/{second}", headers=rider).json()["incident"]["number"] == 2
