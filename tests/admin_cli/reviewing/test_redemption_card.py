"""The approver's card: it fits the screen, and says points, limit, stock and approvals before a key is pressed."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.text import Text

from admin_cli.language import Language
from admin_cli.reviewing.lines import View
from admin_cli.reviewing.redemption_card import Details, Evidence, details_lines, redemption_lines
from tests.admin_cli.fake_api import make_rider
from tests.admin_cli.rewards import make_item, make_redemption

NINGBO = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentences are made while the card is drawn, so the language can be chosen here."""
    monkeypatch.setattr("admin_cli.language._language", Language("en"))


def evidence(count: int = 2, **changes: Any) -> Evidence:
    found: dict[str, Any] = {
        "redemption": make_redemption(points=900, approvals_required=2),
        "balances": {"available": 350, "held": 1_200, "owed": 0},
        "limit": {"count": 2, "period": "year", "used": 2},
        "stock": {"code": "ZGM", "name": "钟公庙驿站", "shelf": 3, "reserved": 1},
        "rider": make_rider(titles=["安全卫士"]),
        "standing": {"month": "2026-10", "merit": 120, "rank": 7},
        "recent": [make_redemption(f"OLD{number:07}", state="fulfilled") for number in range(count)],
    }
    return Evidence(**{**found, **changes})


def card(beside: Evidence, *, width: int = 76, height: int = 19) -> list[Text]:
    return redemption_lines(beside, View(now=NOW, zone=NINGBO, width=width, height=height))


def texts(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize("height", [8, 10, 14, 19, 35])
@pytest.mark.parametrize("width", [56, 76, 116])
@pytest.mark.parametrize("count", [0, 2, 50])
def test_the_card_never_exceeds_its_room(width, height, count) -> None:
    long = make_redemption(item_name="保温送餐箱" * 10, station_name="驿站" * 30, requested_by="operator/" + "x" * 60)
    stock = {"code": "ZGM", "name": "驿站" * 30, "shelf": 3, "reserved": 1}
    lines = card(evidence(count, redemption=long, stock=stock, obstacle="不能批准。" * 20), width=width, height=height)

    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)


def test_at_80_by_24_all_that_a_decision_needs_is_there() -> None:
    approvals = [{"approved_by": "operator/li", "approved_at": "2026-11-24T02:00:00Z"}]
    redemption = make_redemption(points=900, approvals_required=2, approvals=approvals)
    shown = texts(card(evidence(50, redemption=redemption)))

    for words in (
        "G-001 香皂",
        "900 points",
        "23 h 10 min left (due 11-26 09:10)",
        "R00001 · 王小明",
        "120 merit in 2026-10, rank 7 · 安全卫士",
        "1,250 before → 350 if approved · 300 held for others",
        "; with this one 2 used",
        "钟公庙驿站 (ZGM): 3 left, 1 reserved",
        "2 approvals, 1 given · operator/li 2026-11-24 10:00",
        "OLD0000000",
        "more (use a taller window)",
    ):
        assert words in shown


def test_a_debt_is_said() -> None:
    assert "owes 40" in texts(card(evidence(balances={"available": 0, "held": 900, "owed": 40})))


def test_what_has_no_limit_and_no_stock_says_so() -> None:
    shown = texts(card(evidence(limit=None, stock=None)))

    assert "Limit   none" in shown
    assert "not counted" in shown


def test_a_gift_says_that_it_cannot_come_back() -> None:
    assert "cannot be undone" in texts(card(evidence(redemption=make_redemption(kind="donation"))))


def test_why_it_cannot_be_approved_is_on_the_card() -> None:
    assert "Note    You requested it yourself." in texts(card(evidence(obstacle="You requested it yourself.")))


def test_what_could_not_be_read_does_not_hide_the_redemption() -> None:
    shown = texts(card(evidence(rider=None, standing=None, recent=None)))

    assert "G-001" in shown
    assert "could not be read" in shown


@pytest.mark.parametrize("field", ["item_name", "requested_by", "rider_code", "sku"])
def test_a_strangers_text_does_nothing_to_the_terminal(field) -> None:
    lines = card(evidence(redemption=make_redemption(**{field: "[red]x[/red]\x1b[2J\u202e"})))

    assert "[red]x[/red]␛[2J<U+202E>" in texts(lines)


def test_the_page_behind_says_what_it_is_when_points_lapse_and_where_they_came_from() -> None:
    change = {
        "effective_at": "2026-11-24T02:00:00Z",
        "kind": "award",
        "change": 30,
        "balance_after": 1_250,
        "memo": "SAF-02 井盖缺失、移位",
        "lapses_on": "2027-12-31",
    }
    lots = {"lots": [{"lapses_on": "2027-12-31", "available": 350, "held": 900}]}
    details = Details(item=make_item(description="均码"), balance=lots, statement=[change] * 40)

    lines = details_lines(details, View(now=NOW, zone=NINGBO, width=76, height=19))

    assert len(lines) <= 19
    for words in ("均码", "1,250 until 2027-12-31", "SAF-02 井盖缺失、移位", "+30", "more (use a taller window)"):
        assert words in texts(lines)
