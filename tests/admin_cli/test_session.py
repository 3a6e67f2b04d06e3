"""Signing in and out, and the commands that take a secret."""

import json
from pathlib import Path

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import Asked, FakeApi, Said, plain, problem

PRINCIPAL = {
    "kind": "operator",
    "name": "wang",
    "roles": ["reviewer"],
    "scopes": [],
    "programme": {"id": 330212, "name": "鄞州区"},
    "expires_at": "2026-11-24T14:00:00Z",
}
SESSION = Said(body={"token": "cpl_op_new", "expires_at": "2026-11-24T14:00:00Z", "principal": PRINCIPAL}, status=201)


def saved(home: Path) -> dict[str, str]:
    """The profile, empty when there is none."""
    path = home / "city-partner-ledger" / "profile.json"
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def test_an_operator_signs_in_with_a_password_from_stdin(api: FakeApi, piped: RunPoints, tmp_path) -> None:
    api.answers["POST /v1/sessions"] = SESSION

    login = ["login", "--server", api.address, "--programme", "330212", "--name", "wang", "--password-stdin"]
    run = piped(*login, stdin="s3cret word\n", POINTS_TOKEN="")

    asked = api.writes()[0]
    assert asked.body == {"programme": 330212, "name": "wang", "password": "s3cret word"}
    assert "authorization" not in asked.headers
    assert saved(tmp_path)["token"] == "cpl_op_new"
    assert saved(tmp_path)["server"] == api.address
    assert "principal.name\twang\n" in run.stdout
    assert "2026-11-24T22:00:00+08:00" in run.stdout
    assert "cpl_op_new" not in run.stdout + run.stderr
    assert "s3cret" not in run.stdout + run.stderr


def test_a_person_is_asked_for_what_is_missing_and_the_password_is_not_shown(
    api: FakeApi, typed: OnTerminal, tmp_path
) -> None:
    api.answers["POST /v1/sessions"] = SESSION

    with typed("login", POINTS_TOKEN="") as terminal:
        terminal.wait_for("Programme number")
        terminal.type("330212\n")
        terminal.wait_for("Name")
        terminal.type("wang\n")
        terminal.wait_for("Password of wang")
        terminal.type("s3cret\n")
        code, seen = terminal.finish()

    assert code == 0, seen
    assert "s3cret" not in seen
    assert "until" in plain(seen).lower()
    assert api.writes()[0].body == {"programme": 330212, "name": "wang", "password": "s3cret"}


def test_a_rider_signs_in_with_a_code_sent_to_the_phone(api: FakeApi, typed: OnTerminal, tmp_path) -> None:
    api.answers["POST /v1/one_time_codes"] = Said(body={"expires_at": "2026-11-24T14:00:00Z"}, status=202)
    api.answers["POST /v1/sessions"] = SESSION

    with typed("login", "--programme", "330212", "--phone", "13812345678", POINTS_TOKEN="") as terminal:
        terminal.wait_for("Code")
        terminal.type("123456\n")
        code, _ = terminal.finish()

    assert code == 0
    assert [(asked.path, asked.body) for asked in api.writes()] == [
        ("/v1/one_time_codes", {"programme": 330212, "phone": "13812345678"}),
        ("/v1/sessions", {"programme": 330212, "phone": "13812345678", "code": "123456"}),
    ]
    assert saved(tmp_path)["token"] == "cpl_op_new"


def test_a_token_at_hand_is_checked_and_kept(api: FakeApi, piped: RunPoints, tmp_path) -> None:
    api.answers["GET /v1/principal"] = Said(body=PRINCIPAL)

    assert piped("login", "--token", "given").returncode == 0
    assert saved(tmp_path)["token"] == "given"
    assert api.asked[0].headers["authorization"] == "Bearer given"


