"""Two reviewers at the same report: one decides, the other is told who was first and when."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

from ledger.domain.access import Role
from tests.world import Client, World, headers

DECISIONS: dict[str, dict[str, str]] = {
    "verification": {},
    "rejection": {"reason": "看不清"},
    "duplication": {"reason": ""},
}


def test_one_decides_and_the_other_learns_who_did(client: Client, world: World) -> None:
    world.token("rider")
    tokens = [world.token(Role.REVIEWER), world.token(Role.OWNER)]
    for names in product(DECISIONS, repeat=2):
        report, original = world.submit(), world.submit()
        answers = decide_together(client, tokens, report, names, original)

        assert [status for status, _ in answers] == [200, 409], names
        winner, problem = answers[0][1]["report"], answers[1][1]
        assert problem["code"] == "report_already_decided"
        assert problem["decided_by"] == winner["decided_by"]
        assert problem["decided_at"] == winner["decided_at"] == "2026-03-10T02:00:00Z"
        assert problem["state"] == winner["state"]


def decide_together(
    client: Client, tokens: list[str], report: str, names: tuple[str, ...], original: str
) -> list[tuple[int, Any]]:
    """Both at the same time; status and body of each, the winner's first."""

    def decide(number: int) -> tuple[int, Any]:
        name = names[number]
        body = {**DECISIONS[name], **({"duplicate_of": original} if name == "duplication" else {})}
        answer = client.post(f"/v1/reports/{report}/{name}", json=body, headers=headers(tokens[number]))
        return answer.status_code, answer.json()

    with ThreadPoolExecutor(2) as pool:
        return sorted(pool.map(decide, range(2)), key=lambda answer: answer[0])


def test_the_second_is_told_in_their_own_language_and_time(client: Client, world: World) -> None:
    world.token("rider")
    report = world.submit()
    path = f"/v1/reports/{report}/verification"
    client.post(path, json={}, headers=headers(world.token(Role.REVIEWER)))
    world.clock.pass_time(hours=1)
    sentences = {
        language: client.post(path, json={}, headers=headers(world.token(Role.OWNER), language=language)).json()
        for language in ("zh", "en")
    }
    for word in (report, "operator/reviewer", "2026-03-10 10:00", "已核实"):
        assert word in sentences["zh"]["detail"]
    for word in (report, "operator/reviewer", "2026-03-10 10:00", "verified"):
        assert word in sentences["en"]["detail"]
