"""`points audit`: exit code 0 or 1, findings for people and for scripts, and no verdict from half an answer."""

import json
from typing import Any

from admin_cli.exits import ExitCode
from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said

PROGRESS = {
    "type": "progress",
    "check": "legs",
    "title": "Every leg balances",
    "number": 1,
    "checks": 1,
    "done": 0,
    "total": 4,
}
FINDING = {
    "type": "finding",
    "check": "standings",
    "severity": "error",
    "table": "standings",
    "id": "01a20b7b-1386-7635-aa5f-7c18aeec48d2",
    "code": "R00001",
    "problem": "It says 21; its awards give 20.",
    "remedy": "Look at the rider's reports and set the row to what they come to.",
}
SUMMARY = {
    "type": "summary",
    "is_clean": True,
    "errors": 0,
    "warnings": 0,
    "checks": [{"check": "standings", "severity": "error", "found": 0}],
    "accounts": 3,
    "transactions": 1_234,
    "entries": 2_468,
    "events": 9,
    "duration_seconds": 1.25,
}
DAMAGED = {**SUMMARY, "is_clean": False, "errors": 30}


def answer(api: FakeApi, *lines: dict[str, Any], ending: bytes = b"\n") -> None:
    content = b"\n".join(json.dumps(line).encode() for line in lines) + ending
    api.answers["GET /v1/audits"] = Said(
        body=content,
        content_type="application/x-ndjson",
        headers={"Content-Disposition": 'attachment; filename="audit.ndjson"'},
    )


def test_right_books_end_with_0_and_say_what_was_read(api: FakeApi, piped: RunPoints) -> None:
    answer(api, PROGRESS, SUMMARY)
    done = piped("audit", "--findings", "5")
    assert done.returncode == ExitCode.OK
    assert done.stdout.splitlines() == ["check\tseverity\ttable\tid\tcode\tproblem\tremedy"]
    assert "2,468 entries" in done.stderr
    assert "the books are right" in done.stderr
    assert api.asked[-1].query == {"findings": "5"}


def test_a_finding_ends_with_1_and_is_a_row(api: FakeApi, piped: RunPoints) -> None:
    answer(api, PROGRESS, FINDING, DAMAGED)
    done = piped("audit")
    assert done.returncode == ExitCode.REFUSED
    header, row = (line.split("\t") for line in done.stdout.splitlines())
    assert dict(zip(header, row, strict=True)) == {key: FINDING[key] for key in header}
    assert "30 errors" in done.stderr
    assert "--findings" in done.stderr  # one of thirty was listed


def test_a_warning_alone_ends_with_0(api: FakeApi, piped: RunPoints) -> None:
    answer(api, {**FINDING, "severity": "warning"}, {**SUMMARY, "warnings": 1})
    assert piped("audit").returncode == ExitCode.OK


def test_json_is_the_lines_that_count_as_they_came(api: FakeApi, piped: RunPoints) -> None:
    answer(api, PROGRESS, FINDING, DAMAGED)
    done = piped("audit", "--json")
    assert [json.loads(line) for line in done.stdout.splitlines()] == [FINDING, DAMAGED]
    assert done.returncode == ExitCode.REFUSED


def test_half_an_answer_is_no_verdict(api: FakeApi, piped: RunPoints) -> None:
    for ending in (b"\n", b'\n{"type": "summ'):
        answer(api, PROGRESS, ending=ending)
        done = piped("audit")
        assert done.returncode == ExitCode.UNAVAILABLE
        assert "audit again" in done.stderr


def test_a_person_reads_what_is_wrong_and_how_to_mend_it(api: FakeApi, typed: OnTerminal) -> None:
    answer(api, PROGRESS, FINDING, DAMAGED)
    for language, words in (("en", "To mend it: Look at the rider's reports"), ("zh", "改正：")):
        with typed("audit", "--lang", language) as terminal:
            code, shown = terminal.finish()
        assert code == ExitCode.REFUSED
        assert "standings R00001 01a20b7b" in shown
        assert "It says 21" in shown
        assert words in shown
