"""The desk: what is held, what is handed out, and what can be taken back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_cli.reviewing.state import UNDO_SECONDS, Decision, Desk, Tally, Verdict

NOW = 100.0
VERIFY = Verdict(segment="verification", intended="verify")
REJECT = Verdict(segment="rejection", intended="reject")


def report(code: str, due: str = "2026-11-24T03:00:00Z") -> dict[str, Any]:
    return {"code": code, "review_due_at": due}


def desk_with(*codes: str) -> Desk:
    desk = Desk(due_member="review_due_at")
    desk.add([report(code) for code in codes])
    return desk


def verify(desk: Desk) -> Decision:
    assert desk.current is not None
    return Decision(case=desk.current, verdict=VERIFY, key=f"key-{desk.current['code']}")


def code_of(decision: Decision | None) -> str | None:
    return decision.code if decision else None


def test_the_report_that_is_due_first_lies_on_top() -> None:
    desk = Desk(due_member="review_due_at")

    desk.add([report("B", "2026-11-24T03:00:00Z"), report("A", "2026-11-24T02:00:00Z")])

    assert [one["code"] for one in desk.waiting] == ["A", "B"]


def test_new_reports_come_in_by_their_due_time_behind_the_one_being_looked_at() -> None:
    desk = desk_with("B", "D")

    desk.add([report("A", "2026-11-24T01:00:00Z"), report("B")])

    assert [one["code"] for one in desk.waiting] == ["B", "A", "D"]


def test_a_report_that_was_on_the_desk_does_not_come_again() -> None:
    desk = desk_with("A")
    desk.skip()

    desk.add([report("A")])

    assert desk.current is None


def test_a_decision_is_held_and_the_next_report_comes_up() -> None:
    desk = desk_with("A", "B")

    assert desk.decide(verify(desk), NOW) is None
    assert code_of(desk.held) == "A"
    assert desk.current == report("B")


def test_the_next_decision_hands_the_held_one_out() -> None:
    desk = desk_with("A", "B")
    desk.decide(verify(desk), NOW)

    assert code_of(desk.decide(verify(desk), NOW)) == "A"
    assert code_of(desk.held) == "B"


def test_a_skip_hands_the_held_one_out_too() -> None:
    desk = desk_with("A", "B")
    desk.decide(verify(desk), NOW)

    assert code_of(desk.skip()) == "A"
    assert desk.skipped == 1


@pytest.mark.parametrize(
    ("later", "is_due"), [(0.0, False), (UNDO_SECONDS - 0.01, False), (UNDO_SECONDS, True), (UNDO_SECONDS * 9, True)]
)
def test_after_its_seconds_a_decision_is_handed_out_and_can_no_longer_be_taken_back(later, is_due) -> None:
    desk = desk_with("A", "B")
    desk.decide(verify(desk), NOW)

    assert code_of(desk.due(NOW + later)) == ("A" if is_due else None)
    assert desk.undo(NOW + later) is not is_due


def test_taking_back_puts_the_report_on_top_again() -> None:
    desk = desk_with("A", "B")
    desk.decide(verify(desk), NOW)

    assert desk.undo(NOW + 1)

    assert desk.current == report("A")
    assert desk.held is None
    assert desk.close() is None


def test_a_skip_can_be_taken_back_at_any_time() -> None:
    desk = desk_with("A", "B")
    desk.skip()

    assert desk.due(NOW + 1e6) is None
    assert desk.undo(NOW + 1e6)
    assert desk.current == report("A")
    assert desk.skipped == 0


def test_only_the_last_step_can_be_taken_back() -> None:
    desk = desk_with("A", "B", "C")
    desk.decide(verify(desk), NOW)
    desk.decide(verify(desk), NOW)

    assert desk.undo(NOW)
    assert not desk.undo(NOW)
    assert desk.current == report("B")


def test_nothing_is_taken_back_before_the_first_step() -> None:
    assert not desk_with("A").undo(NOW)


def test_closing_hands_out_what_is_held_whatever_the_time() -> None:
    desk = desk_with("A")
    desk.decide(verify(desk), NOW)

    assert code_of(desk.close()) == "A"
    assert desk.close() is None


def test_what_somebody_else_decided_leaves_without_touching_the_held_one() -> None:
    desk = desk_with("A", "B", "C")
    desk.decide(verify(desk), NOW)

    desk.drop()

    assert desk.current == report("C")
    assert code_of(desk.held) == "A"


def test_the_countdown_is_that_of_the_held_decision() -> None:
    desk = desk_with("A", "B")

    assert desk.seconds_left(NOW) is None
    desk.decide(verify(desk), NOW)
    assert desk.seconds_left(NOW + 1) == UNDO_SECONDS - 1
    assert desk.seconds_left(NOW + 99) == 0
    desk.skip()
    assert desk.seconds_left(NOW) is None


STEPS = st.lists(st.sampled_from(["decide", "skip", "undo", "wait", "drop"]), max_size=40)


@given(STEPS)
def test_every_decision_is_handed_out_once_or_was_taken_back(steps) -> None:
    desk = desk_with(*(f"R{number:02}" for number in range(10)))
    now = NOW
    sent: list[str | None] = []
    taken_back: list[str] = []
    decided = 0
    for step in steps:
        if step == "wait":
            now += UNDO_SECONDS
            sent.append(code_of(desk.due(now)))
        elif step == "undo":
            held = desk.held
            if desk.undo(now) and held is not None:
                taken_back.append(held.code)
        elif desk.current is not None and step == "decide":
            decided += 1
            sent.append(code_of(desk.decide(verify(desk), now)))
        elif desk.current is not None and step == "skip":
            sent.append(code_of(desk.skip()))
        elif desk.current is not None:
            desk.drop()
    sent.append(code_of(desk.close()))

    handed_out = [one for one in sent if one is not None]
    assert len(handed_out) == len(set(handed_out))
    assert len(handed_out) + len(taken_back) == decided


def test_the_tally_counts_and_adds_points_by_verdict() -> None:
    tally = Tally()

    for verdict in (VERIFY, VERIFY, REJECT):
        tally.count(verdict, 30)

    assert (tally.counts[VERIFY], tally.points[VERIFY], tally.counts[REJECT]) == (2, 60, 1)
