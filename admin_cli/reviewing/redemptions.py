"""The queue of redemptions: approve or reject, with the rider's points, the limit, the stock and who approved already.

The service decides who may approve; what it would refuse is said before a key is pressed.
"""

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from rich.text import Text

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.paths import path
from admin_cli.printing.times import short_time
from admin_cli.printing.words import REDEMPTION_STATES
from admin_cli.reviewing.lines import View
from admin_cli.reviewing.redemption_card import Details, Evidence, details_lines, redemption_lines
from admin_cli.reviewing.screen import KeysLine, Screen
from admin_cli.reviewing.session import NO_SUCH_KEY, WALK_HELP, WALK_KEYS, read_beside
from admin_cli.reviewing.state import Case, Decision, Tally, Verdict

RECENT_REDEMPTIONS = 20
CHANGES_SHOWN = 50
"""Rows that even a tall screen has room for: one request each."""

APPROVE = Verdict(segment="approval", intended=t("批准", "approve"))
REJECT = Verdict(segment="rejection", intended=t("驳回", "reject"))

REASONS = [
    t("本月同类申领较多，请下月再申请", "Many asked for this in the month; please ask again next month"),
    t("申请重复，已有一单在办", "You have asked for the same already"),
    t("近期上报有疑问，核实后再申请", "A report of yours is in doubt; please ask again when it is settled"),
    t("该商品近期不能到货，请换一样", "It will not arrive soon; please choose something else"),
    t("不符合这项服务的使用条件", "The conditions of this service are not met"),
]
"""The usual ones, by number. What is chosen is stored and read by the rider, so they are whole sentences."""


