"""Background jobs of a server process: a table of name, period and use-case, and the loop that runs them.

Jobs go through the writer like any request, one programme after another, in bounded pieces, so that they never hold
anybody up for long. Each is safe to run twice: several server processes may run them side by side.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from ledger.domain.errors import Refusal
from ledger.services.closing import LAPSES_MAX, LapseRedemptions, lapse_redemptions
from ledger.services.lapses import LapsePoints, lapse_points
from ledger.services.months import PublishDueMonth, publish_due_month
from ledger.services.proposals import LAPSES_MAX as PROPOSAL_LAPSES_MAX
from ledger.services.proposals import LapseProposals, lapse_proposals
from ledger.services.waiting import BOOKED_MAX, BookWaitingCredits, book_waiting_credits
from ledger.storage.group_commit import Command, GroupCommit, UseCase
from ledger.storage.idempotency import Answer

log = structlog.get_logger(__name__)

MINUTE_SECONDS = 60
HOUR_SECONDS = 60 * MINUTE_SECONDS
ROUNDS_MAX = 100
"""Pieces of one job and programme in one run: the rest waits for the next, and the log says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`is_done` says of an outcome that nothing is left to do."""

    name: str
    period_seconds: int
    use_case: UseCase
    item: Any
    is_done: Callable[[Any], bool]


JOBS: tuple[Job, ...] = (
    Job(
        name="lapse_redemptions",
        period_seconds=10 * MINUTE_SECONDS,
        use_case=lapse_redemptions,
        item=LapseRedemptions(),
        is_done=lambda lapsed: len(lapsed) < LAPSES_MAX,
    ),
    Job(
        name="publish_due_month",
        period_seconds=10 * MINUTE_SECONDS,
        use_case=publish_due_month,
        item=PublishDueMonth(),
        is_done=lambda _published: True,
    ),
    Job(
        name="lapse_proposals",
        period_seconds=10 * MINUTE_SECONDS,
        use_case=lapse_proposals,
        item=LapseProposals(),
        is_done=lambda lapsed: len(lapsed) < PROPOSAL_LAPSES_MAX,
    ),
    # Funding books what waits at once; this is for the rest, and for what a revoked report gives back to its budget.
    Job(
        name="book_waiting_credits",
        period_seconds=MINUTE_SECONDS,
        use_case=book_waiting_credits,
        item=BookWaitingCredits(),
        is_done=lambda booked: len(booked) < BOOKED_MAX,
    ),
    Job(
        # Lots lapse at midnight, and points come back to lapsed lots at any time of the day.
        name="lapse_points",
        period_seconds=HOUR_SECONDS,
        use_case=lapse_points,
        item=LapsePoints(),
        is_done=lambda lapsed: not lapsed.is_more,
    ),
)


ProgrammeIds = Callable[[], list[int]]
"""Reads the programmes there are; called in a thread."""


async def run_jobs(writer: GroupCommit, programme_ids: ProgrammeIds, jobs: Sequence[Job] = JOBS) -> None:
    """Runs every job at once and then each in its period, until cancelled. A failure is logged and tried again then."""
    await asyncio.gather(*(_repeat(writer, programme_ids, job) for job in jobs))


async def _repeat(writer: GroupCommit, programme_ids: ProgrammeIds, job: Job) -> None:
    while True:
        try:
            await run_job(writer, programme_ids, job)
        except Exception as error:
            log.warning("job_failed", job=job.name, error=str(error)[:300])
        await asyncio.sleep(job.period_seconds)


async def run_job(writer: GroupCommit, programme_ids: ProgrammeIds, job: Job) -> None:
    """Once for every programme, piece by piece until it is done."""
    for programme_id in await asyncio.to_thread(programme_ids):
        for _ in range(ROUNDS_MAX):
            if job.is_done(await _run_piece(writer, job, programme_id)):
                break
        else:
            log.warning("job_unfinished", job=job.name, programme=programme_id)


async def _run_piece(writer: GroupCommit, job: Job, programme_id: int) -> Any:
    outcomes: list[Any] = []

    def keep(found: Sequence[Any]) -> Answer:
        outcomes[:] = found
        return Answer(status=200, body=b"")

    await writer.submit(Command(programme_id=programme_id, use_case=job.use_case, items=[job.item], render=keep))
    [outcome] = outcomes
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome
