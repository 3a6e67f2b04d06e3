"""What cannot be meant is refused: with the field, in both languages, and nothing is changed. One table of faults."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from litestar import Litestar

from ledger.api.errors import PROBLEM_JSON
from ledger.api.permissions import PERMISSIONS
from ledger.domain.access import Role
from tests.api.people import Operation, list_operations
from tests.world import PROGRAMME_ID, Client, World, headers

HAZARD: dict[str, Any] = {"rider_code": "R00001", "category_code": "SAF-02", "lat": 29.8, "lon": 121.5}
ENTRY: dict[str, Any] = {
    "external_id": "1",
    "rider_code": "R1",
    "category_code": "FAC-01",
    "state": "verified",
    "submitted_at": "2025-01-01T00:00:00Z",
    "decided_at": "2025-01-02T00:00:00Z",
}
DEEP = b"[" * 100_000
LONG_AGO = "0001-01-01T00:00:00+14:00"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """`field` is what the problem must name; none for problems that name no field."""

    path: str
    body: Any
    field: str | None
    code: str = "invalid_request"
    status: int = 400


def faults_of_a_report() -> Iterator[Fault]:
    changes: list[tuple[dict[str, Any], str]] = [
        ({"lat": "29.8"}, "lat"),
        ({"lat": True}, "lat"),
        ({"lon": None}, "lon"),
        ({"hours": 1.5}, "hours"),
        ({"hours": "2"}, "hours"),
        ({"latitude": 29.8}, "latitude"),
        ({"address": "x" * 501}, "address"),
        ({"address": "a\0b"}, "address"),
        ({"description": "a\x1b[31mb"}, "description"),
        ({"subdistrict": "a\nb"}, "subdistrict"),
        ({"subdistrict": "a\n"}, "subdistrict"),
        ({"category_code": "SAF-02\0"}, "category_code"),
        ({"rider_code": "x" * 17}, "rider_code"),
        ({"photo_url": "javascript:alert(1)"}, "photo_url"),
        ({"photo_url": "https://a b"}, "photo_url"),
        ({"photo_taken_at": "2026-03-10T00:00:00"}, "photo_taken_at"),
        ({"submitted_at": "yesterday"}, "submitted_at"),
        ({"submitted_at": 1_700_000_000}, "submitted_at"),
        ({"external_id": ""}, "external_id"),
        ({"datum": "BD-09"}, "datum"),
    ]
    for change, field in changes:
        yield Fault(path="/v1/reports", body={**HAZARD, **change}, field=field)
    found_by_the_domain: list[tuple[dict[str, Any], str]] = [
        ({"lat": 91}, "lat"),
        ({"lat": 1e308}, "lat"),
        ({"lon": -180.1}, "lon"),
        ({"hours": 10**30}, "hours"),
        ({"category_code": "CIV-01"}, "hours"),
        ({"rider_code": None}, "rider_code"),
        ({"photo_taken_at": LONG_AGO}, "photo_taken_at"),
        ({"submitted_at": "9999-12-31T23:59:59-12:00"}, "submitted_at"),
        ({"submitted_at": "2027-01-01T00:00:00Z"}, "submitted_at"),
    ]
    for change, field in found_by_the_domain:
        yield Fault(path="/v1/reports", body={**HAZARD, **change}, field=field, code="invalid_field")
    for missing in ("category_code", "lat", "lon"):
        body = {key: value for key, value in HAZARD.items() if key != missing}
        yield Fault(path="/v1/reports", body=body, field=missing)
    text = json.dumps(HAZARD).encode()
    yield Fault(path="/v1/reports", body=text.replace(b"29.8", b"1e400"), field="lat")


def faults_of_bytes() -> Iterator[Fault]:
    for body in (
        b"{",
        b"\xff\xfe",
        '{"address": "宁波"}'.encode("gbk"),
        b'{"lat": NaN}',
        b'{"lat": Infinity}',
        b'{"address": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        json.dumps(HAZARD).encode() + b"x",
    ):
        yield Fault(path="/v1/reports", body=body, field=None, code="malformed_request")
    yield Fault(path="/v1/reports", body=b"", field="$")
    yield Fault(path="/v1/reports", body=b"null", field="$")
    yield Fault(path="/v1/reports", body=DEEP, field="$")
    yield Fault(path="/v1/reports", body=b'{"address":' + DEEP + b"}", field="address")
    yield Fault(path="/v1/reports", body=b'{"a":' * 100_000, field="a")
    too_large = b'{"items": ["' + b"x" * 10_000_001 + b'"]}'
    yield Fault(path="/v1/reports/bulk", body=too_large, field=None, code="request_too_large", status=413)


def faults_of_bulks() -> Iterator[Fault]:
    for path, item in (
        ("/v1/reports/bulk", HAZARD),
        ("/v1/riders/bulk", {"name": "李四"}),
        ("/v1/reports/verifications", {"report": "X"}),
        ("/v1/reports/rejections", {"report": "X", "reason": "y"}),
        ("/v1/reports/duplications", {"report": "X", "duplicate_of": "Y"}),
        ("/v1/reports/revocations", {"report": "X", "reason": "y"}),
    ):
        yield Fault(path=path, body={"items": []}, field="items")
        yield Fault(path=path, body={"items": [item] * 1_001}, field="items")
        yield Fault(path=path, body={"items": item}, field="items")
        yield Fault(path=path, body={"items": [item, 5]}, field="items[1]")
        yield Fault(path=path, body={"items": [item, {**item, "x": 1}]}, field="items[1].x")
    yield Fault(path="/v1/imports", body={"source": "a", "items": [ENTRY] * 1_001}, field="items")
    yield Fault(path="/v1/imports", body={"source": "A B", "items": [ENTRY]}, field="source")
    yield Fault(path="/v1/imports", body={"source": "a", "items": [{**ENTRY, "state": "x"}]}, field="items[0].state")


def faults_of_decisions() -> Iterator[Fault]:
    for reason in (" \n ", "", "a\0", 5, "x" * 501):
        yield Fault(path="/v1/reports/REPORT/rejection", body={"reason": reason}, field="reason")
        yield Fault(path="/v1/reports/REPORT/revocation", body={"reason": reason}, field="reason")
    yield Fault(path="/v1/reports/REPORT/verification", body={"reason": "x"}, field="reason")
    yield Fault(path="/v1/reports/REPORT/duplication", body={"duplicate_of": "\0"}, field="duplicate_of")
    yield Fault(path="/v1/reports/%00/verification", body={}, field="report", code="invalid_field")
    yield Fault(path=f"/v1/reports/{'x' * 3_000}/verification", body={}, field="report", code="invalid_field")


def faults_of_people() -> Iterator[Fault]:
    rider_changes: list[tuple[dict[str, Any], str]] = [
        ({"name": "a\0"}, "name"),
        ({"name": "x" * 41}, "name"),
        ({"name": 5}, "name"),
        ({"code": "R1\n"}, "code"),
        ({"phon": "1"}, "phon"),
    ]
    for change, field in rider_changes:
        yield Fault(path="/v1/riders", body=change, field=field)
    for number in ("1", "1381234567８", "+8613812345678", "12812345678"):
        yield Fault(path="/v1/riders", body={"phone": number}, field="phone", code="invalid_field")
    yield Fault(path="/v1/riders", body={"industry_code": "99"}, field="industry_code", code="invalid_field")
    operator: dict[str, Any] = {"name": "li", "password": "long enough", "roles": ["reviewer"]}
    operator_changes: list[tuple[dict[str, Any], str]] = [
        ({"name": "Li"}, "name"),
        ({"name": "li\n"}, "name"),
        ({"name": "李"}, "name"),
        ({"name": ""}, "name"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 201}, "password"),
        ({"roles": []}, "roles"),
        ({"roles": ["king"]}, "roles[0]"),
        ({"display_name": "\x07"}, "display_name"),
    ]
    for change, field in operator_changes:
        yield Fault(path="/v1/operators", body={**operator, **change}, field=field)
    yield Fault(path="/v1/service_keys", body={"name": "k", "scopes": ["all"]}, field="scopes[0]")
    yield Fault(path="/v1/sessions", body={"programme": 0, "name": "a", "password": "b"}, field="programme")
    yield Fault(path="/v1/sessions", body={"programme": 2**60, "name": "a", "password": "b"}, field="programme")
    yield Fault(path="/v1/sessions", body={"programme": PROGRAMME_ID, "name": "a"}, field="name", code="invalid_field")
    yield Fault(path="/v1/sessions", body={"programme": PROGRAMME_ID, "name": "owner\0", "password": "b"}, field="name")
    yield Fault(
        path="/v1/one_time_codes", body={"programme": PROGRAMME_ID, "phone": "x"}, field="phone", code="invalid_field"
    )


FAULTS = [
    fault
    for faults in (faults_of_a_report, faults_of_bytes, faults_of_bulks, faults_of_decisions, faults_of_people)
    for fault in faults()
]


@pytest.fixture
def owner(world: World) -> str:
    world.token("rider")
    return world.token(Role.OWNER)


def snapshot(client: Client, owner: str) -> list[Any]:
    paths = ("reports", "riders", "operators", "service_keys", "trial_balance", "events")
    return [client.get(f"/v1/{path}", headers=headers(owner)).json() for path in paths]


def named_fields(problem: dict[str, Any]) -> list[str]:
    return [error["field"] for error in problem.get("errors", [])] or [problem.get("field", "")]


def words_of(problem: dict[str, Any]) -> str:
    """Our own words; what follows "Known:" are the programme's names of things."""
    return "".join([problem["detail"].split("Known:")[0], *(error["message"] for error in problem.get("errors", []))])


