"""What history would have earned under other rules: every live award rated anew, rider by rider, nothing changed.

Caps are a rider's own, so riders are rated one after another and only sums are kept.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import nlargest
from uuid import UUID

from ledger.domain.awards import CapUsage, Credit, Part, cap_credit, decide_credit
from ledger.domain.calendar import Month, month_of
from ledger.domain.incidents import Share
from ledger.domain.rulebook import Category, Rulebook

RIDERS_SHOWN = 20
"""Winners and losers that are named, each: those with the largest difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAward:
    """A live award as it was made. `hours` as the report said; `share` where its hazard had other reporters."""

    part: Part
    category_code: str
    hours: int
    day: date
    points: int
    sponsor_id: UUID
    share: Share = Share.FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What one rider has, and would have."""

    rider_code: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(slots=True, kw_only=True)
class Simulation:
    """Sums of what was rated so far, in points. `unknown`: awards of categories that the rules do not have; they would
    not have been made."""

    awards: int = 0
    unknown: int = 0
    riders: int = 0
    winners: int = 0
    losers: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    sponsors_before: Counter[UUID] = field(default_factory=Counter)
    sponsors_after: Counter[UUID] = field(default_factory=Counter)
    most_gained: list[Difference] = field(default_factory=list)
    most_lost: list[Difference] = field(default_factory=list)

    def add(self, rider_code: str, history: Sequence[PastAward], rulebook: Rulebook, *, since: date) -> None:
        """One rider's awards in the order in which they were made, from the first of the month of `since` on: those
        before `since` only use up caps."""
        before = after = rated = 0
        for award, points in rate(history, rulebook):
            if award.day < since:
                continue
            rated += 1
            before, after = before + award.points, after + points
            self.unknown += award.category_code not in rulebook.categories
            self.before[award.category_code] += award.points
            self.after[award.category_code] += points
            self.sponsors_before[award.sponsor_id] += award.points
            self.sponsors_after[award.sponsor_id] += points
        if not rated:
            return
        self.awards += rated
        self.riders += 1
        self._rank(Difference(rider_code=rider_code, before=before, after=after))

    def _rank(self, found: Difference) -> None:
        if found.change > 0:
            self.winners += 1
            self.most_gained = nlargest(RIDERS_SHOWN, [*self.most_gained, found], key=lambda one: one.change)
        elif found.change < 0:
            self.losers += 1
            self.most_lost = nlargest(RIDERS_SHOWN, [*self.most_lost, found], key=lambda one: -one.change)


def rate(history: Iterable[PastAward], rulebook: Rulebook) -> Iterator[tuple[PastAward, int]]:
    """Each award with the points it would have had."""
    days: dict[date, CapUsage] = {}
    months: Counter[Month] = Counter()
    for award in history:
        category = rulebook.categories.get(award.category_code)
        if category is None:
            yield award, 0
        elif award.part is Part.SETTLEMENT:
            yield award, rulebook.settlement_bonus_points
        else:
            month, today = month_of(award.day), days.get(award.day, CapUsage())
            usage = CapUsage(
                reports_today=today.reports_today,
                points_today=today.points_today,
                points_this_month=months[month],
            )
            points = _credit(award, category, rulebook, usage).points_granted
            if not category.is_urgent:
                days[award.day] = today.after(points)
                months[month] += points
            yield award, points


def _credit(award: PastAward, category: Category, rulebook: Rulebook, usage: CapUsage) -> Credit:
    """A share of a later reporter stays one, in the amount of the document."""
    if award.share is Share.FULL:
        return decide_credit(category, hours=award.hours, caps=rulebook.caps, usage=usage)
    wanted = rulebook.incident.later_points if award.share is Share.LATER else 0
    return cap_credit(wanted, is_exempt=category.is_urgent, caps=rulebook.caps, usage=usage)
