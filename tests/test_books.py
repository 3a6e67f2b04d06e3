"""The books stay right through any history, on both engines; and the check that says so can fail.

A random history of submitting, deciding, importing, spending and time passing is played through the services, all
invariants checked after each step, and a refused step must have changed nothing.
"""

import dataclasses
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from ledger.domain.calendar import local_day
from ledger.domain.catalog import ItemKind, LimitPeriod
from ledger.domain.errors import Refusal
from ledger.domain.reports import ReportState
from ledger.services.budgets import FundBudget, fund_budgets
from ledger.services.closing import (
    CancelRedemption,
    FulfilRedemption,
    LapseRedemptions,
    RejectRedemption,
    cancel_redemptions,
    fulfil_redemptions,
    lapse_redemptions,
    reject_redemptions,
)
from ledger.services.imports import ImportReport, import_reports
from ledger.services.incidents import MergeIncident, SplitIncident, merge_incidents, split_incidents
from ledger.services.lapses import LapsePoints, lapse_points
from ledger.services.redemptions import ApproveRedemption, approve_redemptions, request_redemptions
from ledger.services.reports import MarkDuplicate, RejectReport, mark_duplicates, reject_reports, submit_reports
from ledger.services.settlement import SettleReport, settle_reports
from ledger.services.verification import RevokeReport, VerifyReport, revoke_reports, verify_reports
from ledger.services.waiting import BookWaitingCredits, book_waiting_credits
from tests.books import check_books, read_books
from tests.conftest import open_world
from tests.fences import take_fences_down
from tests.lots import ZONE, find_lapsed
from tests.postgres import create_database, drop_database
from tests.world import HERE, World, found_programme

RIDERS = ["R00001", "R00002", "R00003"]
SECOND_PROGRAMME = 2
SMALL_BUDGET = 400
"""Of the second programme: small enough to run out now and then."""

SKUS = ["G-001", "S-010", "D-001", "NONE"]

riders = st.sampled_from(RIDERS)
approvers = st.sampled_from(["operator/approver", "operator/manager"])
categories = st.sampled_from(["FAC-01", "ENV-02", "SAF-01", "SAF-03", "CIV-02"])
picks = st.lists(st.integers(0, 1_000), min_size=1, max_size=4)
programmes = st.booleans()


