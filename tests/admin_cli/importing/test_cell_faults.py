"""Cells of a workbook that hold no value are found, wherever they stand, and nothing else is."""

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from admin_cli.importing.cell_faults import find_cell_faults
from admin_cli.importing.workbook import Workbook


def faults(path: Path, sheet: str) -> dict[tuple[int, int], str]:
    with zipfile.ZipFile(path) as archive:
        return find_cell_faults(archive, sheet)


def write_cells(path: Path, cells: dict[str, Any]) -> Path:
    workbook = openpyxl.Workbook()
    for place, value in cells.items():
        workbook.active[place] = value
        if str(value).startswith("#"):
            workbook.active[place].data_type = "e"
    workbook.save(path)
    return path


def test_errors_and_uncomputed_formulas_are_found_by_row_and_column(tmp_path):
    path = write_cells(tmp_path / "a.xlsx", {"A1": "x", "B2": "#N/A", "AB3": "=A1&A1", "C4": 5})

    assert faults(path, "Sheet") == {(2, 2): "#N/A", (3, 28): "=A1&A1"}


def test_a_computed_formula_is_no_fault_even_if_it_gives_an_empty_text(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet("数据")
        sheet.write_formula(0, 0, "=1+1", value=2)
        sheet.write_formula(0, 1, '=""', value="?")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as given, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as empty:
        for part in given.namelist():
            empty.writestr(part, given.read(part).replace(b"<v>?</v>", b"<v></v>"))

    assert faults(tmp_path / "b.xlsx", "数据") == {}


@pytest.mark.parametrize("sheet", ["Sheet", "nowhere"])
def test_a_sheet_without_faults_or_that_is_not_there_has_none(tmp_path, sheet):
    assert faults(write_cells(tmp_path / "a.xlsx", {"A1": "x", "B1": 1}), sheet) == {}


def test_a_table_that_begins_further_right_keeps_its_faults_under_their_columns(tmp_path):
    path = write_cells(
        tmp_path / "a.xlsx", {"B2": "name", "C2": "note", "D2": "n", "B3": "x", "C3": "#REF!", "D3": "=1"}
    )

    header, row = Workbook(path, None).rows()

    assert header.cells == ["name", "note", "n"]
    assert row.cells == ["x", "#REF!", "=1"]
    assert [problem.code for problem in row.problems] == ["formula_not_computed"]


def test_faults_are_found_where_the_file_is_cut_for_reading(tmp_path, monkeypatch):
    path = write_cells(tmp_path / "a.xlsx", {"A1": "x", "B1": "#N/A"})

    for size in range(1, 40):
        monkeypatch.setattr("admin_cli.importing.cell_faults.CHUNK_BYTES", size)
        assert faults(path, "Sheet") == {(1, 2): "#N/A"}
