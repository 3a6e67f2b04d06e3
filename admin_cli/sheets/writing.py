"""Rows into a file that every spreadsheet opens as it is meant: CSV with Chinese intact, XLSX with real types.

No cell can become a formula: in CSV text that begins like one gets an apostrophe (`admin_cli.importing.guard`), in
XLSX text is written as text. Rows go out as they come; neither file is ever whole in memory.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from zoneinfo import ZoneInfo

from admin_cli.failures import usage_failure
from admin_cli.importing.guard import with_guard, with_text_guard
from admin_cli.language import t
from admin_cli.printing.text import width_of
from admin_cli.printing.times import read_instant
from admin_cli.sheets.columns import Item, Kind, SheetColumn, spell

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

CSV, XLSX = ".csv", ".xlsx"
SUFFIXES = (CSV, XLSX)

XLSX_ROWS_MAX = 1_048_575
"""What a worksheet holds below its header. Source: Microsoft, Excel specifications and limits."""

WIDTH_MIN, WIDTH_MAX = 8, 50
"""In narrow characters: a header can be read, and one long description does not push the others off the screen."""

YEAR_MIN = 1901
"""A workbook's days begin in 1900, with one that never was; older ones stand as text."""

CHOICE_ROWS = 1_000
"""Rows below the last one that offer the same choices, for what people add by hand."""

CellValue = str | int | date | datetime | None


class RowWriter(Protocol):
    """`write` takes one object of the API."""

    def write(self, item: Item) -> None: ...


def suffix_of(path: Path) -> str:
    """Raises Failure for a name that does not say which of the two kinds of file it is to be."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return suffix
    raise usage_failure(
        t(
            f"看不出 {path} 要存成什么格式；文件名请以 .xlsx 或 .csv 结尾。",
            f"{path} does not say which kind of file it is; let its name end with .xlsx or .csv.",
        )
    )


@contextmanager
def open_writer(
    file: BinaryIO, suffix: str, columns: Sequence[SheetColumn], *, title: str, zone: ZoneInfo
) -> Iterator[RowWriter]:
    """A writer into the open file. What is not written when the block raises is never a readable file."""
    if suffix == CSV:
        yield CsvWriter(file, columns, zone)
    else:
        # The library keeps rows in files of its own, which must not stay behind: they name people.
        with TemporaryDirectory(prefix="points-") as folder:
            workbook = XlsxWriter(file, columns, title=title, zone=zone, folder=folder)
            try:
                yield workbook
            except BaseException:
                workbook.abandon()
                raise
            workbook.close()


class CsvWriter:
    """UTF-8 with its mark, by which Excel knows that it is not the local encoding; line ends as RFC 4180 has them."""

    def __init__(self, file: BinaryIO, columns: Sequence[SheetColumn], zone: ZoneInfo) -> None:
        self._columns = columns
        self._zone = zone
        file.write(codecs.BOM_UTF8)
        self._rows = csv.writer(_Encoded(file))
        self._rows.writerow([with_guard(column.title) for column in columns])

    def write(self, item: Item) -> None:
        self._rows.writerow([_csv_cell(cell_value(column, item, self._zone)) for column in self._columns])


class _Encoded:
    """Text into a file of bytes. A text wrapper would close the file, which may be stdout, when it is thrown away."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, text: str) -> int:
        return self._file.write(text.encode("utf-8", errors="backslashreplace"))


def _csv_cell(value: CellValue) -> str:
    match value:
        case None:
            return ""
        case str():
            return with_text_guard(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}"
        case _:
            return str(value)


