"""Deciding reports from the command line: one, many, from a pipe, with and without a person to ask."""

import json
from typing import Any

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import Asked, FakeApi, Said, make_report, plain, problem

AWARD = {"points_granted": 30, "points_wanted": 30, "limited_by": None, "lapses_on": "2027-12-31"}
BALANCES = {"available": 75, "owed": 0, "budget": 9_999_925}


def decided(code: str, state: str = "verified") -> dict[str, Any]:
    report = make_report(
        code, state=state, award=AWARD if state == "verified" else None, decided_at="2026-11-24T02:00:00Z"
    )
    return {"report": report, "balances": BALANCES}


def bulk(asked: Asked) -> Said:
    """Does everything but what is called BAD…."""
    items = []
    for index, item in enumerate(asked.body["items"]):
        if item["report"].startswith("BAD"):
            refusal = {"code": "report_already_decided", "detail": f"{item['report']} was decided by wang."}
            items.append({"index": index, "outcome": "refused", "problem": refusal})
        else:
            items.append({"index": index, "outcome": "done", **decided(item["report"])})
    refused = sum(item["outcome"] == "refused" for item in items)
    return Said(body={"items": items, "done": len(items) - refused, "refused": refused})


@pytest.fixture(autouse=True)
def service(api: FakeApi) -> None:
    for verb in ("verifications", "rejections", "duplications", "revocations"):
        api.answers[f"POST /v1/reports/{verb}"] = bulk
    for verb, state in (("verification", "verified"), ("rejection", "rejected"), ("duplication", "duplicate")):
        api.answers[f"POST /v1/reports/A/{verb}"] = Said(body=decided("A", state))
    api.answers["POST /v1/reports/A/revocation"] = Said(body=decided("A", "revoked"))


def dry_runs(api: FakeApi) -> list[bool]:
    return ["dry_run" in asked.query for asked in api.writes()]


# --- one -------------------------------------------------------------------------------------------------------------


def test_verifying_one_asks_nobody_because_it_can_be_revoked(api: FakeApi, piped: RunPoints) -> None:
    run = piped("report", "verify", "A")

    assert run.returncode == 0
    assert [(asked.path, asked.body) for asked in api.writes()] == [("/v1/reports/A/verification", {})]
    assert "report.award.points_granted\t30\n" in run.stdout
    assert "balances.available\t75\n" in run.stdout


@pytest.mark.parametrize(
    ("arguments", "path", "body"),
    [
        (["reject", "A", "--reason", "blurred"], "/v1/reports/A/rejection", {"reason": "blurred"}),
        (["duplicate", "A", "--of", "B"], "/v1/reports/A/duplication", {"duplicate_of": "B"}),
        (
            ["duplicate", "A", "--of", "B", "--reason", "same"],
            "/v1/reports/A/duplication",
            {"duplicate_of": "B", "reason": "same"},
        ),
        (["revoke", "A", "--reason", "staged"], "/v1/reports/A/revocation", {"reason": "staged"}),
    ],
)
def test_what_cannot_be_undone_is_done_without_asking_only_with_yes(arguments, path, body, api, piped) -> None:
    refused = piped("report", *arguments)
    assert (refused.returncode, api.writes()) == (2, [])
    assert "--yes" in refused.stderr

    assert piped("report", *arguments, "--yes").returncode == 0
    assert [(asked.path, asked.body) for asked in api.writes()] == [(path, body)]


