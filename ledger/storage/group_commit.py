"""Group commit: the one way to run a write. One thread, one connection; what is waiting is committed together.

A request hands its command to the queue and awaits the answer. The thread takes what is waiting of one programme,
groups it by use-case, runs it in one unit of work, commits once and then answers all. Nobody waits for company: an
empty queue means an immediate commit. Nothing is answered before it is committed.

If a unit fails for a reason that is no refusal, its commands run again one by one, so that one bad command hurts only
itself. Lost races and lost connections are tried again a bounded number of times with the same keys; when the database
stays away, all are told so at once, for trying each by itself would keep clients hanging for hours.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future as ThreadFuture
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog

from ledger.domain.errors import (
    BrokenInvariant,
    IdempotencyKeyReused,
    Refusal,
    ServiceBusy,
    StorageFull,
    StorageUnavailable,
)
from ledger.storage import idempotency
from ledger.storage.engine import Database, Failure, classify_failure
from ledger.storage.idempotency import Answer, IdempotencyKey
from ledger.storage.statistics import Statistics
from ledger.storage.unit_of_work import UnitOfWork

QUEUE_COMMANDS_MAX = 10_000
"""Commands waiting at most: some seconds of work. More would only be answered after their clients have given up."""

QUEUE_ITEMS_MAX = 20_000
"""Items waiting at most: ten full commits. Commands are not all alike, and 10,000 full bulks would take all memory."""

ITEMS_PER_COMMIT_MAX = 2_000
"""Items in one unit of work: two full bulk requests. Keeps a commit short and SQLite's lists below their limit."""

ATTEMPTS_MAX = 5
"""How often a unit of work is tried on lost races and lost connections; the pauses between add up to 1.5 s."""

PATIENCE_SECONDS = 10.0
"""How long after its arrival a command is tried again: about as long as its client waits. One try it always gets."""

ANSWER_SECONDS_MAX = 12.0
"""How long a client waits at most: the patience, and some time for the writer to say itself what is wrong. What has
waited for longer is not begun any more."""

PAUSE_SECONDS = 0.1
RETRY_AFTER_SECONDS = 2
FULL_RETRY_AFTER_SECONDS = 30
"""A disk is given room by a person; asking more often helps nobody."""

log = structlog.get_logger(__name__)

UseCase = Callable[[UnitOfWork, Sequence[Any]], Sequence[Any]]
"""A use-case: a batch of commands in, one outcome per command out, in order. Refusals are outcomes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One request: items for one use-case. `render` turns its outcomes into the answer that is stored and sent."""

    programme_id: int
    use_case: UseCase
    items: Sequence[Any]
    render: Callable[[Sequence[Any]], Answer]
    key: IdempotencyKey | None = None
    is_dry_run: bool = False


@dataclass(slots=True, eq=False)
class _Waiting:
    """A command in the queue, and how to reach who asked. Exactly one of `answer` and `error` is set before it ends."""

    command: Command
    future: Any
    loop: asyncio.AbstractEventLoop | None
    arrived_at: float = field(default_factory=time.monotonic)
    answer: Answer | None = None
    error: BaseException | None = None

    @property
    def is_given_up(self) -> bool:
        """It came too long ago. A caller without a loop waits for as long as it takes."""
        return self.loop is not None and time.monotonic() - self.arrived_at > ANSWER_SECONDS_MAX