class History(RuleBasedStateMachine):
    """Two programmes side by side; each rule is one command of some items to one of them."""

    make_world: Callable[[], tuple[World, ExitStack]]

    @initialize()
    def begin(self) -> None:
        world, self.stack = self.make_world()
        second = World(runtime=world.runtime, clock=world.clock, programme_id=SECOND_PROGRAMME)
        found_programme(second, name="第二区", budget_points=SMALL_BUDGET)
        self.worlds = [world, second]
        self.reports: list[list[str]] = [[], []]
        self.redemptions: list[list[str]] = [[], []]
        self.vouchers: list[list[str]] = [[], []]
        for found in self.worlds:
            for code in RIDERS:
                found.enroll(code)
            found.put_item(stock=3, limit_count=2, limit_period=LimitPeriod.MONTH, price_points=20)
            found.put_item("S-010", stock=2, price_points=30)
            found.put_item("D-001", kind=ItemKind.DONATION, is_stocked=False, price_points=10)
            found.approvals_from(one=15, two=28)

    def run(self, is_second: bool, use_case: Any, *items: Any) -> list[Any]:
        world = self.worlds[is_second]
        before = self.state(world)
        preview = world.run(use_case, *items, dry_run=True)
        assert self.state(world) == before, "a preview left a trace"
        outcomes = world.run(use_case, *items)
        assert [type(found) for found in preview] == [type(found) for found in outcomes], "the preview said otherwise"
        if all(isinstance(found, Refusal) for found in outcomes):
            assert self.state(world) == before, "a refusal changed something"
        return outcomes

    def state(self, world: World) -> Any:
        with world.runtime.reading() as connection:
            return dataclasses.astuple(read_books(connection, world.programme_id))

    def chosen(self, is_second: bool, numbers: list[int]) -> list[str]:
        known = self.reports[is_second]
        return [known[number % len(known)] for number in numbers] if known else ["NOTHING000"]

    def chosen_redemptions(self, is_second: bool, numbers: list[int]) -> list[str]:
        known = self.redemptions[is_second]
        return [known[number % len(known)] for number in numbers] if known else ["NOTHING000"]

    def keep_redeemed(self, is_second: bool, outcomes: list[Any]) -> None:
        for found in outcomes:
            if not isinstance(found, Refusal):
                redemption = found.case.redemption
                self.redemptions[is_second].append(redemption.code)
                self.vouchers[is_second] += [redemption.voucher_code] if redemption.voucher_code else []

    @rule(is_second=programmes, codes=st.lists(st.tuples(riders, categories), min_size=1, max_size=6))
    def submit(self, is_second: bool, codes: list[tuple[str, str]]) -> None:
        items = [self.worlds[0].submission(rider, category_code=category) for rider, category in codes]
        self.reports[is_second] += [case.report.code for case in self.run(is_second, submit_reports, *items)]

    @rule(is_second=programmes, numbers=st.lists(st.integers(0, 1_000), min_size=1, max_size=12))
    def verify(self, is_second: bool, numbers: list[int]) -> None:
        items = [VerifyReport(report=code, actor="operator/reviewer") for code in self.chosen(is_second, numbers)]
        self.run(is_second, verify_reports, *items)

    @rule(is_second=programmes, numbers=picks)
    def reject(self, is_second: bool, numbers: list[int]) -> None:
        codes = self.chosen(is_second, numbers)
        self.run(
            is_second, reject_reports, *(RejectReport(report=c, reason="不清楚", actor="operator/li") for c in codes)
        )

    @rule(is_second=programmes, numbers=picks, originals=picks)
    def mark_duplicate(self, is_second: bool, numbers: list[int], originals: list[int]) -> None:
        pairs = zip(self.chosen(is_second, numbers), self.chosen(is_second, originals), strict=False)
        items = [MarkDuplicate(report=a, duplicate_of=b, reason="", actor="operator/li") for a, b in pairs]
        self.run(is_second, mark_duplicates, *items)

    @rule(is_second=programmes, numbers=picks)
    def revoke(self, is_second: bool, numbers: list[int]) -> None:
        codes = self.chosen(is_second, numbers)
        self.run(
            is_second, revoke_reports, *(RevokeReport(report=c, reason="造假", actor="operator/li") for c in codes)
        )

    @rule(is_second=programmes, numbers=st.lists(st.integers(0, 1_000), min_size=1, max_size=6), others=picks)
    def share(self, is_second: bool, numbers: list[int], others: list[int]) -> None:
        pairs = zip(self.chosen(is_second, numbers), cycle(self.chosen(is_second, others)), strict=False)
        items = [VerifyReport(report=a, actor="operator/reviewer", same_hazard_as=b) for a, b in pairs]
        self.run(is_second, verify_reports, *items)

    @rule(is_second=programmes, numbers=picks, others=picks)
    def merge(self, is_second: bool, numbers: list[int], others: list[int]) -> None:
        pairs = zip(self.chosen(is_second, numbers), self.chosen(is_second, others), strict=False)
        items = [MergeIncident(incident=a, into=b, reason="同一处", actor="operator/li") for a, b in pairs]
        self.run(is_second, merge_incidents, *items)

    @rule(is_second=programmes, numbers=picks, others=picks)
    def split(self, is_second: bool, numbers: list[int], others: list[int]) -> None:
        pairs = zip(self.chosen(is_second, numbers), self.chosen(is_second, others), strict=False)
        items = [SplitIncident(incident=a, reports=(b,), reason="是两处", actor="operator/li") for a, b in pairs]
        self.run(is_second, split_incidents, *items)

    @rule(points=st.lists(st.integers(1, 40), min_size=1, max_size=3))
    def fund(self, points: list[int]) -> None:
        items = [FundBudget(sponsor="general", points=one, memo="追加", actor="operator/owner") for one in points]
        self.run(True, fund_budgets, *items)

    @rule(is_second=programmes)
    def book_waiting(self, is_second: bool) -> None:
        self.worlds[is_second].run(book_waiting_credits, BookWaitingCredits())

    @rule(is_second=programmes, rider=riders, points=st.lists(st.integers(1, 60), min_size=1, max_size=3))
    def spend(self, is_second: bool, rider: str, points: list[int]) -> None:
        world = self.worlds[is_second]
        wishes = [world.wish(world.put_service(amount), rider=rider) for amount in points]
        self.keep_redeemed(is_second, self.run(is_second, request_redemptions, *wishes))

    @rule(is_second=programmes, wishes=st.lists(st.tuples(riders, st.sampled_from(SKUS)), min_size=1, max_size=4))
    def redeem(self, is_second: bool, wishes: list[tuple[str, str]]) -> None:
        items = [self.worlds[0].wish(sku, rider=rider, points=12 if sku == "D-001" else None) for rider, sku in wishes]
        self.keep_redeemed(is_second, self.run(is_second, request_redemptions, *items))

    @rule(is_second=programmes, numbers=picks, actor=approvers)
    def approve(self, is_second: bool, numbers: list[int], actor: str) -> None:
        codes = self.chosen_redemptions(is_second, numbers)
        outcomes = self.run(
            is_second, approve_redemptions, *(ApproveRedemption(redemption=code, actor=actor) for code in codes)
        )
        self.keep_redeemed(is_second, outcomes)

    @rule(is_second=programmes, numbers=picks, is_rejected=st.booleans())
    def give_back(self, is_second: bool, numbers: list[int], is_rejected: bool) -> None:
        codes = self.chosen_redemptions(is_second, numbers)
        if is_rejected:
            items = [RejectRedemption(redemption=code, reason="缺货", actor="operator/li") for code in codes]
            self.run(is_second, reject_redemptions, *items)
        else:
            cancels = [CancelRedemption(redemption=code, reason="", actor="operator/li") for code in codes]
            self.run(is_second, cancel_redemptions, *cancels)

    @rule(is_second=programmes, numbers=picks)
    def fulfil(self, is_second: bool, numbers: list[int]) -> None:
        vouchers = self.vouchers[is_second] or ["000000000"]
        items = [
            FulfilRedemption(voucher=vouchers[number % len(vouchers)], actor="operator/keeper", keeper="keeper")
            for number in numbers
        ]
        self.run(is_second, fulfil_redemptions, *items)

    @rule(is_second=programmes)
    def lapse(self, is_second: bool) -> None:
        world = self.worlds[is_second]
        world.run(lapse_redemptions, LapseRedemptions())
        assert world.do(lapse_redemptions, LapseRedemptions()) == []

    @rule(is_second=programmes, limit=st.integers(1, 3))
    def lapse_points(self, is_second: bool, limit: int) -> None:
        [found] = self.run(is_second, lapse_points, LapsePoints(limit=limit))
        while found.is_more:
            [found] = self.run(is_second, lapse_points, LapsePoints(limit=limit))
        world = self.worlds[is_second]
        with world.runtime.reading() as connection:
            books = read_books(connection, world.programme_id)
        assert find_lapsed(books, local_day(world.clock.now, ZONE)) == []

    @rule(is_second=programmes, numbers=picks, is_shown=st.booleans())
    def settle(self, is_second: bool, numbers: list[int], is_shown: bool) -> None:
        photo = "https://photos.example/after.jpg" if is_shown else None
        items = [
            SettleReport(report=code, after_photo_url=photo, actor="operator/li")
            for code in self.chosen(is_second, numbers)
        ]
        self.run(is_second, settle_reports, *items)

    @rule(
        is_second=programmes,
        rows=st.lists(
            st.tuples(
                st.sampled_from([*RIDERS, "X-1", "X-2"]),
                categories,
                st.sampled_from([ReportState.VERIFIED, ReportState.SUBMITTED, ReportState.REJECTED]),
                st.integers(0, 20),
                st.integers(1, 60),
            ),
            min_size=1,
            max_size=8,
        ),
    )
    def import_some(self, is_second: bool, rows: list[tuple[str, str, ReportState, int, int]]) -> None:
        now = self.worlds[0].clock.now
        items = [
            ImportReport(
                source="city",
                external_id=str(number),
                rider_code=rider,
                category_code=category,
                state=state,
                submitted_at=now - timedelta(days=days),
                decided_at=None if state is ReportState.SUBMITTED else now - timedelta(days=days, hours=-3),
                place=HERE,
                actor="key/city",
            )
            for rider, category, state, number, days in rows
        ]
        for found in self.run(is_second, import_reports, *items):
            if not isinstance(found, Refusal):
                self.reports[is_second].append(found.report_code)

    @rule(hours=st.sampled_from([1, 7, 24, 24 * 20, 24 * 400]))
    def time_passes(self, hours: int) -> None:
        self.worlds[0].clock.pass_time(hours=hours)

    @invariant()
    def the_books_are_right(self) -> None:
        for world in getattr(self, "worlds", ()):
            with world.runtime.reading() as connection:
                assert check_books(connection, world.programme_id) == []

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()


