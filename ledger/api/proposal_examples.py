"""Working examples of the operations on proposals, and on the versions of the rulebook that are proposed."""

from ledger.api.example_names import OWN_PROPOSAL, PAGE, PROPOSAL, Example, Json

ADJUSTMENT: Json = {
    "kind": "adjustment",
    "rider_code": "R00001",
    "points": 20,
    "reason": "3 月 8 日的两条上报漏记，已与网格员核对",
}
FUNDING: Json = {"kind": "funding", "points": 50_000, "reason": "追加第二季度预算"}
REASON = "没有附网格员的核对记录"

RULEBOOK = """\
[caps]
reports_per_day = 10
points_per_day = 150
points_per_month = 2000

[photo]
age_max_hours = 24

[service_hours]
max = 12

[lapse]
years_after = 1

[[industries]]
code = "01"
name = "外卖配送"

[[categories]]
code = "FAC-01"
name = "路灯不亮、灯杆倾斜"
group = "设施破损"
grade = "ordinary"
points = 12
review_within_hours = 48
re_report_after_days = 7
"""

PROPOSAL_EXAMPLES: dict[str, Example] = {
    "create_proposal": Example(body=ADJUSTMENT),
    "create_proposals": Example(body={"items": [ADJUSTMENT, FUNDING, {**ADJUSTMENT, "rider_code": "R99999"}]}),
    "list_proposals": Example(query={"state": "proposed", "kind": "adjustment", "order": "oldest", **PAGE}),
    "get_proposal": Example(path={"proposal": PROPOSAL}),
    "approve_proposal": Example(path={"proposal": PROPOSAL}, body={}),
    "approve_proposals": Example(body={"items": [{"proposal": PROPOSAL}]}),
    "reject_proposal": Example(path={"proposal": PROPOSAL}, body={"reason": REASON}),
    "reject_proposals": Example(body={"items": [{"proposal": PROPOSAL, "reason": REASON}]}),
    "withdraw_proposal": Example(path={"proposal": OWN_PROPOSAL}, body={"reason": "数目写错了"}),
    "create_rulebook": Example(body={"document": RULEBOOK, "memo": "路灯类上报提高到 12 分"}),
    "simulate_rulebook": Example(body={"document": RULEBOOK, "from": "2026-01-01", "to": "2026-03-31"}),
    "list_rulebook_history": Example(),
    "list_rulebook_changes": Example(path={"version": 1}, query={"since": 1}),
    "withdraw_proposals": Example(body={"items": [{"proposal": OWN_PROPOSAL}]}),
}
