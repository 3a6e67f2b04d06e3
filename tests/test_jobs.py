"""What runs by itself: every programme, piece by piece, and a failure is not the end."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar.testing import TestClient
from sqlalchemy import func, update

from ledger.app import create_app
from ledger.domain.calendar import Month
from ledger.domain.redemptions import RedemptionState
from ledger.jobs import JOBS, run_job, run_jobs
from ledger.queries.months import read_months
from ledger.queries.redemptions import read_redemption
from ledger.serve import reserve_port
from ledger.storage.tables import rulebooks
from tests.test_tidy import ROOT
from tests.world import World

JOB_BY_NAME = {job.name: job for job in JOBS}
LAPSE, PUBLISH = JOB_BY_NAME["lapse_redemptions"], JOB_BY_NAME["publish_due_month"]
LAPSE_POINTS = JOB_BY_NAME["lapse_points"]
SETTLED_SECONDS = 0.3
LAPSED_WITHIN_SECONDS = 10.0
SERVED_WITHIN_SECONDS = 30.0


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


def test_points_lapse_by_themselves(world: World) -> None:
    for rider in ("R00001", "R00002", "R00003"):
        world.enroll(rider)
        world.award(rider)
    world.clock.pass_time(days=2 * 366)
    piecewise = replace(LAPSE_POINTS, item=replace(LAPSE_POINTS.item, limit=1))
    asyncio.run(run_job(world.runtime.writer, world.runtime.read_programme_ids, piecewise))
    assert [world.balance(rider).available for rider in ("R00001", "R00002", "R00003")] == [0, 0, 0]


def test_a_server_runs_them_from_its_start_and_the_app_inside_a_command_does_not(world: World) -> None:
    world.enroll()
    world.earn(50)
    world.put_item()
    code = world.redeem().code
    world.clock.pass_time(days=16)
    with TestClient(create_app(world.runtime.settings, runtime=world.runtime)):
        time.sleep(SETTLED_SECONDS)
    assert state(world, code) is RedemptionState.READY
    with TestClient(create_app(world.runtime.settings, runtime=world.runtime, runs_jobs=True)):
        deadline = time.monotonic() + LAPSED_WITHIN_SECONDS
        while state(world, code) is RedemptionState.READY and time.monotonic() < deadline:
            time.sleep(0.05)
    assert state(world, code) is RedemptionState.LAPSED


@pytest.mark.slow
def test_points_serve_runs_them(world: World, database_url: str, tmp_path: Path) -> None:
    """As a process on the real clock, which is months past the day on which the voucher was made."""
    world.enroll()
    world.earn(50)
    world.put_item()
    code = world.redeem().code
    variables = {"LEDGER_DATABASE_URL": database_url, "LEDGER_SECRET": world.runtime.settings.secret}
    with reserve_port("127.0.0.1", 0) as reserved:
        port = reserved.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "admin_cli", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**os.environ, **variables, "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + SERVED_WITHIN_SECONDS
        while state(world, code) is RedemptionState.READY and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        server.terminate()
        server.wait()
    assert state(world, code) is RedemptionState.LAPSED


def test_the_month_that_is_over_is_published_by_itself_where_the_rulebook_says_so(world: World) -> None:
    def states() -> list[tuple[str, str | None]]:
        asyncio.run(run_job(world.runtime.writer, world.runtime.read_programme_ids, PUBLISH))
        with world.runtime.reading() as connection:
            found = read_months(connection, world.programme_id, present=Month("2026-04"))
        return [(one.month, one.closed.published_by if one.closed else None) for one in found]

    world.enroll()
    world.award()
    world.clock.now = datetime(2026, 4, 3, 12, tzinfo=UTC)
    assert states() == [("2026-04", None), ("2026-03", None)]
    with world.runtime.database.writer.begin() as connection:
        document = func.replace(rulebooks.c.document, "publish_automatically = false", "publish_automatically = true")
        connection.execute(update(rulebooks).values(document=document))
    world.clock.now = datetime(2026, 4, 3, 11, 59, tzinfo=UTC)
    assert states() == [("2026-04", None), ("2026-03", None)]
    world.clock.now = datetime(2026, 4, 3, 12, tzinfo=UTC)
    for _ in range(2):
        assert states() == [("2026-04", None), ("2026-03", "system")]


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
