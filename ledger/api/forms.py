"""What values in a request may look like: text that both engines can store and a terminal can print, and instants.

`\\Z` in the patterns and not `$`, which lets a line break through at the end.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar.params import QueryParameter

from ledger.domain.errors import InvalidField, Text

LINE = r"^[^\x00-\x1f\x7f]*\Z"
"""One line: no control characters. PostgreSQL cannot store a NUL, and an escape sequence would play with a terminal."""
PROSE = r"^[^\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]*\Z"
"""The same with tabs and line breaks, for what people write in several lines."""
WRITTEN_PROSE = r"^(?=[\s\S]*\S)[^\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]*\Z"
"""Prose that is not blank: somebody reads it."""
WRITTEN_LINE = r"^(?=.*\S)[^\x00-\x1f\x7f]*\Z"
NAME = r"^[a-z0-9][a-z0-9._-]{0,39}\Z"
"""Names the books print: small ASCII, so that they read the same everywhere and never look like one another."""
WEB_ADDRESS = r"^https?://[^\s\x00-\x1f\x7f]+\Z"
ORDER = r"^(newest|oldest)\Z"

_NO_CONTROL = Text("含有不可见的控制字符，请去掉后重发", "holds control characters; remove them")
PATTERN_WORDINGS: dict[str, Text] = {
    LINE: Text("含有控制字符或换行，请去掉后重发", "holds control characters or line breaks; remove them"),
    WRITTEN_LINE: Text("不能为空白，也不能含控制字符或换行", "must not be blank or hold control characters"),
    PROSE: _NO_CONTROL,
    WRITTEN_PROSE: Text("不能为空白，也不能含控制字符", "must not be blank or hold control characters"),
    NAME: Text(
        "要 1 到 40 位小写字母、数字、点、横线或下划线，字母或数字开头",
        "takes 1 to 40 small letters, digits, dots, hyphens and underscores, a letter or digit first",
    ),
    WEB_ADDRESS: Text("要以 http:// 或 https:// 开头的网址", "must be an address that starts with http:// or https://"),
    ORDER: Text("只能是 newest 或 oldest", "must be newest or oldest"),
}
"""What each pattern asks for, in words: nobody should have to read a regular expression."""

Name = Annotated[str, msgspec.Meta(pattern=NAME)]
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
At = Annotated[datetime | None, QueryParameter(description="A past instant, with a zone; none for now.")]


def members_given(form: msgspec.Struct) -> dict[str, Any]:
    """The members that the request named, of a form whose members may all be left out (UNSET)."""
    return {name: value for name, value in msgspec.structs.asdict(form).items() if value is not msgspec.UNSET}


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a request that says it all in its path: none, or `{}`."""


INSTANT_MIN = datetime(1970, 1, 2, tzinfo=UTC)
INSTANT_MAX = datetime(9999, 12, 30, tzinfo=UTC)
"""Between these every zone's local time exists, on both engines and in Python. Rules about times are the domain's."""


def check_instants(**instants: datetime | None) -> InvalidField | None:
    """The first that has no zone or lies where calendars end."""
    for field, instant in instants.items():
        if instant is None:
            continue
        if instant.tzinfo is None:
            return InvalidField(
                field=field,
                problem_zh="时间要带时区，例如 2026-11-24T08:00:00+08:00。",
                problem_en="a time needs its zone, such as 2026-11-24T08:00:00+08:00.",
            )
        if not INSTANT_MIN <= instant <= INSTANT_MAX:
            return InvalidField(
                field=field,
                problem_zh="时间要在 1970 年到 9999 年之间。",
                problem_en="a time lies between 1970 and 9999.",
            )
    return None


def require_instants(**instants: datetime | None) -> None:
    """Raises InvalidField as `check_instants` finds it."""
    if refusal := check_instants(**instants):
        raise refusal


def require_past(at: datetime | None, *, now: datetime) -> None:
    """Raises InvalidField for a time that has not come: what will be then nobody knows."""
    require_instants(at=at)
    if at is not None and at > now:
        raise InvalidField(
            field="at",
            problem_zh="这一刻还没有到。给一个过去的时间；不给就是现在。",
            problem_en="this instant has not come yet. Give a past one, or none for now.",
        )
