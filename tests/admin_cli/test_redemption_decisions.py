"""Deciding redemptions from the command line: one, many, all that wait; and handing over for vouchers."""

import json

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import Asked, FakeApi, Said, page, plain, problem
from tests.admin_cli.rewards import VOUCHER, bulk_answer, dry_runs, make_redemption, redeemed


@pytest.fixture(autouse=True)
def service(api: FakeApi) -> None:
    for verb, state in (("approvals", "ready"), ("rejections", "rejected"), ("cancellations", "cancelled")):
        api.answers[f"POST /v1/redemptions/{verb}"] = bulk_answer("redemption", state)
    api.answers["POST /v1/redemptions/A/approval"] = redeemed("A", "ready")
    api.answers["POST /v1/redemptions/A/rejection"] = redeemed("A", "rejected")
    api.answers["POST /v1/redemptions/A/cancellation"] = redeemed("A", "cancelled")
    api.answers["POST /v1/fulfilments"] = fulfil
    api.answers["POST /v1/fulfilments/bulk"] = bulk_answer("voucher", "fulfilled")


def fulfil(asked: Asked) -> Said:
    if asked.body["voucher"] == "USED":
        return problem(409, "voucher_used", "The voucher was used.")
    return redeemed("A", "fulfilled")


# --- one -------------------------------------------------------------------------------------------------------------


def test_approving_one_asks_nobody_because_it_can_be_cancelled(api: FakeApi, piped: RunPoints) -> None:
    assert piped("redemption", "approve", "A").returncode == 0

    assert [asked.path for asked in api.writes()] == ["/v1/redemptions/A/approval"] * 2
    assert dry_runs(api.writes()) == [True, False]


def test_approving_a_gift_asks_because_it_is_over_then(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/redemptions/A/approval"] = redeemed("A", "fulfilled", kind="donation")

    assert piped("redemption", "approve", "A").returncode == 2
    assert dry_runs(api.writes()) == [True]
    assert piped("redemption", "approve", "A", "--yes").returncode == 0


@pytest.mark.parametrize(("verb", "path"), [("reject", "rejection"), ("cancel", "cancellation")])
def test_what_cannot_be_undone_is_done_without_asking_only_with_yes(verb, path, api, piped) -> None:
    refused = piped("redemption", verb, "A", "--reason", "x")
    assert (refused.returncode, api.writes()) == (2, [])

    assert piped("redemption", verb, "A", "--reason", "x", "--yes").returncode == 0
    assert [(asked.path, asked.body) for asked in api.writes()] == [(f"/v1/redemptions/A/{path}", {"reason": "x"})]


def test_a_person_sees_what_will_happen_and_is_asked(api: FakeApi, typed: OnTerminal) -> None:
    with typed("redemption", "reject", "A", "--reason", "x") as terminal:
        assert "Rider's points" in plain(terminal.wait_for("[y/N]"))
        terminal.type("n\n")
        code, seen = terminal.finish()

    assert (code, dry_runs(api.writes())) == (1, [True])
    assert "Nothing was changed." in plain(seen)


# --- many ------------------------------------------------------------------------------------------------------------


def test_many_go_in_one_request_with_an_outcome_each(api: FakeApi, piped: RunPoints) -> None:
    run = piped("redemption", "approve", "A", "BAD1", "TWO1", "--yes", "--idempotency-key", "mine")

    (asked,) = api.writes()
    assert (asked.path, asked.headers["idempotency-key"]) == ("/v1/redemptions/approvals", "mine")
    assert asked.body == {"items": [{"redemption": "A"}, {"redemption": "BAD1"}, {"redemption": "TWO1"}]}
    header, *rows = [line.split("\t") for line in run.stdout.splitlines()]
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["redemption"], row["outcome"], row["state"], row["approvals_missing"]) for row in found] == [
        ("A", "done", "ready", ""),
        ("BAD1", "refused", "", ""),
        ("TWO1", "done", "requested", "1"),
    ]
    assert (found[1]["problem_code"], run.returncode) == ("own_request", 1)


def test_the_reason_goes_with_every_item(api: FakeApi, piped: RunPoints) -> None:
    piped("redemption", "reject", "-", "--reason", "x", "--yes", stdin="code\tstate\nA\trequested\nB\trequested\n")

    items = [{"redemption": "A", "reason": "x"}, {"redemption": "B", "reason": "x"}]
    assert api.writes()[0].body == {"items": items}


def test_many_are_previewed_by_item_and_asked_about(api: FakeApi, typed: OnTerminal) -> None:
    with typed("redemption", "approve", "A", "B", "BAD1", "TWO1", columns=200) as terminal:
        question = plain(terminal.wait_for("[y/N]"))
        assert dry_runs(api.writes()) == [True]
        terminal.type("y\n")
        code, seen = terminal.finish()

    lines = [line.split() for line in question.splitlines()]
    assert ["G-001", "香皂", "2", "100", "2", "0", "0"] in lines
    assert ["S-010", "香皂", "1", "2,000", "0", "1", "0"] in lines
    assert "3 would be done, 1 would be refused; vouchers made: 2; 100 points stay held" in question
    assert "still to be approved by somebody else: 1" in question
    assert "BAD1 was requested by you." in question
    assert "3 done, 1 refused" in plain(seen)
    assert (code, dry_runs(api.writes())) == (1, [True, False])


