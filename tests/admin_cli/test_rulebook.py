"""`points rulebook`: a version from a file to its approval, and every way a file can be wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, plain, problem
from tests.admin_cli.test_proposal import CODE, proposed


def version(number: int, state: str, **changes: object) -> dict[str, Any]:
    values: dict[str, Any] = {
        "version": number,
        "state": state,
        "valid_from": "2026-12-01",
        "memo": "two more a day",
        "proposed_by": "operator/ma",
        "proposed_at": "2026-11-04T01:00:00Z",
        "approved_by": None,
        "closed_at": None,
        "closing_reason": "",
        "proposal_code": CODE if number > 1 else None,
    }
    return {**values, **changes}


HISTORY = Said(body={"items": [version(2, "proposed"), version(1, "in_force")], "next": None})
CHANGE = {"key": "caps.reports_per_day", "label": "caps · reports a day", "before": "10", "after": "12"}


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "rules.toml"
    path.write_text("[caps]\nreports_per_day = 12\n", encoding="utf-8")
    return path


def test_validating_sends_a_dry_run_and_says_that_all_is_well(api: FakeApi, piped: RunPoints, document: Path) -> None:
    api.answers["POST /v1/rulebooks"] = proposed(kind="rulebook", version=2, valid_from="2026-12-01")
    run = piped("rulebook", "validate", str(document))
    assert run.returncode == 0
    assert "version 2, in force from 2026-12-01" in run.stderr
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true"]


def test_the_service_says_what_is_wrong_in_the_document(api: FakeApi, piped: RunPoints, document: Path) -> None:
    api.answers["POST /v1/rulebooks"] = problem(
        400, "rulebook_invalid", "Rulebook, line 2, caps.x: is not a known key."
    )
    run = piped("rulebook", "validate", str(document))
    assert run.returncode != 0
    assert "line 2, caps.x" in run.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[caps]\n# 每天\n".encode("gbk"), "line 2: not UTF-8"),
        (b"#" * 1_000_001, "more than 1,000,000 bytes"),
        (None, "Check the path"),
    ],
)
def test_a_file_that_is_no_document_never_reaches_the_service(
    api: FakeApi, piped: RunPoints, tmp_path: Path, content: bytes | None, words: str
) -> None:
    path = tmp_path / "rules.toml"
    if content is not None:
        path.write_bytes(content)
    run = piped("rulebook", "propose", str(path), "--valid-from", "2026-12-01", "--memo", "why")
    assert run.returncode == 2
    assert words in run.stderr
    assert not api.writes()


def test_a_byte_order_mark_is_no_part_of_the_document(api: FakeApi, piped: RunPoints, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes(b"\xef\xbb\xbf[caps]\n")
    api.answers["POST /v1/rulebooks"] = proposed(kind="rulebook", version=2, valid_from="2026-12-01")
    assert piped("rulebook", "propose", str(path), "--valid-from", "2026-12-01", "--memo", "why").returncode == 0
    assert api.writes()[-1].body == {"document": "[caps]\n", "valid_from": "2026-12-01", "memo": "why"}


def test_who_approves_a_version_sees_first_what_it_changes(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/rulebooks/history"] = HISTORY
    api.answers["GET /v1/rulebooks/2/changes"] = Said(body={"since": 1, "version": 2, "items": [CHANGE], "next": None})
    api.answers[f"POST /v1/proposals/{CODE}/approval"] = proposed(kind="rulebook", state="approved")
    with typed("rulebook", "approve", "2") as terminal:
        terminal.wait_for("caps · reports a day")
        terminal.wait_for("cannot be undone")
        terminal.type("y\n")
        code, _ = terminal.finish()
    assert code == 0
    assert [asked.query.get("dry_run") for asked in api.writes()] == ["true", None]


def test_a_version_that_was_never_proposed_is_not_found(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/rulebooks/history"] = HISTORY
    for number in ("1", "7"):
        run = piped("rulebook", "approve", number, "--yes")
        assert run.returncode == 4
        assert "points rulebook history" in run.stderr
    assert not api.writes()


def test_a_difference_is_a_row(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/rulebooks/2/changes"] = Said(body={"since": 1, "version": 2, "items": [CHANGE], "next": None})
    run = piped("rulebook", "diff", "1", "2")
    assert "caps · reports a day\t10\t12\tcaps.reports_per_day" in run.stdout


SUMMARY = {
    "type": "summary",
    "awards": 3,
    "of_unknown_categories": 1,
    "riders": 2,
    "points_before": 30,
    "points_after": 40,
    "winners": 1,
    "losers": 0,
    "categories": [{"category": "SAF-02", "points_before": 30, "points_after": 40}],
    "budgets": [{"sponsor": "general", "change": -10, "budget_after": 90}],
    "most_gained": [{"rider_code": "R00001", "points_before": 30, "points_after": 40, "change": 10}],
    "most_lost": [],
}


def said(*lines: dict[str, Any]) -> Said:
    content = "".join(json.dumps(line) + "\n" for line in lines).encode()
    headers = {"Content-Disposition": 'attachment; filename="simulation.ndjson"'}
    return Said(body=content, content_type="application/x-ndjson", headers=headers)


def test_a_simulation_says_who_gains_and_what_it_costs(api: FakeApi, typed: OnTerminal, document: Path) -> None:
    api.answers["POST /v1/rulebooks/simulation"] = said({"type": "progress", "done": 2, "total": 2}, SUMMARY)
    days = ("--from", "2026-01-01", "--to", "2026-03-31")
    with typed("rulebook", "simulate", str(document), *days) as terminal:
        code, seen = terminal.finish()
    assert code == 0
    for part in ("SAF-02", "R00001", "+10", "1 gain, 0 lose", "1 are of categories"):
        assert part in plain(seen)
    assert api.writes()[-1].body == {"document": document.read_text("utf-8"), "from": days[1], "to": days[3]}


def test_a_simulation_that_breaks_off_has_shown_nothing(api: FakeApi, piped: RunPoints, document: Path) -> None:
    api.answers["POST /v1/rulebooks/simulation"] = said({"type": "progress", "done": 1, "total": 2})
    run = piped("rulebook", "simulate", str(document), "--from", "2026-01-01", "--to", "2026-03-31")
    assert run.returncode != 0
    assert (run.stdout, "simulate again" in run.stderr) == ("", True)
