"""Instants between the API (UTC) and a person (the programme's own zone)."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.printing.text import visible

ZONE_DEFAULT = "Asia/Shanghai"
"""Used when the API will not tell the programme's zone, which it tells the staff only."""

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def short_time(value: str, zone: ZoneInfo) -> str:
    """2026-11-24 09:18, as it was on the programme's clocks; a text that is no instant stays as it is."""
    instant = read_instant(value)
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}" if instant else visible(value)


def long_time(value: str, zone: ZoneInfo) -> str:
    """With seconds."""
    instant = read_instant(value)
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M:%S}" if instant else visible(value)


def offset_time(value: str, zone: ZoneInfo) -> str:
    """2026-11-24T09:18:05+08:00: for programs, which must not need to know the zone. Fractions stay."""
    instant = read_instant(value)
    return instant.astimezone(zone).isoformat() if instant else visible(value)


def read_instant(value: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        return None
    return instant if instant.tzinfo else None


def ask_instant(text: str, zone: ZoneInfo) -> str:
    """What a person typed, as an instant for the API. Without a zone it is the programme's; a day is its midnight."""
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise usage_failure(
            t(
                f"「{visible(text)}」不是时间；请写成 2026-11-24、2026-11-24T09:18 或 2026-11-24T09:18:00+08:00。",
                f"{visible(text)!r} is not a time. Write 2026-11-24, 2026-11-24T09:18 or 2026-11-24T09:18:00+08:00.",
            )
        ) from None
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=zone)
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def ask_day(text: str) -> str:
    """A day that a person typed, for the API."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise usage_failure(
            t(f"「{visible(text)}」不是日期；请写成 2026-11-24。", f"{visible(text)!r} is not a day. Write 2026-11-24.")
        ) from None


def ask_month(text: str, zone: ZoneInfo) -> str:
    """A month as the API wants it; `now` is the one that it is at the programme's place."""
    if text == "now":
        return f"{datetime.now(zone):%Y-%m}"
    if MONTH.fullmatch(text):
        return text
    raise usage_failure(
        t(f"「{visible(text)}」不是月份；请写成 2026-11。", f"{visible(text)!r} is not a month. Write 2026-11.")
    )
