"""The OpenAPI document: complete, true, and its page asks nobody outside for anything."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ledger.api.example_names import (
    ACCOUNT_ID,
    MY_REDEMPTION,
    OTHER_REPORT,
    OWN_PROPOSAL,
    PHONE,
    PROPOSAL,
    PROPOSED_TITLE,
    READY_REDEMPTION,
    REPORT,
    REQUESTED_REDEMPTION,
    SHARED_REPORT,
    SHARING_REPORT,
    TRANSACTION_ID,
    VERIFIED_REPORT,
    VOUCHER,
)
from ledger.api.examples import ANSWERS, EXAMPLES, PROBLEM_EXAMPLE
from ledger.api.openapi import BOUNDS, FILES
from ledger.api.permissions import PERMISSIONS, PUBLIC
from ledger.app import create_app, create_runtime
from ledger.domain.access import Role
from tests.api.schema_check import find_faults
from tests.deployment import PLATFORM_TOKEN, test_settings
from tests.world import World, headers

Json = dict[str, Any]


@cache
def read_document() -> Json:
    """The document needs no database."""
    runtime = create_runtime(test_settings("sqlite:///nowhere.db"))
    with TestClient(create_app(runtime.settings, runtime=runtime)) as client:
        document: Json = client.get("/schema/openapi.json").json()
    return document


def list_operations() -> Iterator[tuple[str, str, Json]]:
    """(method, path, operation) of everything under /v1."""
    for path, operations in read_document()["paths"].items():
        if path.startswith("/v1/"):
            for method, operation in operations.items():
                yield method, path, operation


def operation_of(operation_id: str) -> tuple[str, str, Json]:
    [found] = [entry for entry in list_operations() if entry[2]["operationId"] == operation_id]
    return found


def success_of(operation: Json) -> tuple[int, Json]:
    [(status, response)] = [entry for entry in operation["responses"].items() if entry[0].startswith("2")]
    return int(status), response


def resolve(part: Json) -> Json:
    target = part
    if "$ref" in part:
        target = read_document()
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
    return target


def walk(value: Any) -> Iterator[tuple[str, Any]]:
    """Every (key, value) of the document."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key, item
            yield from walk(item)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item)


def prepare(world: World) -> dict[str, str]:
    """What the examples speak of; their codes → the codes of this world."""
    world.token("rider")
    world.token("service")
    world.enroll_with_phone("R00002", PHONE)
    verified = world.award()
    report, other = world.submit(), world.submit()
    assert verified.case.award is not None
    shared = world.award("R00002").case.report.code
    sharing = world.share(world.submit(world.enroll("R00003")), shared).case.report.code
    world.earn(1_200)
    world.put_item()
    world.publish_month("2026-01", at=datetime(2026, 2, 3, 12, tzinfo=UTC))
    requested = world.redeem(world.put_item("G-006", price_points=350))
    ready = world.redeem(actor="operator/manager")
    return {
        PROPOSED_TITLE: world.propose_partner(),
        REQUESTED_REDEMPTION: requested.code,
        READY_REDEMPTION: ready.code,
        MY_REDEMPTION: ready.code,
        VOUCHER: ready.voucher_code or "",
        PROPOSAL: world.propose(points=20),
        OWN_PROPOSAL: world.propose(points=30, actor="operator/owner"),
        REPORT: report,
        OTHER_REPORT: other,
        VERIFIED_REPORT: verified.case.report.code,
        SHARED_REPORT: shared,
        SHARING_REPORT: sharing,
        ACCOUNT_ID: str(world.balance().lots[0].account_id),
        TRANSACTION_ID: str(verified.case.award.transaction_id),
    }


