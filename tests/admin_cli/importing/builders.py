"""Files to be imported and a service that answers from memory, for the tests of `points report import`.

The service keeps to the HTTP contract as far as an import sees it: natural key, enrolment, a cap of ten credited
reports a rider and day, previews that are forgotten. Its points are not the point; the order and the sums are.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx2

from admin_cli.client import Client, open_http
from admin_cli.importing.bad_rows import default_bad_rows_path
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.run import run_import
from admin_cli.importing.summary import ImportSummary

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
POINTS = 10
REPORTS_A_DAY = 10

MAPPING = """
source = "city"

[columns]
external_id = "id"
rider_code = "rider"
type = "type"
submitted_at = "opened"
decided_at = "closed"
reason = "why"
address = "where"
lat = "lat"
lon = "lon"
photo_url = "photo"

[times]
formats = ["%Y-%m-%d %H:%M:%S"]

[place]
lat_min = 29.0
lat_max = 30.5
lon_min = 120.5
lon_max = 122.5

[types]
lamp = "FAC-01"
litter = "ENV-01"

[[outcomes]]
column = "why"
contains = "Duplicate"
state = "duplicate"

[[outcomes]]
column = "why"
contains = "Invalid"
state = "rejected"

[[outcomes]]
column = "status"
equals = "Open"
state = "submitted"

[[outcomes]]
state = "verified"
"""

HEADER = ["id", "rider", "type", "status", "opened", "closed", "why", "where", "lat", "lon", "photo"]


def row(**cells: str) -> dict[str, str]:
    """A verified report, valid unless told otherwise."""
    valid = {
        "id": "1",
        "rider": "R00001",
        "type": "lamp",
        "status": "Closed",
        "opened": "2015-06-01 08:00:00",
        "closed": "2015-06-02 09:00:00",
        "why": "",
        "where": "中河街道",
        "lat": "29.8",
        "lon": "121.5",
        "photo": "",
    }
    return valid | cells


def numbered(count: int, **cells: str) -> list[dict[str, str]]:
    return [row(id=str(number), **cells) for number in range(1, count + 1)]


def csv_text(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_mapping(folder: Path, text: str = MAPPING) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def write_csv(folder: Path, rows: list[dict[str, str]], name: str = "reports.csv") -> Path:
    path = folder / name
    path.write_text(csv_text(rows), encoding="utf-8")
    return path


class FakeService:
    """`requests` holds every import request's items; `faults` are answered first, one each, before anything is done."""

    def __init__(self) -> None:
        self.reports: dict[str, dict[str, object]] = {}
        self.riders: set[str] = set()
        self.credited: Counter[tuple[str, str]] = Counter()
        self.requests: list[list[dict[str, str]]] = []
        self.faults: list[Callable[[], httpx2.Response]] = []
        self.before_answer: Callable[[], None] = lambda: None
        self.refused_ids: set[str] = set()
        self.malformed_ids: set[str] = set()
        self.pauses: list[float] = []

    def client(self) -> Client:
        http = open_http("http://ledger.test", httpx2.MockTransport(self.answer))
        return Client(http, where="ledger.test", token="t", sleep=self.pauses.append)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/v1/programme":
            return httpx2.Response(200, json={"time_zone": "Asia/Shanghai"})
        if request.url.path == "/v1/categories":
            return httpx2.Response(200, json={"items": [{"code": "FAC-01"}, {"code": "ENV-01"}], "next": None})
        assert request.url.path == "/v1/imports"
        if self.faults:
            return self.faults.pop(0)()
        body = json.loads(request.content)
        self.requests.append(body["items"])
        if any(item["external_id"] in self.malformed_ids for item in body["items"]):
            return problem(400, "invalid_request")
        kept = deepcopy((self.reports, self.riders, self.credited))
        answer = self._book(body["items"])
        if request.url.params.get("dry_run") == "true":
            self.reports, self.riders, self.credited = kept
        self.before_answer()
        return httpx2.Response(200, json=answer)

    def _book(self, items: list[dict[str, str]]) -> dict[str, object]:
        outcomes: list[dict[str, object]] = []
        counts: Counter[str] = Counter(
            done=0, unchanged=0, refused=0, riders_enrolled=0, points_wanted=0, points_granted=0
        )
        for index, item in enumerate(items):
            outcome = self._outcome(item, counts)
            counts[outcome] += 1
            refusal = {"problem": {"code": "rider_not_active", "detail": "R has left."}} if outcome == "refused" else {}
            outcomes.append({"index": index, "outcome": outcome, **refusal})
        return {"items": outcomes, **counts}

    def _outcome(self, item: dict[str, str], counts: Counter[str]) -> str:
        if item["external_id"] in self.reports:
            return "unchanged"
        if item["external_id"] in self.refused_ids:
            return "refused"
        counts["riders_enrolled"] += item["rider_code"] not in self.riders
        self.riders.add(item["rider_code"])
        granted = 0
        if item["state"] == "verified":
            opened = datetime.fromisoformat(item["submitted_at"]).astimezone(SHANGHAI)
            day = (item["rider_code"], f"{opened:%Y-%m-%d}")
            granted = POINTS if self.credited[day] < REPORTS_A_DAY else 0
            self.credited[day] += granted > 0
            counts["points_wanted"] += POINTS
        counts["points_granted"] += granted
        self.reports[item["external_id"]] = {**item, "points": granted}
        return "done"


def problem(status: int, code: str) -> httpx2.Response:
    body = {"code": code, "title": code, "detail": f"{code}.", "status": status}
    return httpx2.Response(status, json=body, headers={"Content-Type": "application/problem+json"})


def run(service: FakeService, file: Path, folder: Path, *, is_dry_run: bool = False) -> ImportSummary:
    """An import as the command makes it, with the mapping and the bad rows in `folder`."""
    mapping = folder / "mapping.toml"
    return run_import(
        service.client(),
        file=file,
        mapping_path=mapping if mapping.exists() else write_mapping(folder),
        bad_rows_path=folder / default_bad_rows_path(file),
        is_dry_run=is_dry_run,
        progress=ImportProgress(io.StringIO()),
        now=NOW,
    )
