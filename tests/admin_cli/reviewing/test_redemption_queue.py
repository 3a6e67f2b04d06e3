"""The approvers' queue, key by key, on a terminal of its own."""

from typing import Any

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import Asked, FakeApi, Said, make_rider, page, plain, problem
from tests.admin_cli.rewards import BALANCES, make_item, make_redemption

FIRST, SECOND, THIRD = "FIRST00001", "SECOND0002", "THIRD00003"


@pytest.fixture(autouse=True)
def queue(api: FakeApi) -> dict[str, dict[str, Any]]:
    """Three redemptions that wait: for one person, for two, and one that the person at the keys requested."""
    found = {
        code: make_redemption(code, points=900, approvals_required=needed, requested_by=by, decide_due_at=due)
        for code, needed, by, due in (
            (FIRST, 1, "rider/R00001", "2026-11-24T01:00:00Z"),
            (SECOND, 2, "rider/R00001", "2026-11-24T02:00:00Z"),
            (THIRD, 1, "operator/li", "2026-11-24T03:00:00Z"),
        )
    }

    def list_redemptions(asked: Asked) -> Said:
        if "rider" in asked.query:
            return page(make_redemption("OLD0000001", state="fulfilled"))
        waiting = [one for one in found.values() if one["state"] == "requested"]
        return page(*waiting[: int(asked.query["limit"])])

    def evidence(asked: Asked) -> Said:
        redemption = found[asked.path.split("/")[3]]
        limit = {"count": 1, "period": "year", "used": 1}
        stock = {"code": "ZGM", "name": "钟公庙驿站", "shelf": 9, "reserved": 2}
        return Said(body={"redemption": redemption, "balances": BALANCES, "limit": limit, "stock": stock})

    def approve(asked: Asked) -> Said:
        redemption = found[asked.path.split("/")[3]]
        redemption["approvals"] = [{"approved_by": "operator/li", "approved_at": "2026-11-24T02:00:00Z"}]
        if redemption["approvals_required"] == 1:
            redemption.update(state="ready", pick_up_by="2026-12-09")
        return Said(body={"redemption": redemption, "balances": BALANCES})

    def reject(asked: Asked) -> Said:
        redemption = found[asked.path.split("/")[3]]
        redemption.update(state="rejected", reason=asked.body["reason"])
        return Said(body={"redemption": redemption, "balances": BALANCES})

    api.answers["GET /v1/principal"] = Said(body={"kind": "operator", "name": "li", "roles": ["approver"]})
    api.answers["GET /v1/redemptions"] = list_redemptions
    api.answers["GET /v1/riders/R00001"] = Said(body=make_rider(titles=["安全卫士"]))
    api.answers["GET /v1/riders/R00001/standings"] = page({"month": "2026-11", "merit": 0, "rank": None})
    api.answers["GET /v1/riders/R00001/balance"] = Said(body={"lots": []})
    api.answers["GET /v1/riders/R00001/statement"] = page()
    api.answers["GET /v1/catalog/G-001"] = Said(body=make_item(description="手工香皂，每块 100 克"))
    for code in found:
        api.answers[f"GET /v1/redemptions/{code}/evidence"] = evidence
        api.answers[f"POST /v1/redemptions/{code}/approval"] = approve
        api.answers[f"POST /v1/redemptions/{code}/rejection"] = reject
    return found


def sent(api: FakeApi) -> list[tuple[str, Any]]:
    return [(asked.path.removeprefix("/v1/redemptions/"), asked.body) for asked in api.writes()]


