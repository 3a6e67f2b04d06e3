"""Tables to be imported, and a service that answers from memory, for the tests of `export` and `import`.

The service keeps to the HTTP contract as far as a table sees it: riders by code and phone, items by SKU, redemptions
that cost points, answers stored under their keys, previews that are forgotten.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx2
import xlsxwriter

from admin_cli.client import PAGE_SIZE_MAX, Client, open_http
from admin_cli.sheets.catalog import DEFAULTS

RULEBOOK = """
[[industries]]
code = "01"
name = "外卖配送"

[[industries]]
code = "12"
name = "共享出行运维"
"""

POINTS = 1_000


def make_item(sku: str = "G-001", **changes: object) -> dict[str, Any]:
    item = {
        "sku": sku,
        "name": "香皂",
        "kind": "goods",
        "description": "",
        "price_points": 50,
        "is_stocked": True,
        "reorder_point": None,
        "limit_count": 4,
        "limit_period": "month",
        "picture_url": None,
        "active_from": "2026-03-01",
        "active_until": None,
        "is_active": True,
        "stock": {"shelf": 500, "reserved": 3, "delivered": 20},
        "stations": [],
    }
    return {**item, **changes}


def make_redemption(code: str = "7K3M9QX2TB", **changes: object) -> dict[str, Any]:
    redemption = {
        "id": "01a20b7b-13b8-777a-b3b5-889e7ec64c9e",
        "code": code,
        "state": "ready",
        "rider_code": "R00001",
        "rider_name": "王**",
        "sku": "G-001",
        "item_name": "香皂",
        "kind": "goods",
        "station_code": "ZGM",
        "station_name": "钟公庙驿站",
        "points": 50,
        "approvals_required": 1,
        "approvals": [{"approved_by": "operator/approver1", "approved_at": "2026-11-24T02:00:00Z"}],
        "requested_at": "2026-11-24T01:10:00.123456Z",
        "requested_by": "rider/R00001",
        "decide_due_at": "2026-11-25T01:10:00Z",
        "is_overdue": False,
        "ready_at": "2026-11-24T02:00:00Z",
        "pick_up_by": "2026-12-09",
        "closed_at": None,
        "closed_by": None,
        "reason": "",
        "rulebook_version": 1,
    }
    return {**redemption, **changes}


def write_csv(path: Path, rows: list[list[str]], *, encoding: str = "utf-8", delimiter: str = ",") -> Path:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    """Cells by their types, as a spreadsheet has them."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def read_csv(path: Path, encoding: str = "utf-8-sig") -> list[list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.reader(file))


