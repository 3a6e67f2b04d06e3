"""Versions of the rules over HTTP: validated, proposed, compared, approved, and told in both languages."""

from litestar import Litestar
from litestar.testing import TestClient

from ledger.domain.access import Role
from ledger.services.programmes import default_rulebook
from tests.world import World, headers

DOCUMENT = default_rulebook().replace("reports_per_day = 10", "reports_per_day = 12")


def test_a_version_goes_from_a_document_to_its_day(client: TestClient[Litestar], world: World) -> None:
    manager, owner = headers(world.token(Role.MANAGER)), world.token(Role.OWNER)
    made = client.post(
        "/v1/rulebooks",
        json={"document": DOCUMENT, "memo": "每天多报两条", "valid_from": "2026-04-01"},
        headers=manager,
    )
    assert made.status_code == 201
    proposal = made.json()["proposal"]
    assert (proposal["version"], proposal["valid_from"], proposal["points"]) == (2, "2026-04-01", 0)
    read = client.get("/v1/rulebooks/2", headers=headers(world.token(Role.AUDITOR))).json()
    assert (read["document"], read["approved_by"]) == (DOCUMENT, None)
    for language, label in (("zh", "上限 · 每天条数"), ("en", "caps · reports a day")):
        changes = client.get(
            "/v1/rulebooks/2/changes", params={"since": 1}, headers=headers(owner, language=language)
        ).json()["items"]
        assert changes == [{"key": "caps.reports_per_day", "label": label, "before": "10", "after": "12"}]
    approved = client.post(f"/v1/proposals/{proposal['code']}/approval", json={}, headers=headers(owner))
    assert approved.json()["proposal"]["state"] == "approved"
    history = client.get("/v1/rulebooks/history", headers=headers(owner)).json()["items"]
    assert [(item["version"], item["state"], item["approved_by"]) for item in history] == [
        (2, "to_come", "operator/owner"),
        (1, "in_force", "system"),
    ]
    assert client.get("/v1/rulebooks", headers=headers(owner)).json()["items"][0]["version"] == 2


def test_a_mistake_is_answered_with_line_and_key_and_a_preview_keeps_nothing(
    client: TestClient[Litestar], world: World
) -> None:
    token = world.token(Role.MANAGER)
    broken = {"document": DOCUMENT.replace("max = 12", "max = 0"), "memo": "x"}
    answer = client.post("/v1/rulebooks?dry_run=true", json=broken, headers=headers(token, language="en"))
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["key"]) == (400, "rulebook_invalid", "service_hours.max")
    assert (
        problem["line"]
        == broken["document"]
        .splitlines()
        .index("max = 0  # whole hours that one report of an hourly category can claim")
        + 1
    )
    good = client.post("/v1/rulebooks?dry_run=true", json={"document": DOCUMENT, "memo": "x"}, headers=headers(token))
    assert (good.status_code, good.json()["proposal"]["valid_from"]) == (201, "2026-03-11")
    assert client.get("/v1/rulebooks/2", headers=headers(token)).status_code == 404


def test_the_past_is_refused(client: TestClient[Litestar], world: World) -> None:
    body = {"document": DOCUMENT, "memo": "x", "valid_from": "2026-03-10"}
    answer = client.post("/v1/rulebooks", json=body, headers=headers(world.token(Role.MANAGER)))
    assert (answer.status_code, answer.json()["earliest"]) == (422, "2026-03-11")
