"""Times of foreign files: formats, zones, clock changes, day numbers of workbooks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from admin_cli.importing.times import SERIAL_EPOCH, SERIAL_EPOCH_1904, TimeReader, WrongTime

SHANGHAI = ZoneInfo("Asia/Shanghai")
BOSTON = ZoneInfo("America/New_York")
FORMATS = ("%m/%d/%Y %I:%M:%S %p", "%Y-%m-%d")


def read(text: str, zone: ZoneInfo = SHANGHAI, epoch: datetime | None = None) -> datetime:
    return TimeReader(FORMATS, zone, epoch).read(text, "OPEN_DT")


def test_a_time_without_a_zone_is_the_wall_clock_of_the_zone():
    assert read("01/01/2015 12:25:23 AM") == datetime(2014, 12, 31, 16, 25, 23, tzinfo=UTC)
    assert read("01/01/2015 12:25:23 AM", BOSTON) == datetime(2015, 1, 1, 5, 25, 23, tzinfo=UTC)


def test_formats_are_tried_in_their_order_and_a_date_alone_is_its_midnight():
    assert read("2015-06-01") == datetime(2015, 5, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["2015-06-01T08:00:00", "2015-06-01T00:00:00Z", "2015-06-01T02:00:00+02:00", "2015-06-01T08:00:00.000"]
)
def test_iso_8601_with_a_t_is_always_understood_and_its_own_zone_wins(text):
    assert read(text) == datetime(2015, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["02/30/2015 12:00:00 PM", "13/01/2015 12:00:00 PM", "06/01/2015", "soon", "42005.5", "20150601T080000"]
)
def test_what_is_no_time_in_any_format_is_refused_with_the_formats(text):
    with pytest.raises(WrongTime) as caught:
        read(text)

    assert caught.value.problem.code == "wrong_time"
    assert all(word in caught.value.problem.text for word in ("OPEN_DT", text, FORMATS[0], FORMATS[1]))


def test_a_year_that_is_a_slip_is_refused():
    with pytest.raises(WrongTime) as caught:
        read("01/01/0015 12:00:00 PM")

    assert caught.value.problem.code == "wrong_time"
    assert "1970" in caught.value.problem.text


@pytest.mark.parametrize(("zone", "text"), [(BOSTON, "03/08/2015 02:30:00 AM"), (SHANGHAI, "05/04/1986 02:30:00 AM")])
def test_a_time_that_the_clock_change_skips_is_refused(zone, text):
    with pytest.raises(WrongTime) as caught:
        read(text, zone)

    assert caught.value.problem.code == "time_does_not_exist"
    assert zone.key in caught.value.problem.text


def test_a_time_that_the_clock_change_repeats_is_its_first_pass():
    assert read("11/01/2015 01:30:00 AM", BOSTON) == datetime(2015, 11, 1, 5, 30, tzinfo=UTC)


def test_a_workbooks_day_number_is_a_time_from_its_epoch():
    assert read("42005.017627314811", epoch=SERIAL_EPOCH) == datetime(2014, 12, 31, 16, 25, 23, tzinfo=UTC)
    assert read("40543.5", epoch=SERIAL_EPOCH_1904) == read("42005.5", epoch=SERIAL_EPOCH)
