"""The catalogue and the stations in the terminal: reading, changing only what was given, restocking."""

import json

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import Asked, FakeApi, Said, page, plain, problem
from tests.admin_cli.rewards import make_item

STATION = {
    "code": "ZGM",
    "name": "钟公庙驿站",
    "subdistrict": "钟公庙街道",
    "address": "四明中路 1000 号",
    "is_active": True,
    "keepers": ["keeper1", "keeper2"],
}


@pytest.fixture(autouse=True)
def service(api: FakeApi) -> None:
    def put_item(asked: Asked) -> Said:
        return Said(body={"item": make_item(**asked.body), "change": "changed"})

    api.answers["GET /v1/catalog/G-001"] = Said(body=make_item())
    api.answers["PATCH /v1/catalog/G-001"] = put_item
    api.answers["PUT /v1/catalog/G-099"] = put_item
    api.answers["GET /v1/stations"] = page(STATION)
    api.answers["PATCH /v1/stations/ZGM"] = lambda asked: Said(body={**STATION, **asked.body})
    api.answers["PUT /v1/stations/NEW"] = lambda asked: Said(body={**STATION, "code": "NEW", **asked.body})


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_pipe_has_the_limit_as_set_takes_it(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/catalog"] = page(make_item(), make_item("S-001", limit_count=None, stock=None))

    header, first, second = [line.split("\t") for line in piped("catalog", "list").stdout.splitlines()]

    assert header[:8] == [
        "sku",
        "name",
        "kind",
        "price_points",
        "limit",
        "stock.shelf",
        "stock.reserved",
        "stock.delivered",
    ]
    assert first[:8] == ["G-001", "香皂", "goods", "50", "4/month", "500", "3", "20"]
    assert second[4:8] == ["", "", "", ""]


@pytest.mark.parametrize(("language", "words"), [("zh", "每人每月 4 次"), ("en", "4 each a month")])
def test_a_person_reads_the_limit_in_words(language, words, api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/catalog"] = page(make_item(), make_item("D-001", kind="donation"))

    with typed("catalog", "list", "--lang", language) as terminal:
        code, seen = terminal.finish()

    assert code == 0
    assert words in plain(seen)
    assert "≥ 50" in plain(seen)


def test_the_list_is_narrowed_by_the_api(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/catalog"] = page()

    piped("catalog", "list", "--kind", "goods", "--inactive", "--query", "皂")

    assert api.asked[-1].query == {"kind": "goods", "active": "false", "query": "皂", "limit": "50"}


def test_one_item_is_shown_with_its_stock_at_each_station(typed: OnTerminal) -> None:
    with typed("catalog", "show", "G-001") as terminal:
        code, seen = terminal.finish()

    assert code == 0
    assert "ZGM" in plain(seen)
    assert "钟公庙驿站" in plain(seen)


# --- changing --------------------------------------------------------------------------------------------------------


def test_only_what_was_given_changes(api: FakeApi, piped: RunPoints) -> None:
    assert piped("catalog", "set", "G-001", "--price", "60").returncode == 0

    (asked,) = api.writes()
    assert (asked.method, asked.body) == ("PATCH", {"price_points": 60})
    assert "idempotency-key" in asked.headers


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        (["--limit", "2/quarter"], {"limit_count": 2, "limit_period": "quarter"}),
        (["--limit", "none"], {"limit_count": None, "limit_period": None}),
        (["--reorder-point", "none"], {"reorder_point": None}),
        (["--from", "none", "--until", "2026-12-31"], {"active_from": None, "active_until": "2026-12-31"}),
        (["--unstocked"], {"is_stocked": False}),
        (["--picture", "https://p.example/1.jpg"], {"picture_url": "https://p.example/1.jpg"}),
    ],
)
def test_a_value_can_be_changed_or_taken_away(arguments, changed, api: FakeApi, piped: RunPoints) -> None:
    assert piped("catalog", "set", "G-001", *arguments).returncode == 0

    assert api.writes()[0].body == changed


@pytest.mark.parametrize(
    "arguments", [["--limit", "4"], ["--limit", "0/month"], ["--reorder-point", "few"], ["--from", "1.12."]]
)
def test_a_slip_is_caught_before_anything_is_asked_of_the_api(arguments, api: FakeApi, piped: RunPoints) -> None:
    run = piped("catalog", "set", "G-001", *arguments)

    assert (run.returncode, api.asked) == (2, [])


def test_a_new_item_needs_its_name_kind_and_price(api: FakeApi, piped: RunPoints) -> None:
    refused = piped("catalog", "set", "G-099", "--price", "60")
    assert (refused.returncode, api.writes()) == (2, [])
    assert "--name --kind" in refused.stderr

    assert piped("catalog", "set", "G-099", "--price", "60", "--name", "雨衣", "--kind", "goods").returncode == 0
    assert api.writes()[0].body == {"name": "雨衣", "kind": "goods", "price_points": 60}


def test_a_person_sees_what_changed(typed: OnTerminal) -> None:
    with typed("catalog", "set", "G-001", "--price", "60", "--dry-run") as terminal:
        _, seen = terminal.finish()

    assert "Points: 50 → 60" in plain(seen)
    assert "nothing was stored" in plain(seen)


def test_an_item_that_may_not_be_read_is_not_taken_for_a_new_one(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/catalog/G-001"] = problem(403, "forbidden")

    assert piped("catalog", "set", "G-001", "--price", "60").returncode == 3
    assert api.writes() == []


def test_restocking_says_where_the_units_came_from(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/catalog/G-001/restocks"] = Said(body={"item": make_item(), "transaction_id": "t1"})

    run = piped("catalog", "restock", "G-001", "--station", "ZGM", "--quantity", "-5", "--memo", "broken", "--json")

    assert api.writes()[0].body == {"station": "ZGM", "quantity": -5, "memo": "broken"}
    assert json.loads(run.stdout)["transaction_id"] == "t1"


# --- stations --------------------------------------------------------------------------------------------------------


def test_a_station_keeps_what_was_not_given(api: FakeApi, piped: RunPoints) -> None:
    assert piped("station", "set", "ZGM", "--inactive").returncode == 0

    (asked,) = api.writes()
    assert (asked.method, asked.body) == ("PATCH", {"is_active": False})


def test_keepers_that_are_given_replace_those_before(api: FakeApi, piped: RunPoints) -> None:
    piped("station", "set", "ZGM", "--keeper", "a", "--keeper", "b")
    piped("station", "set", "ZGM", "--no-keepers")

    assert [asked.body["keepers"] for asked in api.writes()] == [["a", "b"], []]


def test_a_new_station_needs_a_name(api: FakeApi, piped: RunPoints) -> None:
    assert piped("station", "set", "NEW", "--address", "x").returncode == 2
    assert piped("station", "set", "NEW", "--name", "新驿站").returncode == 0
    assert api.writes()[0].body == {"name": "新驿站"}
