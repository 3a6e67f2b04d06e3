"""Versions of the rules through the use-cases: proposed by one, approved by another, in force from their day on."""

from datetime import date
from typing import Any

import pytest

from ledger.domain.access import Role
from ledger.domain.errors import Refusal
from ledger.domain.proposals import ProposalState
from ledger.queries import rulebooks as queries
from ledger.queries.rulebooks import VersionState
from ledger.services.programmes import default_rulebook
from ledger.services.proposals import (
    ApproveProposal,
    RejectProposal,
    WithdrawProposal,
    approve_proposals,
    reject_proposals,
    withdraw_proposals,
)
from ledger.services.proposing import Proposed
from ledger.services.rulebooks import ProposeRulebook, propose_rulebooks
from tests.books import check_books
from tests.world import World

OWNER = frozenset({Role.OWNER})
TODAY, TOMORROW = date(2026, 3, 10), date(2026, 3, 11)
LAMPS_OF_12 = default_rulebook().replace('grade = "ordinary"\npoints = 10', 'grade = "ordinary"\npoints = 12')


def proposal(**changes: Any) -> ProposeRulebook:
    values: dict[str, Any] = {
        "document": LAMPS_OF_12,
        "valid_from": TOMORROW,
        "memo": "路灯多给两分",
        "actor": "operator/manager",
    }
    return ProposeRulebook(**{**values, **changes})


def propose(world: World, **changes: Any) -> str:
    proposed: Proposed = world.do(propose_rulebooks, proposal(**changes))
    return proposed.case.proposal.code


def approval(code: str, **changes: Any) -> ApproveProposal:
    values: dict[str, Any] = {"proposal": code, "actor": "operator/owner", "roles": OWNER}
    return ApproveProposal(**{**values, **changes})


def states(world: World, today: date = TODAY) -> dict[int, VersionState]:
    with world.runtime.reading() as connection:
        return {
            found.version: found.state for found in queries.read_history(connection, world.programme_id, today=today)
        }


def check(world: World) -> None:
    with world.runtime.reading() as connection:
        assert check_books(connection, world.programme_id) == []


def test_new_rules_hold_from_their_day_on_and_awards_name_the_version_they_were_made_under(world: World) -> None:
    world.enroll()
    code = propose(world)
    assert states(world) == {2: VersionState.PROPOSED, 1: VersionState.IN_FORCE}
    world.do(approve_proposals, approval(code))
    assert states(world) == {2: VersionState.TO_COME, 1: VersionState.IN_FORCE}
    before = world.award().case.award
    world.clock.pass_time(days=1)
    after = world.award().case.award
    assert before is not None and after is not None
    assert (before.points_granted, before.rulebook_version) == (10, 1)
    assert (after.points_granted, after.rulebook_version) == (12, 2)
    assert states(world, TOMORROW) == {2: VersionState.IN_FORCE, 1: VersionState.PAST}
    with world.runtime.reading() as connection:
        version = queries.read_version_document(connection, world.programme_id, 2)
    assert (version.proposed_by, version.approved_by) == ("operator/manager", "operator/owner")
    assert version.document == LAMPS_OF_12
    check(world)


def test_its_maker_and_whoever_keeps_no_rules_cannot_approve_a_version(world: World) -> None:
    code = propose(world)
    own = approval(code, actor="operator/manager", roles=frozenset({Role.MANAGER}))
    assert world.refuse(approve_proposals, own).code == "proposed_by_yourself"
    approver: dict[str, Any] = {"actor": "operator/approver", "roles": frozenset({Role.APPROVER})}
    assert world.refuse(approve_proposals, approval(code, **approver)).code == "forbidden"
    rejection = RejectProposal(proposal=code, reason="不行", **approver)
    assert world.refuse(reject_proposals, rejection).code == "forbidden"
    assert states(world)[2] is VersionState.PROPOSED


@pytest.mark.parametrize("valid_from", [date(2025, 1, 1), TODAY])
def test_no_version_is_valid_from_the_past_or_from_today(world: World, valid_from: date) -> None:
    refusal = world.refuse(propose_rulebooks, proposal(valid_from=valid_from))
    assert (refusal.code, refusal.data()["earliest"]) == ("rulebook_too_early", "2026-03-11")


def test_a_version_whose_day_has_come_before_its_approval_is_refused(world: World) -> None:
    code = propose(world)
    world.clock.pass_time(days=1)
    assert world.refuse(approve_proposals, approval(code)).code == "rulebook_too_early"


def test_an_older_version_cannot_be_approved_after_a_newer_one_and_numbers_are_not_given_twice(world: World) -> None:
    second, third = propose(world), propose(world)
    world.do(approve_proposals, approval(third))
    assert world.refuse(approve_proposals, approval(second)).code == "rulebook_superseded"
    world.do(withdraw_proposals, WithdrawProposal(proposal=second, actor="operator/manager"))
    fourth: Proposed = world.do(propose_rulebooks, proposal(valid_from=None))
    assert fourth.case.proposal.version is not None
    assert (fourth.case.proposal.version.version, fourth.case.proposal.version.valid_from) == (4, TOMORROW)
    assert states(world) == {
        4: VersionState.PROPOSED,
        3: VersionState.TO_COME,
        2: VersionState.WITHDRAWN,
        1: VersionState.IN_FORCE,
    }
    check(world)


def test_versions_of_one_batch_see_one_another(world: World) -> None:
    first, broken, second = world.run(
        propose_rulebooks, proposal(), proposal(document=LAMPS_OF_12 + "\nextra = 1"), proposal()
    )
    assert isinstance(broken, Refusal) and broken.code == "rulebook_invalid"
    assert [found.case.proposal.version.version for found in (first, second)] == [2, 3]
    codes = [found.case.proposal.code for found in (second, first)]
    newer, older = world.run(approve_proposals, *map(approval, codes))
    assert newer.case.proposal.state is ProposalState.APPROVED
    assert older.code == "rulebook_superseded"
    check(world)


def test_a_category_of_which_reports_wait_cannot_be_dropped(world: World) -> None:
    world.enroll()
    world.submit(category_code="CIV-02")
    without = LAMPS_OF_12[: LAMPS_OF_12.index('[[categories]]\ncode = "CIV-02"')]
    refusal = world.refuse(propose_rulebooks, proposal(document=without))
    assert (refusal.code, refusal.data()) == ("category_in_use", {"categories": "CIV-02"})


def test_a_preview_of_a_proposal_keeps_nothing(world: World) -> None:
    [preview] = world.run(propose_rulebooks, proposal(), dry_run=True)
    assert preview.case.proposal.version.version == 2
    assert states(world) == {1: VersionState.IN_FORCE}
