"""Local days and months, and when a month's list is due. Instants are UTC everywhere; the programme's own zone decides
which day or month it was.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.domain.errors import InvalidField

Month = NewType("Month", str)
"""A month as `YYYY-MM`. Sorts as text."""

# Not \d, which takes the digits of every script: 2026-１１ would be another month than 2026-11.
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")

SATURDAY = 5
"""Of `date.weekday`: from here on it is the weekend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCalendar:
    """The rulebook's [calendar]: when a month's list is published, by whom, and how long objections are heard.

    `holidays` are days off beside the weekends, `working_weekends` the weekend days that are worked instead (调休).
    The defaults hold for rulebooks that were written before months had a life.
    """

    verify_until_day: int = 3
    publish_at_hour: int = 20
    publish_automatically: bool = False
    objection_working_days: int = 5
    holidays: frozenset[date] = frozenset()
    working_weekends: frozenset[date] = frozenset()

    def publication_due_at(self, month: Month, zone: ZoneInfo) -> datetime:
        """The evening of the last day on which the month's reports are still verified for it."""
        following = following_month(month)
        day = date(int(following[:4]), int(following[5:]), self.verify_until_day)
        return datetime.combine(day, time(self.publish_at_hour), tzinfo=zone).astimezone(UTC)

    def objections_until(self, published_on: date) -> date:
        """The last of the working days after the publication on which an objection is heard."""
        day = published_on
        for _ in range(self.objection_working_days):
            day += timedelta(days=1)
            while not self.is_working_day(day):
                day += timedelta(days=1)
        return day

    def is_working_day(self, day: date) -> bool:
        if day in self.working_weekends:
            return True
        return day.weekday() < SATURDAY and day not in self.holidays


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def month_of(day: date) -> Month:
    return Month(f"{day.year:04d}-{day.month:02d}")


def parse_month(text: str) -> Month:
    """Raises InvalidField unless the text is a month such as 2026-11."""
    if not _MONTH.fullmatch(text):
        raise InvalidField(
            field="month",
            problem_zh=f"「{text}」不是月份，请写成 2026-11。",
            problem_en=f"{text!r} is no month; use 2026-11.",
        )
    return Month(text)


def following_month(month: Month) -> Month:
    year, number = int(month[:4]), int(month[5:])
    return Month(f"{year + 1:04d}-01" if number == 12 else f"{year:04d}-{number + 1:02d}")


def month_bounds(month: Month, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the month begins and the next one begins, in UTC."""
    following = following_month(month)
    begin = datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone)
    end = datetime(int(following[:4]), int(following[5:]), 1, tzinfo=zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


def read_zone(name: str) -> ZoneInfo:
    """Raises InvalidField for a zone the tz database does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidField(
            field="time_zone",
            problem_zh=f"没有时区「{name}」，请写成 Asia/Shanghai 这样。",
            problem_en=f"there is no time zone {name!r}; write one such as Asia/Shanghai.",
        ) from None
