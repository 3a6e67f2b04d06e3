"""Lists: pages join without gaps or doubles, in the stated order, and a cursor works nowhere else."""

from itertools import pairwise
from typing import Any

import pytest

from ledger.domain.access import Role, Scope
from ledger.services.access import CreateOperator, CreateServiceKey, create_operators, create_service_keys
from ledger.services.credentials import token_sha256
from tests.deployment import PLATFORM_TOKEN
from tests.world import Client, World, headers

RIDERS = 7


@pytest.fixture
def full_world(world: World) -> World:
    """Several of everything that is listed, some of it at the same instant."""
    reviewer = frozenset({Role.REVIEWER})
    for number in range(1, RIDERS + 1):
        code = world.enroll(f"R{number:05d}", name=f"骑手{number}")
        for _ in range(2):
            world.award(code)
        world.submit(code)
        world.clock.pass_time(minutes=number % 3)
        name = f"person{number}"
        world.do(
            create_operators,
            CreateOperator(
                name=name,
                display_name=name,
                password_hash="-",
                roles=reviewer,
                actor="operator/owner",
            ),
        )
        world.do(
            create_service_keys,
            CreateServiceKey(
                name=name,
                scopes=frozenset({Scope.REPORTS_READ}),
                token_sha256=token_sha256(name),
                actor="operator/owner",
            ),
        )
    return world


def newest_first(*names: str) -> Any:
    return lambda items: all(
        tuple(one[name] for name in names) >= tuple(other[name] for name in names) for one, other in pairwise(items)
    )


def rising(*names: str) -> Any:
    return lambda items: newest_first(*names)(items[::-1])


LISTS: dict[str, Any] = {
    "riders": rising("code"),
    "riders?industry=01&status=active&query=R": rising("code"),
    "reports": newest_first("submitted_at"),
    "reports?order=oldest": rising("submitted_at"),
    "reports?order=oldest&state=submitted": rising("review_due_at"),
    "reports?state=verified&category=FAC-01&month=2026-03": newest_first("submitted_at"),
    "rankings/2026-03": rising("rank"),
    "accounts": rising("purpose"),
    "accounts?purpose=available": rising("id"),
    "transactions": newest_first("effective_at"),
    "transactions?kind=award": newest_first("effective_at"),
    "events": rising("number"),
    "operators": rising("name"),
    "service_keys": rising("name"),
    "budgets": rising("sponsor"),
    "rulebooks": newest_first("version"),
    "riders/R00001/statement": newest_first("effective_at"),
    "reports?rider=R00003": newest_first("submitted_at"),
}


def read_pages(client: Client, path: str, token: str, *, limit: int) -> list[list[Any]]:
    """All pages of a list."""
    pages: list[list[Any]] = []
    cursor = None
    separator = "&" if "?" in path else "?"
    while cursor is not None or not pages:
        more = f"&cursor={cursor}" if cursor else ""
        answer = client.get(f"/v1/{path}{separator}limit={limit}{more}", headers=headers(token))
        assert answer.status_code == 200, answer.text
        pages.append(answer.json()["items"])
        cursor = answer.json()["next"]
        assert len(pages) < 100, "the pages do not end"
    return pages


def test_pages_join_without_gaps_or_doubles_in_the_stated_order(client: Client, full_world: World) -> None:
    token = full_world.token(Role.OWNER)
    for path, is_in_order in LISTS.items():
        [whole] = read_pages(client, path, token, limit=200)
        assert whole, path
        assert is_in_order(whole), path
        for limit in (1, 3):
            pages = read_pages(client, path, token, limit=limit)
            assert [item for page in pages for item in page] == whole, (path, limit)
            assert all(len(page) == limit for page in pages[:-1]), path


def test_a_riders_own_lists_page_too(client: Client, full_world: World) -> None:
    token = full_world.rider_token("R00002")
    for path in ("me/reports", "me/statement"):
        [whole] = read_pages(client, path, token, limit=200)
        assert [item for page in read_pages(client, path, token, limit=1) for item in page] == whole
        assert len(whole) > 1


def test_the_platforms_list_of_programmes_pages(client: Client, world: World) -> None:
    for number in (5, 3, 4):
        body = {"id": number, "name": f"区{number}", "owner_password": "long enough"}
        assert client.post("/v1/programmes", json=body, headers=headers(PLATFORM_TOKEN)).status_code == 201
    pages = read_pages(client, "programmes", PLATFORM_TOKEN, limit=1)
    assert [programme["id"] for [programme] in pages] == [3, 4, 5, world.programme_id]


def test_a_page_holds_what_came_before_it_was_asked_for(client: Client, full_world: World) -> None:
    """A report that arrives between two pages moves nothing that is still to come."""
    token = full_world.token(Role.OWNER)
    [whole] = read_pages(client, "reports", token, limit=200)
    first = client.get("/v1/reports?limit=2", headers=headers(token)).json()
    full_world.submit()
    second = client.get(f"/v1/reports?limit=200&cursor={first['next']}", headers=headers(token)).json()
    assert first["items"] + second["items"] == whole


def test_a_cursor_belongs_to_its_list_and_its_filter(client: Client, full_world: World) -> None:
    token = headers(full_world.token(Role.OWNER))
    for path, other in (
        ("reports?", "reports?state=verified&"),
        ("reports?", "reports?order=oldest&"),
        ("riders?", "riders?industry=01&"),
        ("riders?", "operators?"),
        ("transactions?", "transactions?kind=award&"),
        ("accounts?", "accounts?purpose=available&"),
        ("riders/R00001/statement?", "riders/R00002/statement?"),
        ("rankings/2026-03?", "rankings/2026-04?"),
    ):
        cursor = client.get(f"/v1/{path}limit=1", headers=token).json()["next"]
        answer = client.get(f"/v1/{other}limit=1&cursor={cursor}", headers=token)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), (path, other)


def test_a_cursor_that_was_tampered_with_is_refused(client: Client, full_world: World) -> None:
    token = headers(full_world.token(Role.OWNER))
    cursor = client.get("/v1/riders?limit=1", headers=token).json()["next"]
    for changed in (cursor[1:], cursor[:-3], cursor[::-1], "A" + cursor[1:], cursor[:12] + "AA" + cursor[14:]):
        answer = client.get(f"/v1/riders?limit=1&cursor={changed}", headers=token)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor"), changed


def test_a_page_has_fifty_items_unless_asked_otherwise(client: Client, world: World) -> None:
    for number in range(1, 53):
        world.enroll(f"R{number:05d}")
    answer = client.get("/v1/riders", headers=headers(world.token(Role.OWNER))).json()
    assert len(answer["items"]) == 50
    assert answer["next"]
