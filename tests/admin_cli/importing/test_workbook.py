"""XLSX gives what the same table gives as CSV."""

import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

from admin_cli.failures import Failure
from admin_cli.importing.mapping import read_mapping
from admin_cli.importing.rows import ImportItem, RowReader
from admin_cli.importing.source import open_source
from admin_cli.importing.times import TimeReader
from admin_cli.importing.workbook import Workbook, text_of
from tests.admin_cli.importing.builders import HEADER, MAPPING, NOW, row, write_csv, write_mapping

OPENED = datetime(2015, 6, 1, 8, 0, 0)  # noqa: DTZ001 - a wall clock, as cells hold it
CLOSED = datetime(2015, 6, 2, 9, 0, 0)  # noqa: DTZ001 - a wall clock, as cells hold it


def write_workbook(path: Path, rows: list[list[Any]], *, is_1904: bool = False) -> Path:
    workbook = openpyxl.Workbook()
    if is_1904:
        workbook.epoch = CALENDAR_MAC_1904
    for cells in rows:
        workbook.active.append(cells)
    workbook.save(path)
    return path


def read_items(path: Path, mapping_path: Path) -> list[ImportItem]:
    mapping = read_mapping(mapping_path)
    with open_source(path, mapping) as source:
        times = TimeReader(mapping.time_formats, ZoneInfo("Asia/Shanghai"), source.serial_epoch)
        reader = RowReader(mapping, source.header, times, now=NOW)
        found = [reader.read(source_row) for source_row in source.rows]
    assert all(isinstance(item, ImportItem) for item in found), found
    return [item for item in found if isinstance(item, ImportItem)]


def test_a_workbook_gives_the_same_items_as_the_same_table_in_csv(tmp_path):
    plain = [row(id="101001240735", opened="2015-06-01 08:00:00"), row(id="2", why="Duplicate of 1", lat="", lon="")]
    typed = [
        [101001240735, "R00001", "lamp", "Closed", OPENED, CLOSED, None, "中河街道", 29.8, 121.5, None],
        ["2", "R00001", "lamp", "Closed", OPENED, CLOSED, "Duplicate of 1", "中河街道", None, None, None],
    ]
    mapping = write_mapping(tmp_path)

    from_csv = read_items(write_csv(tmp_path, plain), mapping)
    from_workbook = read_items(write_workbook(tmp_path / "reports.xlsx", [HEADER, *typed]), mapping)

    assert from_workbook == from_csv


@pytest.mark.parametrize("is_1904", [False, True])
@pytest.mark.parametrize("has_format", [False, True])
def test_dates_are_the_same_with_or_without_a_date_format_and_from_either_epoch(tmp_path, is_1904, has_format):
    epoch = CALENDAR_MAC_1904 if is_1904 else CALENDAR_WINDOWS_1900
    cells: list[Any] = list(row().values())
    cells[4], cells[5] = (OPENED, CLOSED) if has_format else (to_excel(OPENED, epoch), to_excel(CLOSED, epoch))
    path = write_workbook(tmp_path / "reports.xlsx", [HEADER, cells], is_1904=is_1904)

    (item,) = read_items(path, write_mapping(tmp_path))

    assert f"{item.submitted_at:%Y-%m-%d %H:%M:%S}" == "2015-06-01 00:00:00"
    assert f"{item.decided_at:%Y-%m-%d %H:%M:%S}" == "2015-06-02 01:00:00"


CELLS = [
    (101001240735.0, "101001240735"),
    (42.3474, "42.3474"),
    (-71.0, "-71"),
    (1.0e17, "1e+17"),
    (True, "TRUE"),
    ("", ""),
    (date(2015, 6, 1), "2015-06-01T00:00:00"),
    (OPENED + timedelta(microseconds=22_999_998), "2015-06-01T08:00:23"),
]


@pytest.mark.parametrize(("cell", "text"), CELLS)
def test_a_cell_reads_as_csv_would_have_it(cell, text):
    assert text_of(cell) == text


def test_the_line_is_the_row_of_the_sheet(tmp_path):
    path = write_workbook(tmp_path / "reports.xlsx", [[], ["a"], [], ["b"]])

    assert [(found.line, found.cells) for found in Workbook(path, None).rows()] == [(2, ["a"]), (4, ["b"])]


def test_the_mapping_can_name_the_sheet(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.create_sheet("data").append(["a"])
    workbook.save(tmp_path / "reports.xlsx")

    assert [found.cells for found in Workbook(tmp_path / "reports.xlsx", "data").rows()] == [["a"]]
    with pytest.raises(Failure, match=r"other.*data.*sheet"):
        Workbook(tmp_path / "reports.xlsx", "other")


def test_a_workbook_is_known_by_what_it_holds_and_not_by_its_name(tmp_path):
    path = write_workbook(tmp_path / "reports.csv", [HEADER, list(row().values())])

    assert len(read_items(path, write_mapping(tmp_path))) == 1


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "reports.xlsx", "w") as archive:
        archive.writestr("readme.txt", "hello")
    mapping = read_mapping(write_mapping(tmp_path, MAPPING))

    with pytest.raises(Failure, match="XLSX"), open_source(tmp_path / "reports.xlsx", mapping):
        pass


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("admin_cli.importing.workbook.UNPACKED_BYTES_MAX", 1_000)
    path = write_workbook(tmp_path / "reports.xlsx", [HEADER])

    with pytest.raises(Failure, match="1,000"):
        Workbook(path, None)
