"""One sitting: one case after another, oldest promise first, one key per decision, some seconds to take it back.

A decision is held by the desk (`state.py`) and sent when the next one is taken, when its seconds are over, or at
the end. Waiting for a key has a time limit, so no thread is needed and nothing is sent behind the person's back.

What is special about reports or redemptions is not here: the walk asks its `Queue`.
"""

import time
from collections.abc import Mapping
from typing import Any, Protocol

from rich.text import Text

from admin_cli.client import Client
from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import t
from admin_cli.paths import path
from admin_cli.printing.text import visible
from admin_cli.reviewing.keys import END, Keys
from admin_cli.reviewing.lines import View
from admin_cli.reviewing.screen import KeysLine, Screen
from admin_cli.reviewing.state import Case, Decision, Desk, Tally
from admin_cli.terminal import say

QUEUE_MAX = 200
"""Cases read at once: one request. The API gives the oldest first, and the queue is read again while one works."""

REFRESH_SECONDS = 60.0
"""How long a new case that is due within the hour may stay unseen behind older ones."""

TICK_SECONDS = 1.0
"""How often the countdown on the screen moves while a decision is held."""

IDLE_SECONDS = 20.0
"""How often the time that is left moves while nothing is held."""

WALK_KEYS = (
    ("s", t("跳过", "skip")),
    ("u", t("撤回", "undo")),
    ("?", t("说明", "help")),
    ("q", t("结束", "quit")),
)
"""The keys that every queue has; its own stand before them."""

WALK_HELP = t(
    "s  跳过：留在队列里，这次不再出现\n"
    "u  撤回：刚才的决定在几秒之内还没有发出，可以拿回来\n"
    "q  结束：还没发出的决定会先发出\n"
    "Ctrl-C  立即停止：还没发出的决定不发\n"
    "\n"
    "期限的颜色：绿色还早，黄色不到半小时，红色已超时。",
    "s  skip: it stays in the queue, and does not come again this time\n"
    "u  undo: for some seconds the last decision is not sent yet and can be taken back\n"
    "q  quit: what is not sent yet is sent first\n"
    "Ctrl-C  stop at once: what is not sent yet is not sent\n"
    "\n"
    "Colour of the time: green early, yellow under half an hour, red late.",
)

NO_SUCH_KEY = t("没有这个键；按 ? 看说明。", "There is no such key; ? shows help.")


class Queue(Protocol):
    """What the walk has to be told of the things it walks through. `reports.py` and `redemptions.py` are the two."""

    noun: str
    """Of the terminal, and in the plural of the API: report, redemption."""
    due_member: str
    keys: KeysLine
    help: str
    """Both say its own keys and those of the walk."""
    nothing_waits: str
    undone_with: str
    """The command that undoes what was sent."""

    @property
    def filters(self) -> Mapping[str, object]:
        """Which cases wait."""

    def look(self, case: Case) -> str | None:
        """Reads the case with its evidence, afresh; words when it no longer waits: who decided it, when and how."""

    def is_known(self, case: Case) -> bool:
        """Whether it was looked at before."""

    def draw(self, case: Case, view: View) -> list[Text]:
        """The card."""

    def decide(self, key: str, case: Case, screen: Screen) -> Decision | str | None:
        """What the key does: a decision, or words to the person, or nothing (they thought better of it)."""

    def told(self, decision: Decision, answer: Mapping[str, Any]) -> tuple[str, int]:
        """What became of a decision, in words and in points."""

    def count_words(self, waiting: str) -> str:
        """How many wait."""

    def summary(self, tally: Tally, skipped: int) -> str:
        """The last sentence."""