def has_chinese(text: str) -> bool:
    return any("一" <= character <= "鿿" for character in text)


def test_every_fault_is_named_in_both_languages_and_changes_nothing(client: Client, world: World, owner: str) -> None:
    report = world.submit()
    before = snapshot(client, owner)
    for fault in FAULTS:
        body = fault.body if isinstance(fault.body, bytes) else json.dumps(fault.body).encode()
        case = f"{fault.path[:60]} {body[:200]!r}"
        for language in ("zh", "en"):
            answer = client.post(
                fault.path.replace("REPORT", report),
                content=body,
                headers={**headers(owner, language=language), "Content-Type": "application/json"},
            )
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (fault.status, fault.code), f"{case}: {answer.text}"
            assert answer.headers["content-type"] == PROBLEM_JSON, case
            if fault.field is not None:
                assert named_fields(problem) == [fault.field], case
            assert has_chinese(words_of(problem)) is (language == "zh"), f"{case}: {words_of(problem)}"
    assert snapshot(client, owner) == before


def test_no_english_wording_of_a_form_reaches_a_chinese_reader(client: Client, world: World, owner: str) -> None:
    for fault in FAULTS:
        if fault.code == "invalid_request":
            body = fault.body if isinstance(fault.body, bytes) else json.dumps(fault.body).encode()
            answer = client.post(
                fault.path, content=body, headers={**headers(owner), "Content-Type": "application/json"}
            )
            for error in answer.json().get("errors", []):
                assert has_chinese(error["message"]), error


