"""Awards: what a verified report earns. Category points, then daily and monthly caps; merit equals what was granted.

Merit counts from the verification on; the points wait where the budget cannot pay them, in the order of verification.

Day and month are those of the report's submission in the programme's zone, so a slow review costs the rider nothing.
Source: programme.md, Value scale and rules.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from ledger.domain.calendar import Month
from ledger.domain.rulebook import SERIOUS_GRADES, Caps, Category


class Limit(StrEnum):
    """Which cap took points away, in the order in which they are asked."""

    DAILY_REPORTS = "daily_reports"
    DAILY_POINTS = "daily_points"
    MONTHLY_POINTS = "monthly_points"


class Part(StrEnum):
    """What of a report a rider is credited for: the report itself, or the bonus when its hazard was settled."""

    REPORT = "report"
    SETTLEMENT = "settlement"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUsage:
    """What a rider's live awards have used of the caps on one day and in one month, urgent ones left out."""

    reports_today: int = 0
    points_today: int = 0
    points_this_month: int = 0

    def after(self, points: int) -> "CapUsage":
        return CapUsage(
            reports_today=self.reports_today + (points > 0),
            points_today=self.points_today + points,
            points_this_month=self.points_this_month + points,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Wanted by category, granted after the caps; `limited_by` says which cap took the difference."""

    points_wanted: int
    points_granted: int
    limited_by: Limit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """A report's credit as it is stored. `transaction_id` is None when the caps left nothing to book, and as long as
    the credit waits for its budget; one that waited has `booked_at`, when its points came.

    Points that are booked anew are a new award, of the next `revision`; the one before is taken back and no longer
    `is_current`. So the report has one award that counts, and its history.
    """

    report_id: UUID
    rider_id: UUID
    part: Part = Part.REPORT
    transaction_id: UUID | None
    sponsor_id: UUID
    points_wanted: int
    points_granted: int
    limited_by: Limit | None
    is_cap_exempt: bool
    is_serious: bool
    merit: int
    day: date
    month: Month
    lapses_on: date
    rulebook_version: int
    effective_at: datetime
    booked_at: datetime | None = None
    reversal_id: UUID | None = None
    reversed_at: datetime | None = None
    revision: int = 0
    is_current: bool = True

    @property
    def is_live(self) -> bool:
        return self.reversed_at is None

    @property
    def is_waiting(self) -> bool:
        """Granted, and not booked: the budget it draws from is exhausted."""
        return self.points_granted > 0 and self.transaction_id is None and self.is_live

    def waiting(self) -> "Award":
        return replace(self, transaction_id=None)

    def booked(self, transaction_id: UUID, *, lapses_on: date, now: datetime) -> "Award":
        """The points live as long as if they were earned today: the rider has not made them wait."""
        return replace(self, transaction_id=transaction_id, lapses_on=lapses_on, booked_at=now)

    def reversed(self, *, reversal_id: UUID | None, now: datetime) -> "Award":
        return replace(self, reversal_id=reversal_id, reversed_at=now)

    def superseded(self) -> "Award":
        return replace(self, is_current=False)


def decide_credit(category: Category, *, hours: int, caps: Caps, usage: CapUsage) -> Credit:
    """The credit of one report. `hours` multiplies hourly categories and is 1 for all others."""
    return cap_credit(category.points * hours, is_exempt=category.is_urgent, caps=caps, usage=usage)


def cap_credit(wanted: int, *, is_exempt: bool, caps: Caps, usage: CapUsage) -> Credit:
    """What the caps leave of the points wanted."""
    if is_exempt or not wanted:
        return Credit(points_wanted=wanted, points_granted=wanted, limited_by=None)
    if usage.reports_today >= caps.reports_per_day:
        return Credit(points_wanted=wanted, points_granted=0, limited_by=Limit.DAILY_REPORTS)
    left_today = max(0, caps.points_per_day - usage.points_today)
    left_this_month = max(0, caps.points_per_month - usage.points_this_month)
    granted = min(wanted, left_today, left_this_month)
    limited_by = None
    if granted < wanted:
        limited_by = Limit.DAILY_POINTS if left_today <= left_this_month else Limit.MONTHLY_POINTS
    return Credit(points_wanted=wanted, points_granted=granted, limited_by=limited_by)


def is_serious(category: Category) -> bool:
    return category.grade in SERIOUS_GRADES
