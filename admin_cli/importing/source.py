"""A file to be imported, opened by what it holds rather than by its name: the header and then its rows, CSV or XLSX.

All that concerns the file as a whole is refused here, before the first row: too large, not text, another encoding, a
header that lacks a column.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from admin_cli.failures import Failure, usage_failure
from admin_cli.importing.csv_file import SourceRow, open_csv, read_csv_rows
from admin_cli.importing.guard import BAD_ROW_COLUMNS, without_guard
from admin_cli.importing.problems import file_problem, row_problem, shown
from admin_cli.importing.workbook import Workbook
from admin_cli.language import t

FILE_BYTES_MAX = 1_000_000_000
"""Three times a million rows of the largest kind seen (300 bytes a row). Beyond it, split the file by month."""

ROWS_MAX = 1_000_000
"""All rows are sorted in memory before the first is sent: a million take about a gigabyte."""

DELIMITERS = (",", ";", "\t", "|")

ZIP_START = b"PK\x03\x04"
OLE_START = bytes.fromhex("d0cf11e0a1b11ae1")
CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1f]")
"""No header holds one; pictures, programs, packed files and UTF-16 without its mark do."""

UTF_16_STARTS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class TableForm(Protocol):
    """How a file is to be read: a mapping says it of foreign files, `admin_cli.sheets` finds it out of its own.

    `is_spreadsheet`: a table that people keep. Its CSV cells may be guarded, and its rows may end with their last
    filled cell, as spreadsheets write them.
    """

    @property
    def encoding(self) -> str: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def sheet(self) -> str | None: ...
    @property
    def needed_columns(self) -> list[str]: ...
    @property
    def is_spreadsheet(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An open file. `serial_epoch` is set for workbooks; `rows` can be gone through once."""

    header: list[str]
    rows: Iterator[SourceRow]
    serial_epoch: datetime | None


@contextmanager
def open_source(path: Path, form: TableForm) -> Iterator[Source]:
    """Raises Failure in this order: no such file, its size, its kind, its encoding, its header."""
    start = _read_start(path)
    if start.startswith(ZIP_START):
        workbook = Workbook(path, form.sheet)
        yield _after_header(workbook.rows(), path, form, workbook.serial_epoch)
        return
    # The mark of UTF-8 leaves no doubt, and a bad-rows file has it whatever the encoding of the file it came from.
    encoding = "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else form.encoding
    _check_is_text(path, start, encoding)
    with open_csv(path, encoding) as file:
        yield _after_header(read_csv_rows(file, form.delimiter), path, form, None)