def test_a_long_list_is_previewed_by_item_alone(typed: OnTerminal) -> None:
    codes = [f"R{number}" for number in range(30)]
    with typed("redemption", "cancel", *codes, "--reason", "x", columns=200) as terminal:
        question = plain(terminal.wait_for("[y/N]"))
        terminal.type("n\n")
        terminal.finish()

    assert "R7" not in question
    assert "30 would be done" in question
    assert "1,500 points go back to the riders; units back on shelves: 30" in question


# --- all that wait ---------------------------------------------------------------------------------------------------


def test_all_that_wait_are_read_to_the_end_and_narrowed(api: FakeApi, piped: RunPoints) -> None:
    large = make_redemption("B", points=2000)
    api.answers["GET /v1/redemptions"] = [page(make_redemption("A"), large, after="2"), page(make_redemption("C"))]

    run = piped("redemption", "approve", "--all", "--station", "ZGM", "--up-to", "300", "--yes")

    query = {"state": "requested", "order": "oldest", "station": "ZGM", "limit": "200"}
    assert [asked.query for asked in api.asked if asked.method == "GET"] == [query, {**query, "cursor": "2"}]
    assert api.writes()[0].body == {"items": [{"redemption": "A"}, {"redemption": "C"}]}
    assert run.returncode == 0


def test_of_one_that_would_be_refused_the_preview_still_says_what_it_is(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/redemptions"] = page(make_redemption("A"), make_redemption("BAD1", sku="G-777"))

    with typed("redemption", "approve", "--all", columns=140) as terminal:
        question = plain(terminal.wait_for("[y/N]"))
        terminal.type("n\n")
        terminal.finish()

    assert ["G-777", "香皂", "0", "0", "0", "0", "1"] in [line.split() for line in question.splitlines()]


def test_when_nothing_waits_nothing_is_asked(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/redemptions"] = page()

    run = piped("redemption", "approve", "--all")

    assert (run.returncode, api.writes()) == (0, [])
    assert "No such redemption waits" in run.stderr


@pytest.mark.parametrize("arguments", [[], ["A", "--all"], ["A", "--sku", "G-001"], ["--up-to", "300"]])
def test_either_codes_or_all_is_to_be_given(arguments, api: FakeApi, piped: RunPoints) -> None:
    run = piped("redemption", "approve", *arguments)

    assert (run.returncode, api.asked) == (2, [])


# --- handing over ----------------------------------------------------------------------------------------------------


def test_a_keeper_sees_who_and_what_before_handing_over(api: FakeApi, typed: OnTerminal) -> None:
    with typed("redemption", "fulfil", VOUCHER) as terminal:
        question = plain(terminal.wait_for("[y/N]"))
        assert dry_runs(api.writes()) == [True]
        terminal.type("y\n")
        code, _ = terminal.finish()

    assert "Hand 香皂 to R00001 王**?" in question
    assert "fulfilled" not in question
    assert [asked.body for asked in api.writes()] == [{"voucher": VOUCHER}] * 2
    assert (code, dry_runs(api.writes())) == (0, [True, False])


def test_many_vouchers_come_from_a_pipe_a_line_each(api: FakeApi, piped: RunPoints) -> None:
    run = piped("redemption", "fulfil", "-", "--yes", stdin="7k3m 9qx2 t\n\nBAD1\n")

    assert api.writes()[0].path == "/v1/fulfilments/bulk"
    assert api.writes()[0].body == {"items": [{"voucher": "7k3m 9qx2 t"}, {"voucher": "BAD1"}]}
    assert run.returncode == 1
    assert run.stdout.splitlines()[1].startswith("7k3m 9qx2 t\tdone\tfulfilled\tR00001\t")


def test_a_scanner_is_served_one_after_another_and_a_refusal_does_not_stop_it(api: FakeApi, typed: OnTerminal) -> None:
    with typed("redemption", "fulfil", "-") as terminal:
        terminal.wait_for("Scan or type")
        terminal.type("USED\n")
        assert "The voucher was used." in plain(terminal.wait_for("Scan or type"))
        terminal.type("FIRST\n")
        terminal.wait_for("[y/N]")
        terminal.type("n\n")
        assert "Nothing was changed." in plain(terminal.wait_for("Scan or type"))
        terminal.type("SECOND\n")
        terminal.wait_for("[y/N]")
        terminal.type("y\n")
        assert "Handed over: 香皂 → R00001 王**" in plain(terminal.wait_for("Scan or type"))
        terminal.type("\x04")
        code, seen = terminal.finish()

    assert (code, "1 refused." in plain(seen)) == (1, True)
    done = [asked.body["voucher"] for asked in api.writes() if "dry_run" not in asked.query]
    assert done == ["SECOND"]


def test_json_of_a_decision_is_the_apis_answer(piped: RunPoints) -> None:
    run = piped("redemption", "fulfil", VOUCHER, "--yes", "--json")

    assert json.loads(run.stdout)["redemption"]["state"] == "fulfilled"


# --- settling reports ------------------------------------------------------------------------------------------------


def test_settling_sends_the_photo_with_every_report(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/reports/settlements"] = Said(body={"items": [], "done": 0, "refused": 0})
    url = "https://p.example/after.jpg"

    assert piped("report", "settle", "A", "B").returncode == 2
    piped("report", "settle", "A", "B", "--photo", url, "--yes")

    items = [{"report": "A", "after_photo_url": url}, {"report": "B", "after_photo_url": url}]
    assert [asked.body for asked in api.writes()] == [{"items": items}]
