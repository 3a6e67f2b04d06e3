"""A working example of every operation under /v1: what the OpenAPI document shows, and what a test sends.

The codes and ids below stand for those that the service gives out; everything else is sent as it is written here.
"""

from ledger.api.example_names import (
    ACCOUNT_ID,
    OTHER_PROGRAMME,
    OTHER_REPORT,
    PAGE,
    PHONE,
    PROGRAMME,
    REPORT,
    SHARED_REPORT,
    SHARING_REPORT,
    TRANSACTION_ID,
    VERIFIED_REPORT,
    Example,
    Json,
)
from ledger.api.proposal_examples import PROPOSAL_EXAMPLES
from ledger.api.reward_examples import REWARD_ANSWERS, REWARD_EXAMPLES

HAZARD: Json = {
    "rider_code": "R00001",
    "category_code": "SAF-02",
    "lat": 29.8146,
    "lon": 121.5542,
    "datum": "WGS-84",
    "address": "钟公庙街道四明中路 100 号前",
    "description": "非机动车道上井盖缺失",
}
ENTRY: Json = {
    "external_id": "2025-000123",
    "rider_code": "R00001",
    "category_code": "FAC-01",
    "state": "verified",
    "submitted_at": "2025-06-01T08:30:00+08:00",
    "decided_at": "2025-06-01T15:00:00+08:00",
    "address": "钟公庙街道四明中路 200 号",
}
AFTER_PHOTO = "https://photos.example/after/7K3M9QX2TB.jpg"
OF_RIDER: Json = {"code": "R00001"}
OF_ACCOUNT: Json = {"account_id": ACCOUNT_ID}
AT: Json = {"at": "2026-03-01T00:00:00Z"}

EXAMPLES: dict[str, Example] = {
    # Programmes
    "create_programme": Example(
        body={"id": OTHER_PROGRAMME, "name": "海曙区", "owner_password": "a-long-password", "budget_points": 1_000_000}
    ),
    "list_programmes": Example(query=PAGE),
    "get_programme": Example(),
    # Sign-in
    "create_session": Example(body={"programme": PROGRAMME, "name": "owner", "password": "correct-horse"}),
    "create_one_time_code": Example(body={"programme": PROGRAMME, "phone": PHONE}),
    "get_principal": Example(),
    "delete_session": Example(),
    "list_operators": Example(query=PAGE),
    "create_operator": Example(
        body={"name": "chen.chen", "display_name": "陈晨", "password": "a-long-password", "roles": ["reviewer"]}
    ),
    "deactivate_operator": Example(path={"name": "keeper"}, body={}),
    "list_service_keys": Example(query=PAGE),
    "create_service_key": Example(body={"name": "city-hotline", "scopes": ["reports:write", "reports:read"]}),
    "revoke_service_key": Example(path={"name": "grid"}, body={}),
    # Riders
    "list_riders": Example(query={"industry": "01", "status": "active", "query": "R0", **PAGE}),
    "create_rider": Example(
        body={"name": "李四", "phone": "13987654321", "industry_code": "02", "subdistrict": "钟公庙街道"}
    ),
    "create_riders": Example(
        body={"items": [{"code": "R10001", "name": "张三", "industry_code": "01"}, {"name": "李四"}]}
    ),
    "get_rider": Example(path=OF_RIDER),
    "get_rider_balance": Example(path=OF_RIDER),
    "get_rider_statement": Example(path=OF_RIDER, query=PAGE),
    "list_rider_standings": Example(path=OF_RIDER),
    # Reports
    "create_report": Example(body=HAZARD),
    "create_reports": Example(body={"items": [HAZARD, {**HAZARD, "rider_code": "R99999"}]}),
    "list_reports": Example(query={"state": "submitted", "order": "oldest", **PAGE}),
    "get_report": Example(path={"report": REPORT}),
    "list_neighbours": Example(path={"report": REPORT}, query={"radius_m": 50}),
    "verify_report": Example(path={"report": REPORT}, body={}),
    "list_incident_suggestions": Example(path={"report": REPORT}),
    # Incidents
    "list_incidents": Example(query={"category": "SAF-02", **PAGE}),
    "get_incident": Example(path={"incident": VERIFIED_REPORT}),
    "merge_incident": Example(path={"incident": SHARED_REPORT}, body={"into": VERIFIED_REPORT, "reason": "同一处井盖"}),
    "split_incident": Example(
        path={"incident": SHARED_REPORT}, body={"reports": [SHARING_REPORT], "reason": "两处不同的井盖"}
    ),
    "reject_report": Example(path={"report": REPORT}, body={"reason": "照片看不清，请重新拍摄"}),
    "mark_duplicate": Example(path={"report": REPORT}, body={"duplicate_of": OTHER_REPORT, "reason": "同一处路灯"}),
    "revoke_report": Example(path={"report": VERIFIED_REPORT}, body={"reason": "现场查证不实"}),
    "verify_reports": Example(
        body={"items": [{"report": REPORT}, {"report": OTHER_REPORT, "same_hazard_as": SHARED_REPORT}]}
    ),
    "reject_reports": Example(body={"items": [{"report": REPORT, "reason": "照片看不清"}]}),
    "mark_duplicates": Example(body={"items": [{"report": REPORT, "duplicate_of": OTHER_REPORT}]}),
    "revoke_reports": Example(body={"items": [{"report": VERIFIED_REPORT, "reason": "现场查证不实"}]}),
    "settle_report": Example(path={"report": VERIFIED_REPORT}, body={"after_photo_url": AFTER_PHOTO}),
    "settle_reports": Example(body={"items": [{"report": VERIFIED_REPORT, "after_photo_url": AFTER_PHOTO}]}),
    "import_reports": Example(body={"source": "city-hotline", "items": [ENTRY]}),
    # Ranking
    "get_ranking": Example(path={"month": "2026-03"}, query={"industry": "01", **PAGE}),
    # Books
    "list_accounts": Example(query={"purpose": "available", "owner": "R00001", **PAGE}),
    "get_account": Example(path=OF_ACCOUNT),
    "get_account_balance": Example(path=OF_ACCOUNT, query=AT),
    "get_account_statement": Example(path=OF_ACCOUNT, query=PAGE),
    "get_trial_balance": Example(),
    "list_transactions": Example(query={"kind": "award", "from": "2026-03-01T00:00:00Z", **PAGE}),
    "get_transaction": Example(path={"transaction_id": TRANSACTION_ID}),
    "list_budgets": Example(query=PAGE),
    "list_waiting_credits": Example(query=PAGE),
    "get_audit": Example(query={"findings": 20}),
    "get_journal_export": Example(query={"format": "hledger", "from": "2026-03-01", "to": "2026-03-10"}),
    # Rules
    "list_rulebooks": Example(query=PAGE),
    "get_rulebook": Example(path={"version": 1}),
    "list_categories": Example(),
    # Events
    "list_events": Example(query={"after": 0, **PAGE}),
    # A rider's own things
    "get_me": Example(),
    "get_my_balance": Example(query=AT),
    "get_my_statement": Example(query=PAGE),
    "list_my_reports": Example(query={"state": "submitted", **PAGE}),
    "get_my_report": Example(path={"report": REPORT}),
    "list_my_standings": Example(),
    "get_my_ranking": Example(path={"month": "2026-03"}, query={"each_side": 2}),
    **REWARD_EXAMPLES,
    **PROPOSAL_EXAMPLES,
}

