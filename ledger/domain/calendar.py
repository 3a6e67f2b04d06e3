"""Local days and months. Instants are UTC everywhere; the programme's own zone decides which day or month it was."""

import re
from datetime import UTC, date, datetime
from typing import NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ledger.domain.errors import InvalidField

Month = NewType("Month", str)
"""A month as `YYYY-MM`. Sorts as text."""

# Not \d, which takes the digits of every script: 2026-１１ would be another month than 2026-11.
_MONTH = re.compile(r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])")


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


def month_bounds(month: Month, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants at which the month begins and the next one begins, in UTC."""
    year, number = int(month[:4]), int(month[5:])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    begin = datetime(year, number, 1, tzinfo=zone)
    end = datetime(*following, 1, tzinfo=zone)
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
