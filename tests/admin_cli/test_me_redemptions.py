"""A rider's spending side in the terminal: what I can afford, redeeming, my vouchers, cancelling."""

from typing import Any

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, page, plain
from tests.admin_cli.rewards import BALANCES, VOUCHER, dry_runs, make_item, make_redemption


def make_offer(sku: str = "G-001", **changes: object) -> dict[str, Any]:
    offer = {
        "item": make_item(sku),
        "is_affordable": True,
        "points_missing": 0,
        "limit_left": 4,
        "can_redeem": True,
        "reason": None,
    }
    return {**offer, **changes}


def mine(state: str = "ready", voucher: str | None = VOUCHER) -> dict[str, Any]:
    return {**make_redemption("A", state=state), "voucher": voucher}


@pytest.mark.parametrize(
    ("offer", "words"),
    [
        (make_offer(), "✓"),
        (make_offer(can_redeem=False, points_missing=30, reason="30 points are missing"), "30 short"),
        (make_offer(can_redeem=False, limit_left=0, points_missing=30, reason="…"), "limit reached"),
        (make_offer(can_redeem=False, item=make_item(stock={"shelf": 0}), points_missing=9, reason="…"), "no stock"),
        (make_offer(can_redeem=False, reason="because"), "because"),
    ],
)
def test_an_offer_says_in_short_whether_i_can_have_it(offer, words, api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/me/catalog"] = page(offer)

    with typed("me", "catalog") as terminal:
        _, seen = terminal.finish()

    assert words in plain(seen)


def test_a_pipe_has_the_numbers_instead(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/me/catalog"] = page(make_offer(can_redeem=False, points_missing=30, limit_left=None))

    header, row = [line.split("\t") for line in piped("me", "catalog", "--affordable").stdout.splitlines()]
    cells = dict(zip(header, row, strict=True))

    assert (cells["can_redeem"], cells["points_missing"], cells["limit_left"]) == ("false", "30", "")
    assert api.asked[-1].query["affordable"] == "true"


def test_what_i_redeem_comes_with_its_voucher_as_a_qr(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/me/redemptions"] = Said(body={"redemption": mine(), "balances": BALANCES}, status=201)

    with typed("me", "redeem", "G-001", "--station", "ZGM") as terminal:
        code, seen = terminal.finish()

    assert code == 0
    assert api.writes()[-1].body == {"sku": "G-001", "station": "ZGM"}
    assert "█" in seen
    assert VOUCHER in plain(seen)


def test_a_try_shows_no_voucher(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/me/redemptions"] = Said(body={"redemption": mine(), "balances": BALANCES})

    with typed("me", "redeem", "G-001", "--dry-run") as terminal:
        _, seen = terminal.finish()

    assert "█" not in seen
    assert dry_runs(api.writes()) == [True]


def test_my_gift_is_asked_about(api: FakeApi, piped: RunPoints) -> None:
    gift = {"redemption": mine("fulfilled", None), "balances": BALANCES}
    api.answers["POST /v1/me/redemptions"] = Said(body=gift)

    assert piped("me", "redeem", "D-001", "--points", "50").returncode == 2
    assert piped("me", "redeem", "D-001", "--points", "50", "--yes").returncode == 0
    assert dry_runs(api.writes()) == [True, False]


def test_a_voucher_is_drawn_only_while_it_is_good(api: FakeApi, typed: OnTerminal, piped: RunPoints) -> None:
    api.answers["GET /v1/me/redemptions/A"] = [Said(body=mine()), Said(body=mine("fulfilled", None))]

    for is_good in (True, False):
        with typed("me", "redemption", "A") as terminal:
            _, seen = terminal.finish()
        assert ("█" in seen) == is_good


def test_a_pipe_has_the_voucher_as_a_field(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/me/redemptions/A"] = Said(body=mine())
    api.answers["GET /v1/me/redemptions"] = page(mine())

    assert f"voucher\t{VOUCHER}\n" in piped("me", "redemption", "A").stdout
    assert piped("me", "redemptions", "--state", "ready").stdout.splitlines()[1].endswith(f"\t{VOUCHER}")
    (asked,) = [asked for asked in api.asked if asked.path == "/v1/me/redemptions"]
    assert asked.query["state"] == "ready"


def test_i_am_asked_before_i_cancel(api: FakeApi, piped: RunPoints, typed: OnTerminal) -> None:
    cancelled = {"redemption": mine("cancelled", None), "balances": BALANCES}
    api.answers["POST /v1/me/redemptions/A/cancellation"] = Said(body=cancelled)

    assert (piped("me", "cancel", "A").returncode, api.writes()) == (2, [])
    with typed("me", "cancel", "A", "--reason", "later") as terminal:
        terminal.wait_for("[y/N]")
        terminal.type("y\n")
        assert terminal.finish()[0] == 0

    assert [asked.body for asked in api.writes()] == [{"reason": "later"}] * 2
    assert dry_runs(api.writes()) == [True, False]


def test_my_titles_are_listed_with_why(api: FakeApi, piped: RunPoints) -> None:
    title = {"rider_code": "R00001", "title": "安全卫士", "period": "2026-10", "state": "granted", "why": "3 urgent"}
    api.answers["GET /v1/me/titles"] = page(title)

    header, row = [line.split("\t") for line in piped("me", "titles").stdout.splitlines()]

    assert header[:4] == ["title", "period", "state", "why"]
    assert row[:4] == ["安全卫士", "2026-10", "granted", "3 urgent"]