class XlsxWriter:
    """One sheet: header bold and frozen, filters, widths that suit Chinese, and choices where words are fixed."""

    def __init__(
        self, file: BinaryIO, columns: Sequence[SheetColumn], *, title: str, zone: ZoneInfo, folder: str
    ) -> None:
        import xlsxwriter  # it takes longer to import than most commands run

        self._columns = columns
        self._zone = zone
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._sheet: Worksheet = self._book.add_worksheet(title)
        self._formats = self._make_formats()
        self._widths = [width_of(column.title) + 3 for column in columns]  # and the filter's button
        self._rows = 0
        header = self._book.add_format({"bold": True, "num_format": "@", "valign": "top", "bottom": 1})
        for number, column in enumerate(columns):
            self._sheet.write_string(0, number, column.title, header)
        self._sheet.freeze_panes(1, 0)

    def write(self, item: Item) -> None:
        self._rows += 1
        if self._rows > XLSX_ROWS_MAX:
            raise usage_failure(
                t(
                    f"超过 {XLSX_ROWS_MAX:,} 行，一个工作表放不下；请用条件缩小范围，或存成 .csv。",
                    f"More than {XLSX_ROWS_MAX:,} rows, which a worksheet does not hold; narrow them down, or write "
                    "a .csv.",
                )
            )
        for number, column in enumerate(self._columns):
            self._write_cell(number, column, cell_value(column, item, self._zone))

    def close(self) -> None:
        last = len(self._columns) - 1
        self._sheet.autofilter(0, 0, max(self._rows, 1), last)
        for number, column in enumerate(self._columns):
            width = min(max(self._widths[number], WIDTH_MIN), WIDTH_MAX)
            self._sheet.set_column(number, number, width, self._formats[column.kind])
            if column.words:
                choices = [spell(words) for words in column.words.values()]
                self._sheet.data_validation(
                    1, number, self._rows + CHOICE_ROWS, number, {"validate": "list", "source": choices}
                )
        self._book.close()

    def abandon(self) -> None:
        """Lets go of the library's own file, which it would keep open, without making a workbook of it."""
        self._sheet.row_data_fh.close()

    def _make_formats(self) -> dict[Kind, Any]:
        """A format for each kind, also for the cells below the last row: a code typed there keeps its zeros."""
        shared = {"valign": "top"}
        as_text = self._book.add_format({**shared, "num_format": "@"})
        formats = dict.fromkeys(Kind, as_text)
        formats[Kind.PROSE] = self._book.add_format({**shared, "num_format": "@", "text_wrap": True})
        formats[Kind.INTEGER] = self._book.add_format({**shared, "num_format": "#,##0"})
        formats[Kind.DAY] = self._book.add_format({**shared, "num_format": "yyyy-mm-dd"})
        formats[Kind.MOMENT] = self._book.add_format({**shared, "num_format": "yyyy-mm-dd hh:mm:ss"})
        return formats

    def _write_cell(self, number: int, column: SheetColumn, value: CellValue) -> None:
        style: Format = self._formats[column.kind]
        match value:
            case None | "":
                return
            case str():
                self._sheet.write_string(self._rows, number, value, style)
                width = width_of(value)
            case int():
                self._sheet.write_number(self._rows, number, value, style)
                width = len(f"{value:,}")
            case date() if value.year < YEAR_MIN:
                self._sheet.write_string(self._rows, number, value.isoformat(), self._formats[Kind.TEXT])
                width = len("1899-12-31")
            case _:
                self._sheet.write_datetime(self._rows, number, value, style)
                width = len("2026-11-24 09:18:05") if isinstance(value, datetime) else len("2026-11-24")
        self._widths[number] = max(self._widths[number], width + 2)


def cell_value(column: SheetColumn, item: Item, zone: ZoneInfo) -> CellValue:
    """The field as a spreadsheet holds it: a number as a number, a day as a day, a word in the person's language."""
    value = column.read_from(item)
    if value is None:
        return None
    match column.kind:
        case Kind.INTEGER:
            return int(value)
        case Kind.DAY:
            return date.fromisoformat(value)
        case Kind.MOMENT:
            instant = read_instant(value)
            return instant.astimezone(zone).replace(tzinfo=None) if instant else str(value)
        case Kind.FLAG:
            return spell(column.words["true" if value else "false"])
        case Kind.WORD:
            return spell(column.words[value]) if value in column.words else str(value)
        case _:
            return str(value)
