"""XLSX → rows of text, as the same table saved as CSV would give them; `line` is the row of the sheet.

Dates become ISO 8601 (which every mapping understands), whole numbers lose the ".0" that a workbook gives them all.
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from admin_cli.failures import Failure
from admin_cli.importing.csv_file import SourceRow
from admin_cli.importing.problems import file_problem
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

    def rows(self) -> Iterator[SourceRow]:
        """Every row with something in it, the header first, in the order of the sheet."""
        for line, cells in enumerate(self._sheet.iter_rows(), start=1):
            texts = [cell if isinstance(cell, str) else text_of(cell) for cell in cells]
            if any(texts):
                yield SourceRow(line=line, cells=texts)


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
