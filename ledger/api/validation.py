"""What is wrong with a request's form, field by field, in the client's language, each with what to do about it.

The checks are msgspec's, which words them in English with its own types. Each wording we know is said in both languages
here; an unknown one is passed on as it is.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from litestar.exceptions import ValidationException

from ledger.api.forms import PATTERN_WORDINGS
from ledger.domain.errors import Language, Text

_TYPES = {
    "str": Text("文字", "a text"),
    "int": Text("整数", "a whole number"),
    "float": Text("数字", "a number"),
    "bool": Text("true 或 false", "true or false"),
    "array": Text("列表", "a list"),
    "object": Text("对象", "an object"),
    "null": Text("空", "null"),
    "datetime": Text("时间", "a time"),
    "date": Text("日期", "a date"),
    "uuid": Text("UUID", "a UUID"),
}


def _types(names: str) -> Text:
    """`int | null` → 整数或空, a whole number or null."""
    found = [_TYPES.get(name.strip(), Text(name.strip(), name.strip())) for name in names.split("|")]
    return Text("或".join(text.zh for text in found), " or ".join(text.en for text in found))


def _type_mismatch(match: re.Match[str]) -> Text:
    wanted, got = _types(match[1]), _types(match[2])
    return Text(f"应为{wanted.zh}，收到的是{got.zh}", f"should be {wanted.en}, got {got.en}")


def _pattern(match: re.Match[str]) -> Text:
    # msgspec prints the pattern as Python would.
    found = [wording for pattern, wording in PATTERN_WORDINGS.items() if repr(pattern) == match[1]]
    return found[0] if found else Text(f"格式不对，应符合 {match[1]}", f"should match {match[1]}")


_WORDINGS: list[tuple[str, Callable[[re.Match[str]], Text]]] = [
    (
        r"Body is empty",
        lambda m: Text("请求正文是空的，请按接口文档填写", "the body is empty; /schema says what to send"),
    ),
    (r"Object missing required field `(.+)`", lambda m: Text("必须填写", "is required")),
    (
        r"Object contains unknown field `(.+)`",
        lambda m: Text("没有这一项，请检查拼写", "is unknown; check the spelling"),
    ),
    (r"Expected `(.+)`, got `(.+)`", _type_mismatch),
    (r"Expected `str` of length >= 1", lambda m: Text("不能为空", "must not be empty")),
    (r"Expected `array` of length >= 1", lambda m: Text("至少要有一项", "takes at least one item")),
    (r"Expected `str` of length >= (\d+)", lambda m: Text(f"至少 {m[1]} 个字符", f"takes at least {m[1]} characters")),
    (r"Expected `str` of length <= (\d+)", lambda m: Text(f"最多 {m[1]} 个字符", f"takes at most {m[1]} characters")),
    (
        r"Expected `array` of length <= (\d+)",
        lambda m: Text(f"最多 {m[1]} 项，请分批发送", f"takes at most {m[1]} items; send several batches"),
    ),
    (r"Expected `(?:int|float)` >= (\S+)", lambda m: Text(f"不能小于 {m[1]}", f"must be {m[1]} or more")),
    (r"Expected `(?:int|float)` <= (\S+)", lambda m: Text(f"不能大于 {m[1]}", f"must be {m[1]} or less")),
    (r"(?:Number|Integer value) out of range", lambda m: Text("数字太大", "is too large a number")),
    (r"Expected `str` matching regex (.+)", _pattern),
    (
        r"Expected `datetime` with a timezone component",
        lambda m: Text(
            "时间要带时区，例如 2026-11-24T08:00:00+08:00", "needs a zone, such as 2026-11-24T08:00:00+08:00"
        ),
    ),
    (
        r"Invalid RFC3339 encoded datetime",
        lambda m: Text("时间格式不对，例如 2026-11-24T08:00:00+08:00", "is no time such as 2026-11-24T08:00:00+08:00"),
    ),
    (r"Invalid RFC3339 encoded date", lambda m: Text("日期格式不对，例如 2026-11-24", "is no date such as 2026-11-24")),
    (
        r"Invalid enum value '?(.*?)'?",
        lambda m: Text(f"没有「{m[1]}」这个选项，可选的见 /schema", f"cannot be {m[1]!r}; /schema lists the values"),
    ),
    (r"Invalid UUID", lambda m: Text("不是有效的 UUID", "is no UUID")),
    (r"Missing required .*", lambda m: Text("必须填写", "is required")),
]
_COMPILED = [(re.compile(pattern), wording) for pattern, wording in _WORDINGS]
_PATH = re.compile(r"(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?", re.DOTALL)
_NAMED = re.compile(r"Object (?:missing required|contains unknown) field `(.+)`")


def field_errors(error: ValidationException, language: Language, *, names: Mapping[str, str]) -> list[dict[str, str]]:
    """One `{"field", "message"}` per fault; the field as a path into the body, or a parameter's name.

    `names`: what the handler calls a parameter → what the client calls it.
    """
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [fault for fault in extra if isinstance(fault, dict)] or [{"message": error.detail, "key": ""}]
    return [_field_error(fault, language, names) for fault in faults]


def _field_error(fault: dict[str, Any], language: Language, names: Mapping[str, str]) -> dict[str, str]:
    match = _PATH.fullmatch(str(fault.get("message", "")))
    assert match is not None, "the pattern takes anything"
    message, path = match["message"], (match["path"] or "").removeprefix("$").removeprefix(".")
    key = str(fault.get("key") or "")
    parts = [path or names.get(key, key)]
    if named := _NAMED.fullmatch(message):
        parts.append(named[1])
    return {"field": ".".join(filter(None, parts)) or "$", "message": _say(message, language)}


def _say(message: str, language: Language) -> str:
    for pattern, wording in _COMPILED:
        if match := pattern.fullmatch(message):
            return wording(match).in_language(language)
    return message
