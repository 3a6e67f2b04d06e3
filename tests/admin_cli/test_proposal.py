"""`points proposal`: proposing without a minus sign to get wrong, deciding with a look first."""

from typing import Any

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, page, plain

CODE = "6T8B0N2M4K"


def proposal(**changes: object) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": "01a20b7d-52c0-7e11-9d3c-0b6f2f1f6a10",
        "code": CODE,
        "kind": "adjustment",
        "state": "proposed",
        "points": 20,
        "rider_code": "R00001",
        "rider_name": "王**",
        "sponsor": "general",
        "reason": "two reports were missed",
        "approvals_required": 1,
        "approvals": [],
        "proposed_at": "2026-11-04T01:00:00Z",
        "proposed_by": "operator/ma",
        "lapses_at": "2026-11-18T01:00:00Z",
        "transaction_id": None,
        "closed_at": None,
        "closed_by": None,
        "closing_reason": "",
        "rulebook_version": 1,
    }
    return {**values, **changes}


def proposed(**changes: object) -> Said:
    return Said(
        body={"proposal": proposal(**changes), "balances": {"available": 20, "owed": 0, "budget": 980}}, status=200
    )


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        (["give", "R00001", "20"], {"kind": "adjustment", "rider_code": "R00001", "points": 20}),
        (
            ["take", "R00001", "20", "--budget", "zgm"],
            {"kind": "adjustment", "rider_code": "R00001", "points": -20, "sponsor": "zgm"},
        ),
        (["write-off", "R00001", "5"], {"kind": "write_off", "rider_code": "R00001", "points": 5}),
        (["fund", "zgm", "500"], {"kind": "funding", "sponsor": "zgm", "points": 500}),
        (["return", "zgm", "500"], {"kind": "funding", "sponsor": "zgm", "points": -500}),
    ],
)
def test_each_way_of_proposing_sends_what_it_says(
    api: FakeApi, piped: RunPoints, arguments: list[str], body: dict[str, object]
) -> None:
    api.answers["POST /v1/proposals"] = proposed()
    run = piped("proposal", *arguments, "--reason", "why")
    assert run.returncode == 0, run.stderr
    assert api.writes()[-1].body == {**body, "reason": "why"}


def test_a_reason_and_a_sign_are_not_left_to_chance(api: FakeApi, piped: RunPoints) -> None:
    assert piped("proposal", "give", "R00001", "20").returncode == 2
    assert piped("proposal", "give", "R00001", "0", "--reason", "why").returncode == 2
    assert not api.writes()


def test_an_approval_shows_what_it_books_asks_and_then_books(api: FakeApi, typed: OnTerminal) -> None:
    api.answers[f"POST /v1/proposals/{CODE}/approval"] = proposed(state="approved")
    with typed("proposal", "approve", CODE) as terminal:
        terminal.wait_for("cannot be undone")
        terminal.type("y\n")
        code, seen = terminal.finish()
    assert code == 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true", None]
    for part in ("two reports were missed", "operator/ma", "+20"):
        assert part in plain(seen)


def test_nothing_is_approved_without_a_yes(api: FakeApi, typed: OnTerminal, piped: RunPoints) -> None:
    api.answers[f"POST /v1/proposals/{CODE}/approval"] = proposed(state="approved")
    with typed("proposal", "approve", CODE) as terminal:
        terminal.wait_for("cannot be undone")
        terminal.type("n\n")
        code, _ = terminal.finish()
    assert code != 0
    assert piped("proposal", "approve", CODE).returncode == 2
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]


def test_a_list_can_be_piped_into_an_approval(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/proposals"] = page(proposal(), proposal(code="SECOND0000"))
    listed = piped("proposal", "list", "--state", "proposed")
    outcomes = [
        {"index": 0, "outcome": "done", **proposed(state="approved").body},
        {"index": 1, "outcome": "refused", "problem": {"code": "proposed_by_yourself", "detail": "Your own."}},
    ]
    api.answers["POST /v1/proposals/approvals"] = Said(body={"items": outcomes, "done": 1, "refused": 1})
    run = piped("proposal", "approve", "-", "--yes", stdin=listed.stdout)
    assert api.writes()[-1].body == {"items": [{"proposal": CODE}, {"proposal": "SECOND0000"}]}
    assert run.returncode == 1
    assert "proposed_by_yourself" in run.stdout


def test_rejecting_says_why_and_withdrawing_need_not(api: FakeApi, piped: RunPoints) -> None:
    api.answers[f"POST /v1/proposals/{CODE}/rejection"] = proposed(state="rejected")
    api.answers[f"POST /v1/proposals/{CODE}/withdrawal"] = proposed(state="withdrawn")
    assert piped("proposal", "reject", CODE, "--reason", "no evidence", "--yes").returncode == 0
    assert api.writes()[-1].body == {"reason": "no evidence"}
    assert piped("proposal", "withdraw", CODE, "--yes").returncode == 0
    assert api.writes()[-1].body == {}
