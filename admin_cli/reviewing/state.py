"""What lies on a reviewer's desk: the reports still to be seen, and the last step, which can be taken back for a while.

Pure: no clock, no keys, no network. A decision is held here and handed out for sending when the next step is taken,
when its seconds are over, or when the desk is closed. What was handed out is gone and cannot be taken back.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

UNDO_SECONDS = 5.0
"""Long enough to notice a slip of the finger, short enough that the rider does not wait for it."""

Report = Mapping[str, Any]


class Verdict(StrEnum):
    VERIFY = "verify"
    REJECT = "reject"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`key` is the idempotency key, fixed when the decision is taken: however often it is sent, it counts once."""

    report: Report
    verdict: Verdict
    key: str
    reason: str | None = None
    duplicate_of: str | None = None

    @property
    def report_code(self) -> str:
        return str(self.report["code"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The last thing the reviewer did. Without a decision it was a skip, which costs nothing and has no deadline."""

    report: Report
    decision: Decision | None
    undo_until: float


@dataclass(slots=True)
class Desk:
    """`waiting[0]` is the report being looked at."""

    waiting: deque[Report] = field(default_factory=deque)
    last: Step | None = None
    skipped: int = 0
    _seen: set[str] = field(default_factory=set)

    @property
    def current(self) -> Report | None:
        return self.waiting[0] if self.waiting else None

    @property
    def held(self) -> Decision | None:
        return self.last.decision if self.last else None

    def add(self, reports: Iterable[Report]) -> None:
        """Puts new ones among those that wait, soonest due first. One that was on the desk before does not come again,
        and the one being looked at stays on top."""
        new = [report for report in reports if report["code"] not in self._seen]
        self._seen.update(report["code"] for report in new)
        on_top = [self.waiting.popleft()] if self.waiting else []
        rest = sorted([*self.waiting, *new], key=lambda report: (report["review_due_at"], report["code"]))
        self.waiting = deque([*on_top, *rest])

    def decide(self, decision: Decision, now: float) -> Decision | None:
        """Takes the current report off the desk. The decision held until now comes back: it is to be sent."""
        return self._step(decision, now + UNDO_SECONDS)

    def skip(self) -> Decision | None:
        """Like `decide`, without a decision."""
        self.skipped += 1
        return self._step(None, float("inf"))

    def _step(self, decision: Decision | None, undo_until: float) -> Decision | None:
        earlier = self.held
        self.last = Step(report=self.waiting.popleft(), decision=decision, undo_until=undo_until)
        return earlier

    def drop(self) -> None:
        """Takes the current report away because somebody else has decided it. The last step stays as it was."""
        self.waiting.popleft()

    def undo(self, now: float) -> bool:
        """Puts the last report back on top. False when there is no last step, or its time is over."""
        if self.last is None or now >= self.last.undo_until:
            return False
        if self.last.decision is None:
            self.skipped -= 1
        self.waiting.appendleft(self.last.report)
        self.last = None
        return True

    def due(self, now: float) -> Decision | None:
        """The held decision, once its seconds are over: it is to be sent, and can no longer be taken back."""
        if self.last is None or self.last.decision is None or now < self.last.undo_until:
            return None
        return self.close()

    def close(self) -> Decision | None:
        """The held decision, if any, whatever the time: it is to be sent."""
        held, self.last = self.held, None
        return held

    def seconds_left(self, now: float) -> float | None:
        """Until the held decision goes out; None when nothing is held."""
        return max(0.0, self.last.undo_until - now) if self.last and self.last.decision else None


@dataclass(slots=True)
class Tally:
    """What became of the decisions that were sent. `refused`: the API said no, mostly because somebody was faster."""

    verified: int = 0
    rejected: int = 0
    duplicates: int = 0
    refused: int = 0
    points_granted: int = 0

    def count(self, verdict: Verdict, points: int) -> None:
        match verdict:
            case Verdict.VERIFY:
                self.verified += 1
                self.points_granted += points
            case Verdict.REJECT:
                self.rejected += 1
            case Verdict.DUPLICATE:
                self.duplicates += 1
