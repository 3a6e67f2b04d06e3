"""What can be wrong with a file to be imported, in two sizes: a row that is set aside, or a file that stops the import.

A row's problem is a value: it is collected, counted by its stable code and written beside the row, so that one run
names them all. A file's problem is a `Failure`, raised before anything was sent. Both say what to do about it.
"""

from dataclasses import dataclass

from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.printing.text import visible

SHOWN_LENGTH_MAX = 40
"""Characters of a cell that a message repeats: enough to find it, little enough to keep the sentence on one line."""

BAD_BYTE_FIRST, BAD_BYTE_LAST = 0xDC00, 0xDCFF
"""Where undecodable bytes live in text (see `csv_file`): 0xE9 is the character U+DCE9, which no valid text has."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One reason why a row cannot go in. `code` is stable, `text` is a sentence in the language of the person."""

    code: str
    text: str


def row_problem(code: str, zh: str, en: str) -> RowProblem:
    return RowProblem(code, t(zh, en))


def file_problem(zh: str, en: str) -> Failure:
    """The import cannot start: the sentence names the file, the place in it and the remedy."""
    return usage_failure(t(zh, en))


def shown(cell: str) -> str:
    """The cell as a message can print it: cut, on one line, harmless to a terminal, undecodable bytes as \\xNN."""
    return visible(with_visible_bytes(cell if len(cell) <= SHOWN_LENGTH_MAX else cell[: SHOWN_LENGTH_MAX - 1] + "…"))


def with_visible_bytes(text: str) -> str:
    """The text with undecodable bytes written as \\xNN, so that it can be stored as UTF-8 and found again by eye."""
    if text.isascii():
        return text
    return "".join(map(_visible_byte, text))


def _visible_byte(character: str) -> str:
    if BAD_BYTE_FIRST <= ord(character) <= BAD_BYTE_LAST:
        return f"\\x{ord(character) - BAD_BYTE_FIRST:02x}"
    return character
