"""The queue of reports: verify, reject, or mark as a duplicate, with what was seen nearby and the rider's record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from rich.text import Text

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.paths import given, path
from admin_cli.printing.times import short_time
from admin_cli.printing.words import REPORT_STATES
from admin_cli.reviewing.lines import View
from admin_cli.reviewing.report_card import Evidence, report_lines
from admin_cli.reviewing.screen import KeysLine, Screen
from admin_cli.reviewing.session import NO_SUCH_KEY, WALK_HELP, WALK_KEYS, read_beside
from admin_cli.reviewing.state import Case, Decision, Tally, Verdict

RECENT_REPORTS = 50
"""How far back a rider's record on the card goes: one request."""

VERIFY = Verdict(segment="verification", intended=t("核实", "verify"))
REJECT = Verdict(segment="rejection", intended=t("驳回", "reject"))
DUPLICATE = Verdict(segment="duplication", intended=t("记为重复", "mark duplicate"))

DONE_WORDS = {
    VERIFY: t("已核实", "verified"),
    REJECT: t("已驳回", "rejected"),
    DUPLICATE: t("已记为重复", "marked duplicate"),
}

REASONS = [
    t("照片看不清，无法判断", "The photo does not show it clearly"),
    t("地点与照片不符", "Place and photo do not match"),
    t("不属于受理范围", "Not a matter for this programme"),
    t("现场已经处理完毕", "Already put right when checked"),
    t("照片不是本次现场拍摄", "The photo was not taken on the spot"),
    t("内容太少，请补充后重新上报", "Too little to go by; please report again with more"),
]
"""The usual ones, by number. What is chosen is stored and read by the rider, so they are whole sentences."""


