"""`points dashboard`: one screen that fits, in both languages, on a terminal and in a pipe."""

import json

import pytest

from admin_cli.printing.text import width_of
from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, plain, problem

BODY = {
    "at": "2026-03-10T02:00:00Z",
    "day": "2026-03-10",
    "month": "2026-03",
    "reports": {
        "waiting": 24,
        "overdue": 11,
        "oldest_at": "2026-03-08T02:00:00Z",
        "next_due_at": "2026-03-09T02:00:00Z",
    },
    "redemptions": {"waiting": 3, "overdue": 0, "oldest_at": None, "next_due_at": "2026-03-11T02:00:00Z"},
    "ready": 4,
    "ready_overdue": 1,
    "points": {
        "issued_today": 120,
        "issued_this_month": 2_840,
        "redeemed_today": 50,
        "redeemed_this_month": 930,
        "available": 8_000,
        "held": 500,
        "owed": 5,
    },
    "budgets": [
        {"sponsor": f"sub-{n}", "name": "区综合行政执法局" * 3, "funded": 1_000, "awarded": 500, "available": 500}
        for n in range(30)
    ],
    "low_stock": [
        {
            "sku": "G-001",
            "name": "[red]香皂",
            "station_code": "ZGM",
            "station_name": "钟公庙驿站",
            "shelf": 0,
            "reorder_point": 10,
        }
    ],
    "top": [
        {"rank": n, "rider_code": f"R{n:05d}", "name": "王**", "verified_reports": 9, "merit": 90} for n in range(1, 11)
    ],
}


@pytest.mark.parametrize("columns", [80, 140])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_shows_queues_points_budgets_stock_and_the_best_within_the_width(
    api: FakeApi, piped: RunPoints, columns: int, language: str
) -> None:
    api.answers["GET /v1/dashboard"] = Said(body=BODY)
    run = piped("dashboard", "--once", "--lang", language, COLUMNS=str(columns))
    assert run.returncode == 0, run.stderr
    assert all(width_of(line) <= columns for line in run.stdout.splitlines())
    for words in ("24", "11", "2,840", "930", "8,500", "R00010", "[red]香皂", "0/10", "█"):
        assert words in run.stdout, words


def test_json_is_what_the_api_said(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/dashboard"] = Said(body=BODY)
    assert json.loads(piped("dashboard", "--json").stdout) == BODY


def test_on_a_terminal_it_stays_until_q_and_keeps_the_last_numbers_when_the_server_is_away(
    api: FakeApi, typed: OnTerminal
) -> None:
    answers = iter([Said(body=BODY)])
    api.answers["GET /v1/dashboard"] = lambda asked: next(answers, problem(503, "storage_unavailable"))
    with typed("dashboard", "--interval", "1") as terminal:
        terminal.wait_for("2,840")
        terminal.wait_for("Not refreshed")
        terminal.type("q")
        code, seen = terminal.finish()
    assert code == 0, plain(seen)


def test_a_server_that_is_away_from_the_beginning_is_an_error(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/dashboard"] = problem(503, "storage_unavailable")
    assert piped("dashboard", "--once").returncode == 5
