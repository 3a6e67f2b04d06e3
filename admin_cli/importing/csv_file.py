"""CSV → rows with their line numbers, so that one broken line costs one row and never the rest of the file.

Bytes that the encoding does not know are kept as marked characters (see `keep_bad_bytes`), a quote that is never closed
gives its following lines back, and no line or cell can grow without end.
"""

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from admin_cli.importing.problems import BAD_BYTE_FIRST, RowProblem, row_problem

CELL_LENGTH_MAX = 32_767
"""What a workbook's cell can hold, so a file reads the same as CSV and as XLSX; a report's text has 500."""

LINE_LENGTH_MAX = 1_000_000
"""Beyond it a file is not made of lines. Bounds what one line can cost in memory."""

LINES_PER_ROW_MAX = 200
"""Quoted text may span lines, but no closure note has 200: a quote open for longer was never closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """A row as it stands: `line` is where it begins (sheet row of a workbook), `problems` what its form lacks.

    `is_aligned` says whether each cell stands under its own header, so that it can be read in spite of the problems.
    """

    line: int
    cells: list[str]
    problems: tuple[RowProblem, ...] = ()
    is_aligned: bool = True


def keep_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    """Error handler: each byte the encoding does not know becomes one character of U+DC00 to U+DCFF.

    Like the standard "surrogateescape", which does this for bytes from 0x80 only and fails on UTF-16, where any byte
    can be part of a broken pair. Such characters occur in no valid text, so a row that holds one is recognised.
    In UTF-8 and in the Chinese encodings a comma, a quote or a line end is never part of a longer character's bytes,
    hence the damage stays inside its cell.
    """
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(BAD_BYTE_FIRST + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("keep_bad_bytes", keep_bad_bytes)


def open_csv(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors="keep_bad_bytes", newline="")


def read_csv_rows(file: TextIO, delimiter: str) -> Iterator[SourceRow]:
    """Every row with something in it, the header first, in the order of the file."""
    lines = _Lines(file)
    # Strict, because the lenient reader repairs a misplaced quote by guessing, and swallows lines while doing so.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.start_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _broken_row(lines, delimiter, error)
            continue
        if any(cells):
            text_problems = () if lines.row_is_clean() else tuple(_find_text_problems(cells))
            yield SourceRow(line=lines.row_line, cells=cells, problems=text_problems)


class _Lines:
    """The physical lines of the file, one row's worth of which can be given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._given_back: deque[str] = deque()
        self._taken: list[str] = []
        self.row_line = 1

    def start_row(self) -> None:
        self.row_line += len(self._taken)
        self._taken.clear()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if len(self._taken) == LINES_PER_ROW_MAX:
            raise csv.Error("a quote open for too many lines")
        line = self._given_back.popleft() if self._given_back else self._read()
        self._taken.append(line)
        if len(line) >= LINE_LENGTH_MAX:
            raise LineTooLong
        return line

    def _read(self) -> str:
        line = self._file.readline(LINE_LENGTH_MAX)
        if not line:
            raise StopIteration
        rest = line
        while len(rest) == LINE_LENGTH_MAX and not rest.endswith(("\n", "\r")):
            rest = self._file.readline(LINE_LENGTH_MAX)
        return line

    def give_back_all_but_first(self) -> str:
        """The row's first line; the lines after it will be read again, as rows of their own."""
        first, *others = self._taken
        self._given_back.extendleft(reversed(others))
        self._taken[1:] = []
        return first

    def row_is_clean(self) -> bool:
        """A quick look that spares almost every row the slow one: no foreign byte, no NUL, no overlong cell."""
        return all(len(line) <= CELL_LENGTH_MAX and "\0" not in line and _is_valid(line) for line in self._taken)


class LineTooLong(csv.Error):
    """Raised through csv.reader by its own input, so that it leaves the row like any other fault."""


def _is_valid(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _broken_row(lines: _Lines, delimiter: str, error: csv.Error) -> SourceRow:
    first = lines.give_back_all_but_first()
    if isinstance(error, LineTooLong):
        problem = row_problem(
            "line_too_long",
            f"这一行超过 {LINE_LENGTH_MAX:,} 个字符，只保留了开头；请检查文件是否缺少换行。",
            f"the line has more than {LINE_LENGTH_MAX:,} characters, only its start was kept; are line ends missing?",
        )
        return SourceRow(line=lines.row_line, cells=[first[:CELL_LENGTH_MAX]], problems=(problem,), is_aligned=False)
    if len(first) > csv.field_size_limit():
        return SourceRow(
            line=lines.row_line, cells=[first], problems=(_cell_too_long(1, len(first)),), is_aligned=False
        )
    problem = row_problem(
        "broken_quotes",
        '引号不成对；单元格里的引号要写成两个（""），有引号、逗号或换行的单元格前后都要加引号。',
        'the quotes do not match: write a quote inside a cell twice (""), and put cells with quotes, delimiters '
        "or line ends between quotes.",
    )
    return SourceRow(
        line=lines.row_line, cells=first.rstrip("\r\n").split(delimiter), problems=(problem,), is_aligned=False
    )


def _find_text_problems(cells: list[str]) -> Iterator[RowProblem]:
    for number, cell in enumerate(cells, start=1):
        if not _is_valid(cell):
            byte = next(ord(character) - BAD_BYTE_FIRST for character in cell if not _is_valid(character)) & 0xFF
            yield row_problem(
                "broken_encoding",
                f"第 {number} 列有编码无法识别的字节 0x{byte:02X}；请改正文字，或检查文件的编码。",
                f"column {number} holds the byte 0x{byte:02X}, which the encoding does not know; correct the text, or "
                "check in which encoding the file was saved.",
            )
        if "\0" in cell:
            yield row_problem(
                "nul_byte",
                f"第 {number} 列有空字符（NUL）；请删去。",
                f"column {number} holds a NUL character; remove it.",
            )
        if len(cell) > CELL_LENGTH_MAX:
            yield _cell_too_long(number, len(cell))


def _cell_too_long(number: int, length: int) -> RowProblem:
    return row_problem(
        "cell_too_long",
        f"第 {number} 列有 {length:,} 个字符，最多 {CELL_LENGTH_MAX:,}；请缩短。",
        f"column {number} has {length:,} characters, {CELL_LENGTH_MAX:,} at most; shorten it.",
    )
