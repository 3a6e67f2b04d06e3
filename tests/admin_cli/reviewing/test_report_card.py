"""The card: it fits the screen, shows what matters first, and makes nothing of a stranger's text."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from rich.text import Text

from admin_cli.reviewing.lines import View, supports_hyperlinks, time_left
from admin_cli.reviewing.report_card import Evidence, report_lines
from tests.admin_cli.fake_api import make_report, make_rider

NINGBO = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def neighbour(number: int) -> dict[str, Any]:
    report = make_report(f"NEAR{number:06}", state="verified")
    return {"distance_m": 3.5 * number, "hours_before": 1.0 * number, "is_same_category": True, "report": report}


def evidence(count: int = 2, **changes: Any) -> Evidence:
    found: dict[str, Any] = {
        "neighbours": [neighbour(number) for number in range(1, count + 1)],
        "rider": make_rider(),
        "recent_states": {"verified": 44, "rejected": 3, "duplicate": 0, "revoked": 0},
        "points": 30,
    }
    return Evidence(**{**found, **changes})


def card(
    report: dict[str, Any],
    beside: Evidence | None = None,
    *,
    width: int = 76,
    height: int = 19,
    has_links: bool = False,
) -> list[Text]:
    view = View(now=NOW, zone=NINGBO, width=width, height=height, has_links=has_links)
    return report_lines(report, beside or evidence(), view)


def texts(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


LONG = {
    "address": "1 Jiangnan Road, near the east gate of the very long named industrial park " * 2,
    "description": "楼道里停了七八辆电动车，消防门打不开。" * 20,
    "photo_url": "https://photos.example.test/" + "a" * 150,
}


@pytest.mark.parametrize("height", [10, 14, 19, 35])
@pytest.mark.parametrize("width", [56, 76, 116])
@pytest.mark.parametrize("count", [0, 2, 50])
def test_the_card_never_exceeds_its_room(width, height, count) -> None:
    lines = card(make_report(**LONG), evidence(count), width=width, height=height)

    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)


def test_at_80_by_24_all_that_a_decision_needs_is_there() -> None:
    shown = texts(card(make_report(**LONG), evidence(50)))

    for words in (
        "SAF-02",
        "30",
        "R00001",
        "王小明",
        "44",
        "29.8123456, 121.5432101 GCJ-02",
        "geo:29.81",
        "NEAR000001",
    ):
        assert words in shown
    assert "电动车" in shown


def test_neighbours_that_have_no_room_are_counted() -> None:
    shown = texts(card(make_report(), evidence(50)))
    rows = shown.count("NEAR")

    assert str(50 - rows) in shown.split("\n")[-1]


def test_what_could_not_be_read_does_not_hide_the_report() -> None:
    beside = Evidence(neighbours=None, rider=None, recent_states=None, points=None)

    assert "SAF-02" in texts(card(make_report(), beside))


def test_a_place_that_is_not_known_is_left_out() -> None:
    assert "geo:" not in texts(card(make_report(lat=None, lon=None, datum=None)))


@pytest.mark.parametrize(
    "field", ["address", "description", "photo_url", "category_code", "category_name", "subdistrict"]
)
def test_a_strangers_text_does_nothing_to_the_terminal(field) -> None:
    lines = card(make_report(**{field: "[red]x[/red]\x1b[2J\u202e"}))

    assert "[red]x[/red]␛[2J<U+202E>" in texts(lines).replace("\n", "").replace(" " * 8, "")


def links_of(lines: list[Text]) -> set[str]:
    console = Console()
    styles = [console.get_style(span.style) for line in lines for span in line.spans]
    return {style.link for style in styles if style.link}


def test_a_terminal_that_knows_links_gets_links_to_the_photo_and_the_place() -> None:
    links = links_of(card(make_report(), has_links=True))

    assert "https://photos.example.test/1.jpg" in links
    assert any(link.startswith("geo:") for link in links)


def test_any_other_terminal_gets_the_address_in_full() -> None:
    lines = card(make_report(photo_url=LONG["photo_url"]))

    assert links_of(lines) == set()
    assert LONG["photo_url"] in texts(lines).replace("\n", "").replace(" " * 8, "")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "ssh://x"])
def test_only_a_web_address_becomes_a_link(url) -> None:
    assert not [link for link in links_of(card(make_report(photo_url=url), has_links=True)) if link == url]


@pytest.mark.parametrize(
    ("left", "style"),
    [
        (timedelta(hours=3), "green"),
        (timedelta(minutes=31), "green"),
        (timedelta(minutes=30), "yellow"),
        (timedelta(0), "yellow"),
        (timedelta(seconds=-1), "bold red"),
        (timedelta(days=-3), "bold red"),
    ],
)
def test_the_colour_of_the_time_says_how_urgent_it_is(left, style) -> None:
    assert time_left(left)[1] == style


@pytest.mark.parametrize(
    ("environment", "does"),
    [
        ({}, False),
        ({"TERM_PROGRAM": "Apple_Terminal"}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"VTE_VERSION": "7200"}, True),
        ({"VTE_VERSION": ""}, False),
    ],
)
def test_links_are_drawn_only_where_they_are_known_to_work(environment, does) -> None:
    assert supports_hyperlinks(environment) is does