def test_a_wrong_password_keeps_nothing(api: FakeApi, piped: RunPoints, tmp_path) -> None:
    api.answers["POST /v1/sessions"] = problem(401, "wrong_credentials", "Name or password is wrong.")

    run = piped("login", "--programme", "1", "--name", "x", "--password-stdin", stdin="no\n", POINTS_TOKEN="")

    assert run.returncode == 3
    assert run.stderr == "Error: Name or password is wrong. [wrong_credentials]\n"
    assert saved(tmp_path) == {}


def test_signing_in_over_an_open_line_is_warned_about(piped: RunPoints) -> None:
    run = piped(
        "login", "--server", "http://ledger.invalid", "--password-stdin", "--programme", "1", "--name", "x", stdin="y\n"
    )

    assert "https" in run.stderr


def test_signing_in_needs_a_server(tmp_path, piped: RunPoints) -> None:
    run = piped("login", POINTS_SERVER="")

    assert run.returncode == 2
    assert "--server" in run.stderr


def test_signing_out_ends_the_token_and_forgets_it(api: FakeApi, piped: RunPoints, tmp_path) -> None:
    api.answers["GET /v1/principal"] = Said(body=PRINCIPAL)
    api.answers["DELETE /v1/sessions/current"] = Said(body=b"", status=204)
    piped("login", "--token", "given")

    assert piped("logout").returncode == 0

    assert api.writes()[-1].headers["authorization"] == "Bearer given"
    assert saved(tmp_path) == {}
    assert piped("logout").returncode == 0


def test_signing_out_forgets_the_token_even_when_the_server_does_not_know_it(
    api: FakeApi, piped: RunPoints, tmp_path
) -> None:
    api.answers["GET /v1/principal"] = Said(body=PRINCIPAL)
    api.answers["DELETE /v1/sessions/current"] = problem(401, "not_signed_in")
    piped("login", "--token", "given")

    assert piped("logout").returncode == 0
    assert saved(tmp_path) == {}


def test_who_is_signed_in_can_be_asked(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/principal"] = Said(body=PRINCIPAL)

    run = piped("whoami")

    assert "name\twang\n" in run.stdout
    assert f"server\t{api.address}\n" in run.stdout


def test_a_programme_is_founded_with_the_platforms_token_and_a_password_unseen(api: FakeApi, piped: RunPoints) -> None:
    def create(asked: Asked) -> Said:
        body = {
            "id": asked.body["id"],
            "name": asked.body["name"],
            "time_zone": "Asia/Shanghai",
            "created_at": "2026-11-24T01:00:00Z",
        }
        return Said(body=body, status=201)

    api.answers["POST /v1/programmes"] = create

    command = ["programme", "create", "330212", "鄞州区", "--budget", "500", "--owner-password-stdin"]
    run = piped(*command, stdin="long enough\n", POINTS_PLATFORM_TOKEN="platform")

    asked = api.writes()[0]
    assert asked.headers["authorization"] == "Bearer platform"
    assert asked.body == {"id": 330212, "name": "鄞州区", "owner_password": "long enough", "budget_points": 500}
    assert "long enough" not in run.stdout + run.stderr


def test_a_new_password_is_typed_twice_and_must_be_the_same(api: FakeApi, typed: OnTerminal) -> None:
    with typed("operator", "create", "li", "--role", "reviewer", "--role", "auditor") as terminal:
        terminal.wait_for("Password of li:")
        terminal.type("one\n")
        terminal.wait_for("(again)")
        terminal.type("other\n")
        code, _ = terminal.finish()

    assert code == 2
    assert not api.writes()


def test_the_secret_of_a_key_is_shown_once_and_the_request_has_no_key_to_replay(api: FakeApi, piped: RunPoints) -> None:
    made = {
        "id": "x",
        "name": "grid",
        "scopes": ["reports:write"],
        "created_at": "2026-11-24T01:00:00Z",
        "secret": "cpl_sk_1",
    }
    api.answers["POST /v1/service_keys"] = Said(body=made, status=201)

    run = piped("key", "create", "grid", "--scope", "reports:write")

    assert "secret\tcpl_sk_1\n" in run.stdout
    assert "not be shown again" in run.stderr
    assert "idempotency-key" not in api.writes()[0].headers
