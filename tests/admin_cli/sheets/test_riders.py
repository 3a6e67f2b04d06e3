"""`points rider import`: who is enrolled, who is not and why."""

import json

import pytest

from admin_cli.exits import ExitCode
from admin_cli.sheets.riders import find_industry, plain_phone
from tests.admin_cli.sheets.builders import read_csv, write_csv, write_xlsx

HEADER = ["编号", "姓名", "手机号", "行业", "街道"]
INDUSTRIES = {"01": "外卖配送", "12": "共享出行运维"}


def test_riders_are_enrolled_with_what_their_rows_say(points, ledger, tmp_path):
    write_csv(
        tmp_path / "riders.csv",
        [HEADER, ["R00500", "王小明", "138 0000 0001", "外卖配送", "钟公庙街道"], ["", "李四", "", "12", ""]],
    )

    assert points("rider", "import", "riders.csv") == ExitCode.OK

    (path, _, items) = ledger.requests[0]
    assert path == "/v1/riders/bulk"
    assert items == [
        {
            "code": "R00500",
            "name": "王小明",
            "phone": "13800000001",
            "industry_code": "01",
            "subdistrict": "钟公庙街道",
        },
        {"name": "李四", "industry_code": "12"},
    ]


def test_a_workbook_in_which_phones_and_codes_became_numbers_reads_as_it_was_meant(points, ledger, tmp_path):
    write_xlsx(tmp_path / "riders.xlsx", [HEADER, ["R1", "王", 13800000001, 1, None]])

    assert points("rider", "import", "riders.xlsx") == ExitCode.OK
    assert ledger.requests[0][2] == [{"code": "R1", "name": "王", "phone": "13800000001", "industry_code": "01"}]


@pytest.mark.parametrize(
    "written",
    [
        "13800000001",
        "138 0000 0001",
        "138-0000-0001",
        "+8613800000001",
        "8613800000001",
        "0086 13800000001",
        "'13800000001",
    ],
)
def test_a_phone_number_is_the_same_however_it_is_written(written):
    assert plain_phone(written) == "13800000001"


@pytest.mark.parametrize(("wanted", "found"), [("01", "01"), ("1", "01"), ("外卖配送", "01"), ("2", None), ("x", None)])
def test_an_industry_goes_by_code_by_name_or_by_a_code_without_its_zero(wanted, found):
    assert find_industry(wanted, INDUSTRIES) == found


REFUSED = [
    (["", "王", "138****5678", "", ""], "masked_phone"),
    (["", "王", "1.38E+10", "", ""], "rounded_number"),
    (["", "王", "", "宇航员", ""], "unknown_industry"),
    (["", "王" * 41, "", "", ""], "text_too_long"),
    (["R" * 17, "王", "", "", ""], "text_too_long"),
    (["", "王\n明", "", "", ""], "control_character"),
    (["", "#N/A", "", "", ""], "error_cell"),
    (["R00001", "王", "", "", ""], "already_exists"),
    (["", "王", "13800000009", "", ""], "already_exists"),
]


@pytest.mark.parametrize(("row", "code"), REFUSED)
def test_a_row_that_cannot_be_enrolled_says_why(points, ledger, tmp_path, row, code):
    ledger.riders = {"R00001": {"code": "R00001", "phone": "13800000009"}}
    write_csv(tmp_path / "riders.csv", [HEADER, row])

    assert points("rider", "import", "riders.csv") == ExitCode.REFUSED
    assert read_csv(tmp_path / "riders.bad-rows.csv")[1][1] == code
    assert len(ledger.riders) == 1


def test_a_code_or_a_phone_stands_once_in_a_file(points, ledger, tmp_path):
    rows = [["R1", "一", "13800000001", "", ""], ["R1", "二", "", "", ""], ["", "三", "13800000001", "", ""]]
    write_csv(tmp_path / "riders.csv", [HEADER, *rows, ["", "四", "", "", ""], ["", "四", "", "", ""]])

    points("rider", "import", "riders.csv")

    bad = read_csv(tmp_path / "riders.bad-rows.csv")[1:]
    assert [row[:2] for row in bad] == [["3", "repeated_row"], ["4", "repeated_row"]]
    # Two people may have one name.
    assert len(ledger.riders) == 3


def test_the_same_file_enrolls_nobody_twice_even_without_code_and_phone(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "riders.csv", [HEADER, ["", "王", "", "", ""], ["", "李", "", "", ""]])
    points("rider", "import", "riders.csv")
    capsys.readouterr()

    assert points("rider", "import", "riders.csv", is_json=True) == ExitCode.OK

    summary = json.loads(capsys.readouterr().out)
    assert (summary["created"], summary["unchanged"]) == (0, 2)
    assert len(ledger.riders) == 2


def test_a_changed_file_has_those_refused_who_are_enrolled_already(points, ledger, tmp_path):
    write_csv(tmp_path / "riders.csv", [HEADER, ["R1", "王", "", "", ""]])
    points("rider", "import", "riders.csv")
    write_csv(tmp_path / "riders.csv", [HEADER, ["R1", "王", "", "", ""], ["R2", "李", "", "", ""]])

    assert points("rider", "import", "riders.csv") == ExitCode.REFUSED
    assert read_csv(tmp_path / "riders.bad-rows.csv")[1][:2] == ["2", "already_exists"]
    assert sorted(ledger.riders) == ["R1", "R2"]