CONTENT_TYPES = {
    "application/json": 201,
    "application/json; charset=utf-8": 201,
    'Application/JSON;charset="UTF-8"': 201,
    "application/json; charset=gbk": 415,
    "text/plain": 415,
    "application/x-www-form-urlencoded": 415,
    "multipart/form-data; boundary=x": 415,
    "application/yaml": 415,
}


def test_bodies_are_json_in_utf8(client: Client, owner: str) -> None:
    for content_type, status in CONTENT_TYPES.items():
        answer = client.post(
            "/v1/reports",
            content=json.dumps(HAZARD).encode(),
            headers={**headers(owner, language="en"), "Content-Type": content_type},
        )
        assert answer.status_code == status, content_type
        if status == 415:
            assert answer.json()["code"] == "unsupported_media_type"
            assert "application/json" in answer.json()["detail"]


def token_of(operation: Operation, world: World, owner: str) -> str:
    """The owner's, or a rider's for what riders alone may do."""
    allowed = PERMISSIONS.get(operation.id)
    return owner if allowed is None or allowed.roles else world.token("rider")


def test_every_write_refuses_what_is_no_object(client: Client, app: Litestar, world: World, owner: str) -> None:
    for operation in list_operations(app):
        if operation.method in {"POST", "PUT", "PATCH"} and operation.id != "create_programme":
            token = token_of(operation, world, owner)
            for body in (b"[]", b'"x"', b"5"):
                answer = client.request(
                    operation.method,
                    operation.at(),
                    content=body,
                    headers={**headers(token), "Content-Type": "application/json"},
                )
                assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), operation.id