class Session:
    """One sitting of one person."""

    def __init__(self, run: Run, queue: Queue, *, limit: int | None) -> None:
        self._client = run.client()
        self._queue = queue
        self._limit = limit
        self._in_flight: Decision | None = None
        self._read_at = 0.0
        self._has_more = False
        self.desk = Desk(due_member=queue.due_member)
        self.tally = Tally()
        self.notice = ""

    def refill(self) -> bool:
        """Fetches what waits and was not on the desk yet. True when there is something to look at."""
        where = path(f"{self._queue.noun}s")
        for page in self._client.pages(where, self._queue.filters, limit=self._limit or QUEUE_MAX):
            self.desk.add(page.body["items"])
            self._has_more = page.body.get("next") is not None
        self._read_at = time.monotonic()
        return bool(self.desk.waiting)

    # --- the loop ------------------------------------------------------------------------------------------------

    def work(self, keys: Keys, screen: Screen) -> None:
        while True:
            self._send_if_due()
            self._refresh_if_stale()
            if self.desk.current is None and not self._take_more():
                if self.desk.held is None or not self._wait_at_the_end(keys, screen):
                    break
                continue
            case = self._current_still_open()
            if case is None:
                continue
            screen.show_card(
                lambda view, case=case: self._queue.draw(case, view),  # type: ignore[misc]
                visible(str(case["code"])),
                self._count(),
                self._status(),
            )
            key = keys.read(self._patience())
            if key in ("q", END):
                break
            if key is not None:
                self._act(key, case, screen)
        self._send(self.desk.close())

    def _refresh_if_stale(self) -> None:
        """Not when the person asked for a number of cases: those were chosen at the start."""
        if self._limit is None and time.monotonic() - self._read_at > REFRESH_SECONDS:
            self.refill()

    def _take_more(self) -> bool:
        """At the end of the queue looks once whether new ones came in; not when the person asked for a number."""
        return self._limit is None and self.refill()

    def _wait_at_the_end(self, keys: Keys, screen: Screen) -> bool:
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

    def _current_still_open(self) -> Case | None:
        """The current case, read when it first comes up; None when somebody else has decided it meanwhile."""
        case = self.desk.current
        assert case is not None, "the loop ends when nothing waits"
        if self._queue.is_known(case):
            return case
        decided = self._queue.look(case)
        if decided is None:
            return case
        self.desk.drop()
        self.notice = visible(decided)
        return None

    def _count(self) -> str:
        more = "+" if self._has_more and self._limit is None else ""
        return self._queue.count_words(f"{len(self.desk.waiting):,}{more}")

    def _patience(self) -> float:
        left = self.desk.seconds_left(time.monotonic())
        return IDLE_SECONDS if left is None else min(TICK_SECONDS, left)

    def _status(self) -> tuple[str, str]:
        """What became of what was sent, and what is held and for how long it can still be taken back."""
        left = self.desk.seconds_left(time.monotonic())
        held = self.desk.held
        if held is None or left is None:
            return self.notice, ""
        words = held.verdict.intended
        return self.notice, t(
            f"{held.code} {words}；{left:.0f} 秒内按 u 撤回",
            f"{held.code} {words}; u takes it back for {left:.0f} s",
        )

    # --- keys ----------------------------------------------------------------------------------------------------

    def _act(self, key: str, case: Case, screen: Screen) -> None:
        self.notice = ""
        match key:
            case "s":
                self._send(self.desk.skip())
            case "u":
                if self.desk.undo(time.monotonic()):
                    self.notice = t("撤回了，没有发出。", "Taken back; it was not sent.")
                else:
                    self.notice = t(
                        f"没有可以撤回的；已经发出的请用 {self._queue.undone_with}。",
                        f"Nothing to take back. What was sent is undone with {self._queue.undone_with}.",
                    )
            case "?":
                screen.show_help(self._queue.help)
            case _:
                match self._queue.decide(key, case, screen):
                    case Decision() as decision:
                        self._send(self.desk.decide(decision, time.monotonic()))
                    case str() as words:
                        self.notice = words

    # --- sending -------------------------------------------------------------------------------------------------

    def _send_if_due(self) -> None:
        self._send(self.desk.due(time.monotonic()))

    def _send(self, decision: Decision | None) -> None:
        """Sends one decision. A no of the API is a notice and the walk goes on; a lost server ends it."""
        if decision is None:
            return
        self._in_flight = decision
        where = path(f"{self._queue.noun}s", decision.code, decision.verdict.segment)
        try:
            answer = self._client.post(where, decision.fields, key=decision.key)
        except Failure as failure:
            if failure.exit_code in (ExitCode.UNAVAILABLE, ExitCode.FORBIDDEN):
                raise
            self._in_flight = None
            self.tally.refused += 1
            self.notice = str(failure).split("\n")[0]
            return
        self._in_flight = None
        self.notice, points = self._queue.told(decision, answer.body)
        self.tally.count(decision.verdict, points)

    def say_what_became(self) -> None:
        """The summary, and, after Ctrl-C or a lost server, what was not sent or may not have been."""
        say(self._queue.summary(self.tally, self.desk.skipped))
        if unsure := self._in_flight:
            command = f"points {self._queue.noun} show {unsure.code}"
            say(
                t(
                    f"{unsure.code} 是否办成不确定；请看 {command}。",
                    f"It is not certain what became of {unsure.code}: {command}",
                )
            )
        if held := self.desk.held:
            words = held.verdict.intended
            say(
                t(
                    f"没有发出：{held.code}（{words}），它还在等。",
                    f"Not sent: {held.code} ({words}); it still waits.",
                )
            )


def read_beside(client: Client, where: str, params: Mapping[str, object] | None = None) -> dict[str, Any] | None:
    """Evidence that may be missing: without the right to read it, the case itself can still be judged."""
    try:
        return client.get(where, params).body
    except Failure as failure:
        if failure.exit_code is ExitCode.UNAVAILABLE:
            raise
        return None
