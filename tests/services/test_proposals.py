"""Proposals through the use-cases: nothing is booked by one person, and what two agree on is booked once."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from ledger.domain.access import Role
from ledger.domain.proposals import ProposalKind, ProposalState
from ledger.domain.transactions import TransactionKind
from ledger.jobs import JOBS, run_job
from ledger.queries import programmes as programme_queries
from ledger.queries import proposals as queries
from ledger.queries import riders as rider_queries
from ledger.queries.proposals import ProposalEvidence
from ledger.queries.transactions import TransactionRecord, read_transaction
from ledger.services.proposals import (
    ApproveProposal,
    RejectProposal,
    WithdrawProposal,
    approve_proposals,
    propose,
    reject_proposals,
    withdraw_proposals,
)
from ledger.services.proposing import Proposed
from ledger.storage.idempotency import IdempotencyKey
from ledger.storage.tables import proposals, riders
from tests.books import check_books
from tests.world import BUDGET, World

[LAPSE] = [job for job in JOBS if job.name == "lapse_proposals"]
OWNER = frozenset({Role.OWNER})
APPROVER = frozenset({Role.APPROVER})


def approval(proposal: str, **changes: Any) -> ApproveProposal:
    values: dict[str, Any] = {"proposal": proposal, "actor": "operator/approver", "roles": APPROVER}
    return ApproveProposal(**{**values, **changes})


def fund(world: World, points: int) -> str:
    return world.propose(kind=ProposalKind.FUNDING, points=points, rider_code=None)


def read(world: World, code: str) -> ProposalEvidence:
    with world.runtime.reading() as connection:
        return queries.read_proposal(connection, world.programme_id, code)


def state(world: World, code: str) -> ProposalState:
    return read(world, code).case.proposal.state


def transaction_of(world: World, proposed: Proposed) -> TransactionRecord:
    transaction_id = proposed.case.proposal.transaction_id
    assert transaction_id is not None
    with world.runtime.reading() as connection:
        return read_transaction(connection, world.programme_id, transaction_id)


def check(world: World) -> None:
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def test_an_adjustment_is_booked_only_when_somebody_else_approves_it(world: World) -> None:
    world.enroll()
    code = world.propose(points=20)
    assert world.balance().available == 0
    assert world.refuse(approve_proposals, approval(code, actor="operator/manager")).code == "proposed_by_yourself"
    assert world.balance().available == 0
    approved = world.approve_proposal(code)
    assert approved.balances.available == world.balance().available == 20
    assert approved.case.proposal.state is ProposalState.APPROVED
    assert world.balance().lots[0].lapses_on == "2027-12-31"
    check(world)


def test_both_names_and_the_reason_stand_on_the_transaction_and_on_the_riders_statement(world: World) -> None:
    world.enroll()
    code = world.propose(reason="漏记两条上报")
    booked = transaction_of(world, world.approve_proposal(code))
    assert booked.kind is TransactionKind.ADJUST
    assert booked.actor == "operator/approver"
    assert booked.source_id == read(world, code).case.proposal.id
    for part in ("漏记两条上报", "operator/manager", "operator/approver"):
        assert part in booked.memo
    with world.runtime.reading() as connection:
        rider = rider_queries.read_rider(connection, world.programme_id, "R00001")
        [line] = rider_queries.read_statement(connection, world.programme_id, rider, limit=9, after=None).items
    assert (line.proposal_code, line.change, line.memo) == (code, 20, booked.memo)


def test_points_given_repay_debt_first_and_points_taken_must_be_there(world: World) -> None:
    world.enroll()
    report = world.award().case.report.code
    world.spend(10)
    world.revoke(report)  # 10 points are owed
    given = world.approve_proposal(world.propose(points=25))
    assert (given.balances.available, given.balances.owed) == (15, 0)
    too_many = world.propose(points=-16)
    refusal = world.refuse(approve_proposals, approval(too_many))
    assert (refusal.code, refusal.data()) == ("insufficient_points", {"available": 15, "wanted": 16})
    assert state(world, too_many) is ProposalState.PROPOSED
    taken = world.approve_proposal(world.propose(points=-15))
    assert (taken.balances.available, taken.balances.owed) == (0, 0)
    check(world)


def test_a_debt_is_written_off_by_the_budget_and_never_more_than_is_owed(world: World) -> None:
    world.enroll()
    report = world.award().case.report.code
    world.spend(10)
    world.revoke(report)
    more = world.propose(kind=ProposalKind.WRITE_OFF, points=11)
    refusal = world.refuse(approve_proposals, approval(more))
    assert (refusal.code, refusal.data()["owed"]) == ("debt_too_small", 10)
    before = read(world, more).budget
    written = world.approve_proposal(world.propose(kind=ProposalKind.WRITE_OFF, points=10))
    assert before is not None
    assert (written.balances.owed, written.balances.budget) == (0, before - 10)
    check(world)


def test_a_budget_is_funded_and_what_is_unspent_goes_back(world: World) -> None:
    world.enroll()
    world.award()
    for points in (500, -300):
        world.approve_proposal(fund(world, points), actor="operator/owner", role=Role.OWNER)
    with world.runtime.reading() as connection:
        [budget] = programme_queries.read_budgets(connection, world.programme_id, limit=9, after=None).items
    assert (budget.funded, budget.awarded, budget.available) == (BUDGET + 200, 10, BUDGET + 190)
    too_much = world.propose(
        kind=ProposalKind.FUNDING, points=-BUDGET - 191, rider_code=None, actor="operator/owner", roles=OWNER
    )
    both = [approval(too_much, actor=f"operator/{name}", roles=OWNER) for name in ("one", "two")]
    first, second = world.run(approve_proposals, *both)
    assert first.case.proposal.approvals_missing == 1
    assert second.code == "budget_exhausted"
    check(world)


def test_a_large_one_takes_two_people_and_small_ones_for_the_same_rider_add_up(world: World) -> None:
    world.enroll()
    large = world.propose(points=1_501)
    assert read(world, large).case.proposal.approvals_required == 2
    first = world.approve_proposal(large, actor="operator/li", role=Role.MANAGER)
    assert (first.case.proposal.state, first.balances.available) == (ProposalState.PROPOSED, 0)
    again = approval(large, actor="operator/li", roles=frozenset({Role.MANAGER}))
    assert world.refuse(approve_proposals, again).code == "approved_by_yourself"
    assert world.approve_proposal(large, actor="operator/wu", role=Role.OWNER).balances.available == 1_501
    world.enroll("R00002")
    codes = [world.propose(rider_code="R00002", points=points) for points in (800, 700, 1)]
    assert [read(world, code).case.proposal.approvals_required for code in codes] == [1, 1, 2]
    check(world)


def test_limits_of_the_day_hold_within_a_batch_and_are_free_again_the_next_day(world: World) -> None:
    world.enroll()
    by_approver = {"actor": "operator/approver", "roles": APPROVER, "points": -1_500}
    batch = [world.proposal(**by_approver) for _ in range(7)]
    outcomes = world.run(propose, *batch)
    assert [getattr(outcome, "code", None) for outcome in outcomes] == [None] * 6 + ["over_daily_limit"]
    assert outcomes[6].data() == {"points": 1_500, "used": 9_000, "limit": 10_000}
    withdrawn = outcomes[0].case.proposal.code
    world.do(withdraw_proposals, WithdrawProposal(proposal=withdrawn, actor="operator/approver"))
    world.do(propose, world.proposal(**by_approver))
    assert world.refuse(propose, world.proposal(**by_approver)).code == "over_daily_limit"
    world.clock.pass_time(days=1)
    world.do(propose, world.proposal(**by_approver))


def test_an_approver_has_a_limit_of_the_day_too(world: World) -> None:
    world.enroll()
    codes = [world.propose(points=1_500, actor=f"operator/m{number}") for number in range(7)]
    outcomes = world.run(approve_proposals, *map(approval, codes))
    assert [getattr(outcome, "code", None) for outcome in outcomes] == [None] * 6 + ["over_daily_limit"]
    beyond = world.propose(points=1_501)
    world.clock.pass_time(days=1)
    assert world.refuse(approve_proposals, approval(beyond)).code == "over_limit"


def test_what_is_closed_stays_closed(world: World) -> None:
    world.enroll()
    approved, rejected, withdrawn = (world.propose() for _ in range(3))
    world.approve_proposal(approved)
    world.do(
        reject_proposals,
        RejectProposal(proposal=rejected, reason="没有依据", actor="operator/approver", roles=APPROVER),
    )
    world.do(withdraw_proposals, WithdrawProposal(proposal=withdrawn, actor="operator/manager"))
    for code in (approved, rejected, withdrawn):
        assert world.refuse(approve_proposals, approval(code)).code == "proposal_wrong_state"
    assert world.balance().available == 20
    assert read(world, rejected).case.proposal.closing_reason == "没有依据"
    check(world)


def test_the_same_approval_twice_in_one_batch_books_once(world: World) -> None:
    world.enroll()
    code = world.propose()
    first, second = world.run(approve_proposals, approval(code), approval(code, actor="operator/owner", roles=OWNER))
    assert isinstance(first, Proposed)
    assert second.code == "proposal_wrong_state"
    assert world.balance().available == 20


def test_twenty_approvers_of_two_processes_book_an_adjustment_once(world: World, other_process: World) -> None:
    world.enroll()
    code = world.propose(points=1_501)

    def approve(number: int) -> Any:
        process = (world, other_process)[number % 2]
        return process.run(approve_proposals, approval(code, actor=f"operator/{number}", roles=OWNER))[0]

    with ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(approve, range(20)))
    assert Counter(getattr(outcome, "code", "approved") for outcome in outcomes) == {
        "approved": 2,
        "proposal_wrong_state": 18,
    }
    assert world.balance().available == 1_501
    check(world)


def test_an_approval_sent_again_under_its_key_books_once_and_a_preview_books_nothing(world: World) -> None:
    world.enroll()
    code = world.propose()
    [preview] = world.run(approve_proposals, approval(code), dry_run=True)
    assert preview.balances.available == 20
    assert world.balance().available == 0
    key = IdempotencyKey(actor="operator/approver", key="once", request_sha256=b"1" * 32)
    for _ in range(3):
        world.run(approve_proposals, approval(code, key="once"), key=key)
    assert world.balance().available == 20
    check(world)


def test_undecided_proposals_lapse_by_themselves_and_cannot_be_approved_before_the_job_has_come(world: World) -> None:
    world.enroll()
    codes = [world.propose() for _ in range(3)]
    world.clock.pass_time(days=14)
    assert world.refuse(approve_proposals, approval(codes[0])).code == "proposal_lapsed"
    piecewise = replace(LAPSE, item=replace(LAPSE.item, limit=1), is_done=lambda lapsed: not lapsed)
    asyncio.run(run_job(world.runtime.writer, world.runtime.read_programme_ids, piecewise))
    assert {state(world, code) for code in codes} == {ProposalState.LAPSED}
    check(world)


def test_refusals_come_in_their_order(world: World) -> None:
    world.enroll()
    world.enroll("R00002")
    with world.runtime.database.writer.begin() as connection:
        connection.execute(update(riders).where(riders.c.code == "R00002").values(status="left"))
    cases = [
        ("invalid_field", world.proposal(points=0, rider_code="R99999")),
        ("not_found", world.proposal(rider_code="R99999", sponsor="nobody")),
        ("not_found", world.proposal(sponsor="nobody", rider_code="R00002")),
        ("rider_not_active", world.proposal(rider_code="R00002", points=99_999)),
        ("paid_to_yourself", world.proposal(actor="rider/R00001", points=99_999)),
        ("over_limit", world.proposal(points=99_999)),
    ]
    assert [world.refuse(propose, command).code for _, command in cases] == [code for code, _ in cases]
    assert world.refuse(approve_proposals, approval("NOBODY")).code == "not_found"
    late = world.propose()
    with world.runtime.database.writer.begin() as connection:
        connection.execute(update(riders).values(status="left"))
    assert world.refuse(approve_proposals, approval(late)).code == "rider_not_active"


def test_the_database_itself_refuses_an_approval_by_the_maker(world: World) -> None:
    world.enroll()
    code = world.propose()
    world.approve_proposal(code)
    with pytest.raises(IntegrityError), world.runtime.database.writer.begin() as connection:
        connection.execute(update(proposals).where(proposals.c.code == code).values(closed_by="operator/manager"))
