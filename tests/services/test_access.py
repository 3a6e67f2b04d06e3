"""Signing in: sessions that end, codes that can be guessed five times, keys that can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest

from ledger.domain.access import OwnAccount, Principal, PrincipalKind, Role, Scope
from ledger.domain.errors import AlreadyExists, NotFound, Refusal, TooManyAttempts, WrongCredentials
from ledger.queries.access import read_credentials, read_principal
from ledger.services.access import (
    CloseSession,
    CreateOperator,
    CreateServiceKey,
    DeactivateOperator,
    Done,
    OpenSession,
    RedeemCode,
    RevokeServiceKey,
    SendCode,
    close_sessions,
    create_operators,
    create_service_keys,
    deactivate_operators,
    open_sessions,
    redeem_codes,
    revoke_service_keys,
    send_codes,
)
from ledger.services.credentials import Passwords, Vault, new_token, programme_of_token, token_sha256
from tests.world import PASSWORD, World

PHONE, CODE, WRONG = b"p" * 32, b"c" * 32, b"w" * 32


def principal(world: World, token: str) -> Principal | None:
    with world.runtime.reading() as connection:
        found = read_principal(connection, world.programme_id, token_sha256=token_sha256(token), now=world.clock.now)
    return found[0] if found else None


def test_an_operators_session_ends_after_twelve_hours(world: World) -> None:
    token = world.token(Role.REVIEWER)
    found = principal(world, token)
    assert found is not None
    assert (found.actor, found.roles) == ("operator/reviewer", frozenset({Role.REVIEWER}))
    world.clock.pass_time(hours=12, microseconds=-1)
    assert principal(world, token) is not None
    world.clock.pass_time(microseconds=1)
    assert principal(world, token) is None


def test_a_closed_session_lets_nobody_in(world: World) -> None:
    token = world.token(Role.REVIEWER)
    world.do(close_sessions, CloseSession(token_sha256=token_sha256(token)))
    assert principal(world, token) is None
    world.do(close_sessions, CloseSession(token_sha256=token_sha256(token)))


def test_a_token_of_one_programme_opens_no_other(world: World) -> None:
    token = world.token(Role.REVIEWER)
    with world.runtime.reading() as connection:
        assert read_principal(connection, 2, token_sha256=token_sha256(token), now=world.clock.now) is None
    assert programme_of_token(token) == world.programme_id


def test_an_owner_cannot_deactivate_their_own_account_and_leave_nobody(world: World) -> None:
    refusal = world.refuse(deactivate_operators, DeactivateOperator(name="owner", actor="operator/owner"))
    assert isinstance(refusal, OwnAccount)
    assert world.token("owner"), "the owner can still sign in"


def test_an_operator_who_was_deactivated_is_out_at_once_and_stays_out(world: World) -> None:
    token = world.token(Role.REVIEWER)
    world.do(deactivate_operators, DeactivateOperator(name="reviewer", actor="operator/owner"))
    assert principal(world, token) is None
    with world.runtime.reading() as connection:
        assert read_credentials(connection, world.programme_id, "reviewer") is None
    assert isinstance(
        world.refuse(deactivate_operators, DeactivateOperator(name="nobody", actor="operator/owner")), NotFound
    )


def test_an_operators_name_is_given_once_for_ever(world: World) -> None:
    def operator(name: str) -> CreateOperator:
        return CreateOperator(
            name=name, display_name="x", password_hash="x", roles=frozenset({Role.AUDITOR}), actor="operator/owner"
        )

    world.do(deactivate_operators, DeactivateOperator(name="reviewer", actor="operator/owner"))
    outcomes = world.run(create_operators, operator("reviewer"), operator("zhao"), operator("zhao"))
    assert [type(outcome) for outcome in outcomes] == [AlreadyExists, Done, AlreadyExists]


def test_a_service_key_works_until_it_is_revoked(world: World) -> None:
    token = new_token(PrincipalKind.SERVICE, world.programme_id)

    def key(name: str) -> CreateServiceKey:
        return CreateServiceKey(
            name=name, scopes=frozenset({Scope.EVENTS_READ}), token_sha256=token_sha256(token), actor="operator/owner"
        )

    world.do(create_service_keys, key("grid"))
    found = principal(world, token)
    assert found is not None
    assert (found.actor, found.scopes) == ("key/grid", frozenset({Scope.EVENTS_READ}))
    assert isinstance(world.refuse(create_service_keys, key("grid")), AlreadyExists)
    world.do(revoke_service_keys, RevokeServiceKey(name="grid", actor="operator/owner"))
    assert principal(world, token) is None
    assert isinstance(world.refuse(create_service_keys, key("grid")), AlreadyExists)
    assert isinstance(world.refuse(revoke_service_keys, RevokeServiceKey(name="x", actor="operator/owner")), NotFound)


# --- one-time codes -----------------------------------------------------------------------------------------------


@pytest.fixture
def rider_id(world: World) -> object:
    return world.rider_id(world.enroll())


def send(world: World, code: bytes = CODE) -> Done | Refusal:
    outcome: Done | Refusal = world.run(send_codes, SendCode(phone_hash=PHONE, code_hash=code))[0]
    return outcome


def redeem(world: World, rider_id: object, code: bytes = CODE) -> Done | Refusal:
    token = new_token(PrincipalKind.RIDER, world.programme_id)
    command = RedeemCode(
        phone_hash=PHONE,
        code_hash=code,
        subject_id=rider_id,  # type: ignore[arg-type]
        token_sha256=token_sha256(token),
    )
    outcome: Done | Refusal = world.run(redeem_codes, command)[0]
    assert (principal(world, token) is not None) is isinstance(outcome, Done)
    return outcome


def test_the_right_code_opens_a_session_once(world: World, rider_id: object) -> None:
    send(world)
    assert isinstance(redeem(world, rider_id), Done)
    assert isinstance(redeem(world, rider_id), WrongCredentials)


def test_a_code_is_valid_for_five_minutes(world: World, rider_id: object) -> None:
    send(world)
    world.clock.pass_time(minutes=5)
    assert isinstance(redeem(world, rider_id), WrongCredentials)
    send(world)
    world.clock.pass_time(minutes=5, microseconds=-1)
    assert isinstance(redeem(world, rider_id), Done)


@pytest.mark.parametrize(("guesses", "kind"), [(4, Done), (5, WrongCredentials)])
def test_a_code_can_be_tried_five_times(world: World, rider_id: object, guesses: int, kind: type) -> None:
    send(world)
    for _ in range(guesses):
        assert isinstance(redeem(world, rider_id, WRONG), WrongCredentials)
    assert isinstance(redeem(world, rider_id), kind)


def test_guesses_in_one_batch_count_each(world: World, rider_id: object) -> None:
    send(world)
    guess = RedeemCode(phone_hash=PHONE, code_hash=WRONG, subject_id=None, token_sha256=b"t" * 32)
    assert {type(outcome) for outcome in world.run(redeem_codes, *[guess] * 5)} == {WrongCredentials}
    assert isinstance(redeem(world, rider_id), WrongCredentials)


def test_a_phone_that_nobody_has_answers_like_a_wrong_code(world: World) -> None:
    assert isinstance(send(world), Done)
    assert isinstance(redeem(world, None), WrongCredentials)


def test_a_code_is_sent_once_a_minute(world: World) -> None:
    assert isinstance(send(world), Done)
    refusal = send(world)
    assert isinstance(refusal, TooManyAttempts) and refusal.retry_after_seconds == 61
    world.clock.pass_time(seconds=60)
    assert isinstance(send(world), Done)


def test_two_codes_asked_for_at_once_are_one(world: World) -> None:
    outcomes = world.run(send_codes, *[SendCode(phone_hash=PHONE, code_hash=CODE)] * 2)
    assert [type(outcome) for outcome in outcomes] == [Done, TooManyAttempts]


def test_only_the_last_code_works(world: World, rider_id: object) -> None:
    send(world, WRONG)
    world.clock.pass_time(minutes=1)
    send(world)
    assert isinstance(redeem(world, rider_id, WRONG), WrongCredentials)
    assert isinstance(redeem(world, rider_id), Done)


@pytest.mark.parametrize("is_used", [True, False])
def test_ten_codes_a_day_are_sent_whether_used_or_not(world: World, rider_id: object, is_used: bool) -> None:
    for _ in range(10):
        assert isinstance(send(world), Done)
        if is_used:
            assert isinstance(redeem(world, rider_id), Done)
        world.clock.pass_time(minutes=1)
    refusal = send(world)
    assert isinstance(refusal, TooManyAttempts)
    world.clock.pass_time(seconds=refusal.retry_after_seconds)
    assert isinstance(send(world), Done)


def test_the_day_of_the_codes_is_the_local_one(world: World) -> None:
    world.clock.now = datetime(2026, 3, 10, 15, 45, tzinfo=UTC)  # a quarter to midnight in Ningbo
    for _ in range(10):
        send(world)
        world.clock.pass_time(minutes=1)
    assert isinstance(send(world), TooManyAttempts)
    world.clock.now = datetime(2026, 3, 10, 16, 0, tzinfo=UTC)
    assert isinstance(send(world), Done)


def test_a_rider_who_left_is_not_let_in(world: World) -> None:
    world.enroll()
    token = world.rider_token("R00001")
    assert principal(world, token) is not None
    with world.runtime.database.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE riders SET status = 'left'")
    assert principal(world, token) is None


def test_a_riders_session_lasts_a_month(world: World) -> None:
    rider = world.rider_id(world.enroll())
    done = world.do(open_sessions, OpenSession(kind=PrincipalKind.RIDER, subject_id=rider, token_sha256=b"x" * 32))
    assert done.expires_at - world.clock.now == timedelta(days=30)


# --- secrets ------------------------------------------------------------------------------------------------------


def test_a_password_is_verified_and_nobodys_never() -> None:
    passwords = Passwords(time_cost=1, memory_kib=64)
    assert passwords.verify(PASSWORD, passwords.hash(PASSWORD))
    assert not passwords.verify("wrong", passwords.hash(PASSWORD))
    assert not passwords.verify(PASSWORD, None)
    assert not passwords.verify("", None)
    assert not passwords.verify(PASSWORD, "no hash")


def test_a_phone_is_read_with_its_own_secret_only() -> None:
    vault, other = Vault.from_secret("one" * 20), Vault.from_secret("two" * 20)
    sealed = vault.encrypt("13812345678")
    assert vault.decrypt(sealed) == "13812345678"
    assert other.decrypt(sealed) is None
    assert vault.encrypt("13812345678") != sealed
    assert vault.keyed_hash("13812345678") != other.keyed_hash("13812345678")
    assert "one" not in repr(vault)


@pytest.mark.parametrize("token", ["", "cpl", "cpl_op_x_y", "abc_op_1_y", "cpl_op_1234567890123_y", "cpl_op_１_y"])
def test_what_is_no_token_of_ours_belongs_to_no_programme(token: str) -> None:
    assert programme_of_token(token) is None
