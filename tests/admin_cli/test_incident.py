"""`points incident`: a merger and a split show whose points change before anything is done."""

from typing import Any

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, page, plain


def member(code: str, number: int, *, share: str = "later", points: int = 1) -> dict[str, Any]:
    return {
        "report": code,
        "rider_code": f"R0000{number}",
        "state": "verified",
        "submitted_at": f"2026-11-24T0{number}:00:00Z",
        "address": "四明中路 100 号",
        "share": share,
        "number": number,
        "points_full": 10,
        "points_share": points,
        "points_granted": points,
    }


def incident(*members: dict[str, Any]) -> dict[str, Any]:
    return {
        "code": members[0]["report"],
        "category_code": "FAC-01",
        "category_name": "路灯不亮、灯杆倾斜",
        "address": members[0]["address"],
        "founded_at": "2026-11-24T05:00:00Z",
        "founded_by": "operator/li",
        "reporters": len(members),
        "items": list(members),
    }


FIRST, SECOND = member("FIRST00001", 1, share="full", points=10), member("SECOND0002", 2)


def regrouped() -> Said:
    rebooked = {
        "report": "SECOND0002",
        "rider_code": "R00002",
        "share": "later",
        "number": 2,
        "points_before": 10,
        "points_granted": 1,
        "balances": {"available": 0, "owed": 9, "budget": 1_000},
    }
    return Said(body={"incident": incident(FIRST, SECOND), "split_off": None, "rebooked": [rebooked]})


MERGE = ("incident", "merge", "SECOND0002", "--into", "FIRST00001", "--reason", "same lamp")


def test_a_merger_shows_whose_points_change_asks_and_then_merges(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/incidents/SECOND0002/merger"] = regrouped()
    with typed(*MERGE) as terminal:
        terminal.wait_for("Merge them so?")
        assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]
        terminal.type("y\n")
        code, seen = terminal.finish()
    assert code == 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true", None]
    assert api.writes()[-1].body == {"into": "FIRST00001", "reason": "same lamp"}
    assert "Points booked anew" in plain(seen)


def test_nothing_is_merged_without_a_yes(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["POST /v1/incidents/SECOND0002/merger"] = regrouped()
    with typed(*MERGE) as terminal:
        terminal.wait_for("Merge them so?")
        terminal.type("n\n")
        code, _ = terminal.finish()
    assert code != 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]


def test_a_split_names_the_reports_that_leave(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/incidents/FIRST00001/split"] = regrouped()
    run = piped("incident", "split", "FIRST00001", "SECOND0002", "THIRD00003", "--reason", "two lamps", "--yes")
    assert run.returncode == 0
    assert api.writes()[-1].body == {"reports": ["SECOND0002", "THIRD00003"], "reason": "two lamps"}
    assert run.stdout.splitlines()[1].split("\t")[:6] == ["SECOND0002", "R00002", "2", "later", "10", "1"]


def test_a_split_can_be_tried(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/incidents/FIRST00001/split"] = regrouped()
    run = piped("incident", "split", "FIRST00001", "SECOND0002", "--reason", "two lamps", "--dry-run")
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]
    assert "nothing was stored" in run.stderr


def test_an_incident_shows_who_came_first(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/incidents/SECOND0002"] = Said(body=incident(FIRST, SECOND))
    with typed("incident", "show", "SECOND0002") as terminal:
        code, seen = terminal.finish()
    assert code == 0
    words = plain(seen)
    assert words.index("FIRST00001") < words.index("SECOND0002")
    assert "first, in full" in words


def test_incidents_are_listed_as_rows(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/incidents"] = page(incident(FIRST, SECOND))
    run = piped("incident", "list", "--category", "FAC-01")
    assert any(asked.query.get("category") == "FAC-01" for asked in api.asked)
    assert run.stdout.splitlines()[1].startswith("FIRST00001\tFAC-01\t")


def test_a_report_is_verified_as_of_one_hazard_with_another(api: FakeApi, piped: RunPoints) -> None:
    share = {"code": "FIRST00001", "share": "later", "number": 2}
    report = {"code": "SECOND0002", "state": "verified", "award": {"points_granted": 1}, "incident": share}
    api.answers["POST /v1/reports/SECOND0002/verification"] = Said(body={"report": report})
    run = piped("report", "verify", "SECOND0002", "--same-as", "FIRST00001")
    assert api.writes()[-1].body == {"same_hazard_as": "FIRST00001"}
    assert "report.incident.number\t2" in run.stdout
