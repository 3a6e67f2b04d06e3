"""`points month`: asks with the numbers before it closes anything, and a false proof fails the command."""

from typing import Any

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, page, plain

SEAL = {"riders": 1_204, "merit": 88_310, "digest": "ab" * 32}


def month(**changes: object) -> dict[str, Any]:
    values: dict[str, Any] = {
        "month": "2026-10",
        "state": "provisional",
        "publication_due_at": "2026-11-03T12:00:00Z",
        "rulebook_version": 1,
        "published_at": "2026-11-03T12:30:00Z",
        "published_by": "operator/manager",
        "published": SEAL,
        "objections_until": "2026-11-10",
        "finalized_at": None,
        "finalized_by": None,
        "final": None,
        "corrections": 0,
        "corrections_in_list": 0,
    }
    return {**values, **changes}


def proof(*, is_intact: bool) -> Said:
    recomputed = SEAL if is_intact else {**SEAL, "digest": "cd" * 32}
    seal = {"state": "provisional", "is_intact": is_intact, "sealed": SEAL, "recomputed": recomputed}
    body = {"month": "2026-10", "is_intact": is_intact, "seals": [seal], "stored": SEAL}
    return Said(body={**body, "differs": 0, "differences": []})


def test_a_list_is_published_after_a_question_with_its_numbers(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/months/2026-10/publication"] = Said(body=month())
    with typed("month", "publish", "2026-10") as terminal:
        terminal.wait_for("1,204 riders, 88,310 merit")
        terminal.type("y\n")
        code, seen = terminal.finish()
    assert code == 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true", None]
    assert "2026-11-10" in plain(seen)


def test_nothing_is_made_final_without_a_yes(api: FakeApi, typed: OnTerminal) -> None:
    final = month(state="final", final=SEAL, corrections=3, corrections_in_list=3)
    api.answers["POST /v1/months/2026-10/finalization"] = Said(body=final)
    with typed("month", "finalise", "2026-10") as terminal:
        terminal.wait_for("3 corrections in it")
        terminal.type("n\n")
        code, _ = terminal.finish()
    assert code != 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]


def test_a_dry_run_asks_nothing_and_stores_nothing(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/months/2026-10/publication"] = Said(body=month())
    run = piped("month", "publish", "2026-10", "--dry-run")
    assert run.returncode == 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]
    assert "nothing was stored" in run.stderr


def test_months_are_listed_with_their_states(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/months"] = page(month())
    assert "2026-10\tprovisional" in piped("month", "list").stdout


def test_corrections_are_listed_in_order(api: FakeApi, piped: RunPoints) -> None:
    correction = {"name": "2026-10/1", "number": 1, "rider_code": "R00001", "merit": -10, "reason": "照片是盗用的"}
    api.answers["GET /v1/months/2026-10/corrections"] = page(correction)
    assert "2026-10/1\tR00001\t-10" in piped("month", "corrections", "2026-10").stdout


def test_a_month_that_does_not_recompute_fails_with_both_digests(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/months/2026-10/verification"] = proof(is_intact=True)
    with typed("month", "verify", "2026-10") as terminal:
        assert terminal.finish()[0] == 0
    api.answers["GET /v1/months/2026-10/verification"] = proof(is_intact=False)
    with typed("month", "verify", "2026-10") as terminal:
        code, seen = terminal.finish()
    assert code == 1
    assert "abab" in plain(seen)
    assert "no" in plain(seen)