def test_a_refusal_of_one_is_the_programs_refusal(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/reports/A/verification"] = problem(409, "report_already_decided", "A was decided by wang.")

    run = piped("report", "verify", "A")

    assert run.returncode == 1
    assert run.stderr == "Error: A was decided by wang. [report_already_decided]\n"


def test_trying_stores_nothing_and_says_so(api: FakeApi, piped: RunPoints) -> None:
    run = piped("report", "reject", "A", "--reason", "x", "--dry-run")

    assert dry_runs(api) == [True]
    assert "idempotency-key" not in api.writes()[0].headers
    assert "nothing was stored" in run.stderr


def test_the_key_of_the_command_line_is_the_requests(api: FakeApi, piped: RunPoints) -> None:
    piped("report", "verify", "A", "--idempotency-key", "mine")

    assert api.writes()[0].headers["idempotency-key"] == "mine"


def test_a_person_sees_what_will_happen_and_is_asked(api: FakeApi, typed: OnTerminal) -> None:
    with typed("report", "reject", "A", "--reason", "x") as terminal:
        question = plain(terminal.wait_for("[y/N]"))
        assert dry_runs(api) == [True]
        terminal.type("y\n")
        code, _ = terminal.finish()

    assert "rejected" in question
    assert "A" in question
    assert code == 0
    assert dry_runs(api) == [True, False]


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04"])
def test_without_a_yes_nothing_is_done(answer, api: FakeApi, typed: OnTerminal) -> None:
    with typed("report", "reject", "A", "--reason", "x") as terminal:
        terminal.wait_for("[y/N]")
        terminal.type(answer)
        code, seen = terminal.finish()

    assert code == 1
    assert "Nothing was changed." in plain(seen)
    assert dry_runs(api) == [True]


# --- many ------------------------------------------------------------------------------------------------------------


def test_many_go_in_one_request_with_an_outcome_each(api: FakeApi, piped: RunPoints) -> None:
    run = piped("report", "verify", "A", "BAD1", "C", "--yes")

    assert [asked.path for asked in api.writes()] == ["/v1/reports/verifications"]
    assert api.writes()[0].body == {"items": [{"report": "A"}, {"report": "BAD1"}, {"report": "C"}]}
    rows = [line.split("\t") for line in run.stdout.splitlines()]
    assert rows[0] == [
        "report",
        "outcome",
        "points_granted",
        "rider_code",
        "available",
        "category_name",
        "problem_code",
        "detail",
    ]
    assert [row[:3] for row in rows[1:]] == [["A", "done", "30"], ["BAD1", "refused", ""], ["C", "done", "30"]]
    assert rows[2][-2:] == ["report_already_decided", "BAD1 was decided by wang."]


def test_when_some_are_refused_the_exit_code_says_so(piped: RunPoints) -> None:
    assert piped("report", "verify", "A", "C", "--yes").returncode == 0
    assert piped("report", "verify", "A", "BAD1", "--yes").returncode == 1


def test_json_of_many_is_the_apis_answer(piped: RunPoints) -> None:
    run = piped("report", "verify", "A", "BAD1", "--yes", "--json")

    answer = json.loads(run.stdout)
    assert (answer["done"], answer["refused"], run.returncode) == (1, 1, 1)


def test_a_code_given_twice_is_decided_once(api: FakeApi, piped: RunPoints) -> None:
    piped("report", "verify", "A", "C", "A", "--yes")

    assert api.writes()[0].body == {"items": [{"report": "A"}, {"report": "C"}]}


def test_the_fields_go_with_every_item(api: FakeApi, piped: RunPoints) -> None:
    piped("report", "reject", "A", "C", "--reason", "blurred", "--yes")

    items = [{"report": "A", "reason": "blurred"}, {"report": "C", "reason": "blurred"}]
    assert api.writes()[0].body == {"items": items}


@pytest.mark.parametrize(
    "stdin",
    [
        "A\nC\n",
        "A C\n\n",
        "code\tstate\nA\tsubmitted\nC\tsubmitted\n",
        "report\toutcome\nA\tdone\nC\tdone\n",
    ],
)
def test_codes_come_from_a_list_or_from_another_of_our_commands(stdin, api: FakeApi, piped: RunPoints) -> None:
    piped("report", "verify", "-", "--yes", stdin=stdin)

    assert api.writes()[0].body == {"items": [{"report": "A"}, {"report": "C"}]}


def test_an_empty_list_of_codes_is_a_usage_error(api: FakeApi, piped: RunPoints) -> None:
    run = piped("report", "verify", "-", "--yes", stdin="code\tstate\n")

    assert (run.returncode, api.writes()) == (2, [])


def test_more_than_a_thousand_go_in_parts_with_a_key_each(api: FakeApi, piped: RunPoints) -> None:
    codes = "\n".join(f"R{number}" for number in range(2500))

    run = piped("report", "verify", "-", "--yes", "--idempotency-key", "mine", stdin=codes)

    assert [len(asked.body["items"]) for asked in api.writes()] == [1000, 1000, 500]
    assert len({asked.headers["idempotency-key"] for asked in api.writes()}) == 3
    assert len(run.stdout.splitlines()) == 2501


def test_many_are_previewed_and_asked_about(api: FakeApi, typed: OnTerminal) -> None:
    with typed("report", "verify", "A", "BAD1", "C") as terminal:
        question = plain(terminal.wait_for("[y/N]"))
        assert dry_runs(api) == [True]
        terminal.type("y\n")
        code, seen = terminal.finish()

    assert "2 would be done, 60 points in all; 1 would be refused" in question
    assert "BAD1 was decided by wang." in question
    assert "2 done, 60 points in all; 1 refused" in plain(seen)
    assert code == 1
    assert dry_runs(api) == [True, False]


def test_when_none_can_be_done_nobody_is_asked(api: FakeApi, typed: OnTerminal) -> None:
    with typed("report", "verify", "BAD1", "BAD2") as terminal:
        code, seen = terminal.finish()

    assert code == 1
    assert "[y/N]" not in seen
    assert dry_runs(api) == [True]


def test_trying_many_shows_what_would_be_refused(api: FakeApi, piped: RunPoints) -> None:
    run = piped("report", "verify", "A", "BAD1", "--dry-run")

    assert dry_runs(api) == [True]
    assert run.returncode == 1
    assert "BAD1\trefused" in run.stdout
