"""`points review`: one report after another, oldest due first, one key per decision, with some seconds to take it back.

A decision is held by the desk (`state.py`) and sent when the next one is taken, when its seconds are over, or at
the end. Waiting for a key has a time limit, so no thread is needed and nothing is sent behind the reviewer's back.
"""

import time
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.options import Limit
from admin_cli.paths import given, path
from admin_cli.printing.text import visible
from admin_cli.printing.times import short_time
from admin_cli.printing.words import REPORT_STATES
from admin_cli.reviewing.state import Decision, Desk, Report, Tally, Verdict
from admin_cli.terminal import is_on_terminal, say

if TYPE_CHECKING:
    from admin_cli.reviewing.card import Evidence
    from admin_cli.reviewing.keys import Keys
    from admin_cli.reviewing.screen import Screen

HELP = t(
    "审核队列：一条一条看，一键一个决定\n"
    "最早到期的先看。v 核实，r 驳回，d 重复，s 跳过，u 撤回刚才的决定（几秒之内），? 说明，q 结束。",
    "The review queue: one report after another, one key per decision\n"
    "Oldest due first. v verify, r reject, d duplicate, s skip, u undo (for some seconds), ? help, q quit.",
)

QUEUE_MAX = 200
"""Reports read at once: one request. The API gives those due first, and the queue is read again while one works."""

REFRESH_SECONDS = 60.0
"""How long a new report that is due within the hour may stay unseen behind older ones."""

RECENT_REPORTS = 50
"""How far back a rider's record on the card goes: one request."""

TICK_SECONDS = 1.0
"""How often the countdown on the screen moves while a decision is held."""

IDLE_SECONDS = 20.0
"""How often the time that is left moves while nothing is held."""

SENDING = {Verdict.VERIFY: "verification", Verdict.REJECT: "rejection", Verdict.DUPLICATE: "duplication"}

DONE_WORDS = {
    Verdict.VERIFY: t("已核实", "verified"),
    Verdict.REJECT: t("已驳回", "rejected"),
    Verdict.DUPLICATE: t("已记为重复", "marked duplicate"),
}

INTENDED_WORDS = {
    Verdict.VERIFY: t("核实", "verify"),
    Verdict.REJECT: t("驳回", "reject"),
    Verdict.DUPLICATE: t("记为重复", "mark duplicate"),
}


def review(
    ctx: typer.Context,
    category: Annotated[
        str | None,
        typer.Option(
            "--category", metavar="CODE", help=t("只看这个类别，例如 SAF-02", "Only this category, such as SAF-02")
        ),
    ] = None,
    limit: Limit = None,
) -> None:
    if not is_on_terminal():
        raise usage_failure(
            t(
                "审核队列要在终端里用；在脚本里请用 points report list 和 points report verify。",
                "The queue needs a terminal. In a script use points report list and points report verify.",
            )
        )
    from admin_cli.reviewing.keys import Keys
    from admin_cli.reviewing.screen import Screen

    run: Run = ctx.obj
    session = Session(run, category=category, limit=limit)
    if not session.refill():
        say(t("没有待审的上报。", "Nothing waits for review."))
        return
    try:
        with Keys() as keys, Screen(run.zone()) as screen:
            session.work(keys, screen)
    finally:
        session.say_what_became()


