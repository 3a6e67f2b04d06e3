"""What lies on a desk: the cases still to be seen, and the last step, which can be taken back for a while.

A case is whatever waits for a decision: a report or a redemption. Pure: no clock, no keys, no network. A decision is
held here and handed out for sending when the next step is taken, when its seconds are over, or when the desk is closed.
What was handed out is gone and cannot be taken back.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

UNDO_SECONDS = 5.0
"""Long enough to notice a slip of the finger, short enough that the rider does not wait for it."""

Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One way to decide. `segment` is the last of its endpoint; `intended` says it while it is held."""

    segment: str
    intended: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`key` is the idempotency key, fixed when the decision is taken: however often it is sent, it counts once.

    `fields` go with it: a reason, the original of a duplicate.
    """

    case: Case
    verdict: Verdict
    key: str
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.case["code"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The last thing the person did. Without a decision it was a skip, which costs nothing and has no deadline."""

    case: Case
    decision: Decision | None
    undo_until: float


@dataclass(slots=True, kw_only=True)
class Desk:
    """`waiting[0]` is the case being looked at. `due_member` names what says until when a case was promised."""

    due_member: str
    waiting: deque[Case] = field(default_factory=deque)
    last: Step | None = None
    skipped: int = 0
    _seen: set[str] = field(default_factory=set)

    @property
    def current(self) -> Case | None:
        return self.waiting[0] if self.waiting else None

    @property
    def held(self) -> Decision | None:
        return self.last.decision if self.last else None

    def add(self, cases: Iterable[Case]) -> None:
        """Puts new ones among those that wait, soonest due first. One that was on the desk before does not come again,
        and the one being looked at stays on top."""
        new = [case for case in cases if case["code"] not in self._seen]
        self._seen.update(case["code"] for case in new)
        on_top = [self.waiting.popleft()] if self.waiting else []
        rest = sorted([*self.waiting, *new], key=lambda case: (case[self.due_member], case["code"]))
        self.waiting = deque([*on_top, *rest])

    def decide(self, decision: Decision, now: float) -> Decision | None:
        """Takes the current case off the desk. The decision held until now comes back: it is to be sent."""
        return self._step(decision, now + UNDO_SECONDS)

    def skip(self) -> Decision | None:
        """Like `decide`, without a decision."""
        self.skipped += 1
        return self._step(None, float("inf"))

    def _step(self, decision: Decision | None, undo_until: float) -> Decision | None:
        earlier = self.held
        self.last = Step(case=self.waiting.popleft(), decision=decision, undo_until=undo_until)
        return earlier

    def drop(self) -> None:
        """Takes the current case away because somebody else has decided it. The last step stays as it was."""
        self.waiting.popleft()

    def undo(self, now: float) -> bool:
        """Puts the last case back on top. False when there is no last step, or its time is over."""
        if self.last is None or now >= self.last.undo_until:
            return False
        if self.last.decision is None:
            self.skipped -= 1
        self.waiting.appendleft(self.last.case)
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

    counts: Counter[Verdict] = field(default_factory=Counter)
    points: Counter[Verdict] = field(default_factory=Counter)
    refused: int = 0

    def count(self, verdict: Verdict, points: int) -> None:
        self.counts[verdict] += 1
        self.points[verdict] += points
