"""A simulation over HTTP: lines that end in a summary, refusals before the first."""

import json

from litestar import Litestar
from litestar.testing import TestClient

from ledger.domain.access import Role
from ledger.services.programmes import default_rulebook
from tests.world import BUDGET, World, headers

FORM = {"document": default_rulebook().replace("points = 30", "points = 40"), "from": "2026-03-01", "to": "2026-03-31"}


def test_the_last_line_sums_up_and_nothing_is_booked(client: TestClient[Litestar], world: World) -> None:
    world.enroll()
    world.award(category_code="SAF-02")
    before = world.event_count()
    answer = client.post("/v1/rulebooks/simulation", json=FORM, headers=headers(world.token(Role.MANAGER)))
    *progress, summary = [json.loads(line) for line in answer.text.splitlines()]
    assert {line["type"] for line in progress} == {"progress"}
    assert summary["type"] == "summary"
    assert (summary["points_before"], summary["points_after"], summary["winners"]) == (30, 40, 1)
    assert summary["categories"] == [{"category": "SAF-02", "points_before": 30, "points_after": 40}]
    assert summary["budgets"] == [{"sponsor": "general", "change": -10, "budget_after": BUDGET - 40}]
    assert summary["most_gained"][0]["rider_code"] == "R00001"
    assert world.event_count() == before


def test_a_document_or_days_that_cannot_be_meant_are_refused_before_the_first_line(
    client: TestClient[Litestar], world: World
) -> None:
    token = world.token(Role.MANAGER)
    for wrong, code in (({"document": "[caps"}, "rulebook_invalid"), ({"to": "2026-02-01"}, "invalid_field")):
        answer = client.post("/v1/rulebooks/simulation", json={**FORM, **wrong}, headers=headers(token))
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_it_takes_an_exports_place(client: TestClient[Litestar], world: World) -> None:
    token = world.token(Role.MANAGER)
    while world.runtime.exports.acquire(blocking=False):
        pass
    answer = client.post("/v1/rulebooks/simulation", json=FORM, headers=headers(token))
    assert (answer.status_code, answer.json()["code"]) == (503, "exports_busy")
