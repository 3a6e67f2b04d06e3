"""`export`: the whole list or no file, and never over another one unasked."""

import json
import os
import signal
import stat
from pathlib import Path

import openpyxl
import pytest

from admin_cli.exits import ExitCode
from admin_cli.language import Language
from tests.admin_cli.fake_api import make_rider, page
from tests.admin_cli.sheets.builders import make_item, make_redemption, problem, read_csv


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_all_pages_are_in_the_file_in_the_order_of_the_list(points, ledger, tmp_path):
    ledger.riders = {f"R{number:05}": make_rider(f"R{number:05}") for number in range(450)}

    assert points("rider", "export", "riders.csv") == ExitCode.OK

    rows = read_csv(tmp_path / "riders.csv")
    assert [row[0] for row in rows[1:]] == sorted(ledger.riders)
    assert names(tmp_path) == ["riders.csv"]


def test_riders_are_written_with_their_industry_by_name_and_their_titles(points, ledger, tmp_path):
    ledger.riders = {"R00001": make_rider(titles=["城市合伙人", "五星骑手"], industry_name=None)}

    points("rider", "export", "riders.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "riders.xlsx").active
    cells = [cell.value for cell in sheet[2]]
    assert cells[:3] == ["R00001", "王小明", "138****5678"]
    assert cells[3] == "01"
    assert "城市合伙人" in cells[-1] and "五星骑手" in cells[-1]


def test_redemptions_are_written_with_what_became_of_them(points, ledger, tmp_path):
    ledger.redemptions = [make_redemption(), make_redemption("B", kind="unheard of", approvals=[], station_code=None)]

    assert points("redemption", "export", "all.xlsx", "--state", "ready", "--overdue") == ExitCode.OK

    sheet = openpyxl.load_workbook(tmp_path / "all.xlsx").active
    assert [cell.value for cell in sheet[2]][:1] == ["7K3M9QX2TB"]
    assert "operator/approver1" in [cell.value for cell in sheet[2]]
    assert "unheard of" in [cell.value for cell in sheet[3]]
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert dict(ledger.asked[-1].params) == {"state": "ready", "overdue": "true", "limit": "200"}


def test_the_language_of_the_headers_is_that_of_the_person(points, ledger, tmp_path, monkeypatch):
    for language, header in ((Language.ZH, "货号"), (Language.EN, "SKU")):
        monkeypatch.setattr("admin_cli.language._language", language)
        assert points("catalog", "export", f"{language}.csv") == ExitCode.OK
        assert read_csv(tmp_path / f"{language}.csv")[0][0] == header


def test_another_file_is_not_overwritten_unasked(points, ledger, tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("mine")

    assert points("catalog", "export", "mine.csv") == ExitCode.USAGE
    assert "--yes" in capsys.readouterr().err
    assert "--dry-run" not in capsys.readouterr().err
    assert (tmp_path / "mine.csv").read_text() == "mine"
    assert ledger.asked == []

    assert points("catalog", "export", "mine.csv", "--yes") == ExitCode.OK
    assert (tmp_path / "mine.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_person_who_says_no_keeps_the_file(points, tmp_path, monkeypatch):
    (tmp_path / "mine.csv").write_text("mine")
    monkeypatch.setattr("admin_cli.sheets.exporting.check_can_confirm", lambda: None)
    monkeypatch.setattr("admin_cli.terminal.confirm", lambda question: False)

    assert points("catalog", "export", "mine.csv") == ExitCode.REFUSED
    assert (tmp_path / "mine.csv").read_text() == "mine"


@pytest.mark.parametrize("name", ["riders.csv", "riders.xlsx"])
def test_a_server_that_goes_away_leaves_no_half_file(points, ledger, tmp_path, name):
    ledger.riders = {f"R{number:05}": make_rider(f"R{number:05}") for number in range(450)}
    (tmp_path / name).write_text("old")
    ledger.before_answer = lambda: ledger.faults.extend([lambda: problem(503, "storage_unavailable")] * 4)

    assert points("rider", "export", name, "--yes") == ExitCode.UNAVAILABLE
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "old"


def test_ctrl_c_leaves_no_half_file(points, ledger, tmp_path):
    ledger.riders = {"R00001": make_rider()}
    ledger.before_answer = lambda: signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        points("rider", "export", "riders.xlsx")

    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["riders", "riders.xls", "no/riders.csv", "."])
def test_a_place_that_cannot_be_written_is_refused_before_anything_is_asked(points, ledger, name):
    assert points("rider", "export", name) == ExitCode.USAGE
    assert ledger.asked == []


def test_a_link_stays_a_link_and_a_new_file_is_as_private_as_any_other(points, tmp_path):
    (tmp_path / "real.csv").write_text("")
    (tmp_path / "link.csv").symlink_to("real.csv")

    before = os.umask(0o077)
    try:
        points("rider", "export", "link.csv", "--yes")
    finally:
        os.umask(before)

    assert (tmp_path / "link.csv").is_symlink()
    assert stat.S_IMODE((tmp_path / "real.csv").stat().st_mode) == 0o600


def test_stdout_gets_the_bytes_that_a_file_would_have(piped, api, tmp_path):
    api.answers["GET /v1/riders"] = page(make_rider(name="=王"))

    to_stdout = piped("rider", "export", "-")
    piped("rider", "export", str(tmp_path / "riders.csv"))

    assert to_stdout.returncode == ExitCode.OK
    assert to_stdout.stdout.encode() == (tmp_path / "riders.csv").read_bytes()
    assert "'=王" in to_stdout.stdout


def test_stdout_cannot_hold_the_table_and_json_at_once(piped):
    assert piped("rider", "export", "-", "--json").returncode == ExitCode.USAGE


def test_a_terminal_is_no_place_for_a_csv_file(typed, api):
    with typed("rider", "export", "-") as terminal:
        assert terminal.finish()[0] == ExitCode.USAGE


def test_the_count_and_the_zone_are_said(points, ledger, capsys):
    ledger.riders = {"R00001": make_rider()}

    points("rider", "export", "riders.csv", is_json=True)

    said = capsys.readouterr()
    assert json.loads(said.out) == {"file": "riders.csv", "rows": 1}
    assert "Asia/Shanghai" in said.err


def test_an_item_without_stock_has_empty_cells(points, ledger, tmp_path):
    ledger.items = {"D-001": make_item("D-001", stock=None)}

    points("catalog", "export", "catalog.csv")

    assert read_csv(tmp_path / "catalog.csv")[1][-3:] == ["", "", ""]
