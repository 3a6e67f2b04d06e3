"""Titles through the use-cases: once, proposed by one and confirmed by another, never beyond the seats."""

from ledger.domain.honors import TitleState
from ledger.services.honors import (
    AwardTitles,
    ConfirmTitle,
    DeclineTitle,
    award_titles,
    confirm_titles,
    decline_titles,
)
from tests.world import World

MARCH = AwardTitles(period="2026-03", actor="operator/manager")


def test_awarding_twice_gives_nobody_a_second_title(world: World) -> None:
    world.enroll()
    world.earn(250)
    world.clock.pass_time(days=30)
    first, again = world.run(award_titles, MARCH, MARCH)
    assert {case.title.honor_code for case in first.titles} == {"M-IND", "M-SAFE"}
    assert again.titles == []
    assert sum(again.unchanged.values()) == 2
    told = world.event_count()
    assert world.do(award_titles, MARCH).titles == []
    assert world.event_count() == told


def test_a_month_has_no_titles_before_it_is_over(world: World) -> None:
    assert world.refuse(award_titles, MARCH).code == "period_not_over"
    assert world.refuse(award_titles, AwardTitles(period="2027", actor="x")).code == "period_not_over"
    assert world.refuse(award_titles, AwardTitles(period="March", actor="x")).code == "invalid_field"


def test_a_proposal_is_confirmed_by_somebody_else_and_once(world: World) -> None:
    world.enroll()
    title = world.propose_partner()  # proposed by the auditor
    own = ConfirmTitle(title_id=title, actor="operator/auditor")
    assert world.refuse(confirm_titles, own).code == "own_proposal"
    granted = world.do(confirm_titles, ConfirmTitle(title_id=title, actor="operator/owner"))
    assert granted.title.state is TitleState.GRANTED
    again = world.refuse(confirm_titles, ConfirmTitle(title_id=title, actor="operator/manager"))
    assert again.code == "title_already_decided"
    unknown = ConfirmTitle(title_id="nothing", actor="operator/owner")
    assert world.refuse(confirm_titles, unknown).code == "not_found"


def test_a_declined_proposal_says_why_and_is_not_proposed_again(world: World) -> None:
    world.enroll()
    title = world.propose_partner()
    declined = world.do(decline_titles, DeclineTitle(title_id=title, reason="一次警告", actor="operator/owner"))
    assert (declined.title.state, declined.title.reason) == (TitleState.DECLINED, "一次警告")
    assert world.do(award_titles, AwardTitles(period="2026", actor="operator/auditor")).titles == []
