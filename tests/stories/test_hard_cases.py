"""Where other systems fail: the rows of hard cases that apply to what is built, one story each."""

import asyncio
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from random import Random

from sqlalchemy import text

from ledger.domain.calendar import Month
from ledger.domain.errors import Refusal
from ledger.domain.reports import ReportAlreadyDecided
from ledger.domain.transactions import TransactionKind
from ledger.queries import rankings, transactions
from ledger.services.imports import import_reports
from ledger.services.programmes import default_rulebook
from ledger.services.redemptions import request_redemptions
from ledger.services.verification import Credited, RevokeReport, VerifyReport, revoke_reports, verify_reports
from ledger.storage.group_commit import Command
from ledger.storage.idempotency import Answer, IdempotencyKey
from ledger.storage.programmes import insert_rulebook
from ledger.storage.unit_of_work import UnitOfWork
from tests.books import check_books
from tests.conftest import open_world
from tests.services.test_imports import row
from tests.storage.writers import command, read_recorded
from tests.stories.bank import Transfer, transfer_points
from tests.world import PROGRAMME_ID, World

ROOT = Path(__file__).resolve().parents[2]


def check(world: World) -> None:
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def test_a_clawback_of_spent_points_is_a_debt_that_the_rider_sees_and_later_awards_repay(world: World) -> None:
    world.enroll()
    code = world.award(category_code="SAF-03").case.report.code
    world.spend(45)
    world.revoke(code, reason="照片是盗用的")
    assert (world.balance().available, world.balance().held, world.balance().owed) == (0, 45, 45)
    with world.runtime.reading() as connection:
        page = transactions.read_transactions(
            connection,
            PROGRAMME_ID,
            kind=TransactionKind.REVERSE,
            account_id=None,
            since=None,
            until=None,
            limit=5,
            after=None,
        )
    assert [(one.memo, one.reverses is not None) for one in page.items] == [("照片是盗用的", True)]
    world.award(category_code="SAF-03")
    assert (world.balance().available, world.balance().owed) == (5, 0)
    check(world)


def test_one_request_sent_fifty_times_and_after_a_restart_credits_once(world: World, database_url: str) -> None:
    world.enroll()
    code = world.submit()

    def verification(_: object = None) -> Command:
        return Command(
            programme_id=PROGRAMME_ID,
            use_case=verify_reports,
            items=[VerifyReport(report=code, actor="operator/wang", key="k")],
            render=lambda outcomes: Answer(status=200, body=str(outcomes[0].balances).encode()),
            key=IdempotencyKey(actor="operator/wang", key="k", request_sha256=b"r" * 32),
        )

    async def send() -> list[Answer]:
        return await asyncio.gather(*(world.runtime.writer.submit(verification()) for _ in range(25)))

    with ThreadPoolExecutor(26) as pool:
        by_threads = pool.map(lambda _: world.runtime.writer.run(verification()), range(25))
        answers = [*asyncio.run(send()), *by_threads]
    with open_world(database_url, clock=world.clock) as restarted:
        answers.append(restarted.runtime.writer.run(verification()))
    assert len({(answer.status, answer.body) for answer in answers}) == 1
    assert Counter(answer.is_replay for answer in answers) == {False: 1, True: 50}
    assert world.balance().available == 10
    check(world)


def test_one_report_verified_by_twenty_reviewers_of_two_processes_is_credited_once(
    world: World, other_process: World
) -> None:
    world.enroll()
    code = world.submit()

    def verify(number: int) -> Credited | Refusal:
        process = (world, other_process)[number % 2]
        outcome: Credited | Refusal = process.run(
            verify_reports, VerifyReport(report=code, actor=f"operator/{number}")
        )[0]
        return outcome

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(verify, range(20)))
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Credited)]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, ReportAlreadyDecided)]
    assert len(refusals) == 19
    assert {refusal.decided_by for refusal in refusals} == {winner.case.report.decided_by}
    check(world)


def test_the_last_points_are_spent_once_by_two_hundred_requests(world: World, other_process: World) -> None:
    world.enroll()
    world.award()
    sku = world.put_service(10)

    def spend(number: int) -> bool:
        process = (world, other_process)[number % 2]
        return not isinstance(process.run(request_redemptions, world.wish(sku))[0], Refusal)

    with ThreadPoolExecutor(40) as pool:
        assert sum(pool.map(spend, range(200))) == 1
    assert (world.balance().available, world.balance().held) == (0, 10)
    check(world)


