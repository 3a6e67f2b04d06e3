"""Items, redemptions and what decisions answer, valid by default, as the API prints them."""

from collections.abc import Callable
from typing import Any

from tests.admin_cli.fake_api import Asked, Said

VOUCHER = "7K3M-9QX2-T"
BALANCES = {"available": 120, "held": 50, "owed": 0}


def make_item(sku: str = "G-001", **changes: object) -> dict[str, Any]:
    item = {
        "sku": sku,
        "name": "香皂",
        "kind": "goods",
        "description": "",
        "price_points": 50,
        "is_stocked": True,
        "reorder_point": 20,
        "limit_count": 4,
        "limit_period": "month",
        "picture_url": None,
        "active_from": "2026-01-01",
        "active_until": None,
        "is_active": True,
        "stock": {"shelf": 500, "reserved": 3, "delivered": 20},
        "stations": [{"code": "ZGM", "name": "钟公庙驿站", "shelf": 500, "reserved": 3}],
    }
    return {**item, **changes}


def make_redemption(code: str = "ABCDE12345", **changes: object) -> dict[str, Any]:
    redemption = {
        "id": "01a20b7b-13b8-777a-b3b5-889e7ec64c9e",
        "code": code,
        "state": "requested",
        "rider_code": "R00001",
        "rider_name": "王**",
        "sku": "G-001",
        "item_name": "香皂",
        "kind": "goods",
        "station_code": "ZGM",
        "station_name": "钟公庙驿站",
        "points": 50,
        "approvals_required": 0,
        "approvals": [],
        "requested_at": "2026-11-24T01:10:00Z",
        "requested_by": "rider/R00001",
        "decide_due_at": "2026-11-26T01:10:00Z",
        "is_overdue": False,
        "ready_at": None,
        "pick_up_by": None,
        "closed_at": None,
        "closed_by": None,
        "reason": "",
        "rulebook_version": 1,
    }
    return {**redemption, **changes}


def redeemed(code: str = "ABCDE12345", state: str = "ready", **changes: object) -> Said:
    return Said(body={"redemption": make_redemption(code, state=state, **changes), "balances": BALANCES})


def bulk_answer(name: str, state: str) -> Callable[[Asked], Said]:
    """Does everything but what is called BAD…; what is called TWO… still needs another approval."""

    def answer(asked: Asked) -> Said:
        items: list[dict[str, Any]] = []
        for index, item in enumerate(asked.body["items"]):
            if item[name].startswith("BAD"):
                refusal = {"code": "own_request", "detail": f"{item[name]} was requested by you."}
                items.append({"index": index, "outcome": "refused", "problem": refusal})
                continue
            needs_two = item[name].startswith("TWO")
            redemption = make_redemption(
                item[name],
                state="requested" if needs_two else state,
                sku="S-010" if needs_two else "G-001",
                points=2000 if needs_two else 50,
                approvals_required=2 if needs_two else 1,
                approvals=[{"approved_by": "operator/li", "approved_at": "2026-11-24T02:00:00Z"}],
            )
            items.append({"index": index, "outcome": "done", "redemption": redemption, "balances": BALANCES})
        refused = sum(item["outcome"] == "refused" for item in items)
        return Said(body={"items": items, "done": len(items) - refused, "refused": refused})

    return answer


def dry_runs(asked: list[Asked]) -> list[bool]:
    return ["dry_run" in one.query for one in asked]
