"""Working examples of the operations on the catalogue, redemptions, months, honors, and the dashboard."""

from ledger.api.example_names import (
    MY_REDEMPTION,
    PAGE,
    PROPOSED_TITLE,
    READY_REDEMPTION,
    REQUESTED_REDEMPTION,
    VOUCHER,
    Example,
    Json,
)

HELMET: Json = {
    "name": "3C 头盔",
    "kind": "goods",
    "price_points": 900,
    "description": "均码，三色可选",
    "reorder_point": 10,
    "limit_count": 1,
    "limit_period": "year",
    "active_from": "2026-01-01",
}
FUND: Json = {"sku": "D-001", "name": "捐给暖骑互助基金", "kind": "donation", "price_points": 10, "is_stocked": False}
RESTOCK: Json = {"station": "ZGM", "quantity": 100, "memo": "三月进货，单号 2026-03-017"}
OF_ITEM: Json = {"sku": "G-001"}
OF_REQUESTED: Json = {"redemption": REQUESTED_REDEMPTION}
OF_READY: Json = {"redemption": READY_REDEMPTION}
OF_MINE: Json = {"redemption": MY_REDEMPTION}
MONTH: Json = {"month": "2026-02"}
REASON = "本月预算已用完，请下月再申请"

REWARD_EXAMPLES: dict[str, Example] = {
    "get_dashboard": Example(),
    # Months
    "list_months": Example(),
    "get_month": Example(path=MONTH),
    "publish_month": Example(path=MONTH, body={}),
    "finalize_month": Example(path={"month": "2026-01"}, body={}),
    "list_corrections": Example(path=MONTH, query=PAGE),
    "verify_month": Example(path=MONTH),
    # Honors
    "list_honors": Example(),
    "list_titles": Example(query={"period": "2026-02", "state": "granted", **PAGE}),
    "award_titles": Example(body={"period": "2026-02"}),
    "confirm_title": Example(path={"title": PROPOSED_TITLE}, body={}),
    "decline_title": Example(path={"title": PROPOSED_TITLE}, body={"reason": "本年度有一次警告"}),
    "put_appointment": Example(
        path={"code": "R00001"}, body={"appointed_on": "2026-03-01", "trained_on": "2026-03-08"}
    ),
    "put_appointments": Example(body={"items": [{"rider_code": "R00001", "appointed_on": "2026-03-01"}]}),
    "list_my_titles": Example(),
    # Catalogue and stations
    "list_items": Example(query={"kind": "goods", "active": True, "query": "G-", **PAGE}),
    "get_item": Example(path=OF_ITEM),
    "put_item": Example(path={"sku": "G-010"}, body=HELMET),
    "put_items": Example(body={"items": [{"sku": "G-010", **HELMET}, FUND]}),
    "change_item": Example(path=OF_ITEM, body={"price_points": 60, "active_until": None}),
    "restock_item": Example(path=OF_ITEM, body=RESTOCK),
    "restock_items": Example(body={"items": [{"sku": "G-001", **RESTOCK}]}),
    "list_stations": Example(query={"active": True, **PAGE}),
    "put_station": Example(
        path={"code": "XY"},
        body={"name": "下应驿站", "subdistrict": "下应街道", "address": "湖下路 88 号", "keepers": ["keeper"]},
    ),
    "change_station": Example(path={"code": "ZGM"}, body={"keepers": ["keeper"]}),
    # Redemptions
    "list_redemptions": Example(query={"state": "requested", "order": "oldest", **PAGE}),
    "get_redemption": Example(path=OF_REQUESTED),
    "get_redemption_evidence": Example(path=OF_REQUESTED),
    "create_redemption": Example(body={"rider_code": "R00001", "sku": "G-001", "station": "ZGM"}),
    "create_redemptions": Example(
        body={"items": [{"rider_code": "R00001", "sku": "G-001"}, {"rider_code": "R99999", "sku": "G-001"}]}
    ),
    "approve_redemption": Example(path=OF_REQUESTED, body={}),
    "approve_redemptions": Example(body={"items": [OF_REQUESTED]}),
    "reject_redemption": Example(path=OF_REQUESTED, body={"reason": REASON}),
    "reject_redemptions": Example(body={"items": [{**OF_REQUESTED, "reason": REASON}]}),
    "cancel_redemption": Example(path=OF_READY, body={"reason": "骑手来电取消"}),
    "cancel_redemptions": Example(body={"items": [{**OF_READY, "reason": "骑手来电取消"}]}),
    "get_redemption_voucher": Example(path=OF_READY),
    "get_redemption_voucher_svg": Example(path=OF_READY),
    "fulfil_redemption": Example(body={"voucher": VOUCHER}),
    "fulfil_redemptions": Example(body={"items": [{"voucher": VOUCHER}]}),
    # A rider's own
    "list_my_catalog": Example(query={"affordable": True, **PAGE}),
    "list_my_redemptions": Example(query={"state": "ready", **PAGE}),
    "get_my_redemption": Example(path=OF_MINE),
    "create_my_redemption": Example(body={"sku": "G-001", "station": "ZGM"}),
    "cancel_my_redemption": Example(path=OF_MINE, body={"reason": "不需要了"}),
    "get_my_voucher_svg": Example(path=OF_MINE),
}

_READY: Json = {
    "id": "01a20b7d-51aa-7c44-8a0e-6f0e1c0a7b21",
    "code": MY_REDEMPTION,
    "state": "ready",
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
    "requested_at": "2026-03-10T02:00:00Z",
    "requested_by": "rider/R00001",
    "decide_due_at": "2026-03-12T02:00:00Z",
    "is_overdue": False,
    "ready_at": "2026-03-10T02:00:00Z",
    "pick_up_by": "2026-03-25",
    "closed_at": None,
    "closed_by": None,
    "reason": "",
    "rulebook_version": 1,
    "voucher": VOUCHER,
}

REWARD_ANSWERS: dict[str, Json] = {
    "create_my_redemption": {"redemption": _READY, "balances": {"available": 150, "held": 50, "owed": 0}},
}