def test_ties_share_a_rank_and_a_cut_inside_a_tie_takes_all_that_are_tied(world: World) -> None:
    codes = [f"R{number:05d}" for number in range(1, 6)]
    for code in codes:
        world.enroll(code)
    items = [world.submission(code, category_code="SAF-01" if code == "R00003" else "FAC-01") for code in codes]
    reports = [world.submit(item.rider_code, category_code=item.category_code) for item in items]
    world.run(verify_reports, *(VerifyReport(report=report, actor="operator/wang") for report in reports))
    world.clock.pass_time(seconds=1)
    world.award("R00005", category_code="ENV-02")
    with world.runtime.reading() as connection:
        ranking = rankings.read_ranking(connection, PROGRAMME_ID, Month("2026-03"), limit=10, after=None)
    assert [(line.rank, line.rider_code) for line in ranking.items] == [
        (1, "R00003"),
        (2, "R00005"),
        (3, "R00001"),
        (3, "R00002"),
        (3, "R00004"),
    ]
    assert len([line for line in ranking.items if line.rank <= 3]) == 5


def test_spending_takes_what_lapses_soonest(world: World) -> None:
    world.run(import_reports, row(1), row(2))  # of 2025: lapse at the end of 2026
    world.award()
    world.spend(25)
    assert [(lot.lapses_on, lot.available, lot.held) for lot in world.balance().lots] == [
        ("2026-12-31", 0, 20),
        ("2027-12-31", 5, 5),
    ]


def test_every_award_names_the_rules_it_was_made_under_and_a_change_touches_no_earlier_one(world: World) -> None:
    def add_version(uow: UnitOfWork, _batch: object) -> list[None]:
        document = default_rulebook().replace("reports_per_day = 10", "reports_per_day = 1")
        insert_rulebook(
            uow,
            version=2,
            document=document,
            valid_from=date(2026, 3, 11),
            memo="",
            proposed_by="operator/a",
            approved_by="operator/b",
        )
        return [None]

    world.enroll()
    world.run(add_version, None)
    before = [world.award() for _ in range(2)]
    world.clock.pass_time(days=1)
    after = [world.award() for _ in range(2)]
    awards = [credited.case.award for credited in (*before, *after)]
    assert [(award.rulebook_version, award.points_granted) for award in awards if award] == [
        (1, 10),
        (1, 10),
        (2, 10),
        (2, 0),
    ]
    world.revoke(before[0].case.report.code)
    assert world.report(before[0].case.report.code).award.rulebook_version == 1  # type: ignore[union-attr]
    check(world)


def test_what_was_acknowledged_before_a_kill_is_there_once_and_may_be_sent_again(
    world: World, database_url: str
) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.stories.killed", database_url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with server:
        assert server.stdout
        first = server.stdout.readline()
        time.sleep(0.5)
        server.kill()
        # The last line may have been cut off by the kill, and says nothing then.
        acknowledged = [line for line in (first, *server.stdout.readlines()) if line.endswith("\n")]
    items = [line.strip() for line in acknowledged]
    assert len(items) > 20
    recorded = Counter(read_recorded(world))
    assert set(recorded.values()) == {1}
    assert set(items) <= set(recorded)
    assert len(set(recorded) - set(items)) <= 2 * 8  # at most what each client had under way or not yet said
    for item in [*items[:20], *items[-20:]]:
        assert world.runtime.writer.run(command(item, key=item)).is_replay
    assert Counter(read_recorded(world)) == recorded
    with world.runtime.reading() as connection:
        numbers = list(connection.scalars(text("SELECT number FROM events ORDER BY number")))
    assert numbers == list(range(1, len(numbers) + 1))


def test_transfers_in_parallel_from_two_processes_make_and_lose_nothing(world: World, other_process: World) -> None:
    """The bank test. Source: Jepsen. Eight accounts, every read sums to the total, nobody deadlocks."""
    codes = [f"R{number:05d}" for number in range(1, 9)]
    for code in codes:
        world.enroll(code)
        world.award(code, category_code="SAF-03")
    ids = [world.rider_id(code) for code in codes]
    total, is_over, sums = 50 * len(ids), threading.Event(), []

    def read() -> None:
        while not is_over.is_set():
            with world.runtime.reading() as connection:
                sums.append(connection.scalar(text("SELECT sum(balance) FROM accounts WHERE purpose = 'available'")))

    def transfer(client: int) -> int:
        dice, process = Random(client), (world, other_process)[client % 2]
        made = 0
        for _ in range(20):
            pairs = [dice.sample(ids, 2) for _ in range(dice.randint(1, 5))]
            items = [Transfer(giver_id=a, taker_id=b, points=dice.randint(1, 40)) for a, b in pairs]
            made += sum(process.run(transfer_points, *items))
        return made

    deadlocks = count_deadlocks(world)
    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(8) as pool:
        made = sum(pool.map(transfer, range(8)))
    is_over.set()
    reader.join()
    assert made > 100
    assert set(sums) == {total}
    assert sum(world.balance(code).available for code in codes) == total
    assert count_deadlocks(world) == deadlocks
    with world.runtime.reading() as connection:
        findings = check_books(connection, PROGRAMME_ID)
    # The bank's corrections were proposed by nobody, and that is all there is to say against them.
    assert {finding.partition(":")[0] for finding in findings} == {"proposed_transactions"}


