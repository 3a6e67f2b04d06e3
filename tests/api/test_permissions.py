"""The permission table, walked: every operation with every kind of token."""

from uuid import UUID

from litestar import Litestar
from litestar.testing import TestClient

from ledger.api.permissions import PERMISSIONS, PUBLIC
from ledger.domain.access import Principal, PrincipalKind, Role, Scope
from tests.api.people import NOBODY, Operation, list_bad_tokens, list_good_tokens, list_operations
from tests.world import World, headers

OWNERS = {"create_operator", "deactivate_operator", "create_service_key", "revoke_service_key"}


def knock(client: TestClient[Litestar], operation: Operation, token: str) -> int:
    """The status of a request that is allowed through or not, and could do nothing anyway: its body is no object."""
    body: list[int] | None = [] if operation.method == "POST" else None
    # As bytes, because a client may send what is no ASCII.
    authorization = {b"Authorization": f"Bearer {token}".encode("latin-1"), b"Idempotency-Key": b"key"}
    return client.request(operation.method, operation.at(), headers=authorization, json=body).status_code


def principal_of(who: str) -> Principal:
    kinds = {"rider": PrincipalKind.RIDER, "platform": PrincipalKind.PLATFORM}
    kind = kinds.get(who) or (PrincipalKind.SERVICE if ":" in who else PrincipalKind.OPERATOR)
    return Principal(
        kind=kind,
        programme_id=1,
        subject_id=UUID(NOBODY),
        name=who,
        roles=frozenset({Role(who)}) if kind is PrincipalKind.OPERATOR else frozenset(),
        scopes=frozenset({Scope(who)}) if kind is PrincipalKind.SERVICE else frozenset(),
    )


def test_every_route_is_in_the_table_and_the_table_names_no_other(app: Litestar) -> None:
    ids = [operation.id for operation in list_operations(app)]
    assert len(ids) == len(set(ids))
    assert set(ids) == PERMISSIONS.keys() | PUBLIC
    assert not PERMISSIONS.keys() & PUBLIC


def test_everybody_may_do_what_the_table_says_and_nothing_else(
    client: TestClient[Litestar], app: Litestar, world: World
) -> None:
    for who, token in list_good_tokens(world).items():
        for operation in list_operations(app):
            if operation.id in PUBLIC or operation.id == "delete_session":
                continue
            admitted = PERMISSIONS[operation.id].admits(principal_of(who))
            status = knock(client, operation, token)
            assert status not in {401, 500, 503}, (who, operation.id, status)
            assert (status != 403) is admitted, (who, operation.id, status)


def test_a_bad_token_opens_nothing(client: TestClient[Litestar], app: Litestar, world: World) -> None:
    for why, token in list_bad_tokens(world).items():
        for operation in list_operations(app):
            if operation.id not in PUBLIC:
                assert knock(client, operation, token) == 401, (why, operation.id)


def test_without_a_token_only_signing_in_is_answered(client: TestClient[Litestar], app: Litestar) -> None:
    for operation in list_operations(app):
        answer = client.request(operation.method, operation.at(), json=[] if operation.method == "POST" else None)
        assert answer.status_code == (400 if operation.id in PUBLIC else 401), operation.id
        if operation.id not in PUBLIC:
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.json()["code"] == "not_signed_in"


def test_signing_out_is_for_people_and_not_for_keys(client: TestClient[Litestar], world: World) -> None:
    statuses = {
        who: client.delete("/v1/sessions/current", headers=headers(token)).status_code
        for who, token in list_good_tokens(world).items()
    }
    assert {who for who, status in statuses.items() if status == 204} == {*Role, "rider"}
    assert set(statuses.values()) == {204, 403}


def test_an_auditor_can_write_nothing(client: TestClient[Litestar], app: Litestar, world: World) -> None:
    token = world.token(Role.AUDITOR)
    writes = [operation for operation in list_operations(app) if operation.method != "GET"]
    assert len(writes) > 15
    for operation in writes:
        if operation.id not in PUBLIC | {"delete_session"}:
            assert knock(client, operation, token) == 403, operation.id


def test_only_the_owner_lets_people_and_systems_in(client: TestClient[Litestar], app: Litestar, world: World) -> None:
    for who, token in list_good_tokens(world).items():
        for operation in list_operations(app):
            if operation.id in OWNERS:
                assert (knock(client, operation, token) == 403) is (who != Role.OWNER), (who, operation.id)


def test_who_is_turned_away_is_told_who_may(client: TestClient[Litestar], world: World) -> None:
    for language, words in (("zh", "没有权限"), ("en", "Not permitted")):
        answer = client.get("/v1/operators", headers=headers(world.token(Role.KEEPER), language=language))
        problem = answer.json()
        assert (answer.status_code, problem["code"], problem["title"]) == (403, "forbidden", words)
        assert problem["allowed"] == "auditor, owner"
        assert "auditor, owner" in problem["detail"]


def test_a_name_in_the_table_is_needed_to_be_let_in(client: TestClient[Litestar], world: World) -> None:
    """An operation that was forgotten in the table is closed, even to the owner."""
    forgotten = PERMISSIONS.pop("list_budgets")
    try:
        assert client.get("/v1/budgets", headers=headers(world.token(Role.OWNER))).status_code == 403
    finally:
        PERMISSIONS["list_budgets"] = forgotten


def test_the_scheme_is_case_insensitive_and_must_be_bearer(client: TestClient[Litestar], world: World) -> None:
    token = world.token(Role.OWNER)
    for scheme, status in (("Bearer", 200), ("bearer", 200), ("Basic", 401), ("", 401)):
        answer = client.get("/v1/principal", headers={"Authorization": f"{scheme} {token}".strip()})
        assert answer.status_code == status, scheme
