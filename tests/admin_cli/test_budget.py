"""`points budget`: what is left, and who waits for more."""

from tests.admin_cli.conftest import RunPoints
from tests.admin_cli.fake_api import FakeApi, page

CREDIT = {
    "sponsor": "general",
    "report_code": "2NF5X6KAAD",
    "rider_code": "R00002",
    "category_code": "SAF-01",
    "part": "settlement",
    "points": 5,
    "granted_at": "2026-11-03T12:00:00Z",
    "granted_by": "operator/li",
}


def test_what_waits_is_listed_for_one_budget(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/waiting_credits"] = page(CREDIT)
    run = piped("budget", "waiting", "--budget", "general")
    assert run.returncode == 0, run.stderr
    assert "2NF5X6KAAD\tR00002\t5\tsettlement" in run.stdout
    [asked] = [asked for asked in api.asked if asked.path == "/v1/waiting_credits"]
    assert asked.query["sponsor"] == "general"
