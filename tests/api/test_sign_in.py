"""Signing in and out: staff by password, riders by one-time code; what ends a token, what is never written down."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from ledger import sms
from ledger.domain.access import Role
from ledger.storage.tables import metadata
from tests.world import PASSWORD, PROGRAMME_ID, Client, World, headers

PHONE = "13812345678"
UNKNOWN_PHONE = "13900000000"


@pytest.fixture
def read_code(capsys: pytest.CaptureFixture[str]) -> Callable[[], str | None]:
    """The code that was sent to the console last."""

    def read() -> str | None:
        found = re.findall(r"验证码 (\d{6})", capsys.readouterr().err)
        return found[-1] if found else None

    return read


def sign_in(client: Client, **credentials: Any) -> Any:
    return client.post("/v1/sessions", json={"programme": PROGRAMME_ID, **credentials})


def ask_for_code(client: Client, phone: str = PHONE) -> Any:
    return client.post("/v1/one_time_codes", json={"programme": PROGRAMME_ID, "phone": phone})


def status_of(client: Client, token: str) -> int:
    return client.get("/v1/principal", headers=headers(token)).status_code


def test_an_operator_signs_in_with_name_and_password(client: Client, world: World) -> None:
    answer = sign_in(client, name="reviewer", password=PASSWORD)
    assert answer.status_code == 201
    session = answer.json()
    assert session["expires_at"] == "2026-03-10T14:00:00Z"
    principal = client.get("/v1/principal", headers=headers(session["token"])).json()
    assert principal == session["principal"]
    assert (principal["kind"], principal["name"], principal["roles"]) == ("operator", "reviewer", ["reviewer"])
    assert principal["programme"] == {"id": PROGRAMME_ID, "name": "鄞州区"}


def test_wrong_credentials_answer_alike(client: Client, world: World) -> None:
    answers = [
        sign_in(client, name="reviewer", password="wrong password"),
        sign_in(client, name="nobody", password=PASSWORD),
        sign_in(client, phone=UNKNOWN_PHONE, code="000000"),
        client.post("/v1/sessions", json={"programme": 999, "name": "reviewer", "password": PASSWORD}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["www-authenticate"] == "Bearer"


def test_a_rider_signs_in_with_a_code_from_the_phone(
    client: Client, world: World, read_code: Callable[[], str | None]
) -> None:
    world.enroll_with_phone("R00001", PHONE)
    asked = ask_for_code(client)
    assert (asked.status_code, asked.json()) == (202, {"expires_at": "2026-03-10T02:05:00Z"})
    session = sign_in(client, phone=PHONE, code=read_code())
    assert session.status_code == 201, session.text
    assert session.json()["principal"]["kind"] == "rider"
    me = client.get("/v1/me", headers=headers(session.json()["token"])).json()
    assert (me["rider"]["code"], me["rider"]["phone"]) == ("R00001", "138****5678")


def test_a_code_works_once(client: Client, world: World, read_code: Callable[[], str | None]) -> None:
    world.enroll_with_phone("R00001", PHONE)
    ask_for_code(client)
    code = read_code()
    assert [sign_in(client, phone=PHONE, code=code).status_code for _ in range(2)] == [201, 401]


def test_a_code_is_good_for_five_minutes(client: Client, world: World, read_code: Callable[[], str | None]) -> None:
    world.enroll_with_phone("R00001", PHONE)
    ask_for_code(client)
    code = read_code()
    world.clock.pass_time(minutes=5)
    assert sign_in(client, phone=PHONE, code=code).status_code == 401


def test_after_five_wrong_guesses_the_right_code_is_no_use(
    client: Client, world: World, read_code: Callable[[], str | None]
) -> None:
    world.enroll_with_phone("R00001", PHONE)
    ask_for_code(client)
    code = read_code()
    assert code is not None
    for _ in range(5):
        assert sign_in(client, phone=PHONE, code="x" + code[1:]).status_code == 401
    assert sign_in(client, phone=PHONE, code=code).status_code == 401


def test_codes_are_sent_once_a_minute_and_ten_times_a_day(client: Client, world: World) -> None:
    world.enroll_with_phone("R00001", PHONE)
    assert ask_for_code(client).status_code == 202
    world.clock.pass_time(seconds=20)
    refused = ask_for_code(client)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused.headers["retry-after"] == str(refused.json()["retry_after_seconds"])
    assert 40 <= int(refused.headers["retry-after"]) <= 41
    for _ in range(9):
        world.clock.pass_time(minutes=2)
        assert ask_for_code(client).status_code == 202
    world.clock.pass_time(minutes=2)
    assert ask_for_code(client).status_code == 429
    world.clock.pass_time(hours=24)
    assert ask_for_code(client).status_code == 202


def test_an_unknown_phone_is_answered_like_a_known_one_and_gets_nothing(
    client: Client, world: World, read_code: Callable[[], str | None]
) -> None:
    world.enroll_with_phone("R00001", PHONE)
    known, sent = ask_for_code(client), read_code()
    unknown, unsent = ask_for_code(client, UNKNOWN_PHONE), read_code()
    assert (unknown.status_code, unknown.content) == (known.status_code, known.content) == (202, known.content)
    assert sent is not None
    assert unsent is None
    again = ask_for_code(client, UNKNOWN_PHONE), ask_for_code(client)
    assert [answer.status_code for answer in again] == [429, 429]


def test_a_gateway_that_fails_does_not_tell_who_is_known(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object, **_more: object) -> None:
        raise sms.SmsFailed("ConnectError")

    monkeypatch.setattr(sms, "send_code", fail)
    world.enroll_with_phone("R00001", PHONE)
    assert [ask_for_code(client, phone).status_code for phone in (PHONE, UNKNOWN_PHONE)] == [202, 202]


def test_signing_out_ends_the_token_at_once(client: Client, world: World) -> None:
    tokens = [sign_in(client, name="reviewer", password=PASSWORD).json()["token"] for _ in range(2)]
    assert [status_of(client, token) for token in tokens] == [200, 200]
    assert client.delete("/v1/sessions/current", headers=headers(tokens[0])).status_code == 204
    assert [status_of(client, token) for token in tokens] == [401, 200]


def test_deactivating_an_operator_ends_their_tokens_at_once(client: Client, world: World) -> None:
    token = sign_in(client, name="reviewer", password=PASSWORD).json()["token"]
    assert status_of(client, token) == 200
    client.post("/v1/operators/reviewer/deactivation", json={}, headers=headers(world.token(Role.OWNER)))
    assert status_of(client, token) == 401
    assert sign_in(client, name="reviewer", password=PASSWORD).status_code == 401


def test_a_service_key_is_shown_once_and_ends_when_revoked(client: Client, world: World) -> None:
    owner = headers(world.token(Role.OWNER))
    made = client.post("/v1/service_keys", json={"name": "grid", "scopes": ["reports:read"]}, headers=owner)
    secret = made.json()["secret"]
    assert made.status_code == 201
    assert status_of(client, secret) == 200
    assert secret not in client.get("/v1/service_keys", headers=owner).text
    again = client.post(
        "/v1/service_keys", json={"name": "grid", "scopes": ["reports:read"]}, headers=headers(world.token(Role.OWNER))
    )
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    client.post("/v1/service_keys/grid/revocation", json={}, headers=headers(world.token(Role.OWNER)))
    assert status_of(client, secret) == 401


def test_a_session_ends_by_itself(client: Client, world: World) -> None:
    token = sign_in(client, name="owner", password=PASSWORD).json()["token"]
    world.clock.pass_time(hours=11, minutes=59)
    assert status_of(client, token) == 200
    world.clock.pass_time(minutes=1)
    assert status_of(client, token) == 401


def test_no_secret_is_written_to_the_log_or_the_database(
    client: Client, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    password = "a-password-nobody-has"
    owner = sign_in(client, name="owner", password=PASSWORD).json()["token"]
    client.post(
        "/v1/operators", json={"name": "li", "password": password, "roles": ["reviewer"]}, headers=headers(owner)
    )
    token = sign_in(client, name="li", password=password).json()["token"]
    sign_in(client, name="li", password=password + "x")
    key = client.post("/v1/service_keys", json={"name": "k", "scopes": ["reports:read"]}, headers=headers(owner))
    client.post("/v1/riders", json={"name": "李四", "phone": PHONE}, headers=headers(owner))
    client.post("/v1/riders", json={"phone": PHONE, "name": 5}, headers=headers(owner))
    sign_in(client, phone=PHONE, code="123456")
    secrets = [password, PASSWORD, owner, token, key.json()["secret"], PHONE]

    captured = capsys.readouterr()
    dump = dump_database(world)
    assert b"R00001" in dump, "the dump holds what is stored"
    for secret in secrets:
        assert secret not in captured.out + captured.err
        assert secret.encode() not in dump, secret[:10]


def dump_database(world: World) -> bytes:
    """Every value of every table, as bytes."""
    parts: list[bytes] = []
    with world.runtime.reading() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
        for table in metadata.tables.values():
            for row in connection.execute(select(table)):
                parts += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(parts)
