"""Which part of the journal an export is about: whole local days, both ends included, none of them still to come."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from ledger.domain.errors import InvalidField, Kind, Refusal, Text

FIRST_DAY_MIN = date(1970, 1, 2)
"""Before it no zone's midnight is certain to exist on both engines; nothing here took effect so long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRange:
    """From the first instant of `first_day` (None: from the beginning) to the last of `last_day`.

    In instants: `begin` is included, `end` is not.
    """

    first_day: date | None
    last_day: date
    begin: datetime | None
    end: datetime


@dataclass(eq=False)
class NothingToExport(Refusal):
    """`first_day` and `last_day` are what was asked for; a missing first day means the beginning."""

    first_day: date | None
    last_day: date

    code: ClassVar[str] = "nothing_to_export"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("这段时间没有交易", "No transactions in these days")
    detail: ClassVar[Text] = Text(
        "{days}没有生效的交易，没有可导出的；请换一段日期，或用交易列表看看哪些天有。",
        "No transaction took effect {days}, so there is nothing to export. Choose other days; the list of transactions "
        "shows which have any.",
    )

    def wordings(self) -> dict[str, Text]:
        if self.first_day is None:
            return {"days": Text(f"截至 {self.last_day} ", f"up to {self.last_day}")}
        return {"days": Text(f"{self.first_day} 至 {self.last_day} ", f"from {self.first_day} to {self.last_day}")}


@dataclass(eq=False)
class FormatNotInstalled(Refusal):
    format: str

    code: ClassVar[str] = "format_not_installed"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("服务器没有安装这种格式", "The server cannot write this format")
    detail: ClassVar[Text] = Text(
        "服务器安装时没有带 {format} 格式；请管理员在服务器上运行 "
        "pip install 'city-partner-ledger[{format}]'，或改用 csv。",
        "The server was installed without {format}. Have its keeper run pip install 'city-partner-ledger[{format}]' "
        "there, or use csv.",
    )


@dataclass(eq=False)
class ExportsBusy(Refusal):
    running: int
    retry_after_seconds: int

    code: ClassVar[str] = "exports_busy"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[Text] = Text("正在导出的太多", "Too many exports are running")
    detail: ClassVar[Text] = Text(
        "已有 {running} 个导出正在进行，为了不耽误其他人，这一个没有开始；请等其中一个结束后再试。",
        "{running} exports are running, and more would hold up everybody else; this one was not begun. Try again when "
        "one of them has ended.",
    )


def decide_range(first_day: date | None, last_day: date | None, *, today: date, zone: ZoneInfo) -> ExportRange:
    """The range of these local days; without a last day it is today. Raises InvalidField.

    A day still to come is refused: what the file says of it would be false tomorrow.
    """
    last = last_day or today
    for field, day in (("from", first_day), ("to", last)):
        if day is None:
            continue
        if day < FIRST_DAY_MIN:
            raise InvalidField(
                field=field,
                problem_zh=f"{day} 太早，最早是 {FIRST_DAY_MIN}；要从头导出就不写 from。",
                problem_en=f"{day} is too early, {FIRST_DAY_MIN} is the first; leave `from` out to begin at the start.",
            )
        if day > today:
            raise InvalidField(
                field=field,
                problem_zh=f"{day} 还没到，今天是 {today}；请换今天或更早的日期。",
                problem_en=f"{day} is still to come, today is {today}; choose today or an earlier day.",
            )
    if first_day is not None and first_day > last:
        raise InvalidField(
            field="from",
            problem_zh=f"{first_day} 晚于最后一天 {last}；请对调，或只写其中一个。",
            problem_en=f"{first_day} is after the last day, {last}; swap them, or give only one.",
        )
    return ExportRange(
        first_day=first_day,
        last_day=last,
        begin=None if first_day is None else _midnight(first_day, zone),
        end=_midnight(last + timedelta(days=1), zone),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
