"""`GET /v1/audits`: a line of JSON for each step, finding and the sum of it."""

import json
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from ledger.domain.access import Role
from tests.fences import take_fences_down
from tests.world import World, headers

PATH = "/v1/audits"


def audit(client: TestClient[Litestar], world: World, *, language: str = "en", **query: int) -> list[dict[str, Any]]:
    answer = client.get(PATH, params=query, headers=headers(world.token(Role.AUDITOR), language=language))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_right_books_are_clean(client: TestClient[Litestar], world: World) -> None:
    world.enroll()
    world.award()
    *before, summary = audit(client, world)
    assert {line["type"] for line in before} == {"progress"}
    assert summary["type"] == "summary"
    assert (summary["is_clean"], summary["errors"], summary["transactions"] > 0) == (True, 0, True)


def test_findings_say_where_and_how_to_mend_in_either_language(client: TestClient[Litestar], world: World) -> None:
    take_fences_down(world)
    with world.runtime.database.writer.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE standings SET verified_reports = verified_reports + 1"
            " WHERE rider_id = (SELECT id FROM riders WHERE code = 'R00001')"
        )
    for language, words in (("zh", "备份"), ("en", "back up")):
        lines = audit(client, world, language=language, findings=1)
        [finding] = [line for line in lines if line["type"] == "finding" and line["check"] == "standings"]
        assert (finding["severity"], finding["table"], finding["code"]) == ("error", "standings", "R00001")
        assert words in finding["remedy"]
        assert not lines[-1]["is_clean"]


def test_one_audit_at_a_time(client: TestClient[Litestar], world: World) -> None:
    with world.runtime.audits:
        answer = client.get(PATH, headers=headers(world.token(Role.AUDITOR)))
    assert (answer.status_code, answer.json()["code"]) == (503, "audit_running")
    assert int(answer.headers["Retry-After"]) > 0
    assert audit(client, world)[-1]["type"] == "summary"


def test_a_limit_out_of_bounds_is_refused(client: TestClient[Litestar], world: World) -> None:
    for findings in (0, 1_001, -1):
        answer = client.get(PATH, params={"findings": findings}, headers=headers(world.token(Role.AUDITOR)))
        assert answer.status_code == 400, answer.text