def test_every_write_refuses_an_unknown_member(client: Client, app: Litestar, world: World, owner: str) -> None:
    for operation in list_operations(app):
        if operation.method in {"POST", "PUT", "PATCH"} and operation.id != "create_programme":
            answer = client.request(
                operation.method,
                operation.at(),
                json={"surprise": 1},
                headers=headers(token_of(operation, world, owner)),
            )
            assert answer.status_code == 400, operation.id


def test_a_decision_takes_no_body_or_an_empty_one(client: Client, world: World, owner: str) -> None:
    for body in (b"", b"{}"):
        answer = client.post(f"/v1/reports/{world.submit()}/verification", content=body, headers=headers(owner))
        assert answer.status_code == 200, answer.text


def test_any_other_text_is_kept_as_it_was_written(client: Client, owner: str) -> None:
    for text in ("多行\r\n\t说明", "😀 表情", "e\u0301", "\u202e", "<script>alert(1)</script>", "'; --", "{0} %s"):
        created = client.post("/v1/reports", json={**HAZARD, "description": text}, headers=headers(owner))
        assert created.status_code == 201
        read = client.get(f"/v1/reports/{created.json()['code']}", headers=headers(owner))
        assert read.json()["description"] == text


QUERIES: list[tuple[str, str, str]] = [
    ("reports?limit=0", "invalid_request", "limit"),
    ("reports?limit=201", "invalid_request", "limit"),
    ("reports?limit=-1", "invalid_request", "limit"),
    ("reports?limit=abc", "invalid_request", "limit"),
    ("reports?limit=1.5", "invalid_request", "limit"),
    ("reports?limit=", "invalid_request", "limit"),
    ("reports?limit=99999999999999999999999", "invalid_request", "limit"),
    ("reports?limit=1&limit=2", "invalid_field", "limit"),
    ("reports?cursor=%00", "invalid_field", "cursor"),
    ("reports?cursor=" + "x" * 601, "invalid_request", "cursor"),
    ("reports?cursor=x", "invalid_cursor", ""),
    ("reports?cursor=", "invalid_cursor", ""),
    ("reports?cursor=%E9", "invalid_cursor", ""),
    ("reports?state=open", "invalid_request", "state"),
    ("reports?order=random", "invalid_request", "order"),
    ("reports?month=2026-13", "invalid_field", "month"),
    ("reports?month=2026-1", "invalid_field", "month"),
    ("reports?stat=verified", "unknown_parameter", ""),
    ("reports?category=%00", "invalid_field", "category"),
    ("reports?rider=" + "x" * 17, "invalid_request", "rider"),
    ("reports/REPORT/neighbours?radius_m=0", "invalid_request", "radius_m"),
    ("reports/REPORT/neighbours?radius_m=1001", "invalid_request", "radius_m"),
    ("rankings/2026-13", "invalid_field", "month"),
    ("rankings/2026", "invalid_field", "month"),
    ("accounts?purpose=savings", "invalid_request", "purpose"),
    ("trial_balance?at=2026-01-01", "invalid_request", "at"),
    ("trial_balance?at=2026-01-01T00:00:00", "invalid_field", "at"),
    ("trial_balance?at=0001-01-01T00:00:00%2B14:00", "invalid_field", "at"),
    ("trial_balance?at=9999-12-31T23:59:59-12:00", "invalid_field", "at"),
    ("riders/R00001/balance?at=2026-01-01T00:00:00", "invalid_field", "at"),
    ("riders/R00001/balance?at=9999-01-01T00:00:00Z", "invalid_field", "at"),
    ("trial_balance?at=9999-01-01T00:00:00Z", "invalid_field", "at"),
    ("rankings/2026-03?at=9999-01-01T00:00:00Z", "invalid_field", "at"),
    ("rankings/2026-03?at=2026-01-01T00:00:00", "invalid_field", "at"),
    ("transactions?from=x", "invalid_request", "from"),
    ("transactions?to=2026-01-01T00:00:00", "invalid_field", "to"),
    ("transactions?kind=gift", "invalid_request", "kind"),
    ("transactions?account=x", "invalid_request", "account"),
    ("rulebooks/0", "invalid_request", "version"),
    ("rulebooks/99999999999999999999", "invalid_request", "version"),
    ("events?after=-1", "invalid_request", "after"),
    ("events?after=9007199254740992", "invalid_request", "after"),
    ("riders?status=asleep", "invalid_request", "status"),
    ("riders/%00", "invalid_field", "code"),
]