PROBLEM_EXAMPLE: Json = {
    "type": "/problems/report_already_decided",
    "title": "这条上报已经处理过了",
    "status": 409,
    "detail": (
        f"上报 {REPORT} 已由 operator/chen.chen 于 2026-03-10 10:00 处理为 已核实；这次没有改动，请刷新后看下一条。"
    ),
    "code": "report_already_decided",
    "report_code": REPORT,
    "state": "verified",
    "decided_by": "operator/chen.chen",
    "decided_at": "2026-03-10T02:00:00Z",
}

_VERIFIED: Json = {
    "id": "01a20b7d-4fc4-777b-b308-b1803465fc67",
    "code": REPORT,
    "rider_code": "R00001",
    "category_code": "SAF-02",
    "category_name": "井盖缺失、移位",
    "grade": "urgent",
    "is_urgent": True,
    "hours": 1,
    "state": "verified",
    "address": "钟公庙街道四明中路 100 号前",
    "subdistrict": "",
    "lat": 29.8146,
    "lon": 121.5542,
    "datum": "WGS-84",
    "description": "非机动车道上井盖缺失",
    "photo_url": None,
    "photo_taken_at": None,
    "source": "app",
    "external_id": None,
    "submitted_at": "2026-03-10T01:30:00Z",
    "recorded_at": "2026-03-10T01:30:00Z",
    "review_due_at": "2026-03-10T03:30:00Z",
    "decided_at": "2026-03-10T02:00:00Z",
    "decided_by": "operator/chen.chen",
    "reason": "",
    "duplicate_of": None,
    "award": {
        "transaction_id": TRANSACTION_ID,
        "points_wanted": 30,
        "points_granted": 30,
        "limited_by": None,
        "merit": 30,
        "month": "2026-03",
        "rulebook_version": 1,
        "lapses_on": "2027-12-31",
        "effective_at": "2026-03-10T02:00:00Z",
        "is_reversed": False,
        "is_waiting": False,
    },
    "settled_at": None,
    "settled_by": None,
    "after_photo_url": None,
    "bonus": None,
    "incident": None,
}

ANSWERS: dict[str, Json] = {
    "create_session": {
        "token": "cpl_op_330212_…",
        "expires_at": "2026-03-10T14:00:00Z",
        "principal": {
            "kind": "operator",
            "name": "owner",
            "roles": ["owner"],
            "scopes": [],
            "programme": {"id": PROGRAMME, "name": "鄞州区"},
            "expires_at": "2026-03-10T14:00:00Z",
        },
    },
    "create_report": {
        **_VERIFIED,
        "state": "submitted",
        "decided_at": None,
        "decided_by": None,
        "award": None,
    },
    "verify_report": {"report": _VERIFIED, "balances": {"available": 30, "owed": 0, "budget": 9_999_970}},
    "get_rider_balance": {
        "rider_code": "R00001",
        "at": None,
        "available": 30,
        "held": 0,
        "owed": 0,
        "lots": [{"lapses_on": "2027-12-31", "available": 30, "held": 0, "account_id": ACCOUNT_ID}],
    },
    "get_ranking": {
        "month": "2026-03",
        "at": None,
        "state": "provisional",
        "digest": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        "corrections": 1,
        "corrections_in_list": 0,
        "tie_chain": ["merit", "verified_reports", "serious_points", "reached_at"],
        "riders": 1,
        "items": [
            {
                "rank": 1,
                "rider_code": "R00001",
                "name": "王**",
                "industry_code": "01",
                "industry_name": "外卖配送",
                "merit": 30,
                "verified_reports": 1,
                "serious_points": 30,
                "reached_at": "2026-03-10T02:00:00Z",
            }
        ],
        "next": None,
    },
    **REWARD_ANSWERS,
}
"""Answers worth seeing before asking. A test compares their shape with what is really answered."""