class RedemptionQueue:
    noun = "redemption"
    due_member = "decide_due_at"
    nothing_waits = t("没有待审批的兑换。", "Nothing waits for approval.")
    undone_with = "points redemption cancel"
    keys: KeysLine = (("a", t("批准", "approve")), ("r", t("驳回", "reject")), ("o", t("明细", "open")), *WALK_KEYS)
    help = "\n".join(
        (
            t(
                "a  批准：最后一个需要的人批准，券码就出来\n"
                "r  驳回：选一个理由，骑手看得到；积分和库存退回\n"
                "o  明细：商品说明，骑手的积分从哪来、何时到期",
                "a  approve: with the last approval that is needed the voucher is made\n"
                "r  reject: choose a reason, which the rider reads; points and stock go back\n"
                "o  open: what the item is, where the rider's points came from and when they lapse",
            ),
            WALK_HELP,
            t(
                "自己申请的、自己已经批过的不能批准，要另一位审批员。",
                "What you requested or approved already needs another approver.",
            ),
        )
    )

    def __init__(self, run: Run) -> None:
        self._client = run.client()
        self._zone = run.zone()
        self.filters: dict[str, object] = {"state": "requested", "order": "oldest"}
        principal = self._client.get(path("principal")).body
        self._me = f"{principal['kind']}/{principal['name']}"
        self._evidence: dict[str, Evidence] = {}

    def is_known(self, case: Case) -> bool:
        return case["code"] in self._evidence

    def look(self, case: Case) -> str | None:
        found = self._client.get(path("redemptions", str(case["code"]), "evidence")).body
        redemption = found["redemption"]
        if redemption["state"] != "requested":
            return self._decided(redemption)
        rider_code = str(redemption["rider_code"])
        rider = path("riders", rider_code)
        standings = read_beside(self._client, f"{rider}/standings")
        recent = read_beside(self._client, path("redemptions"), {"rider": rider_code, "limit": RECENT_REDEMPTIONS})
        self._evidence[redemption["code"]] = Evidence(
            redemption=redemption,
            balances=found["balances"],
            limit=found["limit"],
            stock=found["stock"],
            rider=read_beside(self._client, rider),
            standing=next((row for row in standings["items"] if row["rank"]), None) if standings else None,
            recent=[one for one in recent["items"] if one["code"] != redemption["code"]] if recent else None,
            obstacle=self._obstacle(redemption),
        )
        return None

    def draw(self, case: Case, view: View) -> list[Text]:
        return redemption_lines(self._evidence[case["code"]], view)

    def decide(self, key: str, case: Case, screen: Screen) -> Decision | str | None:
        evidence = self._evidence[case["code"]]
        match key:
            case "a":
                return evidence.obstacle or Decision(case=case, verdict=APPROVE, key=uuid4().hex)
            case "r":
                if reason := screen.ask_reason(REASONS):
                    return Decision(case=case, verdict=REJECT, key=uuid4().hex, fields={"reason": reason})
                return None
            case "o":
                details = self._details(evidence.redemption)
                screen.show_page(lambda view: details_lines(details, view), t("明细", "Details"))
                return None
        return NO_SUCH_KEY

    def told(self, decision: Decision, answer: Mapping[str, Any]) -> tuple[str, int]:
        redemption = answer["redemption"]
        code, points, state = decision.code, int(redemption["points"]), redemption["state"]
        if decision.verdict is REJECT:
            words = t(f"已驳回，{points:,} 分退回", f"rejected, {points:,} points back")
        elif state == "ready":
            by = redemption["pick_up_by"]
            words = t(f"已批准，券码已出，最晚 {by} 领取", f"approved; the voucher is good until {by}")
        elif state == "fulfilled":
            words = t(f"已批准，捐出 {points:,} 分", f"approved, {points:,} points given")
        else:
            words = t("已批准，还要另一人批准", "approved; another person has to approve it too")
        return f"{code} {words}", points

    def count_words(self, waiting: str) -> str:
        return t(f"待审批 {waiting} 单", f"{waiting} to decide")

    def summary(self, tally: Tally, skipped: int) -> str:
        approved, rejected = tally.counts[APPROVE], tally.counts[REJECT]
        points, back = tally.points[APPROVE], tally.points[REJECT]
        return t(
            f"批准 {approved} 单（{points:,} 分），驳回 {rejected} 单（退回 {back:,} 分），"
            f"跳过 {skipped} 单，没有办成 {tally.refused} 单。",
            f"{approved} approved ({points:,} points), {rejected} rejected ({back:,} points back), "
            f"{skipped} skipped, {tally.refused} not done.",
        )

    def _decided(self, redemption: Mapping[str, Any]) -> str:
        code, state = redemption["code"], str(redemption["state"])
        last = (redemption.get("approvals") or [{}])[-1]
        by = redemption.get("closed_by") or last.get("approved_by")
        when = short_time(str(redemption.get("closed_at") or redemption.get("ready_at")), self._zone)
        words = REDEMPTION_STATES.get(state, state)
        return t(
            f"{code} 已由 {by} 于 {when} 处理为「{words}」，跳过。",
            f"{code} was decided by {by} at {when}: {words}. Passed over.",
        )

    def _obstacle(self, redemption: Mapping[str, Any]) -> str:
        """Why this person cannot approve it, as the service would say; empty when they can."""
        if redemption["requested_by"] == self._me:
            return t(
                "这是您自己申请的，不能自己批准；请另一位审批员来批。",
                "You requested it yourself and cannot approve it. Have another approver do it.",
            )
        for approval in redemption.get("approvals") or []:
            if approval["approved_by"] == self._me:
                when = short_time(str(approval["approved_at"]), self._zone)
                return t(
                    f"您已于 {when} 批过，还要另一位审批员批一次。",
                    f"You approved it at {when}; it needs another person's approval.",
                )
        return ""

    def _details(self, redemption: Mapping[str, Any]) -> Details:
        rider = path("riders", str(redemption["rider_code"]))
        statement = read_beside(self._client, f"{rider}/statement", {"limit": CHANGES_SHOWN})
        return Details(
            item=read_beside(self._client, path("catalog", str(redemption["sku"]))),
            balance=read_beside(self._client, f"{rider}/balance"),
            statement=statement["items"] if statement else None,
        )