def _read_start(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise file_problem(
                f"{path} 是文件夹或数据流，要读两遍的只能是文件；请给出文件。",
                f"{path} is a folder or a stream; what is read twice has to be a file. Name one.",
            )
        size = path.stat().st_size
        if size == 0:
            raise file_problem(f"{path} 是空文件；请检查导出。", f"{path} is empty; check how it was exported.")
        if size > FILE_BYTES_MAX:
            raise file_problem(
                f"{path} 有 {size:,} 字节，最多 {FILE_BYTES_MAX:,}；请按月分成几个文件。",
                f"{path} has {size:,} bytes, {FILE_BYTES_MAX:,} at most; split it by month.",
            )
        with path.open("rb") as file:
            return file.read(8192)
    except OSError as error:
        raise file_problem(
            f"读不了 {path}（{error.strerror}）；请检查路径和权限。",
            f"cannot read {path} ({error.strerror}); check the path and its permissions.",
        ) from error


def _check_is_text(path: Path, start: bytes, encoding: str) -> None:
    if start.startswith(OLE_START):
        raise file_problem(
            f"{path} 是旧式 .xls 或带密码的工作簿；请另存为不带密码的 .xlsx 或 CSV。",
            f"{path} is an old .xls or a workbook with a password; save it as .xlsx without a password, or as CSV.",
        )
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return
    if start.startswith(UTF_16_STARTS):
        raise file_problem(
            f'{path} 是 UTF-16 编码，对应表说是 {encoding}；请在 [file] 写 encoding = "utf-16"，或另存为 CSV UTF-8。',
            f'{path} is in UTF-16, the mapping says {encoding}; write encoding = "utf-16" in [file], or save it as CSV '
            "UTF-8.",
        )
    if CONTROL_BYTES.search(start.partition(b"\n")[0]):
        raise file_problem(
            f"{path} 不是文本文件；请给出 CSV 或 XLSX。", f"{path} is not a text file; give a CSV or XLSX file."
        )


def _after_header(rows: Iterator[SourceRow], path: Path, form: TableForm, serial_epoch: datetime | None) -> Source:
    first = next(rows, None)
    if first is None:
        raise file_problem(
            f"{path} 里没有任何内容；请检查导出（工作簿则检查工作表）。",
            f"{path} holds nothing; check how it was exported (in a workbook, which sheet).",
        )
    header = [name.strip().removeprefix("\ufeff") for name in first.cells]
    if header[: len(BAD_ROW_COLUMNS)] == BAD_ROW_COLUMNS:
        header = header[len(BAD_ROW_COLUMNS) :]
        rows = map(_without_reasons, rows)
    elif form.is_spreadsheet and serial_epoch is None:
        rows = map(_without_guards, rows)
    _check_header(path, first, header, form)
    if form.is_spreadsheet:
        rows = (_filled(row, len(header)) for row in rows)
    return Source(header=header, rows=_fitted(rows, path, len(header)), serial_epoch=serial_epoch)


def _check_header(path: Path, first: SourceRow, header: list[str], form: TableForm) -> None:
    if first.problems:
        raise _broken_header(path, first, form)
    columns = Counter(header)
    for name in form.needed_columns:
        if columns[name] == 0:
            raise _missing_column(path, header, name, form)
        if columns[name] > 1:
            raise file_problem(
                f"{path} 第 {first.line} 行：列名「{shown(name)}」出现 {columns[name]} 次；请把多余的改名。",
                f"{path}, line {first.line}: the column {shown(name)!r} is there {columns[name]} times; rename one.",
            )


def _broken_header(path: Path, first: SourceRow, form: TableForm) -> Failure:
    reason = first.problems[0]
    if reason.code == "broken_encoding" and not form.is_spreadsheet:
        return file_problem(
            f"{path} 第 {first.line} 行（表头）不是 {form.encoding} 编码；请在对应表 [file] 写上正确的 encoding，"
            "中文 Windows "
            '导出的常是 "gb18030"。',
            f"{path}, line {first.line}: the header is not in {form.encoding}; name the right encoding in [file] of "
            'the mapping: files from Chinese Windows are often "gb18030".',
        )
    place = t(f"{path} 第 {first.line} 行（表头）：", f"{path}, line {first.line} (header): ")
    return usage_failure(place + reason.text)


def _missing_column(path: Path, header: list[str], name: str, form: TableForm) -> Failure:
    there = ", ".join(map(shown, header))
    for delimiter in DELIMITERS:
        if len(header) == 1 and delimiter != form.delimiter and name in next(csv.reader(header, delimiter=delimiter)):
            as_toml = repr(delimiter).replace("'", '"')
            return file_problem(
                f"{path} 的列是用 {as_toml} 分隔的；请在对应表 [file] 写 delimiter = {as_toml}。",
                f"the columns of {path} are separated by {as_toml}; write delimiter = {as_toml} in [file] of the "
                "mapping.",
            )
    return file_problem(
        f"{path} 没有列「{name}」，有：{there}。请改对应表里的列名，或检查是不是这个文件。",
        f"{path} has no column {name!r} but: {there}. Correct the name in the mapping, or check that this is the file.",
    )


def _fitted(rows: Iterator[SourceRow], path: Path, width: int) -> Iterator[SourceRow]:
    """The rows with exactly as many cells as the header; others are marked. Cells beyond it may be there if empty."""
    for number, row in enumerate(rows, start=1):
        if number > ROWS_MAX:
            raise file_problem(
                f"{path} 超过 {ROWS_MAX:,} 行；请按月分成几个文件，依时间先后导入。",
                f"{path} has more than {ROWS_MAX:,} rows; split it by month and import the parts in order of time.",
            )
        yield row if len(row.cells) == width or not row.is_aligned else _fitted_row(row, width)


def _fitted_row(row: SourceRow, width: int) -> SourceRow:
    found = len(row.cells)
    if found > width and not any(row.cells[width:]):
        return SourceRow(line=row.line, cells=row.cells[:width], problems=row.problems)
    problem = row_problem(
        "row_too_short" if found < width else "row_too_long",
        f"这一行有 {found} 列，表头有 {width} 列；请检查分隔符和引号。",
        f"the row has {found} columns, the header {width}; check delimiters and quotes.",
    )
    return SourceRow(line=row.line, cells=row.cells, problems=(*row.problems, problem), is_aligned=False)


def _without_reasons(row: SourceRow) -> SourceRow:
    """A corrected row of a bad-rows file, as it stood in the file it came from."""
    return _without_guards(replace(row, cells=row.cells[len(BAD_ROW_COLUMNS) :]))


def _without_guards(row: SourceRow) -> SourceRow:
    return replace(row, cells=[without_guard(cell) for cell in row.cells])


def _filled(row: SourceRow, width: int) -> SourceRow:
    """Empty cells at the end of a row may be missing. Source: Microsoft's note on text files of Excel."""
    missing = width - len(row.cells)
    return replace(row, cells=[*row.cells, *[""] * missing]) if missing > 0 and row.is_aligned else row