def test_every_bad_parameter_is_named_in_both_languages(client: Client, world: World, owner: str) -> None:
    report = world.submit()
    for path, code, field in QUERIES:
        for language in ("zh", "en"):
            answer = client.get(f"/v1/{path.replace('REPORT', report)}", headers=headers(owner, language=language))
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (400, code), f"{path}: {answer.text}"
            assert named_fields(problem) == [field], path
            assert has_chinese(words_of(problem)) is (language == "zh"), path


def test_an_unknown_parameter_is_told_the_known_ones(client: Client, app: Litestar, world: World, owner: str) -> None:
    for operation in list_operations(app):
        if operation.method == "GET" and operation.id not in {"list_programmes"} and "/me" not in operation.path:
            answer = client.get(operation.at() + "?surprise=1", headers=headers(owner))
            assert answer.json()["code"] == "unknown_parameter", operation.id
            assert answer.json()["parameter"] == "surprise"
    listed = client.get("/v1/accounts?surprise=1", headers=headers(owner)).json()
    assert listed["known"] == "commodity, cursor, limit, owner, purpose"


def test_an_import_refuses_item_by_item_what_the_form_cannot_see(client: Client, owner: str) -> None:
    changes: list[tuple[dict[str, Any], str]] = [
        ({"submitted_at": "9999-12-31T23:59:59-12:00"}, "submitted_at"),
        ({"decided_at": LONG_AGO}, "decided_at"),
        ({"lat": 29.8}, "lat"),
        ({"lat": 29.8, "lon": 181}, "lon"),
    ]
    items = [{**ENTRY, "external_id": str(number), **change} for number, (change, _) in enumerate(changes)]
    good = {**ENTRY, "external_id": "good", "lat": 29.8, "lon": 121.5}
    answer = client.post("/v1/imports", json={"source": "a", "items": [*items, good]}, headers=headers(owner)).json()
    assert [item["problem"]["field"] for item in answer["items"][:-1]] == [field for _, field in changes]
    assert (answer["refused"], answer["done"], answer["points_granted"]) == (4, 1, 10)


def test_wildcards_in_a_search_are_plain_characters(client: Client, owner: str) -> None:
    for wildcard in ("%25", "_", "R%25", "\\"):
        answer = client.get(f"/v1/riders?query={wildcard}", headers=headers(owner))
        assert (answer.status_code, answer.json()["items"]) == (200, []), wildcard
