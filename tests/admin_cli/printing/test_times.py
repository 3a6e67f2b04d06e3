"""Instants between the API and a person."""

from zoneinfo import ZoneInfo

import pytest
import time_machine

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.printing.times import ask_instant, ask_month, long_time, offset_time, short_time

NINGBO = ZoneInfo("Asia/Shanghai")


def test_an_instant_is_shown_as_the_programmes_clocks_had_it() -> None:
    assert short_time("2026-11-24T18:30:05.123Z", NINGBO) == "2026-11-25 02:30"
    assert long_time("2026-11-24T18:30:05.123Z", NINGBO) == "2026-11-25 02:30:05"


def test_a_pipe_gets_the_offset_and_the_fraction() -> None:
    assert offset_time("2026-11-24T18:30:05.123456Z", NINGBO) == "2026-11-25T02:30:05.123456+08:00"


@pytest.mark.parametrize("text", ["soon", "2026-11-24T18:30:05", ""])
def test_what_is_no_instant_is_shown_as_it_came(text) -> None:
    assert short_time(text, NINGBO) == offset_time(text, NINGBO) == text


@pytest.mark.parametrize(
    ("typed", "instant"),
    [
        ("2026-11-24", "2026-11-23T16:00:00Z"),
        ("2026-11-24T09:18", "2026-11-24T01:18:00Z"),
        ("2026-11-24 09:18", "2026-11-24T01:18:00Z"),
        ("2026-11-24T09:18:00+00:00", "2026-11-24T09:18:00Z"),
        ("2026-11-24T09:18:00Z", "2026-11-24T09:18:00Z"),
    ],
)
def test_a_typed_time_without_a_zone_is_the_programmes(typed, instant) -> None:
    assert ask_instant(typed, NINGBO) == instant


@pytest.mark.parametrize("typed", ["yesterday", "", "2026-13-01", "24.11.2026"])
def test_a_typed_text_that_is_no_time_is_a_usage_error(typed) -> None:
    with pytest.raises(Failure) as caught:
        ask_instant(typed, NINGBO)

    assert caught.value.exit_code is ExitCode.USAGE


def test_this_month_is_that_of_the_programmes_place() -> None:
    with time_machine.travel("2026-11-30T17:00:00Z", tick=False):
        assert ask_month("now", NINGBO) == "2026-12"


@pytest.mark.parametrize("typed", ["2026-13", "2026-1", "november"])
def test_a_typed_text_that_is_no_month_is_a_usage_error(typed) -> None:
    with pytest.raises(Failure):
        ask_month(typed, NINGBO)
