"""What is wrong with a request's form, field by field, in the client's language.

The checks are msgspec's; it words them in English. Each wording we know is said in Chinese too, an unknown one as it is.
"""

import re

from litestar.exceptions import ValidationException

from ledger.domain.errors import Language

_TYPES = {
    "str": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "array": "列表",
    "object": "对象",
    "null": "null",
    "datetime": "时间",
    "date": "日期",
    "uuid": "UUID",
}


def _types(text: str) -> str:
    return " 或 ".join(_TYPES.get(name.strip(), name.strip()) for name in text.split("|"))


_WORDINGS = [
    (re.compile(r"Object missing required field `(.+)`"), lambda m: f"缺少必填项 {m[1]}"),
    (re.compile(r"Object contains unknown field `(.+)`"), lambda m: f"没有 {m[1]} 这一项，请检查拼写"),
    (re.compile(r"Expected `(.+)`, got `(.+)`"), lambda m: f"应为{_types(m[1])}，收到的是{_types(m[2])}"),
    (re.compile(r"Expected `str` of length >= (\d+)"), lambda m: f"至少 {m[1]} 个字符"),
    (re.compile(r"Expected `str` of length <= (\d+)"), lambda m: f"最多 {m[1]} 个字符"),
    (re.compile(r"Expected `array` of length >= (\d+)"), lambda m: f"至少 {m[1]} 项"),
    (re.compile(r"Expected `array` of length <= (\d+)"), lambda m: f"最多 {m[1]} 项"),
    (re.compile(r"Expected `(?:int|float)` >= (\S+)"), lambda m: f"不能小于 {m[1]}"),
    (re.compile(r"Expected `(?:int|float)` <= (\S+)"), lambda m: f"不能大于 {m[1]}"),
    (re.compile(r"Expected `str` matching regex '(.+)'"), lambda m: f"格式不对，应符合 {m[1]}"),
    (
        re.compile(r"Expected `datetime` with a timezone component"),
        lambda m: "时间要带时区，例如 2026-11-24T08:00:00+08:00",
    ),
    (re.compile(r"Invalid enum value '(.*)'"), lambda m: f"没有「{m[1]}」这个选项"),
    (re.compile(r"Invalid RFC3339 encoded datetime"), lambda m: "时间格式不对，例如 2026-11-24T08:00:00+08:00"),
    (re.compile(r"Invalid RFC3339 encoded date"), lambda m: "日期格式不对，例如 2026-11-24"),
    (re.compile(r"Invalid UUID"), lambda m: "不是有效的 UUID"),
    (re.compile(r"Missing required .*"), lambda m: "缺少必填项"),
]

_PATH = re.compile(r"(?P<message>.*?)(?: - at `(?P<path>[^`]*)`)?")


def field_errors(error: ValidationException, language: Language) -> list[dict[str, str]]:
    """One `{"field", "message"}` per fault."""
    extra = error.extra if isinstance(error.extra, list) else []
    faults = [fault for fault in extra if isinstance(fault, dict)] or [{"message": error.detail, "key": ""}]
    return [_field_error(fault, language) for fault in faults]


def _field_error(fault: dict[str, str], language: Language) -> dict[str, str]:
    match = _PATH.fullmatch(str(fault.get("message", "")))
    message = match["message"] if match else str(fault.get("message", ""))
    path = (match["path"] if match and match["path"] else "").removeprefix("$").removeprefix(".")
    field = path or str(fault.get("key") or "")
    return {"field": field or "$", "message": message if language is Language.EN else _in_chinese(message)}


def _in_chinese(message: str) -> str:
    for pattern, wording in _WORDINGS:
        if match := pattern.fullmatch(message):
            return wording(match)
    return message
