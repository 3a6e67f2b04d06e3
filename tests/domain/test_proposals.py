"""The rules of maker and checker, case by case in their order of precedence; limits and thresholds of the rulebook."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ledger.domain.access import Role
from ledger.domain.documents import RulebookInvalid
from ledger.domain.errors import Language
from ledger.domain.proposal_rules import ProposalRules, RoleLimits
from ledger.domain.proposals import (
    REASON_MAX,
    Proposal,
    ProposalApproval,
    ProposalKind,
    ProposalState,
    check_approval,
    check_form,
    check_limits,
    check_rejection,
    check_withdrawal,
    proposal_code,
    read_proposal_code,
)
from ledger.domain.reports import TEXT_MAX
from ledger.domain.rulebook import read_rulebook
from ledger.services.programmes import default_rulebook

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
WAITING = Proposal(
    id=UUID(int=7),
    code="7000000000",
    kind=ProposalKind.ADJUSTMENT,
    state=ProposalState.PROPOSED,
    points=20,
    rider_id=UUID(int=1),
    sponsor_id=UUID(int=2),
    reason="漏记",
    approvals_required=2,
    rulebook_version=1,
    proposed_at=NOW,
    proposed_by="operator/ma",
    lapses_at=NOW + timedelta(days=14),
)
APPROVED_ONCE = replace(WAITING, approvals=(ProposalApproval(approved_by="operator/li", approved_at=NOW),))
CLOSED = WAITING.closed(ProposalState.REJECTED, by="operator/li", at=NOW, reason="没有依据")
LATE = timedelta(days=14)


def code_of(refusal: object) -> str | None:
    return getattr(refusal, "code", None)


@pytest.mark.parametrize(
    ("proposal", "actor", "later", "expected"),
    [
        (CLOSED, "operator/ma", LATE, "proposal_wrong_state"),
        (WAITING, "operator/ma", LATE, "proposal_lapsed"),
        (WAITING, "operator/ma", timedelta(), "proposed_by_yourself"),
        (replace(WAITING, proposed_by="rider/R00001"), "rider/R00001", timedelta(), "proposed_by_yourself"),
        (WAITING, "rider/R00001", timedelta(), "paid_to_yourself"),
        (APPROVED_ONCE, "operator/li", timedelta(), "approved_by_yourself"),
        (APPROVED_ONCE, "operator/wu", timedelta(), None),
    ],
)
def test_an_approval_is_refused_in_this_order(
    proposal: Proposal, actor: str, later: timedelta, expected: str | None
) -> None:
    assert code_of(check_approval(proposal, actor, "R00001", NOW + later)) == expected


def test_only_its_maker_withdraws_a_proposal_and_only_others_reject_it() -> None:
    assert check_withdrawal(WAITING, "operator/ma", NOW) is None
    assert code_of(check_withdrawal(WAITING, "operator/li", NOW)) == "not_the_maker"
    assert check_rejection(WAITING, "operator/li", NOW) is None
    assert code_of(check_rejection(WAITING, "operator/ma", NOW)) == "proposed_by_yourself"
    assert code_of(check_withdrawal(CLOSED, "operator/ma", NOW)) == "proposal_wrong_state"


def test_what_a_closed_proposal_is_now_is_said_in_words_of_both_languages() -> None:
    refusal = check_rejection(CLOSED, "operator/wu", NOW)
    assert refusal is not None
    assert "已否决" in refusal.sentence(Language.ZH) and "operator/li" in refusal.sentence(Language.ZH)
    assert "rejected, by operator/li" in refusal.sentence(Language.EN)


@pytest.mark.parametrize(
    ("kind", "points", "rider", "field"),
    [
        (ProposalKind.FUNDING, 0, "R00001", "rider_code"),
        (ProposalKind.ADJUSTMENT, 0, None, "rider_code"),
        (ProposalKind.ADJUSTMENT, 0, "R00001", "points"),
        (ProposalKind.WRITE_OFF, -5, "R00001", "points"),
        (ProposalKind.ADJUSTMENT, -5, "R00001", None),
        (ProposalKind.FUNDING, -5, None, None),
        (ProposalKind.WRITE_OFF, 5, "R00001", None),
    ],
)
def test_a_form_that_cannot_be_meant_is_refused(
    kind: ProposalKind, points: int, rider: str | None, field: str | None
) -> None:
    refusal = check_form(kind, points=points, rider_code=rider)
    assert (refusal.field if refusal else None) == field


def test_the_role_that_may_do_most_sets_the_limit() -> None:
    rules = ProposalRules()
    both = {Role.APPROVER, Role.MANAGER}
    assert check_limits(rules, both, points=10_000, used=0, is_funding=False) is None
    assert code_of(check_limits(rules, {Role.APPROVER}, points=1_501, used=0, is_funding=False)) == "over_limit"
    assert code_of(check_limits(rules, both, points=10_000, used=40_001, is_funding=False)) == "over_daily_limit"
    assert code_of(check_limits(rules, {Role.APPROVER}, points=1, used=0, is_funding=True)) == "over_limit"
    assert code_of(check_limits(rules, {Role.KEEPER}, points=1, used=0, is_funding=False)) == "over_limit"


def test_large_amounts_take_two_people() -> None:
    rules = ProposalRules()
    assert [rules.approvals_required(points, is_funding=False) for points in (1, 1_500, 1_501)] == [1, 1, 2]
    assert [rules.approvals_required(points, is_funding=True) for points in (1_501, 1_000_001)] == [1, 2]


def test_a_rulebook_from_before_has_the_default_rules_and_the_default_document_says_the_same() -> None:
    document = default_rulebook()
    before, _, after = document.partition("[proposals]")
    without = before + after[after.index("# Honors") :]
    assert read_rulebook(1, without).proposals == read_rulebook(1, document).proposals == ProposalRules()


def test_a_rulebook_sets_limits_and_a_typo_in_them_is_named() -> None:
    document = default_rulebook().replace("each = 1500\nper_day = 10000", "each = 100\nper_day = 200")
    assert read_rulebook(2, document).proposals.limits[Role.APPROVER] == RoleLimits(each=100, per_day=200)
    with pytest.raises(RulebookInvalid) as raised:
        read_rulebook(2, document.replace("[proposals.limits.approver]", "[proposals.limits.aprover]"))
    assert raised.value.key == "proposals.limits.aprover"


def test_the_longest_reason_and_the_longest_names_fit_the_books() -> None:
    name = "operator/" + "x" * 40
    approvals = (ProposalApproval(approved_by=name, approved_at=NOW),) * 2
    full = replace(WAITING, reason="长" * REASON_MAX, proposed_by=name, approvals=approvals)
    assert full.memo.count(name) == 3
    assert len(full.memo) <= TEXT_MAX


def test_a_code_is_read_as_people_type_it() -> None:
    code = proposal_code(UUID("01a20b7d-4fd3-7508-942b-8fb1c6b7213b"))
    assert read_proposal_code(f"{code[:5].lower()}-{code[5:]}") == code
    assert read_proposal_code("7") is None
