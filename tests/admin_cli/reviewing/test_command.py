"""The interactive review, key by key, on a terminal of its own."""

import time
from typing import Any

import pytest

from tests.admin_cli.conftest import OnTerminal
from tests.admin_cli.fake_api import Asked, FakeApi, Said, make_report, make_rider, page, plain, problem

FIRST, SECOND, THIRD = "FIRST00001", "SECOND0002", "THIRD00003"


@pytest.fixture(autouse=True)
def queue(api: FakeApi) -> dict[str, dict[str, Any]]:
    """Three reports that wait; what is decided leaves the queue, as in the real one."""
    reports = {
        code: make_report(code, review_due_at=f"2026-11-24T0{place}:00:00Z")
        for place, code in enumerate((FIRST, SECOND, THIRD), 1)
    }
    category = {"code": "SAF-02", "name": "井盖缺失、移位", "points": 30, "is_hourly": False}
    near = {"distance_m": 4.5, "hours_before": 3.0, "is_same_category": True, "report": make_report("NEAR000001")}

    def list_reports(asked: Asked) -> Said:
        if "rider" in asked.query:
            return page(make_report("OLD0000001", state="verified"))
        waiting = [one for one in reports.values() if one["state"] == "submitted"]
        return page(*waiting[: int(asked.query["limit"])])

    def decide(state: str) -> Any:
        def answer(asked: Asked) -> Said:
            report = reports[asked.path.split("/")[3]]
            report["state"] = state
            award = {"points_granted": 30} if state == "verified" else None
            return Said(body={"report": {**report, "award": award}})

        return answer

    api.answers["GET /v1/categories"] = page(category)
    api.answers["GET /v1/reports"] = list_reports
    api.answers["GET /v1/riders/R00001"] = Said(body=make_rider())
    for code in reports:
        api.answers[f"GET /v1/reports/{code}"] = lambda asked: Said(body=reports[asked.path.split("/")[3]])
        api.answers[f"GET /v1/reports/{code}/neighbours"] = page(near)
        api.answers[f"POST /v1/reports/{code}/verification"] = decide("verified")
        api.answers[f"POST /v1/reports/{code}/rejection"] = decide("rejected")
        api.answers[f"POST /v1/reports/{code}/duplication"] = decide("duplicate")
    return reports


def sent(api: FakeApi) -> list[tuple[str, Any]]:
    return [(asked.path.removeprefix("/v1/reports/"), asked.body) for asked in api.writes()]


