"""Shares: who of several reporters of one hazard gets what, as a table of cases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from ledger.domain.incidents import Member, Share, decide_shares, share_words
from ledger.domain.places import Place
from ledger.domain.reports import Report, ReportState
from ledger.domain.rulebook import IncidentRules

RULES = IncidentRules()
AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)


def member(rider: int, *, minute: int, state: ReportState = ReportState.VERIFIED, points_full: int = 10) -> Member:
    report = Report(
        id=UUID(int=1_000 + minute),
        code=f"{minute:010d}",
        rider_id=UUID(int=rider),
        category_code="FAC-01",
        hours=1,
        state=state,
        place=Place(lat_e7=298_146_000, lon_e7=1_215_542_000),
        address="",
        subdistrict="",
        description="",
        photo_url=None,
        photo_taken_at=None,
        source="app",
        external_id=None,
        submitted_at=AT + timedelta(minutes=minute),
        recorded_at=AT,
        review_due_at=AT,
    )
    return Member(report=report, points_full=points_full)


REVOKED = ReportState.REVOKED


@pytest.mark.parametrize(
    ("riders", "states", "points", "numbers"),
    [
        ([1], {}, [10], [1]),
        ([1, 2], {}, [10, 1], [1, 2]),
        ([1, 2, 3, 4, 5, 6, 7, 8], {}, [10, 1, 1, 1, 1, 1, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]),
        ([1, 1, 2], {}, [10, 0, 1], [1, None, 2]),
        ([1, 2, 3], {0: REVOKED}, [0, 10, 1], [None, 1, 2]),
        ([1, 2, 1], {0: REVOKED}, [0, 10, 1], [None, 1, 2]),
        ([1, 2], {0: REVOKED, 1: REVOKED}, [0, 0], [None, None]),
        ([1, 2], {0: ReportState.SETTLED}, [10, 1], [1, 2]),
    ],
)
def test_the_first_has_all_and_few_later_ones_a_little(
    riders: list[int], states: dict[int, ReportState], points: list[int], numbers: list[int | None]
) -> None:
    members = [
        member(rider, minute=place, state=states.get(place, ReportState.VERIFIED)) for place, rider in enumerate(riders)
    ]
    decided = decide_shares(members, RULES)
    assert [one.points(RULES) for one in decided] == points
    assert [one.number for one in decided] == numbers


def test_shares_do_not_depend_on_the_order_of_joining() -> None:
    members = [member(rider, minute=place) for place, rider in enumerate([1, 2, 3, 2, 4, 5, 6, 7, 8])]
    expected = decide_shares(members, RULES)
    for seed in range(20):
        Random(seed).shuffle(members)
        # What they had before does not matter either.
        assert decide_shares([replace(one, share=Share.NONE, number=9) for one in members], RULES) == expected


def test_a_small_share_is_never_more_than_the_whole() -> None:
    decided = decide_shares([member(1, minute=0, points_full=2), member(2, minute=1, points_full=2)], RULES)
    assert decided[1].points(IncidentRules(later_points=5)) == 2


def test_a_share_is_told_in_words_of_both_languages() -> None:
    decided = decide_shares(
        [member(rider, minute=place) for place, rider in enumerate([1, 2, 1, 4, 5, 6, 7, 8])], RULES
    )
    assert [share_words(one, one.points(RULES)) for one in (*decided[:3], decided[7])] == [
        "第 1 位报告人，10 分 · reporter no. 1: 10 points",
        "第 2 位报告人，1 分 · reporter no. 2: 1 point",
        "本人已报过同一隐患，不重复计分 · you reported this hazard before: no points",
        "第 7 位报告人，不计分 · reporter no. 7: no points",
    ]