def put_in(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: put_in(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [put_in(item, names) for item in value]
    return names.get(value, value) if isinstance(value, str) else value


def token_for(world: World, operation_id: str) -> str:
    if operation_id in PUBLIC:
        return ""
    allowed = PERMISSIONS[operation_id]
    if allowed.platform and not allowed.roles:
        return PLATFORM_TOKEN
    return world.token(Role.OWNER if allowed.roles else "rider")


READS = sorted(name for name in EXAMPLES if name.startswith(("get_", "list_")))
WRITES = sorted(EXAMPLES.keys() - set(READS))


@pytest.mark.parametrize("operation_id", WRITES)
def test_every_example_of_a_write_works_and_is_answered_as_documented(
    operation_id: str, client: TestClient[Litestar], world: World
) -> None:
    check_example(client, world, operation_id, prepare(world))


def test_every_example_of_a_read_works_and_is_answered_as_documented(
    client: TestClient[Litestar], world: World
) -> None:
    names = prepare(world)
    for operation_id in READS:
        check_example(client, world, operation_id, names)


def check_example(client: TestClient[Litestar], world: World, operation_id: str, names: dict[str, str]) -> None:
    method, path, operation = operation_of(operation_id)
    example = EXAMPLES[operation_id]
    answer = client.request(
        method,
        path.format(**put_in(example.path, names)),
        params=put_in(example.query, names),
        json=put_in(example.body, names) if example.body is not None else None,
        headers=headers(token_for(world, operation_id)),
    )

    status, documented = success_of(operation)
    assert answer.status_code == status, f"{operation_id}: {answer.text}"
    if (media := documented.get("content", {}).get("application/json")) is not None:
        schema = media["schema"]
        assert not list(find_faults(read_document(), schema, answer.json())), operation_id
    if operation_id in ANSWERS:
        assert keys_of(answer.json()) == keys_of(ANSWERS[operation_id])


def keys_of(value: Any) -> Any:
    """The shape of an answer, without its values."""
    if isinstance(value, dict):
        return {key: keys_of(item) for key, item in value.items()}
    return [keys_of(item) for item in value[:1]] if isinstance(value, list) and value[:1] != [] else None


def test_every_operation_has_an_example_and_every_example_an_operation() -> None:
    assert {operation["operationId"] for _, _, operation in list_operations()} == set(EXAMPLES)


def test_every_example_answer_fits_its_schema() -> None:
    for operation_id, answer in ANSWERS.items():
        schema = success_of(operation_of(operation_id)[2])[1]["content"]["application/json"]["schema"]
        assert not list(find_faults(read_document(), schema, answer)), operation_id


def test_every_operation_says_what_it_does_and_what_it_answers() -> None:
    for method, path, operation in list_operations():
        assert operation["summary"] and operation["tags"], path
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", operation["operationId"]), path
        status, success = success_of(operation)
        is_drawing = path.endswith(".svg") and "image/svg+xml" in success["content"]
        is_file = operation["operationId"] in FILES and "application/json" not in success["content"]
        assert status == 204 or is_drawing or is_file or success["content"]["application/json"]["schema"], (
            method,
            path,
        )


def test_operation_ids_begin_with_a_verb() -> None:
    verbs = {operation["operationId"].split("_")[0] for _, _, operation in list_operations()}
    decisions = {
        "award",
        "change",
        "confirm",
        "decline",
        "settle",
        "verify",
        "reject",
        "mark",
        "merge",
        "split",
        "revoke",
        "approve",
        "cancel",
        "fulfil",
        "restock",
        "withdraw",
        "simulate",
        "publish",
        "finalize",
    }
    assert verbs == {"get", "list", "create", "put", "delete", "deactivate", "import", *decisions}


def test_every_problem_is_documented_as_problem_json() -> None:
    for _, path, operation in list_operations():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                content = resolve(response)["content"]
                assert set(content) == {"application/problem+json"}, (path, status)
    assert not list(find_faults(read_document(), {"$ref": "#/components/schemas/Problem"}, PROBLEM_EXAMPLE))


def test_every_operation_documents_its_common_problems() -> None:
    for _, path, operation in list_operations():
        expected = {"400", "500", "503"} | (set() if operation["operationId"] in PUBLIC else {"401", "403"})
        assert expected <= operation["responses"].keys(), path
        assert ("{" in path) <= ("404" in operation["responses"]), path


def test_only_public_operations_need_no_token() -> None:
    for _, path, operation in list_operations():
        assert (operation.get("security") == []) is (operation["operationId"] in PUBLIC), path


def test_the_language_the_key_and_the_preview_are_documented() -> None:
    keyless = {"create_session", "create_one_time_code", "create_service_key", "simulate_rulebook"}
    for method, path, operation in list_operations():
        names = {resolve(parameter)["name"] for parameter in operation["parameters"]}
        assert "Accept-Language" in names, path
        if method in {"post", "put", "patch"} and operation["operationId"] not in keyless:
            assert {"Idempotency-Key", "dry_run"} <= names, path
            assert {"Idempotency-Replayed", "Dry-Run"} <= success_of(operation)[1]["headers"].keys(), path
        else:
            assert "Idempotency-Key" not in names, path


def test_whole_bounds_are_whole_numbers() -> None:
    bounds = [value for key, value in walk(read_document()) if key in BOUNDS]
    assert bounds
    assert all(isinstance(bound, int) and abs(bound) < 2**53 for bound in bounds)


def test_patterns_are_spelt_as_javascript_has_them() -> None:
    assert not [value for key, value in walk(read_document()) if key == "pattern" and r"\Z" in value]


def test_schemas_have_readable_names() -> None:
    assert not [name for name in read_document()["components"]["schemas"] if not re.fullmatch(r"[A-Z]\w+[a-z]", name)]


def test_every_reference_leads_somewhere() -> None:
    for key, value in walk(read_document()):
        if key == "$ref":
            resolve({"$ref": value})


def test_the_docs_page_asks_for_nothing_outside(client: TestClient[Litestar]) -> None:
    page = client.get("/schema")
    addresses = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
    assert addresses
    for address in addresses:
        assert address.startswith("/") and not address.startswith("//")
        assert client.get(address).status_code == 200, address
    assert "://" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_the_docs_script_switches_the_public_validator_off(client: TestClient[Litestar]) -> None:
    assert "validatorUrl: null" in client.get("/static/docs.js").text