@dataclass(slots=True)
class _Queue:
    """Waiting commands by programme, in order of arrival. Guarded by the condition it carries."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    by_programme: dict[int, deque[_Waiting]] = field(default_factory=dict)
    size: int = 0
    items: int = 0
    is_closed: bool = False


class GroupCommit:
    """The writer of one server process. `start` before use, `stop` finishes what is waiting and ends the thread."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime], new_id: Callable[[], UUID]) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._queue = _Queue()
        self._statistics = Statistics(database.writer)
        self._thread = threading.Thread(target=self._work, name="ledger-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when every accepted command has been answered. Later commands are refused."""
        with self._queue.changed:
            self._queue.is_closed = True
            self._queue.changed.notify()
        self._thread.join()

    @property
    def waiting(self) -> int:
        """Commands that wait for the writer now."""
        return self._queue.size

    async def submit(self, command: Command) -> Answer:
        """The committed answer. Raises ServiceBusy, StorageUnavailable, or what the use-case broke on."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(command=command, future=loop.create_future(), loop=loop)
        self._enqueue(waiting)
        answer: Answer = await waiting.future
        return answer

    def run(self, command: Command) -> Answer:
        """The same for a caller without an event loop: blocks until committed."""
        future: ThreadFuture[Answer] = ThreadFuture()
        self._enqueue(_Waiting(command=command, future=future, loop=None))
        return future.result()

    # --- the queue -----------------------------------------------------------------------------------------------

    def _enqueue(self, waiting: _Waiting) -> None:
        queue = self._queue
        with queue.changed:
            items = queue.items + len(waiting.command.items)
            # An empty queue takes a command of any size: else one that is too large would be told to wait for ever.
            is_full = queue.size >= QUEUE_COMMANDS_MAX or (queue.size > 0 and items > QUEUE_ITEMS_MAX)
            if queue.is_closed or is_full:
                raise ServiceBusy(retry_after_seconds=RETRY_AFTER_SECONDS)
            queue.by_programme.setdefault(waiting.command.programme_id, deque()).append(waiting)
            queue.size += 1
            queue.items = items
            queue.changed.notify()

    def _take(self) -> list[_Waiting]:
        """What is waiting of the programme that has waited longest, up to one commit's worth; empty when closed."""
        queue = self._queue
        with queue.changed:
            while not queue.size and not queue.is_closed:
                queue.changed.wait()
            if not queue.size:
                return []
            programme_id, line = next(iter(queue.by_programme.items()))
            taken = [line.popleft()]
            items = len(taken[0].command.items)
            while line and items + len(line[0].command.items) <= ITEMS_PER_COMMIT_MAX:
                taken.append(line.popleft())
                items += len(taken[-1].command.items)
            # To the end of the round, so that a busy programme cannot keep the others waiting.
            del queue.by_programme[programme_id]
            if line:
                queue.by_programme[programme_id] = line
            queue.size -= len(taken)
            queue.items -= items
            return taken

    # --- the thread ----------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while found := self._take():
            taken = _leave_out_given_up(found)
            previews = [waiting for waiting in taken if waiting.command.is_dry_run]
            writes = [waiting for waiting in taken if not waiting.command.is_dry_run]
            self._run_one_by_one(previews)
            if writes:
                self._run_with_retries(writes)
            _answer_all(found)
            self._refresh_statistics(sum(len(waiting.command.items) for waiting in writes))

    def _refresh_statistics(self, items: int) -> None:
        """After the answers: nobody waits for it. A failure here costs plans, not books."""
        try:
            self._statistics.count(items)
        except Exception as error:
            log.warning("statistics_not_refreshed", error=str(error)[:300])

    def _run_with_retries(self, batch: list[_Waiting]) -> None:
        """Leaves an answer or an error in each of the batch. Never raises."""
        patience_ends_at = min(waiting.arrived_at for waiting in batch) + PATIENCE_SECONDS
        for attempt in range(1, ATTEMPTS_MAX + 1):
            try:
                self._run_unit(batch)
                return
            except Exception as error:
                failure = classify_failure(error)
                if failure is Failure.DISCONNECTED:
                    # pool_pre_ping does not notice a demoted node; a fresh connection does. Readers leave it too: what
                    # they would read there gets older and older.
                    self._database.dispose()
                pause_seconds = PAUSE_SECONDS * attempt
                is_last = attempt == ATTEMPTS_MAX or time.monotonic() + pause_seconds > patience_ends_at
                if failure in {Failure.PERMANENT, Failure.FULL} or is_last:
                    self._give_up(batch, error, failure)
                    return
                log.warning("unit_of_work_retried", attempt=attempt, failure=failure, error=str(error)[:300])
                time.sleep(pause_seconds)

    def _give_up(self, batch: list[_Waiting], error: Exception, failure: Failure) -> None:
        is_their_own = failure in {Failure.PERMANENT, Failure.CONFLICT}
        if is_their_own and len(batch) > 1:
            self._run_one_by_one(batch)
            return
        if not isinstance(error, Refusal):
            log.error("unit_of_work_failed", failure=failure, commands=len(batch), exc_info=error)
        for waiting in batch:
            waiting.answer = None
            waiting.error = error if is_their_own else unavailable(failure)

    def _run_one_by_one(self, batch: list[_Waiting]) -> None:
        """Each in a unit of its own, until the database is found to be away: then nobody else waits for that again."""
        for number, waiting in enumerate(batch):
            self._run_with_retries([waiting])
            if isinstance(waiting.error, StorageUnavailable):
                for later in batch[number + 1 :]:
                    later.error = waiting.error
                return

    def _run_unit(self, batch: list[_Waiting]) -> None:
        """One unit of work, one commit. The batch is of one programme, and all dry runs or none."""
        programme_id = batch[0].command.programme_id
        for waiting in batch:  # what an earlier attempt left behind was rolled back
            waiting.answer = waiting.error = None
        with UnitOfWork(
            self._database.writer, programme_id=programme_id, clock=self._clock, new_id=self._new_id
        ) as uow:
            first, repeats = _split_by_key(uow, batch)
            for group in _group_by_use_case(first):
                _run_use_case(uow, group)
            for repeat, original in repeats:
                _answer_repeat(repeat, original)
            if not batch[0].command.is_dry_run:
                idempotency.store_answers(uow, [(w.command.key, w.answer) for w in first if w.command.key and w.answer])
                uow.commit()


def unavailable(failure: Failure) -> StorageUnavailable:
    """What a client is told of a failure that is not its own."""
    if failure is Failure.FULL:
        return StorageFull(retry_after_seconds=FULL_RETRY_AFTER_SECONDS)
    return StorageUnavailable(retry_after_seconds=RETRY_AFTER_SECONDS)


def _leave_out_given_up(batch: list[_Waiting]) -> list[_Waiting]:
    """Whose client was told to come back will be asked again by its key: the time belongs to those who still wait."""
    for waiting in batch:
        if waiting.is_given_up:
            waiting.error = unavailable(Failure.TRANSIENT)
    return [waiting for waiting in batch if waiting.error is None]


def _split_by_key(uow: UnitOfWork, batch: list[_Waiting]) -> tuple[list[_Waiting], list[tuple[_Waiting, _Waiting]]]:
    """Who runs, and who repeats somebody in this very batch; who repeats a stored answer is answered here."""
    keys = [waiting.command.key for waiting in batch if waiting.command.key]
    stored = idempotency.read_answers(uow, keys)
    first: list[_Waiting] = []
    repeats: list[tuple[_Waiting, _Waiting]] = []
    runners: dict[tuple[str, str], _Waiting] = {}
    for waiting in batch:
        key = waiting.command.key
        if key is None:
            first.append(waiting)
        elif (found := stored.get((key.actor, key.key))) is not None:
            _answer_from_store(waiting, key, *found)
        elif (runner := runners.get((key.actor, key.key))) is not None:
            repeats.append((waiting, runner))
        else:
            runners[key.actor, key.key] = waiting
            first.append(waiting)
    return first, repeats


def _answer_from_store(waiting: _Waiting, key: IdempotencyKey, request_sha256: bytes, answer: Answer) -> None:
    if request_sha256 == key.request_sha256:
        waiting.answer = answer
    else:
        waiting.error = IdempotencyKeyReused(key=key.key)


def _answer_repeat(repeat: _Waiting, original: _Waiting) -> None:
    key, first_key = repeat.command.key, original.command.key
    if key and first_key and original.answer:
        _answer_from_store(repeat, key, first_key.request_sha256, original.answer.as_replay())


def _group_by_use_case(batch: list[_Waiting]) -> list[list[_Waiting]]:
    groups: dict[UseCase, list[_Waiting]] = {}
    for waiting in batch:
        groups.setdefault(waiting.command.use_case, []).append(waiting)
    return list(groups.values())


def _run_use_case(uow: UnitOfWork, group: list[_Waiting]) -> None:
    items = [item for waiting in group for item in waiting.command.items]
    outcomes = group[0].command.use_case(uow, items)
    if len(outcomes) != len(items):  # else one client would read another's answer
        raise BrokenInvariant(f"{len(items)} items went in and {len(outcomes)} outcomes came out")
    begin = 0
    for waiting in group:
        end = begin + len(waiting.command.items)
        waiting.answer = waiting.command.render(outcomes[begin:end])
        begin = end


def _answer_all(batch: list[_Waiting]) -> None:
    """One wake-up a loop, however many answers it gets."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for waiting in batch:
        if waiting.loop is None:
            _settle(waiting)
        else:
            by_loop.setdefault(waiting.loop, []).append(waiting)
    for loop, answered in by_loop.items():
        # A loop that has been closed meanwhile has nobody left to answer, and says so by a RuntimeError.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle_many, answered)


def _settle_many(batch: list[_Waiting]) -> None:
    for waiting in batch:
        _settle(waiting)


def _settle(waiting: _Waiting) -> None:
    if waiting.future.done():  # the client went away; its work is done and stored all the same
        return
    if waiting.error is not None:
        waiting.future.set_exception(waiting.error)
    else:
        waiting.future.set_result(waiting.answer)