def test_one_key_decides_and_the_decision_is_sent_with_the_next_one(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for(SECOND)
        assert sent(api) == []
        terminal.type("v")
        terminal.wait_for(THIRD)
        assert sent(api) == [(f"{FIRST}/verification", {})]
        terminal.type("q")
        code, seen = terminal.finish()

    assert code == 0
    assert sent(api) == [(f"{FIRST}/verification", {}), (f"{SECOND}/verification", {})]
    assert "2 verified (60 points)" in plain(seen)


def test_a_decision_can_be_taken_back_before_it_is_sent(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for(SECOND)
        terminal.type("u")
        terminal.wait_for(FIRST)
        terminal.type("q")
        code, seen = terminal.finish()

    assert (code, sent(api)) == (0, [])
    assert "0 verified" in plain(seen)


def test_a_decision_is_sent_by_itself_when_its_seconds_are_over(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for("+30 points")
        assert sent(api) == [(f"{FIRST}/verification", {})]
        terminal.type("uq")
        terminal.finish()

    assert sent(api) == [(f"{FIRST}/verification", {})]


def test_a_rejection_takes_one_of_the_usual_reasons_or_a_typed_one(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("r")
        terminal.wait_for("Why is it rejected")
        terminal.type("2")
        terminal.wait_for(SECOND)
        terminal.type("r")
        terminal.wait_for("Why is it rejected")
        terminal.type("0")
        terminal.wait_for("Reason: ")
        terminal.type("看不清\r")
        terminal.wait_for(THIRD)
        terminal.type("q")
        _, seen = terminal.finish()

    assert [body for _, body in sent(api)] == [{"reason": "Place and photo do not match"}, {"reason": "看不清"}]
    assert "2 rejected" in plain(seen)


def test_thinking_better_of_a_rejection_decides_nothing(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("r")
        terminal.wait_for("Why is it rejected")
        terminal.type("\x1b")
        terminal.wait_for(FIRST)
        terminal.type("q")
        terminal.finish()

    assert sent(api) == []


@pytest.mark.parametrize(("answer", "original"), [("1", "NEAR000001"), ("other00001", "OTHER00001")])
def test_a_duplicate_is_chosen_from_those_nearby_or_typed(answer, original, api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("d")
        terminal.wait_for("Duplicate of which?")
        terminal.type(f"{answer}\r")
        terminal.wait_for(SECOND)
        terminal.type("q")
        _, seen = terminal.finish()

    assert sent(api) == [(f"{FIRST}/duplication", {"duplicate_of": original})]
    assert "1 duplicates" in plain(seen)


def test_somebody_elses_decision_is_told_and_the_review_goes_on(api: FakeApi, typed: OnTerminal) -> None:
    api.answers[f"POST /v1/reports/{FIRST}/verification"] = problem(
        409, "report_already_decided", "It was decided by li at 10:02."
    )

    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for(SECOND)
        terminal.type("s")
        terminal.wait_for(THIRD)
        terminal.wait_for("It was decided by li at 10:02.")
        terminal.type("q")
        code, seen = terminal.finish()

    assert code == 0
    assert "1 skipped, 1 not done" in plain(seen)


def test_a_report_that_is_no_longer_open_is_passed_over_with_who_decided_it(api, queue, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        queue[SECOND].update(state="rejected", decided_by="operator/li", decided_at="2026-11-24T02:02:00Z")
        terminal.type("s")
        terminal.wait_for("was decided by operator/li at 2026-11-24 10:02: rejected")
        terminal.type("q")
        terminal.finish()

    assert sent(api) == []


def test_ctrl_c_sends_nothing_more_and_says_what_was_not_sent(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for(SECOND)
        terminal.type("\x03")
        code, seen = terminal.finish()

    assert code == 130
    assert sent(api) == []
    assert f"Not sent: {FIRST} (verify)" in plain(seen)
    assert "Traceback" not in seen


def test_a_lost_server_ends_the_review_and_says_what_is_not_certain(api: FakeApi, typed: OnTerminal) -> None:
    api.answers[f"POST /v1/reports/{FIRST}/verification"] = problem(503, "unavailable", headers=None)

    with typed("review") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for(SECOND)
        terminal.type("q")
        code, seen = terminal.finish()

    assert code == 5
    assert f"It is not certain what became of {FIRST}" in plain(seen)
    assert len({asked.headers["idempotency-key"] for asked in api.writes()}) == 1


def test_the_last_decision_can_still_be_taken_back_when_nothing_waits_any_more(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review", "--limit", "1") as terminal:
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for("That was all.")
        terminal.type("u")
        terminal.wait_for(FIRST)
        terminal.type("v")
        terminal.wait_for("That was all.")
        terminal.type("x")
        code, _ = terminal.finish()

    assert code == 0
    assert sent(api) == [(f"{FIRST}/verification", {})]


def test_an_empty_queue_is_said_in_a_word(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/reports"] = page()

    with typed("review", "--category", "SAF-09") as terminal:
        code, seen = terminal.finish()

    assert code == 0
    assert "Nothing waits for review." in plain(seen)
    assert any(asked.query.get("category") == "SAF-09" for asked in api.asked)


def test_the_terminal_is_left_as_it_was(api: FakeApi, typed: OnTerminal) -> None:
    with typed("review") as terminal:
        seen = terminal.wait_for(FIRST)
        time.sleep(0.1)
        terminal.type("q")
        _, rest = terminal.finish()

    assert "\x1b[?1049h" in seen
    assert "\x1b[?1049l" in rest
    assert "\x1b[?25h" in rest


def suggestion(code: str) -> dict[str, Any]:
    return {
        "nearest": code,
        "distance_m": 12.3,
        "hours_apart": 5.2,
        "is_own": False,
        "share": "later",
        "number": 2,
        "points": 1,
        "incident": {"code": code},
    }


def test_a_suggested_hazard_is_on_the_card_and_h_verifies_with_it(api: FakeApi, typed: OnTerminal) -> None:
    api.answers[f"GET /v1/reports/{FIRST}/incident-suggestions"] = page(suggestion("NEAR000001"))
    with typed("review") as terminal:
        terminal.wait_for("no. 2, 1 point")
        terminal.type("h")
        terminal.wait_for("One hazard with which?")
        terminal.type("1\n")
        terminal.wait_for(SECOND)
        terminal.type("q")
        terminal.finish()
    assert sent(api) == [(f"{FIRST}/verification", {"same_hazard_as": "NEAR000001"})]
