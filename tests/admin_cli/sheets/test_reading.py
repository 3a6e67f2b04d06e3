"""Tables as people save them: found, read, or refused with what to do."""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import Language
from admin_cli.sheets.catalog import COLUMNS
from admin_cli.sheets.finding import find_form
from admin_cli.sheets.reading import ReadRow, open_table
from tests.admin_cli.sheets.builders import write_csv, write_xlsx

HEADER = ["货号", "名称", "类别", "积分"]
SOAP = ["G-001", "香皂", "实物", "50"]


def read(path: Path, sheet: str | None = None) -> list[ReadRow]:
    with open_table(path, find_form(path, COLUMNS, sheet), COLUMNS) as table:
        return list(table.rows)


def read_values(path: Path) -> list[dict[str, Any]]:
    rows = read(path)
    assert not [row.problems for row in rows if row.problems]
    return [row.values for row in rows]


def codes(path: Path) -> list[list[str]]:
    return [[problem.code for problem in row.problems] for row in read(path)]


SOAP_READ = {"sku": "G-001", "name": "香皂", "kind": "goods", "price_points": 50}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_need_not_be_said(tmp_path, encoding, delimiter):
    path = write_csv(tmp_path / "a.csv", [HEADER, SOAP], encoding=encoding, delimiter=delimiter)

    assert read_values(path) == [SOAP_READ]


@pytest.mark.parametrize(
    "header",
    [
        ["SKU", "Name", "Kind", "Points"],
        ["sku", "name", "kind", "price_points"],
        ["货号*", " 名称 ", "类别", "积分"],
        ["SKU", "商品名称", "KIND", "价格"],
    ],
)
def test_headers_are_known_in_both_languages_and_by_the_names_of_the_api(tmp_path, header):
    assert read_values(write_csv(tmp_path / "a.csv", [header, SOAP])) == [SOAP_READ]


def test_a_workbook_reads_like_the_same_table_in_csv(tmp_path):
    assert read_values(write_xlsx(tmp_path / "a.xlsx", [HEADER, ["G-001", "香皂", "实物", 50.0]])) == [SOAP_READ]


def test_a_file_is_known_by_what_it_holds_and_not_by_its_name(tmp_path):
    assert read_values(write_xlsx(tmp_path / "a.csv", [HEADER, SOAP])) == [SOAP_READ]


def test_empty_rows_are_passed_over_and_lines_still_count(tmp_path):
    rows = [[], HEADER, [], SOAP, ["", "", "", ""], [" ", "", "\u3000", ""], ["G-002", *SOAP[1:]]]

    from_csv, from_workbook = (
        read(write_csv(tmp_path / "a.csv", rows)),
        read(write_xlsx(tmp_path / "a.xlsx", rows)),
    )

    assert [row.line for row in from_csv] == [row.line for row in from_workbook] == [4, 7]


def test_rows_may_end_with_their_last_filled_cell_but_not_beyond_the_header(tmp_path):
    path = write_csv(tmp_path / "a.csv", [[*HEADER, "说明"], SOAP, [*SOAP, "香", "more"]])

    short, long = read(path)

    assert short.values == {**SOAP_READ, "description": None}
    assert [problem.code for problem in long.problems] == ["row_too_long"]


def test_columns_without_a_name_may_be_empty_and_are_refused_where_they_are_not(tmp_path):
    path = write_csv(tmp_path / "a.csv", [[*HEADER, "", ""], [*SOAP, "", ""], [*SOAP, "", "note"]])

    assert codes(path) == [[], ["column_without_name"]]


def test_all_that_is_wrong_with_a_row_is_said_at_once(tmp_path):
    path = write_csv(tmp_path / "a.csv", [[*HEADER, "计库存"], ["", "香皂", "食品", "1e3", "?"]])

    assert codes(path) == [["missing_value", "wrong_choice", "rounded_number", "wrong_choice"]]


def test_a_guard_is_taken_off_where_a_csv_file_has_one(tmp_path):
    path = write_csv(tmp_path / "a.csv", [HEADER, ["G-001", "'=1+1", "实物", "50"], ["G-002", "'x'", "实物", "50"]])

    assert [values["name"] for values in read_values(path)] == ["=1+1", "'x'"]


