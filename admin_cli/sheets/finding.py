"""How a table that somebody saved is to be read: its encoding, its delimiter, its sheet. Nobody has to say it.

A spreadsheet saves CSV as its own country does: UTF-8 with or without its mark, GB 18030 in China, UTF-16 as "Unicode
text", with commas, semicolons or tabs. What is found here goes to `admin_cli.importing.source`, which reads the file.
"""

import codecs
import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from admin_cli.importing.problems import file_problem, shown
from admin_cli.importing.source import DELIMITERS, UTF_16_STARTS, ZIP_START
from admin_cli.importing.workbook import Workbook
from admin_cli.sheets.columns import SheetColumn, plain_name

CHUNK_BYTES = 1_000_000
HEADER_BYTES_MAX = 8_192

CHINESE = "gb18030"
"""What Chinese Windows calls ANSI. It holds GBK and GB 2312."""

MERGED_SHOWN_MAX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetForm:
    """A `TableForm` of `admin_cli.importing.source`. Which columns there must be is seen to by `reading`."""

    encoding: str = "utf-8-sig"
    delimiter: str = ","
    sheet: str | None = None
    is_spreadsheet: bool = True

    @property
    def needed_columns(self) -> list[str]:
        return []


def find_form(path: Path, columns: Sequence[SheetColumn], sheet: str | None) -> SheetForm:
    """What cannot be found is left at the usual, so that opening the file says what is wrong with it."""
    try:
        with path.open("rb") as file:
            start = file.read(HEADER_BYTES_MAX)
    except OSError:
        return SheetForm()
    if start.startswith(ZIP_START):
        return SheetForm(sheet=_find_sheet(path, sheet))
    if sheet is not None:
        raise file_problem(
            f"{path} 不是工作簿，没有工作表；请去掉 --sheet。",
            f"{path} is no workbook and has no sheets; leave out --sheet.",
        )
    encoding = _find_encoding(path, start)
    header = start.decode(encoding, errors="replace").splitlines()
    return SheetForm(encoding=encoding, delimiter=_find_delimiter(header[0] if header else "", columns))


def _find_encoding(path: Path, start: bytes) -> str:
    if start.startswith(UTF_16_STARTS):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8) or _is_all(path, "utf-8"):
        return "utf-8-sig"
    # A file in UTF-8 with one damaged place stays UTF-8: as GB 18030 every Chinese word in it would be another one.
    header = start.partition(b"\n")[0]
    if not header.isascii():
        return "utf-8-sig" if _is_text(header, "utf-8") else CHINESE
    return CHINESE if _is_all(path, CHINESE) else "utf-8-sig"


def _is_all(path: Path, encoding: str) -> bool:
    """Whether all of the file is text in that encoding, read piece by piece."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_text(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _find_delimiter(header: str, columns: Sequence[SheetColumn]) -> str:
    """The one that gives the most columns we know; a comma where none gives more."""
    known = set[str]().union(*(column.accepted_names for column in columns))

    def count_known(delimiter: str) -> int:
        return sum(
            plain_name(name.removeprefix("\ufeff")) in known
            for name in next(csv.reader([header], delimiter=delimiter), [])
        )

    return max(DELIMITERS, key=count_known)


def _find_sheet(path: Path, wanted: str | None) -> str | None:
    """The sheet that has something in it. Raises Failure when there are several, or merged cells in it."""
    Workbook(path, None)  # refuses what is no workbook or unpacks to too much
    try:
        workbook = CalamineWorkbook.from_path(path)
        names = [one.name for one in workbook.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
        if wanted is not None and wanted not in names:
            raise file_problem(
                f"{path} 里没有工作表「{shown(wanted)}」，有：{'、'.join(map(shown, names))}；请改 --sheet。",
                f"{path} has no sheet {shown(wanted)!r} but: {', '.join(map(shown, names))}; correct --sheet.",
            )
        sheets = [workbook.get_sheet_by_name(name) for name in names if wanted in (None, name)]
    except CalamineError:
        return wanted
    filled = [sheet for sheet in sheets if sheet.total_height]
    if len(filled) > 1:
        found = [shown(sheet.name) for sheet in filled]
        raise file_problem(
            f"{path} 有 {len(found)} 个有内容的工作表：{'、'.join(found)}；请用 --sheet 说明导入哪一个。",
            f"{path} has {len(found)} sheets with something in them: {', '.join(found)}; say which with --sheet.",
        )
    for sheet in filled:
        _check_merged(path, sheet)
    return filled[0].name if filled else wanted


def _check_merged(path: Path, sheet: CalamineSheet) -> None:
    """Only the first of merged cells has the value: the others would be read as empty, which is a statement too."""
    merged = [f"{_cell_name(*start)}:{_cell_name(*end)}" for start, end in sheet.merged_cell_ranges or []]
    if merged:
        places = ", ".join(merged[:MERGED_SHOWN_MAX]) + (" …" if len(merged) > MERGED_SHOWN_MAX else "")
        raise file_problem(
            f"{path} 有合并的单元格（{places}）；请取消合并，表头放在第一行、一列一个名字，每格各填各的。",
            f"{path} has merged cells ({places}); unmerge them: the header in the first row with a name a column, and "
            "every cell filled in by itself.",
        )


def _cell_name(row: int, column: int) -> str:
    letters = ""
    while column >= 0:
        column, letter = divmod(column, 26)
        letters = chr(ord("A") + letter) + letters
        column -= 1
    return f"{letters}{row + 1}"
