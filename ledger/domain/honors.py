"""Honor titles: who has earned which, decided from numbers of the month or the year. Pure; others read the numbers.

Seats are filled from those who fulfil the conditions, down the tie chain of the ranking; a cut inside a tie takes all
that are tied. Source: programme.md, Honors; hard-cases.md, "ties in the ranking".
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from ledger.domain.errors import Kind, Refusal, Text


class HonorRule(StrEnum):
    """How a title is earned; the numbers beside it are in the rulebook."""

    FIRST_OF_MONTH = "first_of_month"
    FIRST_OF_INDUSTRY = "first_of_industry"
    URGENT_REPORTS = "urgent_reports"
    VERIFIED_IN_ALL = "verified_in_all"
    ON_THE_ROLL = "on_the_roll"
    PARTNER_OF_YEAR = "partner_of_year"


class HonorPeriod(StrEnum):
    """What a title is given for: once a month, once a year, or once and for good."""

    MONTH = "month"
    YEAR = "year"
    EVER = "ever"


PERIOD_OF_RULE = {
    HonorRule.FIRST_OF_MONTH: HonorPeriod.MONTH,
    HonorRule.FIRST_OF_INDUSTRY: HonorPeriod.MONTH,
    HonorRule.URGENT_REPORTS: HonorPeriod.MONTH,
    HonorRule.VERIFIED_IN_ALL: HonorPeriod.EVER,
    HonorRule.ON_THE_ROLL: HonorPeriod.EVER,
    HonorRule.PARTNER_OF_YEAR: HonorPeriod.YEAR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Honor:
    """One [[honors]] of the rulebook; 0 where its rule does not ask for a number."""

    code: str
    title: str
    rule: HonorRule
    seats: int = 0
    verified_at_least: int = 0
    verified_percent_at_least: int = 0
    urgent_at_least: int = 0
    monthly_honors_at_least: int = 0
    merit_at_least: int = 0

    @property
    def period(self) -> HonorPeriod:
        return PERIOD_OF_RULE[self.rule]

    @property
    def is_proposed(self) -> bool:
        """A person confirms it before it is granted."""
        return self.rule is HonorRule.PARTNER_OF_YEAR


class TitleState(StrEnum):
    PROPOSED = "proposed"
    GRANTED = "granted"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """`period` is 2026-11, 2026, or empty. `facts` are the numbers that earned it, plain JSON.

    `under_review` names the correction of a published list that put it in doubt, until somebody decides.
    """

    id: UUID
    honor_code: str
    name: str
    rider_id: UUID
    period: str
    state: TitleState
    facts: dict[str, Any]
    rulebook_version: int
    awarded_at: datetime
    awarded_by: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    under_review: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleCase:
    """A title with its rider; the name is masked, for the lists are public."""

    title: Title
    rider_code: str
    rider_name: str
    industry_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A rider's numbers of the period: those of the ranking, and what else a title asks for.

    `rejected` are reports of the period that were rejected or revoked; `verified_in_all` counts up to its end.
    """

    rider_id: UUID
    industry_code: str | None
    merit: int = 0
    verified: int = 0
    serious_points: int = 0
    reached_at: datetime | None = None
    rejected: int = 0
    urgent: int = 0
    verified_in_all: int = 0
    monthly_honors: int = 0
    is_on_roll: bool = False

    @property
    def chain(self) -> tuple[Any, ...]:
        """Sorts as the ranking does, the best first."""
        reached_at = self.reached_at.timestamp() if self.reached_at else float("inf")
        return (-self.merit, -self.verified, -self.serious_points, reached_at)

    def has_verified_percent(self, percent: int) -> bool:
        """Of what was decided about the reporter: duplicates are nobody's fault and do not count."""
        return self.verified * 100 >= percent * (self.verified + self.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """An honor, who has earned it, and the numbers. Best first."""

    honor: Honor
    candidate: Candidate
    rank: int | None
    facts: dict[str, Any]


def decide_honors(honors: Sequence[Honor], candidates: Iterable[Candidate]) -> list[Earned]:
    """Who has earned which, honor by honor in the rulebook's order, within one best first.

    `candidates` come in the order of their chains and are seen once: only those who have earned something are kept.
    """
    earned: dict[str, list[Earned]] = {honor.code: [] for honor in honors}
    places: defaultdict[tuple[str, str | None], _Places] = defaultdict(_Places)
    for candidate in candidates:
        for honor in honors:
            if not is_eligible(honor, candidate):
                continue
            rank = None
            if (seats := _seats(honor)) is not None:
                industry = candidate.industry_code if honor.rule is HonorRule.FIRST_OF_INDUSTRY else None
                rank = places[honor.code, industry].take(candidate.chain, seats)
                if rank is None:
                    continue
            earned[honor.code].append(_earned(honor, candidate, rank=rank))
    for honor in honors:
        if honor.rule is HonorRule.FIRST_OF_INDUSTRY:
            earned[honor.code].sort(key=lambda found: found.candidate.industry_code or "")
    return [found for honor in honors for found in earned[honor.code]]


@dataclass(slots=True)
class _Places:
    """The seats of an honor as they are taken, best first; whoever is tied with the last has one, too."""

    seen: int = 0
    rank: int = 0
    last_chain: tuple[Any, ...] | None = None

    def take(self, chain: tuple[Any, ...], seats: int) -> int | None:
        """The rank among those who are eligible, or None: no seat is left."""
        self.seen += 1
        if chain != self.last_chain:
            if self.seen > seats:
                return None
            self.rank, self.last_chain = self.seen, chain
        return self.rank


def _seats(honor: Honor) -> int | None:
    match honor.rule:
        case HonorRule.FIRST_OF_INDUSTRY:
            return 1
        case HonorRule.FIRST_OF_MONTH | HonorRule.PARTNER_OF_YEAR:
            return honor.seats
        case _:
            return None


def is_eligible(honor: Honor, candidate: Candidate) -> bool:
    """Whether the candidate fulfils the honor's conditions; seats are another matter."""
    match honor.rule:
        case HonorRule.FIRST_OF_INDUSTRY if not candidate.industry_code:
            return False
        case HonorRule.FIRST_OF_MONTH | HonorRule.FIRST_OF_INDUSTRY:
            return (
                candidate.merit > 0
                and candidate.verified >= honor.verified_at_least
                and candidate.has_verified_percent(honor.verified_percent_at_least)
            )
        case HonorRule.URGENT_REPORTS:
            return candidate.urgent >= honor.urgent_at_least
        case HonorRule.VERIFIED_IN_ALL:
            return candidate.verified_in_all >= honor.verified_at_least
        case HonorRule.ON_THE_ROLL:
            return candidate.is_on_roll
        case HonorRule.PARTNER_OF_YEAR:
            has_merit = candidate.merit >= honor.merit_at_least
            has_honors = candidate.monthly_honors >= honor.monthly_honors_at_least
            return (has_merit or has_honors) and candidate.has_verified_percent(honor.verified_percent_at_least)


def _earned(honor: Honor, candidate: Candidate, *, rank: int | None) -> Earned:
    facts: dict[str, Any]
    match honor.rule:
        case HonorRule.FIRST_OF_MONTH | HonorRule.FIRST_OF_INDUSTRY | HonorRule.PARTNER_OF_YEAR:
            facts = {
                "rank": rank,
                "merit": candidate.merit,
                "verified": candidate.verified,
                "rejected": candidate.rejected,
                "serious_points": candidate.serious_points,
            }
            if honor.rule is HonorRule.FIRST_OF_INDUSTRY:
                facts["industry"] = candidate.industry_code
            if honor.rule is HonorRule.PARTNER_OF_YEAR:
                facts["monthly_honors"] = candidate.monthly_honors
        case HonorRule.URGENT_REPORTS:
            facts = {"urgent": candidate.urgent}
        case HonorRule.VERIFIED_IN_ALL:
            facts = {"verified_in_all": candidate.verified_in_all}
        case HonorRule.ON_THE_ROLL:
            facts = {}
    return Earned(honor=honor, candidate=candidate, rank=rank, facts=facts)


def condition(honor: Honor) -> Text:
    """What a rider has to do for it, in one sentence."""
    share = honor.verified_percent_at_least
    has_share = Text(f"，核实率至少 {share}%", f", at least {share} % verified") if share else Text("", "")
    enough = Text(f"，至少核实 {honor.verified_at_least} 条", f", at least {honor.verified_at_least} verified reports")
    match honor.rule:
        case HonorRule.FIRST_OF_MONTH:
            return Text(
                f"当月前 {honor.seats} 名{enough.zh}{has_share.zh}；并列都算",
                f"The first {honor.seats} of the month{enough.en}{has_share.en}; all that are tied",
            )
        case HonorRule.FIRST_OF_INDUSTRY:
            return Text(
                f"当月本行业第一{enough.zh}{has_share.zh}；并列都算",
                f"The first of an industry in the month{enough.en}{has_share.en}; all that are tied",
            )
        case HonorRule.URGENT_REPORTS:
            return Text(
                f"当月至少核实 {honor.urgent_at_least} 条紧急上报",
                f"At least {honor.urgent_at_least} verified urgent reports in the month",
            )
        case HonorRule.VERIFIED_IN_ALL:
            return Text(f"累计核实 {honor.verified_at_least} 条", f"{honor.verified_at_least} verified reports in all")
        case HonorRule.ON_THE_ROLL:
            return Text("已列入名册并完成培训", "Appointed on the roll, and trained")
        case HonorRule.PARTNER_OF_YEAR:
            return Text(
                f"全年得 {honor.monthly_honors_at_least} 次月度荣誉或 {honor.merit_at_least} 分{has_share.zh}；"
                f"最多 {honor.seats} 人，由负责人确认",
                f"{honor.monthly_honors_at_least} monthly honors or {honor.merit_at_least} merit in the year"
                f"{has_share.en}; at most {honor.seats}, confirmed by a manager",
            )


def explain(facts: dict[str, Any]) -> Text:
    """Why somebody has a title, from its facts, in one sentence."""
    zh: list[str] = []
    en: list[str] = []
    for key, words in _FACT_WORDS.items():
        if facts.get(key) is not None:
            zh.append(words.zh.format(facts[key]))
            en.append(words.en.format(facts[key]))
    return Text("，".join(zh) or "在册且已培训", ", ".join(en) or "on the roll and trained")


_FACT_WORDS = {
    "rank": Text("第 {} 名", "rank {}"),
    "industry": Text("行业 {}", "industry {}"),
    "monthly_honors": Text("月度荣誉 {} 次", "{} monthly honors"),
    "merit": Text("得分 {}", "{} merit"),
    "verified": Text("核实 {} 条", "{} verified"),
    "rejected": Text("未通过 {} 条", "{} rejected"),
    "urgent": Text("紧急上报 {} 条", "{} urgent reports"),
    "verified_in_all": Text("累计核实 {} 条", "{} verified in all"),
}


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class PeriodNotOver(Refusal):
    period: str
    ends_on: str

    code: ClassVar[str] = "period_not_over"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("还不到评定的时候", "The period is not over")
    detail: ClassVar[Text] = Text(
        "{period} 到 {ends_on} 才结束，结束后再评定。", "{period} ends on {ends_on}. Award its titles after that."
    )


@dataclass(eq=False)
class TitleAlreadyDecided(Refusal):
    title_name: str
    state: TitleState
    decided_by: str | None
    decided_at: datetime | None

    code: ClassVar[str] = "title_already_decided"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这个荣誉已经定了", "The title has been decided already")
    detail: ClassVar[Text] = Text(
        "“{title_name}”现在是“{state}”，没有待确认的提名；这次没有改动。",
        "{title_name} is {state}; there is no proposal to decide. Nothing changed.",
    )


@dataclass(eq=False)
class OwnProposal(Refusal):
    title_name: str

    code: ClassVar[str] = "own_proposal"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能确认自己提名的", "Your own proposal")
    detail: ClassVar[Text] = Text(
        "“{title_name}”是您自己提名的，不能自己确认；请另一位负责人来做。",
        "You proposed {title_name} yourself and cannot confirm it. Have another manager do it.",
    )


@dataclass(eq=False)
class SeatsTaken(Refusal):
    title_name: str
    seats: int

    code: ClassVar[str] = "seats_taken"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("名额已满", "All seats are taken")
    detail: ClassVar[Text] = Text(
        "“{title_name}”最多 {seats} 人，名额已满；不能再确认。", "{title_name} has {seats} seats and all are taken."
    )