class FakeLedger:
    """`requests` holds every bulk request's path, key and items; `faults` are answered first, one each."""

    def __init__(self) -> None:
        self.riders: dict[str, dict[str, Any]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.redemptions: list[dict[str, Any]] = []
        self.held: Counter[str] = Counter()
        self.points = POINTS
        self.stored: dict[str, tuple[bytes, bytes]] = {}
        self.requests: list[tuple[str, str | None, list[dict[str, Any]]]] = []
        self.asked: list[httpx2.URL] = []
        self.faults: list[Callable[[], httpx2.Response]] = []
        self.before_answer: Callable[[], None] = lambda: None
        self.malformed_names: set[str] = set()
        self.items_max = 1_000

    def client(self) -> Client:
        http = open_http("http://ledger.test", httpx2.MockTransport(self.answer))
        return Client(http, where="ledger.test", token="t", sleep=lambda seconds: None)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request.url)
        match request.method, request.url.path:
            case "GET", "/v1/programme":
                return httpx2.Response(200, json={"time_zone": "Asia/Shanghai"})
            case "GET", "/v1/rulebooks":
                versions = [{"version": 2, "valid_from": "2999-01-01"}, {"version": 1, "valid_from": "2020-01-01"}]
                return httpx2.Response(200, json={"items": versions, "next": None})
            case "GET", "/v1/rulebooks/1":
                return httpx2.Response(200, json={"version": 1, "document": RULEBOOK})
            case "GET", path:
                return self._page(path, request.url.params)
            case _, path:
                return self._write(path, request)

    def _page(self, path: str, params: Mapping[str, str]) -> httpx2.Response:
        lists = {
            "/v1/riders": [self.riders[code] for code in sorted(self.riders)],
            "/v1/catalog": [self.items[sku] for sku in sorted(self.items)],
            "/v1/redemptions": self.redemptions,
        }
        if self.faults:
            return self.faults.pop(0)()
        start, limit = int(params.get("cursor", 0)), int(params["limit"])
        assert limit <= PAGE_SIZE_MAX
        found = lists[path]
        end = start + limit
        self.before_answer()
        return httpx2.Response(200, json={"items": found[start:end], "next": str(end) if end < len(found) else None})

    def _write(self, path: str, request: httpx2.Request) -> httpx2.Response:
        if self.faults:
            return self.faults.pop(0)()
        key, is_dry_run = request.headers.get("Idempotency-Key"), request.url.params.get("dry_run") == "true"
        assert (key is None) is is_dry_run
        items = json.loads(request.content)["items"]
        self.requests.append((path, key, items))
        if len(items) > self.items_max or any(item.get("name") in self.malformed_names for item in items):
            return problem(400, "invalid_request")
        if key is not None and key in self.stored:
            content, answer = self.stored[key]
            if content != request.content:
                return problem(409, "idempotency_key_reused")
            headers = {"Content-Type": "application/json", "Idempotency-Replayed": "true"}
            return httpx2.Response(200, content=answer, headers=headers)
        kept = deepcopy((self.riders, self.items, self.redemptions, self.held))
        answer = json.dumps(self._do(path, items)).encode()
        if key is None:
            self.riders, self.items, self.redemptions, self.held = kept
        else:
            self.stored[key] = request.content, answer
        self.before_answer()
        return httpx2.Response(200, content=answer, headers={"Content-Type": "application/json"})

    def _do(self, path: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        one = {
            "/v1/riders/bulk": self._enroll,
            "/v1/catalog": self._put,
            "/v1/redemptions/requests": self._redeem,
        }[path]
        outcomes: list[dict[str, Any]] = []
        for index, item in enumerate(items):
            outcome = one(item)
            refused = {"outcome": "refused", "problem": {"code": outcome, "detail": f"{outcome}."}}
            outcomes.append({"index": index, **(refused if isinstance(outcome, str) else outcome)})
        done = sum(outcome["outcome"] == "done" for outcome in outcomes)
        return {"items": outcomes, "done": done, "refused": len(items) - done}

    def _enroll(self, item: dict[str, Any]) -> dict[str, Any] | str:
        code = item.get("code") or f"R{len(self.riders) + 1:05}"
        phones = {rider.get("phone") for rider in self.riders.values()}
        if code in self.riders or (item.get("phone") and item["phone"] in phones):
            return "already_exists"
        self.riders[code] = {**item, "code": code}
        return {"outcome": "done", "rider": {"code": code}}

    def _put(self, item: dict[str, Any]) -> dict[str, Any] | str:
        if not item["sku"].startswith(("G-", "S-", "D-")):
            return "invalid_field"
        before = self.items.get(item["sku"])
        after = make_item(item["sku"], limit_count=None, limit_period=None, active_from=None) | DEFAULTS | item
        change = "created" if before is None else "unchanged" if after == before else "changed"
        self.items[item["sku"]] = after
        return {"outcome": "done", "item": after, "change": change}

    def _redeem(self, wish: dict[str, Any]) -> dict[str, Any] | str:
        if wish["rider_code"] == "R09999":
            return "not_found"
        points = wish.get("points") or 50
        if self.held[wish["rider_code"]] + points > self.points:
            return "insufficient_points"
        self.held[wish["rider_code"]] += points
        redemption = make_redemption(f"{len(self.redemptions):010}", **wish | {"points": points})
        self.redemptions.append(redemption)
        return {"outcome": "done", "redemption": redemption}


def problem(status: int, code: str) -> httpx2.Response:
    body = {"code": code, "title": code, "detail": f"{code}.", "status": status}
    return httpx2.Response(status, json=body, headers={"Content-Type": "application/problem+json"})
