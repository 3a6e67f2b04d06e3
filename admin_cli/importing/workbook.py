"""XLSX → rows of text, as the same table saved as CSV would give them; `line` is the row of the sheet.

Dates become ISO 8601 (which every mapping understands), whole numbers lose the ".0" that a workbook gives them all. An
error cell reads as #N/A; a formula that was never computed is a problem of its row.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from admin_cli.failures import Failure
from admin_cli.importing.cell_faults import find_cell_faults
from admin_cli.importing.csv_file import SourceRow
from admin_cli.importing.problems import RowProblem, file_problem, row_problem, shown
from admin_cli.importing.times import SERIAL_EPOCH, SERIAL_EPOCH_1904, to_millisecond

UNPACKED_BYTES_MAX = 600_000_000
"""A workbook is a zip: a few kilobytes can unpack to anything. This is some 750,000 reports. The whole sheet is held in
memory while it is read, so more would take over 1.5 GB; a larger file goes in as CSV."""

EXACT_INTEGER_MAX = 10**15
"""Workbooks keep 15 digits of a number. Longer ones have been rounded already, and keep the form that shows it."""

Cell = int | float | str | bool | time | date | datetime | timedelta


class Workbook:
    """An open workbook's one sheet. `serial_epoch` is what its day numbers count from."""

    def __init__(self, path: Path, sheet_name: str | None) -> None:
        self.serial_epoch = _read_serial_epoch(path)
        try:
            self._sheet = _find_sheet(CalamineWorkbook.from_path(path), sheet_name)
        except CalamineError as error:
            raise _unreadable(path, str(error)) from error
        with zipfile.ZipFile(path) as archive:
            self._faults = find_cell_faults(archive, self._sheet.name)
        self._faulty_lines = {line for line, _ in self._faults}

    def rows(self) -> Iterator[SourceRow]:
        """Every row with something in it, the header first, in the order of the sheet."""
        for line, cells in enumerate(self._sheet.iter_rows(), start=1):
            texts = [cell if isinstance(cell, str) else text_of(cell) for cell in cells]
            if line in self._faulty_lines:
                yield self._faulty_row(line, texts)
            elif any(texts):
                yield SourceRow(line=line, cells=texts)

    def _faulty_row(self, line: int, texts: list[str]) -> SourceRow:
        problems = []
        # Rows are given from the sheet's first one on, but cells from the first column in use.
        first_column = self._sheet.start[1] + 1 if self._sheet.start else 1
        for place, _ in enumerate(texts):
            fault = self._faults.get((line, first_column + place), "")
            texts[place] = fault or texts[place]
            if fault.startswith("="):
                problems.append(_not_computed(first_column + place, fault))
        return SourceRow(line=line, cells=texts, problems=tuple(problems))


def text_of(cell: Cell) -> str:
    match cell:
        case bool():
            return "TRUE" if cell else "FALSE"
        case float() if cell.is_integer() and abs(cell) < EXACT_INTEGER_MAX:
            return str(int(cell))
        case datetime():
            return to_millisecond(cell).isoformat()
        case date():
            return f"{cell.isoformat()}T00:00:00"
        case _:
            return str(cell)


def _not_computed(number: int, formula: str) -> RowProblem:
    return row_problem(
        "formula_not_computed",
        f"第 {number} 列是没有算过的公式 {shown(formula)}；请用电子表格软件打开、保存后再导入，或直接填结果。",
        f"column {number} holds the formula {shown(formula)}, which was never computed; open the file in a spreadsheet "
        "program and save it, or fill in the result.",
    )


def _read_serial_epoch(path: Path) -> datetime:
    """Looks into the zip itself, because the reader below only applies the epoch to cells formatted as dates."""
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked_bytes = sum(entry.file_size for entry in archive.infolist())
            if unpacked_bytes > UNPACKED_BYTES_MAX:
                raise file_problem(
                    f"{path} 解压后有 {unpacked_bytes:,} 字节，最多 {UNPACKED_BYTES_MAX:,}；请拆分或另存为 CSV。",
                    f"{path} unpacks to {unpacked_bytes:,} bytes, {UNPACKED_BYTES_MAX:,} at most; split it, or save it "
                    "as CSV.",
                )
            properties = archive.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError) as error:
        raise _unreadable(path, str(error)) from error
    is_1904 = re.search(rb"""date1904\s*=\s*["'](1|true)["']""", properties) is not None
    return SERIAL_EPOCH_1904 if is_1904 else SERIAL_EPOCH


def _find_sheet(workbook: CalamineWorkbook, name: str | None) -> CalamineSheet:
    names = workbook.sheet_names
    if name is not None and name not in names:
        raise file_problem(
            f"工作簿里没有工作表「{name}」，有：{'、'.join(names)}；请改对应表 [file] 里的 sheet。",
            f"the workbook has no sheet {name!r} but: {', '.join(names)}. Correct `sheet` in [file] of the mapping.",
        )
    return workbook.get_sheet_by_name(names[0] if name is None else name)


def _unreadable(path: Path, reason: str) -> Failure:
    return file_problem(
        f"{path} 不是可读的 XLSX 工作簿（{reason}）；请在电子表格软件里另存为 .xlsx（不带密码）或 CSV。",
        f"{path} is not a readable XLSX workbook ({reason}); save it as .xlsx (without a password) or CSV.",
    )
