"""What runs by itself: every programme, piece by piece, and a failure is not the end."""

import asyncio
from dataclasses import replace

from ledger.domain.redemptions import RedemptionState
from ledger.jobs import JOBS, run_job, run_jobs
from ledger.queries.redemptions import read_redemption
from tests.world import World

[LAPSE] = JOBS


def state(world: World, code: str) -> RedemptionState:
    with world.runtime.reading() as connection:
        return read_redemption(connection, world.programme_id, code).redemption.state


def test_vouchers_that_nobody_picked_up_lapse_by_themselves(world: World) -> None:
    world.enroll()
    world.earn(150)
    world.put_item()
    codes = [world.redeem().code for _ in range(3)]
    world.clock.pass_time(days=16)
    piecewise = replace(LAPSE, item=replace(LAPSE.item, limit=1), is_done=lambda lapsed: not lapsed)
    asyncio.run(run_job(world.runtime.writer, world.runtime.read_programme_ids, piecewise))
    assert {state(world, code) for code in codes} == {RedemptionState.LAPSED}


def test_a_job_that_fails_is_tried_again_in_its_period(world: World) -> None:
    tries: list[int] = []

    def fail() -> list[int]:
        tries.append(1)
        raise RuntimeError("the database is away")

    async def run() -> None:
        jobs = asyncio.create_task(run_jobs(world.runtime.writer, fail, [replace(LAPSE, period_seconds=0)]))
        while len(tries) < 3:
            await asyncio.sleep(0.01)
        jobs.cancel()

    asyncio.run(run())
    assert len(tries) >= 3
