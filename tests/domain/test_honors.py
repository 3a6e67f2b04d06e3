"""Who has earned which title, from numbers alone."""

from collections.abc import Iterator
from uuid import UUID

from ledger.domain.honors import Candidate, Earned, Honor, HonorRule, decide_honors

FIRST_TWO = Honor(code="M-STAR", title="月度随手拍之星", rule=HonorRule.FIRST_OF_MONTH, seats=2, verified_at_least=1)
FIRST_OF_EACH = Honor(code="M-IND", title="行业之星", rule=HonorRule.FIRST_OF_INDUSTRY, verified_at_least=1)
HUNDRED = Honor(code="STAR-1", title="一星骑手", rule=HonorRule.VERIFIED_IN_ALL, verified_at_least=100)


def candidate(number: int, merit: int, *, industry: str | None = "01", verified: int = 3, in_all: int = 0) -> Candidate:
    return Candidate(
        rider_id=UUID(int=number), industry_code=industry, merit=merit, verified=verified, verified_in_all=in_all
    )


def winners(found: list[Earned]) -> list[tuple[str, int, int | None]]:
    return [(earned.honor.code, earned.candidate.rider_id.int, earned.rank) for earned in found]


def test_candidates_are_seen_once_and_every_honor_has_its_own_seats() -> None:
    def stream() -> Iterator[Candidate]:
        yield candidate(1, 50, industry="02")
        yield candidate(2, 40, in_all=120)
        yield candidate(3, 30)
        yield candidate(4, 0, verified=0, in_all=100)

    assert winners(decide_honors([FIRST_TWO, FIRST_OF_EACH, HUNDRED], stream())) == [
        ("M-STAR", 1, 1),
        ("M-STAR", 2, 2),
        ("M-IND", 2, 1),
        ("M-IND", 1, 1),
        ("STAR-1", 2, None),
        ("STAR-1", 4, None),
    ]


def test_a_cut_inside_a_tie_takes_all_that_are_tied_and_nobody_after() -> None:
    tied = [candidate(1, 50), *(candidate(number, 40) for number in (2, 3, 4)), candidate(5, 30)]
    assert winners(decide_honors([FIRST_TWO], tied)) == [
        ("M-STAR", 1, 1),
        ("M-STAR", 2, 2),
        ("M-STAR", 3, 2),
        ("M-STAR", 4, 2),
    ]


def test_whoever_is_not_eligible_takes_no_seat() -> None:
    assert winners(decide_honors([FIRST_TWO], [candidate(1, 50, verified=0), candidate(2, 40), candidate(3, 30)])) == [
        ("M-STAR", 2, 1),
        ("M-STAR", 3, 2),
    ]


def test_without_an_industry_nobody_is_its_first() -> None:
    assert winners(decide_honors([FIRST_OF_EACH], [candidate(1, 50, industry=None), candidate(2, 40)])) == [
        ("M-IND", 2, 1)
    ]