class Session:
    """One sitting of one reviewer."""

    def __init__(self, run: Run, *, category: str | None, limit: int | None) -> None:
        self._client = run.client()
        self._zone = run.zone()
        self._category = category
        self._limit = limit
        self._worth = {row["code"]: row for row in self._client.get(path("categories")).body["items"]}
        self._evidence: dict[str, Evidence] = {}
        self._riders: dict[str, tuple[Mapping[str, Any] | None, Mapping[str, int] | None]] = {}
        self._in_flight: Decision | None = None
        self._read_at = 0.0
        self._has_more = False
        self.desk = Desk()
        self.tally = Tally()
        self.notice = ""

    def refill(self) -> bool:
        """Fetches what waits and was not on the desk yet. True when there is something to look at."""
        filters = given(state="submitted", order="oldest", category=self._category)
        for page in self._client.pages(path("reports"), filters, limit=self._limit or QUEUE_MAX):
            self.desk.add(page.body["items"])
            self._has_more = page.body.get("next") is not None
        self._read_at = time.monotonic()
        return bool(self.desk.waiting)

    # --- the loop ------------------------------------------------------------------------------------------------

    def work(self, keys: "Keys", screen: "Screen") -> None:
        while True:
            self._send_if_due()
            self._refresh_if_stale()
            if self.desk.current is None and not self._take_more():
                if self.desk.held is None or not self._wait_at_the_end(keys, screen):
                    break
                continue
            report = self._current_still_open()
            if report is None:
                continue
            evidence = self._evidence_for(report)
            screen.show_card(report, evidence, self._count(), self._status())
            key = keys.read(self._patience())
            if key in ("q", "end"):
                break
            if key is not None:
                self._act(key, report, evidence, keys, screen)
        self._send(self.desk.close())

    def _refresh_if_stale(self) -> None:
        """Not when the reviewer asked for a number of reports: those were chosen at the start."""
        if self._limit is None and time.monotonic() - self._read_at > REFRESH_SECONDS:
            self.refill()

    def _take_more(self) -> bool:
        """At the end of the queue looks once whether new ones came in; not when the reviewer asked for a number."""
        return self._limit is None and self.refill()

    def _wait_at_the_end(self, keys: "Keys", screen: "Screen") -> bool:
        """Nothing is left but the last decision, which may still be taken back. True when it was, False at the end."""
        while self.desk.held is not None:
            screen.show_end(self._status())
            key = keys.read(self._patience())
            if key == "u" and self.desk.undo(time.monotonic()):
                return True
            if key is not None:
                return False
            self._send_if_due()
        return False

    def _count(self) -> str:
        waiting = f"{len(self.desk.waiting):,}{'+' if self._has_more and self._limit is None else ''}"
        return t(f"待审 {waiting} 条", f"{waiting} to review")

    def _patience(self) -> float:
        left = self.desk.seconds_left(time.monotonic())
        return IDLE_SECONDS if left is None else min(TICK_SECONDS, left)

    def _status(self) -> tuple[str, str]:
        """What became of what was sent, and what is held and for how long it can still be taken back."""
        left = self.desk.seconds_left(time.monotonic())
        held = self.desk.held
        if held is None or left is None:
            return self.notice, ""
        words = INTENDED_WORDS[held.verdict]
        return self.notice, t(
            f"{held.report_code} {words}；{left:.0f} 秒内按 u 撤回",
            f"{held.report_code} {words}; u takes it back for {left:.0f} s",
        )

    # --- keys ----------------------------------------------------------------------------------------------------

    def _act(self, key: str, report: Report, evidence: "Evidence", keys: "Keys", screen: "Screen") -> None:
        self.notice = ""
        match key:
            case "v":
                self._decide(Decision(report=report, verdict=Verdict.VERIFY, key=uuid4().hex))
            case "r":
                if reason := screen.ask_reason(keys):
                    self._decide(Decision(report=report, verdict=Verdict.REJECT, key=uuid4().hex, reason=reason))
            case "d":
                if original := screen.ask_original(keys, evidence.neighbours or []):
                    decision = Decision(
                        report=report, verdict=Verdict.DUPLICATE, key=uuid4().hex, duplicate_of=original
                    )
                    self._decide(decision)
            case "s":
                self._send(self.desk.skip())
            case "u":
                if self.desk.undo(time.monotonic()):
                    self.notice = t("撤回了，没有发出。", "Taken back; it was not sent.")
                else:
                    self.notice = t(
                        "没有可以撤回的；已经发出的请用 points report revoke。",
                        "Nothing to take back. What was sent is undone with points report revoke.",
                    )
            case "?":
                screen.show_help(keys)
            case _:
                self.notice = t("没有这个键；按 ? 看说明。", "There is no such key; ? shows help.")

    def _decide(self, decision: Decision) -> None:
        self._send(self.desk.decide(decision, time.monotonic()))

    # --- sending -------------------------------------------------------------------------------------------------

    def _send_if_due(self) -> None:
        self._send(self.desk.due(time.monotonic()))

    def _send(self, decision: Decision | None) -> None:
        """Sends one decision. A no of the API is a notice and the review goes on; a lost server ends it."""
        if decision is None:
            return
        body = given(reason=decision.reason, duplicate_of=decision.duplicate_of)
        self._in_flight = decision
        try:
            where = path("reports", decision.report_code, SENDING[decision.verdict])
            answer = self._client.post(where, body, key=decision.key)
        except Failure as failure:
            if failure.exit_code in (ExitCode.UNAVAILABLE, ExitCode.FORBIDDEN):
                raise
            self._in_flight = None
            self.tally.refused += 1
            self.notice = str(failure).split("\n")[0]
            return
        self._in_flight = None
        award = answer.body["report"].get("award") or {}
        points = int(award.get("points_granted") or 0)
        self.tally.count(decision.verdict, points)
        self.notice = f"{decision.report_code} {DONE_WORDS[decision.verdict]}"
        if decision.verdict is Verdict.VERIFY:
            self.notice += t(f"，+{points} 分", f", +{points} points")

    def say_what_became(self) -> None:
        """The summary, and, after Ctrl-C or a lost server, what was not sent or may not have been."""
        tally = self.tally
        say(
            t(
                f"核实 {tally.verified} 条（{tally.points_granted:,} 分），驳回 {tally.rejected} 条，"
                f"重复 {tally.duplicates} 条，跳过 {self.desk.skipped} 条，没有办成 {tally.refused} 条。",
                f"{tally.verified} verified ({tally.points_granted:,} points), {tally.rejected} rejected, "
                f"{tally.duplicates} duplicates, {self.desk.skipped} skipped, {tally.refused} not done.",
            )
        )
        if unsure := self._in_flight:
            say(
                t(
                    f"{unsure.report_code} 是否办成不确定；请看 points report show {unsure.report_code}。",
                    f"It is not certain what became of {unsure.report_code}: points report show {unsure.report_code}",
                )
            )
        if held := self.desk.held:
            words = INTENDED_WORDS[held.verdict]
            say(
                t(
                    f"没有发出：{held.report_code}（{words}），它还在待审。",
                    f"Not sent: {held.report_code} ({words}); it still waits.",
                )
            )

    # --- evidence ------------------------------------------------------------------------------------------------

    def _current_still_open(self) -> Report | None:
        """The current report, read afresh when it first comes up; None when somebody else has decided it meanwhile."""
        report = self.desk.current
        assert report is not None, "the loop ends when nothing waits"
        if report["code"] in self._evidence:
            return report
        fresh = self._client.get(path("reports", str(report["code"]))).body
        if fresh["state"] == "submitted":
            return report
        self.desk.drop()
        when = short_time(str(fresh.get("decided_at")), self._zone)
        words = REPORT_STATES.get(fresh["state"], fresh["state"])
        by = fresh.get("decided_by")
        self.notice = visible(
            t(
                f"{fresh['code']} 已由 {by} 于 {when} 处理为「{words}」，跳过。",
                f"{fresh['code']} was decided by {by} at {when}: {words}. Passed over.",
            )
        )
        return None

    def _evidence_for(self, report: Report) -> "Evidence":
        from admin_cli.reviewing.card import Evidence

        report_code = str(report["code"])
        if report_code not in self._evidence:
            neighbours = self._read(path("reports", report_code, "neighbours"))
            rider, recent = self._rider(str(report["rider_code"]))
            worth = self._worth.get(report["category_code"], {})
            points = worth.get("points")
            self._evidence[report_code] = Evidence(
                neighbours=neighbours["items"] if neighbours else None,
                rider=rider,
                recent_states=recent,
                points=points * int(report.get("hours") or 1) if points is not None else None,
            )
        return self._evidence[report_code]

    def _rider(self, rider_code: str) -> tuple[Mapping[str, Any] | None, Mapping[str, int] | None]:
        """The rider and the states of the latest reports before, read once a sitting: two requests."""
        if rider_code not in self._riders:
            rider = self._read(path("riders", rider_code))
            recent = self._read(path("reports"), {"rider": rider_code, "limit": RECENT_REPORTS})
            counts = Counter(report["state"] for report in recent["items"]) if recent else None
            states = (
                {state: counts[state] for state in REPORT_STATES if state != "submitted"}
                if counts is not None
                else None
            )
            self._riders[rider_code] = (rider, states)
        return self._riders[rider_code]

    def _read(self, where: str, params: Mapping[str, object] | None = None) -> dict[str, Any] | None:
        """Evidence that may be missing: without the right to read it, the report itself can still be judged."""
        try:
            return self._client.get(where, params).body
        except Failure as failure:
            if failure.exit_code is ExitCode.UNAVAILABLE:
                raise
            return None