@pytest.fixture
def make_world(engine_name: str, request: pytest.FixtureRequest) -> Iterator[Callable[[], tuple[World, ExitStack]]]:
    """A new world for each history: a copy of the template, gone after it."""

    def make() -> tuple[World, ExitStack]:
        stack = ExitStack()
        if engine_name == "sqlite":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            shutil.copyfile(request.getfixturevalue("sqlite_template"), folder / "ledger.db")
            url = f"sqlite:///{folder / 'ledger.db'}"
        else:
            server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
            name = f"{template}_history"
            url = create_database(server, name, template=template)
            stack.callback(drop_database, server, name)
        return stack.enter_context(open_world(url)), stack

    yield make


def test_no_history_puts_the_books_wrong(make_world: Callable[[], tuple[World, ExitStack]], engine_name: str) -> None:
    class Played(History):
        pass

    Played.make_world = staticmethod(make_world)
    run_state_machine_as_test(
        Played, settings=settings(max_examples=14 if engine_name == "sqlite" else 7, stateful_step_count=25)
    )


# --- and the check can fail ---------------------------------------------------------------------------------------

AVAILABLE = "account_id IN (SELECT id FROM accounts WHERE purpose = 'available')"
DAMAGES = [
    ("UPDATE entries SET amount = amount + 1 WHERE version = 1 AND side = 1", "does not balance"),
    ("DELETE FROM entries WHERE side = 1 AND leg = 0", "sides"),
    ("DELETE FROM entries", "has no entries"),
    ("UPDATE accounts SET balance = balance + 5 WHERE purpose = 'available'", "its entries"),
    ("UPDATE accounts SET balance = balance + 5 WHERE purpose = 'available'", "accounts sum to 15"),
    (f"UPDATE entries SET balance_after = balance_after + 1 WHERE version = 2 AND {AVAILABLE}", "says"),
    (f"UPDATE entries SET version = version + 1000 WHERE version > 1 AND {AVAILABLE}", "gap"),
    (f"UPDATE entries SET balance_after = -1 WHERE version = 1 AND {AVAILABLE}", "below its floor"),
    ("UPDATE accounts SET has_floor = false WHERE purpose = 'owed'", "owed lost its floor"),
    ("UPDATE awards SET points_granted = points_granted - 1, merit = merit - 1 WHERE points_granted > 1", "budget"),
    ("UPDATE awards SET points_granted = points_granted - 1, merit = merit - 1 WHERE points_granted > 1", "grants"),
    ("DELETE FROM awards WHERE reversed_at IS NULL", "its award is None"),
    ("DELETE FROM awards WHERE reversed_at IS NULL", "belongs to no award"),
    ("UPDATE awards SET reversed_at = NULL, reversal_id = NULL WHERE is_current", "its award is live"),
    ("UPDATE reports SET state = 'submitted' WHERE state = 'verified'", "is submitted and its award is live"),
    ("UPDATE standings SET merit = merit + 1", "its awards give"),
    ("UPDATE standings SET reached_at = NULL", "its awards give"),
    ("DELETE FROM standings WHERE rider_id NOT IN (SELECT rider_id FROM corrected_standings)", "its awards give"),
    ("UPDATE score_counts SET riders = riders + 1", "the standings give"),
    ("DELETE FROM score_counts", "the standings give"),
    ("DELETE FROM events WHERE kind = 'report.verified'", "not 1 to"),
    ("DELETE FROM events WHERE kind = 'report.verified'", "not at all"),
    ("UPDATE events SET kind = 'report.rejected' WHERE kind = 'report.revoked'", "its events are"),
    ("DELETE FROM events WHERE kind = 'rider.enrolled'", "was not told of once"),
    ("UPDATE events SET subject = 'report/NOTHING000' WHERE kind = 'report.verified'", "which is not there"),
    ("DELETE FROM awards WHERE part = 'settlement'", "its bonus is"),
    ("UPDATE reports SET after_photo_url = NULL", "its bonus is live"),
    ("DELETE FROM redemptions", "belongs to no redemption"),
    ("DELETE FROM events WHERE kind = 'redemption.ready'", "is ready and its events are"),
    ("UPDATE events SET subject = 'redemption/X' WHERE kind = 'redemption.cancelled'", "which is not there"),
    ("UPDATE redemptions SET points = points + 1", "is not held by its hold"),
    ("UPDATE redemptions SET state = 'rejected' WHERE state = 'fulfilled'", "its closing says otherwise"),
    ("UPDATE redemptions SET state = 'fulfilled' WHERE state = 'cancelled'", "its redemptions say otherwise"),
    ("UPDATE accounts SET balance = balance + 1 WHERE purpose = 'shelf'", "appeared or went missing"),
    ("UPDATE accounts SET bucket = '2030-12-31' WHERE bucket = '2025-12-31'", "takes from lot 2030-12-31"),
    ("UPDATE accounts SET bucket = '2030-12-31' WHERE purpose = 'held'", "moves points from lot"),
    (
        "UPDATE entries SET balance_after = 3 WHERE side = -1 AND transaction_id IN "
        "(SELECT id FROM transactions WHERE kind = 'expire')",
        "leaves 3",
    ),
]


@pytest.fixture
def damaged(world: World) -> World:
    return take_fences_down(world)


def test_right_books_have_no_findings(damaged: World) -> None:
    with damaged.runtime.reading() as connection:
        assert check_books(connection, damaged.programme_id) == []


@pytest.mark.parametrize(("damage", "finding"), DAMAGES, ids=[f"{n}-{f}" for n, (_, f) in enumerate(DAMAGES)])
def test_each_damage_is_found(damaged: World, damage: str, finding: str) -> None:
    with damaged.runtime.database.writer.connect() as connection:
        connection.exec_driver_sql(damage)
        findings = check_books(connection, damaged.programme_id)
        connection.rollback()
    assert any(finding in found for found in findings), findings
