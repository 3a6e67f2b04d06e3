"""/v1/waiting_credits: what a verified report earned and its budget cannot pay yet, for those who keep the books."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ledger.domain.access import Role
from tests.world import World, found_programme, headers


@pytest.fixture
def poor(world: World) -> World:
    poor = World(runtime=world.runtime, clock=world.clock, programme_id=330203)
    found_programme(poor, name="海曙区", budget_points=15)
    poor.enroll()
    return poor


def test_what_waits_is_told_with_its_place_and_goes_when_the_money_comes(
    client: TestClient[Litestar], poor: World
) -> None:
    reviewer, manager = headers(poor.token(Role.REVIEWER)), poor.token(Role.MANAGER)
    answers = []
    for _ in range(3):
        code = poor.submit()
        answers.append(client.post(f"/v1/reports/{code}/verification", headers=headers(poor.token(Role.REVIEWER))))
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    awards = [answer.json()["report"]["award"] for answer in answers]
    assert [(award["points_granted"], award["merit"], award["is_waiting"]) for award in awards] == [
        (10, 10, False),
        (10, 10, True),
        (10, 10, True),
    ]
    assert client.get("/v1/waiting_credits", headers=reviewer).status_code == 403

    first = client.get("/v1/waiting_credits", params={"limit": 1}, headers=headers(manager)).json()
    rest = client.get("/v1/waiting_credits", params={"cursor": first["next"]}, headers=headers(manager)).json()
    waiting = [*first["items"], *rest["items"]]
    assert [line["report_code"] for line in waiting] == [answer.json()["report"]["code"] for answer in answers[1:]]
    assert {(line["sponsor"], line["points"], line["granted_by"]) for line in waiting} == {
        ("general", 10, "operator/reviewer")
    }
    [budget] = client.get("/v1/budgets", headers=headers(manager)).json()["items"]
    assert (budget["available"], budget["waiting_credits"], budget["waiting_points"]) == (5, 2, 20)

    poor.fund(5)
    [left] = client.get("/v1/waiting_credits", headers=headers(manager)).json()["items"]
    assert left["report_code"] == answers[2].json()["report"]["code"]
    kinds = [event["kind"] for event in client.get("/v1/events", headers=headers(manager)).json()["items"]]
    assert kinds.count("credit.booked") == 1


def test_they_are_narrowed_to_a_sponsor(client: TestClient[Litestar], poor: World) -> None:
    for _ in range(2):
        poor.award()
    auditor = headers(poor.token(Role.AUDITOR))
    counts = {
        sponsor: len(client.get("/v1/waiting_credits", params={"sponsor": sponsor}, headers=auditor).json()["items"])
        for sponsor in ("general", "nobody")
    }
    assert counts == {"general": 1, "nobody": 0}
