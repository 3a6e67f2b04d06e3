"""Times as foreign files write them → instants in UTC, or a row problem.

A time without a zone is the wall clock of the mapping's zone (the programme's, if it names none). The hour that a clock
change repeats is read as its first pass; the hour that it skips never was, and is refused.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from admin_cli.importing.problems import RowProblem, row_problem, shown

YEAR_MIN = 1970
"""A year before the first hotline for such reports is a slip ("15" or "0015" for 2015), not history."""

ISO_TIME_LENGTH_MIN = len("2015-01-01T00:25:23")

SERIAL_DAY = re.compile(r"[0-9]{5}(\.[0-9]+)?")
"""A workbook's date cell that lost its date format: days since its epoch, five digits from 1927 to 2173."""

SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock
SERIAL_EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - a wall clock
"""Workbooks count days from one of two epochs; the second is old Macintosh programs' and marked in the file."""


@dataclass(eq=False)
class WrongTime(Exception):
    """The text is no time; `problem` says why. Only raised within reading a row, where it becomes the row's problem."""

    problem: RowProblem


class TimeReader:
    """Reads the mapping's formats in their order, then ISO 8601 with a T, then (`serial_epoch`) a workbook's days."""

    def __init__(self, formats: tuple[str, ...], zone: ZoneInfo, serial_epoch: datetime | None = None) -> None:
        self._formats = formats
        self._zone = zone
        self._serial_epoch = serial_epoch

    def read(self, text: str, column: str) -> datetime:
        """The instant in UTC. Raises WrongTime: not a time; a year before YEAR_MIN; a wall time that never was."""
        parsed = self._parse(text)
        if parsed is None:
            raise WrongTime(
                row_problem(
                    "wrong_time",
                    f"{column} 的「{shown(text)}」不是时间；要写成 {' 或 '.join(self._formats)}。",
                    f"{column}: {shown(text)!r} is not a time as in {' or '.join(self._formats)}.",
                )
            )
        if parsed.year < YEAR_MIN:
            raise WrongTime(
                row_problem(
                    "wrong_time",
                    f"{column} 的「{shown(text)}」早于 {YEAR_MIN} 年；请检查年份。",
                    f"{column}: {shown(text)!r} is before {YEAR_MIN}; check the year.",
                )
            )
        return self._instant(parsed, text, column)

    def _parse(self, text: str) -> datetime | None:
        for time_format in self._formats:
            try:
                return datetime.strptime(text, time_format)  # noqa: DTZ007 - a wall clock, placed by `_instant`
            except ValueError:
                continue
        try:
            if len(text) >= ISO_TIME_LENGTH_MIN and text[10] == "T":
                return datetime.fromisoformat(text)
        except ValueError:
            return None
        if self._serial_epoch is not None and SERIAL_DAY.fullmatch(text):
            return to_millisecond(self._serial_epoch + timedelta(days=float(text)))
        return None

    def _instant(self, parsed: datetime, text: str, column: str) -> datetime:
        if parsed.tzinfo is not None:
            return parsed.astimezone(UTC)
        instant = parsed.replace(tzinfo=self._zone).astimezone(UTC)
        # There and back again: a wall time inside a skipped hour comes back as another one.
        if instant.astimezone(self._zone).replace(tzinfo=None) != parsed:
            raise WrongTime(
                row_problem(
                    "time_does_not_exist",
                    f"{column} 的「{shown(text)}」在 {self._zone.key} 不存在（夏令时跳过）；请检查时间或时区。",
                    f"{column}: {shown(text)!r} never was in {self._zone.key} (the clock change skips it); check the "
                    "time or the zone.",
                )
            )
        return instant


def to_millisecond(moment: datetime) -> datetime:
    """A day number holds a second only to some 10 microseconds: 00:25:22.999998 was written as 00:25:23."""
    return moment.replace(microsecond=0) + timedelta(milliseconds=round(moment.microsecond / 1_000))