def test_an_apostrophe_in_a_workbook_is_text(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", [HEADER, ["G-001", "'=1+1", "实物", 50]])

    assert read_values(path)[0]["name"] == "'=1+1"


def test_a_broken_row_costs_itself_only(tmp_path):
    path = tmp_path / "a.csv"
    good = ",".join(SOAP).encode()
    path.write_bytes("货号,名称,类别,积分\n".encode() + good + b'\nG-2,"x,y\n' + good + b"\nG-3,\xff\xe9,x,5\n")

    assert codes(path) == [[], ["broken_quotes"], [], ["broken_encoding"]]


def test_errors_and_formulas_without_a_value_are_no_empty_cells(tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active.append([*HEADER, "说明"])
    workbook.active.append(["G-001", "香皂", "实物", 50, "#N/A"])
    workbook.active["E2"].data_type = "e"
    workbook.active.append(["G-002", "香皂", "实物", 50, "=A1&B1"])
    workbook.save(tmp_path / "a.xlsx")

    assert codes(tmp_path / "a.xlsx") == [["error_cell"], ["formula_not_computed"]]


def test_a_computed_formula_is_its_value(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, SOAP[:3])
        sheet.write_formula(1, 3, "=25*2", value=50)

    assert read_values(tmp_path / "a.xlsx") == [SOAP_READ]


def test_the_one_sheet_with_something_in_it_is_taken(tmp_path):
    workbook = openpyxl.Workbook()
    for name, state in (("空", "visible"), ("数据", "visible"), ("选项", "hidden")):
        workbook.create_sheet(name).sheet_state = state
    for row in (HEADER, SOAP):
        workbook["数据"].append(row)
    workbook["选项"].append(["实物"])
    workbook.save(tmp_path / "a.xlsx")

    assert read_values(tmp_path / "a.xlsx") == [SOAP_READ]


def two_sheets(path: Path) -> Path:
    workbook = openpyxl.Workbook()
    workbook.active.title = "一月"
    for sheet in (workbook.active, workbook.create_sheet("二月")):
        sheet.append(HEADER)
        sheet.append(SOAP)
    workbook["二月"]["A2"] = "G-002"
    workbook.save(path)
    return path


def test_of_several_sheets_one_has_to_be_named(tmp_path):
    path = two_sheets(tmp_path / "a.xlsx")

    with pytest.raises(Failure, match=r"一月.*二月.*--sheet"):
        read(path)
    with pytest.raises(Failure, match=r"三月.*一月.*--sheet"):
        read(path, "三月")
    assert [row.values["sku"] for row in read(path, "二月")] == ["G-002"]


def test_a_csv_file_has_no_sheets(tmp_path):
    with pytest.raises(Failure, match="--sheet"):
        read(write_csv(tmp_path / "a.csv", [HEADER, SOAP]), "一月")


@pytest.mark.parametrize("cells", ["A1:B1", "C2:C3"])
def test_merged_cells_are_refused_by_their_place(tmp_path, cells):
    workbook = openpyxl.Workbook()
    for row in (HEADER, SOAP, SOAP):
        workbook.active.append(row)
    workbook.active.merge_cells(cells)
    workbook.save(tmp_path / "a.xlsx")

    with pytest.raises(Failure, match=cells):
        read(tmp_path / "a.xlsx")


HEADERS_REFUSED = [
    # the header, the words that say what is wrong and what to do
    ([*HEADER, "备注"], ["备注", "货号*"]),
    (["2026 年目录", "", "", ""], ["2026 年目录", "第一行", "货号*"]),
    (["货号", "名称", "类别", "限兑次"], ["限兑次", "限兑次数"]),
    (HEADER[:2], ["类别", "积分", "货号"]),
    (["货号", "SKU", "名称", "类别", "积分"], ["货号", "SKU"]),
    (["x"], ["x"]),
]


@pytest.mark.parametrize(("header", "words"), HEADERS_REFUSED)
def test_a_header_that_is_not_understood_is_refused_with_the_columns_there_are(tmp_path, header, words, monkeypatch):
    monkeypatch.setattr("admin_cli.language._language", Language.ZH)

    with pytest.raises(Failure) as caught:
        read(write_csv(tmp_path / "a.csv", [header, SOAP]))

    assert caught.value.exit_code is ExitCode.USAGE
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04garbage",
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600,
        b"\xff\xff\xff,\xff\n1,2\n",
        ",".join(HEADER).encode("utf-16-le"),
        b'"sku\n',
    ],
)
def test_a_file_that_is_no_table_is_refused_by_its_name(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)

    with pytest.raises(Failure, match=r"table\.csv") as caught:
        read(path)

    assert caught.value.exit_code is ExitCode.USAGE
    # What only report imports have is not spoken of.
    assert "[file]" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(Failure, match=path.name):
            read(path)


def test_a_damaged_place_far_down_does_not_make_utf_8_another_encoding(tmp_path):
    path = tmp_path / "a.csv"
    rows = "".join(f"G-{number:05},香皂,实物,50\n" for number in range(2_000))
    path.write_bytes(f"货号,名称,类别,积分\n{rows}".encode() + b"G-9,\xff,x,5\n")

    *good, bad = read(path)

    assert {row.values["name"] for row in good} == {"香皂"}
    assert [problem.code for problem in bad.problems] == ["broken_encoding"]
