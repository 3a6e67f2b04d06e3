"""Proposals over HTTP: two people, one booking; the queue; what each may do."""

from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from ledger.domain.access import Role
from tests.world import World, headers

ADJUSTMENT = {"kind": "adjustment", "rider_code": "R00001", "points": 20, "reason": "漏记两条上报"}


def post(client: TestClient[Litestar], token: str, path: str, body: Any, **extra: Any) -> Any:
    return client.post(f"/v1/proposals{path}", json=body, headers=headers(token, **extra))


def test_one_proposes_another_approves_and_the_rider_reads_why(client: TestClient[Litestar], world: World) -> None:
    world.enroll()
    maker, checker = world.token(Role.MANAGER), world.token(Role.APPROVER)
    made = post(client, maker, "", ADJUSTMENT)
    assert made.status_code == 201
    proposal = made.json()["proposal"]
    assert (proposal["state"], proposal["approvals_required"], proposal["rider_name"]) == ("proposed", 1, "王**")
    code = proposal["code"]
    own = post(client, maker, f"/{code}/approval", {})
    assert (own.status_code, own.json()["code"]) == (422, "proposed_by_yourself")
    first = post(client, checker, f"/{code}/approval", {}, key="the-approval")
    again = post(client, checker, f"/{code}/approval", {}, key="the-approval")
    assert first.status_code == 200 and first.content == again.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.json()["balances"]["available"] == 20
    statement = client.get("/v1/me/statement", headers=headers(world.rider_token("R00001"))).json()["items"]
    assert [(line["kind"], line["change"], line["proposal_code"]) for line in statement] == [("adjust", 20, code)]
    assert "漏记两条上报" in statement[0]["memo"]
    shown = client.get(f"/v1/proposals/{code}", headers=headers(maker)).json()
    assert shown["proposal"]["transaction_id"] == first.json()["proposal"]["transaction_id"]


def test_the_queue_is_narrowed_and_paged(client: TestClient[Litestar], world: World) -> None:
    world.enroll()
    codes = [world.propose(points=points) for points in (1, 2, 3)]
    world.approve_proposal(codes[0])
    token = world.token(Role.AUDITOR)
    seen: list[str] = []
    cursor = None
    query = {"state": "proposed", "kind": "adjustment", "rider": "R00001", "order": "oldest", "limit": "1"}
    while True:
        page = client.get(
            "/v1/proposals", params=query | ({"cursor": cursor} if cursor else {}), headers=headers(token)
        ).json()
        seen += [item["code"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == codes[1:]
    of_others = client.get("/v1/proposals", params={"proposed_by": "operator/owner"}, headers=headers(token)).json()
    assert of_others["items"] == []


def test_each_item_of_a_bulk_request_has_its_outcome(client: TestClient[Litestar], world: World) -> None:
    world.enroll()
    maker, checker = world.token(Role.MANAGER), world.token(Role.APPROVER)
    unknown = {**ADJUSTMENT, "rider_code": "R99999"}
    made = post(client, maker, "/bulk", {"items": [ADJUSTMENT, unknown, ADJUSTMENT]}).json()
    assert (made["done"], made["refused"], made["items"][1]["problem"]["code"]) == (2, 1, "not_found")
    codes = [made["items"][index]["proposal"]["code"] for index in (0, 2)]
    approved = post(client, checker, "/approvals", {"items": [{"proposal": codes[0]}, {"proposal": "NOBODY"}]}).json()
    assert [item["outcome"] for item in approved["items"]] == ["done", "refused"]
    rejected = post(client, checker, "/rejections", {"items": [{"proposal": codes[1], "reason": "重复"}]}).json()
    assert rejected["items"][0]["proposal"]["closing_reason"] == "重复"
    again = post(client, maker, "/withdrawals", {"items": [{"proposal": codes[1]}]}).json()
    assert again["items"][0]["problem"]["code"] == "proposal_wrong_state"


def test_a_reason_is_compulsory(client: TestClient[Litestar], world: World) -> None:
    world.enroll()
    for reason in ("", "   ", "x" * 301):
        answer = post(client, world.token(Role.MANAGER), "", {**ADJUSTMENT, "reason": reason})
        assert answer.status_code == 400, reason
    code = world.propose()
    assert post(client, world.token(Role.APPROVER), f"/{code}/rejection", {}).status_code == 400


def test_an_approver_has_no_say_in_budgets_and_is_told_who_has(client: TestClient[Litestar], world: World) -> None:
    funding = {"kind": "funding", "points": 500, "reason": "追加"}
    for language, words in (("zh", "额度更高的人"), ("en", "higher limit")):
        answer = post(client, world.token(Role.APPROVER), "", funding, language=language)
        assert (answer.status_code, answer.json()["code"]) == (422, "over_limit")
        assert words in answer.json()["detail"]
