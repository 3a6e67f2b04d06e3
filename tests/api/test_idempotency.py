"""The same request again: one effect, one answer, however it comes."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import TestClient
from sqlalchemy import LargeBinary, func, select, type_coerce

from ledger.app import create_app
from ledger.domain.access import Role
from ledger.storage.tables import idempotency_keys
from tests.conftest import open_world
from tests.world import PASSWORD, PROGRAMME_ID, Client, World, headers

PARALLEL = 50
HAZARD = {"rider_code": "R00001", "category_code": "SAF-02", "lat": 29.8, "lon": 121.5}
REPLAYED = "Idempotency-Replayed"


@pytest.fixture
def owner(world: World) -> str:
    world.token("rider")
    return world.token(Role.OWNER)


def send(client: Client, token: str, key: str, *, path: str = "/v1/reports", body: Any = HAZARD, **query: Any) -> Any:
    return client.post(path, json=body, params=query, headers=headers(token, key=key))


def count_reports(client: Client, token: str) -> int:
    return len(client.get("/v1/reports?limit=200", headers=headers(token)).json()["items"])


def stored_keys(world: World) -> list[Any]:
    with world.runtime.reading() as connection:
        return list(connection.execute(select(idempotency_keys)).all())


def test_fifty_identical_requests_at_once_have_one_effect(client: Client, owner: str) -> None:
    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(lambda _: send(client, owner, "same"), range(PARALLEL)))

    assert {(answer.status_code, answer.content) for answer in answers} == {(201, answers[0].content)}
    assert sum(REPLAYED in answer.headers for answer in answers) == PARALLEL - 1
    assert {answer.headers[REPLAYED] for answer in answers if REPLAYED in answer.headers} == {"true"}
    assert count_reports(client, owner) == 1


def test_a_stored_answer_takes_a_third_of_what_was_sent(client: Client, owner: str, world: World) -> None:
    answer = send(client, owner, "packed", path=f"/v1/reports/{world.submit()}/verification", body={})

    statement = select(func.length(type_coerce(idempotency_keys.c.body, LargeBinary)))
    with world.runtime.reading() as connection:
        stored = connection.execute(statement.where(idempotency_keys.c.key == "packed")).scalar_one()
    assert 0 < stored < len(answer.content) / 3


def test_a_verification_sent_fifty_times_credits_once(client: Client, owner: str, world: World) -> None:
    path = f"/v1/reports/{world.submit()}/verification"
    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = list(pool.map(lambda _: send(client, owner, "same", path=path, body={}), range(PARALLEL)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert world.balance().available == 10


def test_a_key_is_remembered_over_a_restart(database_url: str) -> None:
    answers: list[Any] = []
    for _ in range(2):
        with open_world(database_url) as world:
            if not answers:
                world.token("rider")
            app = create_app(world.runtime.settings, runtime=world.runtime)
            with TestClient(app) as client:
                answers.append(send(client, world.token(Role.OWNER), "same"))
                assert count_reports(client, world.token(Role.OWNER)) == 1

    assert answers[0].content == answers[1].content
    assert [REPLAYED in answer.headers for answer in answers] == [False, True]


def test_the_same_key_with_another_body_or_path_is_refused(client: Client, owner: str, world: World) -> None:
    send(client, owner, "same")
    others: list[dict[str, Any]] = [
        {"body": {**HAZARD, "lat": 29.9}},
        {"path": "/v1/reports/bulk", "body": {"items": [HAZARD]}},
        {"path": f"/v1/reports/{world.submit()}/verification", "body": {}},
    ]
    for other in others:
        answer = send(client, owner, "same", **other)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
        assert "same" in answer.json()["detail"]


def test_the_same_key_and_body_for_another_report_are_refused(client: Client, owner: str, world: World) -> None:
    one, other = world.submit(), world.submit()
    answers = [send(client, owner, "same", path=f"/v1/reports/{name}/verification", body={}) for name in (one, other)]
    assert [answer.status_code for answer in answers] == [200, 422]
    assert world.report(other).report.decided_at is None


def test_a_key_is_1_to_200_visible_ascii_characters(client: Client, owner: str) -> None:
    for key in (None, b"", b"a" * 201, "键".encode(), b"two words", b"tab\there", b"\x00"):
        sent = {b"Authorization": f"Bearer {owner}".encode(), **({} if key is None else {b"Idempotency-Key": key})}
        answer = client.post("/v1/reports", json=HAZARD, headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required"), key
    assert count_reports(client, owner) == 0


def test_the_longest_key_is_taken(client: Client, owner: str) -> None:
    assert send(client, owner, "~" * 200).status_code == 201


def test_keys_of_two_people_do_not_meet(client: Client, owner: str, world: World) -> None:
    answers = [send(client, token, "same") for token in (owner, world.token(Role.MANAGER), world.token("service"))]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["code"] for answer in answers}) == 3


def test_a_refusal_is_replayed_too(client: Client, owner: str, world: World) -> None:
    body = {**HAZARD, "rider_code": "R00002"}
    first = send(client, owner, "same", body=body)
    world.enroll("R00002")
    second = send(client, owner, "same", body=body)
    assert (first.status_code, first.json()["code"]) == (404, "not_found")
    assert (second.status_code, second.content) == (404, first.content)
    assert second.headers[REPLAYED] == "true"
    assert second.headers["content-type"] == first.headers["content-type"] == "application/problem+json"


def test_a_malformed_request_does_not_use_its_key_up(client: Client, owner: str) -> None:
    assert send(client, owner, "same", body={"lat": 1}).status_code == 400
    assert send(client, owner, "same").status_code == 201


def test_a_bulk_is_replayed_with_every_outcome(client: Client, owner: str) -> None:
    body = {"items": [HAZARD, {**HAZARD, "category_code": "XXX"}, HAZARD]}
    first, second = (send(client, owner, "same", path="/v1/reports/bulk", body=body) for _ in range(2))
    assert (first.json()["done"], first.json()["refused"]) == (2, 1)
    assert second.content == first.content
    assert count_reports(client, owner) == 2


def test_a_preview_needs_no_key_and_stores_nothing(client: Client, owner: str, world: World) -> None:
    events = client.get("/v1/events", headers=headers(owner)).json()
    report = world.submit()
    before = stored_keys(world)
    for path, body in (
        ("/v1/reports", HAZARD),
        ("/v1/reports/bulk", {"items": [HAZARD]}),
        (f"/v1/reports/{report}/verification", {}),
        ("/v1/riders", {"name": "李四"}),
    ):
        answer = client.post(path, json=body, params={"dry_run": "true"}, headers={"Authorization": f"Bearer {owner}"})
        assert answer.status_code in {200, 201}, answer.text
        assert answer.headers["Dry-Run"] == "true"
        assert REPLAYED not in answer.headers

    assert stored_keys(world) == before
    assert count_reports(client, owner) == 1
    assert world.balance().available == 0
    now = client.get("/v1/events", headers=headers(owner)).json()
    assert len(now["items"]) == len(events["items"]) + 1  # the submission of `report`


def test_a_preview_shows_what_would_be_done(client: Client, owner: str, world: World) -> None:
    path = f"/v1/reports/{world.submit()}/verification"
    preview = send(client, owner, "same", path=path, body={}, dry_run="true").json()
    real = send(client, owner, "same", path=path, body={}).json()
    assert preview["balances"] == real["balances"]
    assert preview["report"]["award"]["points_granted"] == real["report"]["award"]["points_granted"] == 10


def test_an_import_needs_no_key_but_takes_one(client: Client, owner: str) -> None:
    entry = {
        "external_id": "1",
        "rider_code": "R00009",
        "category_code": "FAC-01",
        "state": "verified",
        "submitted_at": "2025-06-01T00:00:00Z",
        "decided_at": "2025-06-01T01:00:00Z",
    }
    body = {"source": "hotline", "items": [entry]}
    bare = {"Authorization": f"Bearer {owner}"}
    first, again = (client.post("/v1/imports", json=body, headers=bare).json() for _ in range(2))
    assert [first["done"], again["unchanged"], again["points_granted"]] == [1, 1, 0]
    keyed = [client.post("/v1/imports", json=body, headers=headers(owner, key="import")) for _ in range(2)]
    assert keyed[0].content == keyed[1].content
    assert keyed[1].headers[REPLAYED] == "true"


def test_no_stored_answer_holds_a_secret_and_no_hash_can_be_guessed(client: Client, owner: str, world: World) -> None:
    """A plain SHA-256 of a request would give a weak password or a phone number away to whoever has the table."""
    body = {"name": "li", "password": PASSWORD, "roles": ["reviewer"]}
    created = client.post("/v1/operators", json=body, headers=headers(owner))
    client.post("/v1/riders", json={"phone": "13812345678"}, headers=headers(owner))
    client.post("/v1/sessions", json={"programme": PROGRAMME_ID, "name": "li", "password": PASSWORD})
    key = client.post("/v1/service_keys", json={"name": "k", "scopes": ["reports:read"]}, headers=headers(owner))
    guess = hashlib.sha256(b"POST /v1/operators\n" + created.request.content).digest()
    rows = stored_keys(world)
    assert len(rows) == 2
    for row in rows:
        assert row.request_sha256 != guess
        for secret in (PASSWORD, "13812345678", key.json()["secret"], "cpl_op_"):
            assert secret.encode() not in row.body
