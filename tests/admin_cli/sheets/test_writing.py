"""What is written: spreadsheets open it, run nothing of it, and it comes back as it went out."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin_cli.failures import Failure
from admin_cli.sheets.catalog import COLUMNS
from admin_cli.sheets.columns import SheetColumn, code, integer, prose, text
from admin_cli.sheets.finding import find_form
from admin_cli.sheets.reading import open_table
from admin_cli.sheets.redemptions import EXPORT_COLUMNS
from admin_cli.sheets.writing import CSV, SUFFIXES, XLSX, open_writer, suffix_of
from tests.admin_cli.sheets.builders import make_item, make_redemption

SHANGHAI = ZoneInfo("Asia/Shanghai")
DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1", "''=1", "-71.09", "+5"]

TEXTS = (code("sku", "货号", "SKU"), text("name", "名称", "Name"), prose("note", "说明", "Note", length_max=40_000))


def written(suffix: str, columns: tuple[SheetColumn, ...], items: Iterable[dict[str, Any]]) -> bytes:
    file = io.BytesIO()
    with open_writer(file, suffix, columns, title="表", zone=SHANGHAI) as writer:
        for item in items:
            writer.write(item)
    return file.getvalue()


def read_sheet(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_a_csv_file_has_the_mark_of_utf_8_and_line_ends_that_excel_expects():
    content = written(CSV, COLUMNS, [make_item()])

    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").count("\r\n") == 2
    assert "香皂" in content.decode("utf-8-sig")


@pytest.mark.parametrize("cell", DANGEROUS)
def test_text_that_could_be_run_gets_an_apostrophe_in_csv(cell):
    content = written(CSV, TEXTS, [{"sku": cell, "name": cell, "note": cell}])

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[1] == [f"'{cell}"] * 3


@pytest.mark.parametrize("cell", [*DANGEROUS, "http://example.test", "007", "1e5", "2026-03-01"])
def test_no_cell_of_a_workbook_is_a_formula_a_link_or_a_number_in_place_of_text(cell):
    sheet = read_sheet(written(XLSX, TEXTS, [{"sku": cell, "name": cell, "note": cell}]))

    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert {cell.number_format for cell in cells} == {"@"}


def test_numbers_and_days_of_a_workbook_are_numbers_and_days():
    sheet = read_sheet(written(XLSX, COLUMNS, [make_item(price_points=1500)]))

    cells = {column.key: cell for column, cell in zip(COLUMNS, sheet[2], strict=True)}
    assert cells["price_points"].value == 1500
    assert cells["stock.shelf"].value == 500
    assert cells["active_from"].value == datetime(2026, 3, 1)  # noqa: DTZ001 - a wall clock, as cells hold it
    assert cells["active_from"].number_format == "yyyy-mm-dd"
    assert cells["active_until"].value is None


def test_a_moment_stands_as_the_programmes_clocks_showed_it():
    sheet = read_sheet(written(XLSX, EXPORT_COLUMNS, [make_redemption()]))
    content = written(CSV, EXPORT_COLUMNS, [make_redemption()])

    cells = {column.key: cell.value for column, cell in zip(EXPORT_COLUMNS, sheet[2], strict=True)}
    assert f"{cells['requested_at']:%Y-%m-%d %H:%M:%S}" == "2026-11-24 09:10:00"
    assert b",2026-11-24 09:10:00," in content


def test_a_day_older_than_workbooks_stands_as_text():
    sheet = read_sheet(written(XLSX, COLUMNS, [make_item(active_from="0026-03-01")]))

    assert sheet.cell(2, 9).value == "0026-03-01"


def test_the_header_is_bold_and_frozen_with_filters_and_room_for_chinese():
    sheet = read_sheet(written(XLSX, COLUMNS, [make_item(name="大" * 12), make_item("G-002", description="长" * 400)]))

    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:P3"
    assert 24 <= sheet.column_dimensions["B"].width <= 30
    assert sheet.column_dimensions["L"].width <= 51


def test_words_with_fixed_choices_offer_them():
    sheet = read_sheet(written(XLSX, COLUMNS, []))

    offered = {str(rule.sqref).partition(":")[0]: rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert set(offered) == {"C2", "E2", "H2", "M2"}
    assert offered["C2"].count(",") == 3


def test_an_empty_list_is_a_header_alone():
    assert len(list(read_sheet(written(XLSX, COLUMNS, [])).iter_rows())) == 1
    assert written(CSV, COLUMNS, []).count(b"\r\n") == 1


def test_more_rows_than_a_worksheet_holds_are_refused_with_the_way_out(monkeypatch):
    monkeypatch.setattr("admin_cli.sheets.writing.XLSX_ROWS_MAX", 1)

    with pytest.raises(Failure, match=r"\.csv"):
        written(XLSX, TEXTS, [{"sku": "A"}, {"sku": "B"}])


def test_what_the_workbooks_library_keeps_meanwhile_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def interrupt() -> Iterator[dict[str, str]]:
        yield {"sku": "A"}
        assert list(tmp_path.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(XLSX, TEXTS, interrupt())

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["riders", "riders.xls", "riders.ods", "riders.csv.gz", ".csv"])
def test_a_name_that_does_not_say_the_kind_of_file_is_refused(name):
    with pytest.raises(Failure, match=r"\.xlsx.*\.csv"):
        suffix_of(Path(name))


def test_the_kind_of_file_goes_by_the_suffix_in_any_case():
    assert [suffix_of(Path(name)) for name in ("a.CSV", "a.b.xlsx", "A.Xlsx")] == [CSV, XLSX, XLSX]


# The way back.

AWKWARD = st.text(st.sampled_from("'=+-@\t\r\n ＝\"',;|aé中😀_x0041_&<>"), max_size=8)
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
WORDS = st.one_of(st.sampled_from(DANGEROUS), AWKWARD, LINES)


def read_back(folder: Path, suffix: str, content: bytes, columns: tuple[SheetColumn, ...]) -> list[dict[str, Any]]:
    path = folder / f"table{suffix}"
    path.write_bytes(content)
    with open_table(path, find_form(path, columns, None), columns) as table:
        rows = list(table.rows)
    assert not [row.problems for row in rows if row.problems]
    return [row.values for row in rows]


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(notes=st.lists(WORDS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_every_text_comes_back_as_it_went_out(tmp_path_factory, suffix, notes):
    items = [{"sku": f"G-{number}", "note": note} for number, note in enumerate(notes)]

    found = read_back(tmp_path_factory.mktemp("back"), suffix, written(suffix, TEXTS, items), TEXTS)

    # Blanks around a text are the only thing that a table loses.
    assert [row["note"] for row in found] == [note.strip() or None for note in notes]


ITEMS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["香皂", "=1+1", "'+x", "-5", "0012", "1e5", "TRUE", "#1"]),
        "kind": st.sampled_from(["goods", "service", "voucher", "donation"]),
        "price_points": st.integers(1, 1_000_000),
        "is_stocked": st.booleans(),
        "reorder_point": st.none() | st.integers(0, 1_000_000),
        "limit_period": st.sampled_from([None, "day", "week", "month", "quarter", "year", "ever"]),
        "active_from": st.none() | st.dates(datetime(1901, 1, 1).date()).map(str),  # noqa: DTZ001
        "picture_url": st.none() | st.just("https://example.test/a?b=1&c=,"),
    }
)


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(changes=st.lists(ITEMS, max_size=4))
@settings(max_examples=60, deadline=None)
def test_every_item_comes_back_as_it_went_out(tmp_path_factory, suffix, changes):
    items = [make_item(f"G-{number}", **fields) for number, fields in enumerate(changes)]

    found = read_back(tmp_path_factory.mktemp("back"), suffix, written(suffix, COLUMNS, items), COLUMNS)

    imported = [column.key for column in COLUMNS if column.is_imported]
    assert found == [{key: item[key] if item[key] != "" else None for key in imported} for item in items]


def test_a_workbook_holds_nothing_but_the_sheet(tmp_path):
    content = written(XLSX, (integer("points", "积分", "Points"),), [{"points": 5}])

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [name for name in archive.namelist() if re.search(r"vba|external|connection|drawing", name, re.I)]
    assert not parts