def test_one_key_approves_and_says_whether_that_was_enough(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("a")
        terminal.wait_for(SECOND)
        assert sent(api) == []
        terminal.type("a")
        terminal.wait_for(f"{FIRST} approved; the voucher is good until 2026-12-09")
        terminal.wait_for(f"{SECOND} approved; another person has to approve it too")
        terminal.type("q")
        code, seen = terminal.finish()

    assert code == 0
    assert sent(api) == [(f"{FIRST}/approval", {}), (f"{SECOND}/approval", {})]
    assert "2 approved (1,800 points), 0 rejected (0 points back), 0 skipped" in plain(seen)


def test_an_approval_can_be_taken_back_before_it_is_sent(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("a")
        terminal.wait_for(SECOND)
        terminal.type("u")
        terminal.wait_for(FIRST)
        terminal.type("q")
        code, seen = terminal.finish()

    assert (code, sent(api)) == (0, [])
    assert "0 approved" in plain(seen)


def test_a_rejection_takes_a_reason(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("r")
        terminal.wait_for("Why is it rejected")
        terminal.type("2")
        terminal.wait_for(SECOND)
        terminal.type("r")
        terminal.wait_for("Why is it rejected")
        terminal.type("\x1b")
        terminal.wait_for(SECOND)
        terminal.type("q")
        _, seen = terminal.finish()

    assert sent(api) == [(f"{FIRST}/rejection", {"reason": "You have asked for the same already"})]
    assert "1 rejected (900 points back)" in plain(seen)


def test_ones_own_request_cannot_be_approved_and_the_screen_says_why(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("ss")
        terminal.wait_for("You requested it yourself and cannot approve it.")
        terminal.type("a")
        terminal.wait_for("cannot approve it. Have another approver do it.")
        terminal.type("q")
        terminal.finish()

    assert sent(api) == []


def test_what_one_approved_before_needs_somebody_else(api: FakeApi, queue, typed: OnTerminal) -> None:
    queue[FIRST].update(
        approvals_required=2, approvals=[{"approved_by": "operator/li", "approved_at": "2026-11-24T02:00:00Z"}]
    )

    with typed("review", "--redemptions") as terminal:
        terminal.wait_for("You approved it at 2026-11-24 10:00")
        terminal.type("aq")
        terminal.finish()

    assert sent(api) == []


def test_the_page_behind_the_card_opens_and_closes(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("o")
        terminal.wait_for("手工香皂")
        terminal.type("x")
        terminal.wait_for(FIRST)
        terminal.type("q")
        code, _ = terminal.finish()

    assert (code, sent(api)) == (0, [])


def test_what_somebody_else_decided_is_told_and_passed_over(api: FakeApi, queue, typed: OnTerminal) -> None:
    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        queue[SECOND].update(state="rejected", closed_by="operator/chen", closed_at="2026-11-24T02:02:00Z")
        terminal.type("s")
        terminal.wait_for(f"{SECOND} was decided by operator/chen at 2026-11-24 10:02: rejected")
        terminal.wait_for(THIRD)
        terminal.type("q")
        terminal.finish()

    assert sent(api) == []


def test_a_refusal_is_told_and_the_queue_goes_on(api: FakeApi, typed: OnTerminal) -> None:
    refusal = problem(409, "redemption_wrong_state", f"Redemption {FIRST} is ready, by operator/chen.")
    api.answers[f"POST /v1/redemptions/{FIRST}/approval"] = refusal

    with typed("review", "--redemptions") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("a")
        terminal.wait_for(SECOND)
        terminal.type("s")
        terminal.wait_for("is ready, by operator/chen.")
        terminal.type("q")
        code, seen = terminal.finish()

    assert code == 0
    assert "1 skipped, 1 not done" in plain(seen)


def test_an_empty_queue_is_said_in_a_word(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/redemptions"] = page()

    with typed("review", "--redemptions") as terminal:
        code, seen = terminal.finish()

    assert code == 0
    assert "Nothing waits for approval." in plain(seen)


def test_a_pipe_is_told_what_to_use_instead(piped: RunPoints) -> None:
    run = piped("review", "--redemptions")

    assert run.returncode == 2
    assert "points redemption approve" in run.stderr


def test_a_category_is_no_option_of_the_approvers_queue(piped: RunPoints) -> None:
    run = piped("review", "--redemptions", "--category", "SAF-02")

    assert run.returncode == 2
    assert "--category is for reports" in run.stderr