def count_deadlocks(world: World) -> int:
    if world.runtime.database.is_sqlite:
        return 0
    with world.runtime.reading() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        found: int = connection.scalar(
            text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        )
    return found


def test_units_of_several_use_cases_in_two_processes_never_deadlock(world: World, other_process: World) -> None:
    """Each unit mixes verifying, spending and submitting over the same riders, in opposite orders."""
    codes = [f"R{number:05d}" for number in range(1, 7)]
    for code in codes:
        world.enroll(code)
        world.award(code, category_code="SAF-03")
    sku = world.put_service(5)
    deadlocks = count_deadlocks(world)

    def act(client: int) -> None:
        dice, process = Random(client), (world, other_process)[client % 2]
        for _ in range(8):
            riders = dice.sample(codes, len(codes))
            reports = [process.submit(rider, category_code="SAF-03") for rider in riders[:3]]
            process.run(verify_reports, *(VerifyReport(report=r, actor="operator/wang") for r in reports))
            process.run(request_redemptions, *(process.wish(sku, rider=rider) for rider in riders))

    begin = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(8)))
    assert count_deadlocks(world) == deadlocks
    assert time.monotonic() - begin < 30  # a deadlock alone costs a second
    check(world)


class Model:
    """The rules of crediting, revoking and spending by plain numbers, for one rider and reports of ten points."""

    def __init__(self) -> None:
        self.available = self.owed = 0
        self.day: list[str] = []
        self.states: dict[str, str] = {}
        self.granted: dict[str, int] = {}

    def verify(self, code: str, *, day: int, days: dict[str, int]) -> str:
        if self.states.get(code, "submitted") != "submitted":
            return "report_already_decided"
        live = [c for c, state in self.states.items() if state == "verified" and days[c] == day and self.granted[c]]
        points = 10 if len(live) < 10 else 0
        self.states[code], self.granted[code] = "verified", points
        repaid = min(points, self.owed)
        self.owed -= repaid
        self.available += points - repaid
        return f"{points} {self.available} {self.owed}"

    def revoke(self, code: str) -> str:
        if self.states.get(code) != "verified":
            return "report_not_verified"
        self.states[code] = "revoked"
        taken = min(self.granted[code], self.available)
        self.available -= taken
        self.owed += self.granted[code] - taken
        return f"{self.granted[code]} {self.available} {self.owed}"

    def spend(self, points: int) -> str:
        if points > self.available:
            return "insufficient_points"
        self.available -= points
        return "spent"


def said(outcome: object) -> str:
    if isinstance(outcome, Refusal):
        return outcome.code
    if isinstance(outcome, Credited) and outcome.case.award:
        return f"{outcome.case.award.points_granted} {outcome.balances.available} {outcome.balances.owed}"
    return "spent"


def test_every_answer_is_the_one_that_a_plain_model_gives(world: World) -> None:
    world.enroll()
    services = [world.put_service(points) for points in range(1, 31)]
    model, dice, codes, days = Model(), Random(20_260_310), list[str](), dict[str, int]()
    for step in range(250):
        action = dice.choice(["submit", "submit", "verify", "verify", "verify", "revoke", "spend", "time"])
        if action == "time" and dice.random() < 0.3:
            world.clock.pass_time(days=1)
        elif action == "submit" or not codes:
            codes.append(world.submit())
            days[codes[-1]] = world.clock.now.toordinal()
        elif action == "verify":
            code = dice.choice(codes)
            [outcome] = world.run(verify_reports, VerifyReport(report=code, actor="operator/wang"))
            assert said(outcome) == model.verify(code, day=days[code], days=days), step
        elif action == "revoke":
            code = dice.choice(codes)
            [outcome] = world.run(revoke_reports, RevokeReport(report=code, reason="x", actor="operator/wang"))
            assert said(outcome) == model.revoke(code), step
        elif action == "spend":
            points = dice.randint(1, 30)
            [outcome] = world.run(request_redemptions, world.wish(services[points - 1]))
            assert said(outcome) == model.spend(points), step
    assert (world.balance().available, world.balance().owed) == (model.available, model.owed)
    assert model.owed or "revoked" in model.states.values()
    check(world)
