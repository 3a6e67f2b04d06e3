"""The text of a cell → the value that the API wants, or the problem with it.

Generous where a spreadsheet or a habit varies the writing (1,000; 2026/3/1; 是), strict where a guess could be wrong.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from admin_cli.importing.problems import RowProblem, row_problem, shown
from admin_cli.importing.rows import ROUNDED_NUMBER
from admin_cli.importing.times import SERIAL_EPOCH
from admin_cli.language import t
from admin_cli.sheets.columns import Kind, SheetColumn, plain_name, spell

ERROR_CELL = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|BLOCKED!|UNKNOWN!)|#{3,}")
"""What a spreadsheet writes in place of a value; ### is a number in a column too narrow for it."""

WHOLE_NUMBER = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.0+)?")

DAY = re.compile(r"([0-9]{4})\s*[-/.年]\s*([0-9]{1,2})\s*[-/.月]\s*([0-9]{1,2})\s*日?")
COMPACT_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
SERIAL_DAY = re.compile(r"[0-9]{5}")
"""A day that lost its format: days since the epoch, five digits from 1927 to 2173."""

MIDNIGHT = re.compile(r"[T ]\s*0{1,2}:00(:00)?")

CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
PROSE_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f]")

TRUE_WORDS = frozenset({"是", "对", "有", "yes", "y", "true", "t", "1", "√", "✓"})
FALSE_WORDS = frozenset({"否", "不", "不是", "无", "没有", "no", "n", "false", "f", "0", "×"})

Value = str | int | bool


@dataclass(eq=False)
class WrongCell(Exception):
    """The cell is not what its column holds; `problem` says why. Raised within reading a row only."""

    problem: RowProblem


def read_cell(text: str, column: SheetColumn, *, header: str, serial_epoch: datetime | None) -> Value | None:
    """The value, blanks around it gone; None for an empty cell. Raises WrongCell."""
    text = text.strip()
    if not text:
        return None
    if ERROR_CELL.fullmatch(text):
        raise _wrong(
            "error_cell",
            f"「{header}」是 {text}，不是内容；请在表格里改正公式或加宽列再保存。",
            f"{header} holds {text} in place of a value; correct the formula or widen the column, and save again.",
        )
    match column.kind:
        case Kind.INTEGER:
            return _read_integer(text, column, header)
        case Kind.DAY:
            return _read_day(text, header, serial_epoch or SERIAL_EPOCH)
        case Kind.FLAG:
            return _read_flag(text, header)
        case Kind.WORD:
            return _read_word(text, column, header)
        case Kind.CODE:
            return _read_code(text, column, header)
        case _:
            return _read_text(text, column, header)


def _read_integer(text: str, column: SheetColumn, header: str) -> int:
    plain = unicodedata.normalize("NFKC", text)
    _check_not_rounded(plain, header)
    if not WHOLE_NUMBER.fullmatch(plain):
        raise _wrong(
            "wrong_number",
            f"「{header}」的「{shown(text)}」不是整数；请只填数字，例如 50。",
            f"{header}: {shown(text)!r} is no whole number; write digits only, such as 50.",
        )
    number = int(plain.partition(".")[0].replace(",", "")) if len(plain) <= 20 else column.greatest + 1
    if not column.least <= number <= column.greatest:
        raise _wrong(
            "number_out_of_range",
            f"「{header}」的「{shown(text)}」不在 {column.least:,} 到 {column.greatest:,} 之间；请改正。",
            f"{header}: {shown(text)!r} is not between {column.least:,} and {column.greatest:,}; correct it.",
        )
    return number


def _read_day(text: str, header: str, serial_epoch: datetime) -> str:
    plain = MIDNIGHT.sub("", unicodedata.normalize("NFKC", text)).strip()
    try:
        if found := DAY.fullmatch(plain) or COMPACT_DAY.fullmatch(plain):
            return date(*map(int, found.groups())).isoformat()
        if SERIAL_DAY.fullmatch(plain):
            return (serial_epoch + timedelta(days=int(plain))).date().isoformat()
    except ValueError:
        pass  # such as 30 February
    raise _wrong(
        "wrong_date",
        f"「{header}」的「{shown(text)}」不是日期；请写成 2026-03-01 或 2026/3/1。",
        f"{header}: {shown(text)!r} is no date; write it as 2026-03-01 or 2026/3/1.",
    )


def _read_flag(text: str, header: str) -> bool:
    plain = plain_name(text)
    if plain in TRUE_WORDS:
        return True
    if plain in FALSE_WORDS:
        return False
    raise _wrong(
        "wrong_choice",
        f"「{header}」的「{shown(text)}」看不出是或否；请填 是 或 否。",
        f"{header}: {shown(text)!r} is neither yes nor no; write yes or no.",
    )


def _read_word(text: str, column: SheetColumn, header: str) -> str:
    plain = plain_name(text)
    for value, words in column.words.items():
        if plain in map(plain_name, (value, *words)):
            return value
    known = t("、", ", ").join(spell(words) for words in column.words.values())
    raise _wrong(
        "wrong_choice",
        f"「{header}」没有「{shown(text)}」这一种；可填：{known}。",
        f"{header}: there is no {shown(text)!r}; write one of: {known}.",
    )


def _read_code(text: str, column: SheetColumn, header: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    _check_not_rounded(plain, header)
    return _read_text(plain, column, header)


def _read_text(text: str, column: SheetColumn, header: str) -> str:
    if (PROSE_CONTROLS if column.kind is Kind.PROSE else CONTROLS).search(text):
        raise _wrong(
            "control_character",
            f"「{header}」里有换行或不可见的字符；请删去。",
            f"{header} holds a line break or an invisible character; remove it.",
        )
    if len(text) > column.length_max:
        raise _wrong(
            "text_too_long",
            f"「{header}」有 {len(text):,} 个字符，最多 {column.length_max}；请缩短。",
            f"{header} has {len(text):,} characters, {column.length_max} at most; shorten it.",
        )
    return text


def _check_not_rounded(text: str, header: str) -> None:
    if ROUNDED_NUMBER.fullmatch(text):
        raise _wrong(
            "rounded_number",
            f"「{header}」的「{text}」是科学计数，末几位可能已丢失；请把该列设为文本，填上完整的数字。",
            f"{header}: {text!r} is in scientific notation and may have lost digits; format the column as text and "
            "write the number in full.",
        )


def _wrong(code: str, zh: str, en: str) -> WrongCell:
    return WrongCell(row_problem(code, zh, en))