class ReportQueue:
    noun = "report"
    due_member = "review_due_at"
    nothing_waits = t("没有待审的上报。", "Nothing waits for review.")
    undone_with = "points report revoke"
    keys: KeysLine = (
        ("v", t("核实", "verify")),
        ("r", t("驳回", "reject")),
        ("h", t("同处", "same")),
        ("d", t("重复", "duplicate")),
        *WALK_KEYS,
    )
    help = "\n".join(
        (
            t(
                "v  核实：积分记给骑手\n"
                "h  核实为同一隐患：按名次得分，选一条或输入编号\n"
                "r  驳回：选一个理由，骑手看得到\n"
                "d  重复：选附近的一条，或输入编号",
                "v  verify: the rider is credited\n"
                "h  verify as of one hazard with another report, sharing its points\n"
                "r  reject: choose a reason, which the rider reads\n"
                "d  duplicate: choose one nearby, or type a code",
            ),
            WALK_HELP,
            t(
                "geo: 链接已经换算成 WGS-84，地图软件可以直接打开。",
                "The geo: link is converted to WGS-84; a map program opens it as it is.",
            ),
        )
    )

    def __init__(self, run: Run, *, category: str | None) -> None:
        self._client = run.client()
        self._zone = run.zone()
        self.filters = given(state="submitted", order="oldest", category=category)
        self._worth = {row["code"]: row for row in self._client.get(path("categories")).body["items"]}
        self._evidence: dict[str, Evidence] = {}
        self._riders: dict[str, tuple[Mapping[str, Any] | None, Mapping[str, int] | None]] = {}

    def is_known(self, case: Case) -> bool:
        return case["code"] in self._evidence

    def look(self, case: Case) -> str | None:
        report_code = str(case["code"])
        fresh = self._client.get(path("reports", report_code)).body
        if fresh["state"] != "submitted":
            when = short_time(str(fresh.get("decided_at")), self._zone)
            words = REPORT_STATES.get(fresh["state"], fresh["state"])
            by = fresh.get("decided_by")
            return t(
                f"{report_code} 已由 {by} 于 {when} 处理为「{words}」，跳过。",
                f"{report_code} was decided by {by} at {when}: {words}. Passed over.",
            )
        neighbours = read_beside(self._client, path("reports", report_code, "neighbours"))
        suggestions = read_beside(self._client, path("reports", report_code, "incident-suggestions"))
        rider, recent = self._rider(str(case["rider_code"]))
        points = self._worth.get(case["category_code"], {}).get("points")
        self._evidence[report_code] = Evidence(
            neighbours=neighbours["items"] if neighbours else None,
            rider=rider,
            recent_states=recent,
            points=points * int(case.get("hours") or 1) if points is not None else None,
            suggestions=suggestions["items"] if suggestions else (),
        )
        return None

    def draw(self, case: Case, view: View) -> list[Text]:
        return report_lines(case, self._evidence[case["code"]], view)

    def decide(self, key: str, case: Case, screen: Screen) -> Decision | str | None:
        match key:
            case "v":
                return Decision(case=case, verdict=VERIFY, key=uuid4().hex)
            case "r":
                if reason := screen.ask_reason(REASONS):
                    return Decision(case=case, verdict=REJECT, key=uuid4().hex, fields={"reason": reason})
                return None
            case "h":
                if other := _ask_hazard(screen, self._evidence[case["code"]].suggestions):
                    fields = {"same_hazard_as": other}
                    return Decision(case=case, verdict=VERIFY, key=uuid4().hex, fields=fields)
                return None
            case "d":
                if original := _ask_original(screen, self._evidence[case["code"]].neighbours or []):
                    fields = {"duplicate_of": original}
                    return Decision(case=case, verdict=DUPLICATE, key=uuid4().hex, fields=fields)
                return None
        return NO_SUCH_KEY

    def told(self, decision: Decision, answer: Mapping[str, Any]) -> tuple[str, int]:
        award = answer["report"].get("award") or {}
        points = int(award.get("points_granted") or 0)
        words = f"{decision.code} {DONE_WORDS[decision.verdict]}"
        if decision.verdict is VERIFY:
            words += t(f"，+{points} 分", f", +{points} points")
        return words, points

    def count_words(self, waiting: str) -> str:
        return t(f"待审 {waiting} 条", f"{waiting} to review")

    def summary(self, tally: Tally, skipped: int) -> str:
        verified, rejected, duplicates = (tally.counts[verdict] for verdict in (VERIFY, REJECT, DUPLICATE))
        points = tally.points[VERIFY]
        return t(
            f"核实 {verified} 条（{points:,} 分），驳回 {rejected} 条，"
            f"重复 {duplicates} 条，跳过 {skipped} 条，没有办成 {tally.refused} 条。",
            f"{verified} verified ({points:,} points), {rejected} rejected, "
            f"{duplicates} duplicates, {skipped} skipped, {tally.refused} not done.",
        )

    def _rider(self, rider_code: str) -> tuple[Mapping[str, Any] | None, Mapping[str, int] | None]:
        """The rider and the states of the latest reports before, read once a sitting: two requests."""
        if rider_code not in self._riders:
            rider = read_beside(self._client, path("riders", rider_code))
            recent = read_beside(self._client, path("reports"), {"rider": rider_code, "limit": RECENT_REPORTS})
            counts = Counter(report["state"] for report in recent["items"]) if recent else None
            states = (
                {state: counts[state] for state in REPORT_STATES if state != "submitted"}
                if counts is not None
                else None
            )
            self._riders[rider_code] = (rider, states)
        return self._riders[rider_code]


def _ask_hazard(screen: Screen, suggestions: Sequence[Mapping[str, Any]]) -> str | None:
    """The code of a verified report of the same hazard."""
    if suggestions:
        nearest = ", ".join(f"{place} {found['nearest']}" for place, found in enumerate(suggestions[:3], 1))
        question = t(f"与哪一条同一隐患？（{nearest}，或编号）", f"One hazard with which? ({nearest}, or a code) ")
    else:
        question = t("与哪一条同一隐患？（编号）", "One hazard with which? (its code) ")
    answer = screen.ask_line(question)
    if answer and answer.isdecimal() and 1 <= int(answer) <= len(suggestions):
        return str(suggestions[int(answer) - 1]["nearest"])
    return answer.upper() if answer else None


def _ask_original(screen: Screen, neighbours: Sequence[Mapping[str, Any]]) -> str | None:
    """The code of the report that this one repeats."""
    if neighbours:
        question = t(
            f"与哪一条重复？（1–{len(neighbours)} 或编号）",
            f"Duplicate of which? (1–{len(neighbours)}, or a code) ",
        )
    else:
        question = t("与哪一条重复？（编号）", "Duplicate of which? (its code) ")
    answer = screen.ask_line(question)
    if answer and answer.isdecimal() and 1 <= int(answer) <= len(neighbours):
        return str(neighbours[int(answer) - 1]["report"]["code"])
    return answer.upper() if answer else None
