"""`points honor`: what can be earned, an awarding with its preview, proposals decided by id or by rider."""

from typing import Any

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, page, plain

ID = "01a20b7d-52c0-7e11-9d3c-0b6f2f1f6a10"


def title(**changes: object) -> dict[str, Any]:
    values: dict[str, Any] = {
        "id": ID,
        "honor_code": "M-STAR",
        "title": "月度随手拍之星",
        "period": "2026-10",
        "state": "granted",
        "rider_code": "R00001",
        "rider_name": "王**",
        "industry_code": "01",
        "facts": {"rank": 1},
        "why": "rank 1, 90 merit",
        "rulebook_version": 1,
        "awarded_at": "2026-11-04T01:00:00Z",
        "awarded_by": "operator/manager",
        "decided_at": None,
        "decided_by": None,
        "reason": "",
    }
    return {**values, **changes}


def awarded(granted: int = 1, waiting: int = 0) -> Said:
    counts = {"granted": granted, "proposed": 0, "unchanged": 2}
    by_honor = [{"honor_code": "M-STAR", "title": "月度随手拍之星", **counts}]
    body = {"period": "2026-10", **counts, "reports_waiting": waiting, "by_honor": by_honor}
    return Said(body={**body, "items": [title()] * granted})


def test_an_awarding_shows_who_gets_what_and_why_asks_and_then_awards(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/titles/awards"] = awarded(waiting=3)
    with typed("honor", "award", "2026-10") as terminal:
        terminal.wait_for("Grant 1 titles")
        terminal.type("y\n")
        code, seen = terminal.finish()
    assert code == 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true", None]
    assert api.writes()[-1].body == {"period": "2026-10"}
    assert "rank 1, 90 merit" in plain(seen)
    assert "3 reports of this time still wait" in plain(seen)


def test_nothing_is_awarded_without_a_yes(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/titles/awards"] = awarded()
    with typed("honor", "award", "2026-10") as terminal:
        terminal.wait_for("Grant 1 titles")
        terminal.type("n\n")
        code, _ = terminal.finish()
    assert code != 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]


def test_where_there_is_nothing_new_nobody_is_asked(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/titles/awards"] = awarded(granted=0)
    with typed("honor", "award", "2026-10") as terminal:
        code, seen = terminal.finish()
    assert code == 0
    assert "no new title" in plain(seen)


def test_a_pipe_gets_the_titles_as_rows(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/titles/awards"] = awarded()
    run = piped("honor", "award", "2026-10", "--yes")
    assert run.stdout.splitlines()[0].startswith("rider_code\t")
    assert "R00001\t" in run.stdout


def test_a_proposal_is_confirmed_by_its_rider_when_only_one_waits(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/titles"] = page(title(state="proposed"))
    api.answers[f"POST /v1/titles/{ID}/confirmation"] = Said(body=title())
    assert piped("honor", "confirm", "R00001").returncode == 0
    assert api.writes()[-1].path == f"/v1/titles/{ID}/confirmation"


def test_two_proposals_of_a_rider_have_to_be_named(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/titles"] = page(title(state="proposed"), title(state="proposed"))
    run = piped("honor", "confirm", "R00001")
    assert run.returncode == 2
    assert "--state proposed" in run.stderr


def test_declining_says_why(api: FakeApi, piped: RunPoints) -> None:
    api.answers[f"POST /v1/titles/{ID}/refusal"] = Said(body=title(state="declined", reason="警告一次"))
    assert piped("honor", "decline", ID, "--reason", "警告一次").returncode == 0
    assert api.writes()[-1].body == {"reason": "警告一次"}


def test_a_rider_is_put_on_the_roll(api: FakeApi, piped: RunPoints) -> None:
    appointment = {"appointed_on": "2026-03-01", "trained_on": "2026-03-08", "ends_on": None, "appointed_by": "x"}
    api.answers["PUT /v1/riders/R00001/appointment"] = Said(body={"rider_code": "R00001", "appointment": appointment})
    assert piped("honor", "appoint", "R00001", "--on", "2026-03-01", "--trained", "2026-03-08").returncode == 0
    assert api.writes()[-1].body == {"appointed_on": "2026-03-01", "trained_on": "2026-03-08", "ends_on": None}
