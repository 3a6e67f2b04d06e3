"""Local days and months: where a day begins in Ningbo, and that no instant falls between two months anywhere."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.calendar import Month, local_day, month_bounds, month_of, parse_month, read_zone
from ledger.domain.errors import InvalidField

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = [ZoneInfo(name) for name in ("Asia/Shanghai", "America/New_York", "Europe/Berlin", "Pacific/Apia", "UTC")]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 31, 15, 59, 59, 999_999, tzinfo=UTC), date(2026, 3, 31)),
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), date(2026, 4, 1)),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), date(2026, 1, 1)),
        (datetime(2026, 3, 1, 0, 30, tzinfo=SHANGHAI), date(2026, 3, 1)),
    ],
)
def test_a_day_in_ningbo_begins_at_four_in_the_afternoon_utc(instant: datetime, day: date) -> None:
    assert local_day(instant, SHANGHAI) == day


@pytest.mark.parametrize(
    ("zone", "month", "begin", "end"),
    [
        ("Asia/Shanghai", "2026-03", (2026, 2, 28, 16), (2026, 3, 31, 16)),
        ("Asia/Shanghai", "2025-12", (2025, 11, 30, 16), (2025, 12, 31, 16)),
        # The clocks change within these months: they are an hour shorter or longer than their days.
        ("America/New_York", "2026-03", (2026, 3, 1, 5), (2026, 4, 1, 4)),
        ("America/New_York", "2026-11", (2026, 11, 1, 4), (2026, 12, 1, 5)),
    ],
)
def test_a_month_begins_and_ends_at_local_midnight(
    zone: str, month: str, begin: tuple[int, ...], end: tuple[int, ...]
) -> None:
    year, number, day, hour = begin
    ends_year, ends_number, ends_day, ends_hour = end
    assert month_bounds(Month(month), ZoneInfo(zone)) == (
        datetime(year, number, day, hour, tzinfo=UTC),
        datetime(ends_year, ends_number, ends_day, ends_hour, tzinfo=UTC),
    )


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)), st.sampled_from(ZONES))
def test_every_instant_lies_within_the_bounds_of_its_month_and_of_no_other(later: timedelta, zone: ZoneInfo) -> None:
    instant = datetime(1980, 1, 2, tzinfo=UTC) + later
    month = month_of(local_day(instant, zone))
    begin, end = month_bounds(month, zone)
    assert begin <= instant < end
    assert month_of(local_day(end - timedelta(microseconds=1), zone)) == month
    assert month_bounds(month_of(local_day(end, zone)), zone)[0] == end


@pytest.mark.parametrize(
    "text", ["2026-1", "2026-13", "2026-00", "26-01", "2026/01", "2026-01-01", "", "２026-01", "2026-0１"]
)
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidField, match="month"):
        parse_month(text)


def test_a_month_reads_as_it_was_written() -> None:
    assert parse_month("2026-11") == "2026-11"


@pytest.mark.parametrize("name", ["", "Asia", "Asia/Ningbo", "../etc/passwd", "/etc/localtime", "+08:00"])
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(InvalidField, match="Asia/Shanghai"):
        read_zone(name)
