"""Exit codes: the table is whole, and the program keeps to it."""

import signal
import socket
import time

import pytest

from admin_cli.exits import MEANINGS, ExitCode, exit_for_status
from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, make_rider, page, plain, problem


def test_every_code_is_explained() -> None:
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("command", [["exits"], ["help", "exits"]])
def test_the_table_can_be_asked_for(command, language, started: RunPoints) -> None:
    run = started(*command, POINTS_LANG=language)

    rows = [line.split("\t") for line in run.stdout.splitlines()[1:]]
    assert [(int(number), name) for number, name, _ in rows] == [(code.value, code.name.lower()) for code in ExitCode]
    assert all(meaning for _, _, meaning in rows)


@pytest.mark.parametrize(("status", "code"), [(418, ExitCode.REFUSED), (599, ExitCode.UNAVAILABLE)])
def test_a_status_that_nobody_thought_of_follows_its_hundred(status, code) -> None:
    assert exit_for_status(status) is code


@pytest.mark.parametrize(("status", "code"), [(400, 2), (401, 3), (403, 3), (404, 4), (409, 1), (422, 1), (500, 5)])
def test_the_programs_exit_code_is_that_of_the_apis_answer(status, code, api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders/R1"] = problem(status, "the_code", detail="Because of 3.")

    run = piped("rider", "show", "R1")

    assert run.returncode == code
    assert run.stdout == ""
    assert run.stderr.startswith("Error: Because of 3.")
    assert "[the_code]" in run.stderr
    assert "Traceback" not in run.stderr


def test_success_is_zero(api: FakeApi, started: RunPoints) -> None:
    api.answers["GET /v1/riders"] = page(make_rider())

    assert started("rider", "list").returncode == 0


def test_a_server_that_is_not_there_is_five(piped: RunPoints) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        run = piped("rider", "list", "--server", f"http://127.0.0.1:{reserved.getsockname()[1]}")

    assert run.returncode == 5
    assert "points serve" in run.stderr


def test_a_page_that_is_no_api_is_five_and_names_the_option(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/riders"] = Said(status=200, body=b"<html>", content_type="text/html")

    run = piped("rider", "list")

    assert run.returncode == 5
    assert "--server" in run.stderr


def test_an_interruption_is_130_without_a_traceback(api: FakeApi, typed: OnTerminal) -> None:
    def slow(_: object) -> Said:
        time.sleep(1.0)
        return page()

    api.answers["GET /v1/riders"] = slow

    with typed("rider", "list") as terminal:
        while not api.asked:
            time.sleep(0.01)
        terminal.type("\x03")
        code, seen = terminal.finish()

    assert code == 128 + signal.SIGINT
    assert "Traceback" not in plain(seen)


USAGE_ERRORS = [
    (["report", "lst"], ["lst", "list", "points report --help"]),
    (["report", "list", "--stat", "x"], ["--stat", "--state", "points report list --help"]),
    (["report", "list", "--limit", "many"], ["--limit", "points report list --help"]),
    (["report", "list", "--limit"], ["--limit", "points report list --help"]),
    (["report", "list", "--state", "odd"], ["--state", "submitted", "revoked", "points report list --help"]),
    (["report", "list", "too", "much"], ["too much", "points report list --help"]),
    (["report", "show"], ["REPORT", "points report show --help"]),
    (["report", "reject", "A"], ["--reason", "points report reject --help"]),
    (["operator", "create", "x", "--role", "boss"], ["--role", "reviewer", "points operator create --help"]),
    (["rider", "show", ".."], []),
    (["rider", "balance", "R1", "--at", "soon"], ["soon", "2026-11-24"]),
    (["ranking", "show", "soon"], ["soon", "2026-11"]),
    (["help", "nothing"], ["nothing", "points --help"]),
    (["--lang", "xx", "rider", "list"], ["--lang", "zh", "en"]),
    (["rider", "list", "--data", "x", "--server", "http://y.test"], ["--data", "--server"]),
    (["programme", "list"], ["POINTS_PLATFORM_TOKEN"]),
    (["review"], ["points report verify"]),
    (["operator", "deactivate", "wang"], ["--yes"]),
    (["key", "revoke", "grid"], ["--yes"]),
    (["report", "reject", "A", "--reason", "x"], ["--yes", "--dry-run"]),
    (["operator", "create", "x", "--role", "owner"], ["--password-stdin"]),
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("arguments", "words"), USAGE_ERRORS, ids=" ".join)
def test_a_usage_error_is_two_and_names_what_is_wrong_and_the_remedy(arguments, words, language, api, piped) -> None:
    run = piped(*arguments, POINTS_LANG=language)

    assert run.returncode == 2
    assert run.stdout == ""
    assert not api.writes()
    assert ("错误：" if language == "zh" else "Error: ") in run.stderr
    assert not [word for word in words if word not in run.stderr], run.stderr
