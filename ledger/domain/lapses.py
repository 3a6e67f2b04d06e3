"""When points lapse, and what grace points get whose lot lapsed while they were held.

The table `[lapse]` of a rulebook. The day of a lot is decided once, when its points are earned, and is the lot's name
from then on; other rules later change later lots and none that there are.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ledger.domain.documents import RulebookInvalid, Table

YEARS_MAX = 100
MONTHS_MAX = 12 * YEARS_MAX
GRACE_DAYS_MAX = 366


class LapsePolicy(StrEnum):
    """`end_of_year`: the last day of the year some years after. `months`: the last day of the month some months after.
    `clearing_day`: the next of a fixed day of the year that is some months away."""

    END_OF_YEAR = "end_of_year"
    MONTHS = "months"
    CLEARING_DAY = "clearing_day"


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseRules:
    """`clearing_day` is month and day.

    The defaults are programme.md's; they hold for rulebooks that were written before there were others.
    """

    policy: LapsePolicy = LapsePolicy.END_OF_YEAR
    years_after: int = 0
    months_after: int = 0
    clearing_day: tuple[int, int] = (12, 31)
    months_at_least: int = 0
    grace_days: int = 14

    def lapse_day(self, earned_on: date) -> date:
        """The last day on which points earned on the day can be spent."""
        match self.policy:
            case LapsePolicy.END_OF_YEAR:
                return date(earned_on.year + self.years_after, 12, 31)
            case LapsePolicy.MONTHS:
                return _month_end(earned_on, self.months_after)
            case LapsePolicy.CLEARING_DAY:
                return self._next_clearing_day(_months_later(earned_on, self.months_at_least))

    def _next_clearing_day(self, earliest: date) -> date:
        this_year = date(earliest.year, *self.clearing_day)
        return this_year if this_year >= earliest else this_year.replace(year=earliest.year + 1)

    def grace_until(self, released_on: date) -> date:
        return released_on + timedelta(days=self.grace_days)


def _month_end(day: date, months: int) -> date:
    later = day.year * 12 + day.month - 1 + months
    year, month = later // 12, later % 12 + 1
    return date(year, month, calendar.monthrange(year, month)[1])


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    end = _month_end(day, months)
    return end.replace(day=min(day.day, end.day))


# --- reading -----------------------------------------------------------------------------------------------------

KEYS_OF_POLICY = {
    LapsePolicy.END_OF_YEAR: {"years_after"},
    LapsePolicy.MONTHS: {"months_after"},
    LapsePolicy.CLEARING_DAY: {"clearing_day", "months_at_least"},
}


def read_lapse_rules(table: Table) -> LapseRules:
    """Raises RulebookInvalid. A key of another policy is refused, so that nobody believes it does something."""
    policy = (
        LapsePolicy(table.one_of("policy", list(LapsePolicy))) if "policy" in table.tree else LapsePolicy.END_OF_YEAR
    )
    _refuse_keys_of_others(table, policy)
    default = LapseRules()
    is_clearing = policy is LapsePolicy.CLEARING_DAY
    rules = LapseRules(
        policy=policy,
        years_after=table.whole("years_after", at_least=0, at_most=YEARS_MAX)
        if policy is LapsePolicy.END_OF_YEAR
        else 0,
        months_after=table.whole("months_after", at_least=0, at_most=MONTHS_MAX) if policy is LapsePolicy.MONTHS else 0,
        clearing_day=_read_clearing_day(table) if is_clearing else default.clearing_day,
        months_at_least=table.whole("months_at_least", at_least=0, at_most=MONTHS_MAX) if is_clearing else 0,
        grace_days=table.whole("grace_days", at_least=0, at_most=GRACE_DAYS_MAX, default=default.grace_days),
    )
    table.refuse_unknown()
    return rules


def _refuse_keys_of_others(table: Table, policy: LapsePolicy) -> None:
    for other, keys in KEYS_OF_POLICY.items():
        for key in sorted(keys & set(table.tree)):
            if other is not policy:
                raise RulebookInvalid(
                    key=table.path(key),
                    problem_zh=f'属于 policy = "{other}"，这里是 "{policy}"；请删去，或改 policy。',
                    problem_en=f'belongs to policy = "{other}", this is "{policy}": remove it, or change the policy.',
                )


def _read_clearing_day(table: Table) -> tuple[int, int]:
    written = table.text("clearing_day")
    month, day = map(int, written.split("-")) if re.fullmatch(r"[0-9]{2}-[0-9]{2}", written) else (0, 0)
    # 2025 has no 29 February, so that a day which most years do not have is no clearing day.
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(2025, month)[1]):
        raise RulebookInvalid(
            key=table.path("clearing_day"),
            problem_zh=f"「{written}」不是每年都有的一天；请写成月-日，例如 06-30。",
            problem_en=f"{written!r} is no day that every year has: write month and day, such as 06-30.",
        )
    return month, day
