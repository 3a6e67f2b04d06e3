"""`import`: the good rows go in, the bad ones go to a file with their reasons, and nothing is done twice."""

import json
import signal

import pytest

from admin_cli.exits import ExitCode
from admin_cli.importing.batch_sending import OUTAGE_WAITS_SECONDS
from admin_cli.importing.stop import StopRequest
from admin_cli.sheets.commands import REASONS_SHOWN_MAX
from tests.admin_cli.sheets.builders import problem, read_csv, write_csv, write_xlsx

RIDERS = ["编号", "姓名", "手机号", "行业", "街道"]
ITEMS = ["货号", "名称", "类别", "积分"]
WISHES = ["骑手编号", "货号", "驿站", "积分"]


def soap(number: int) -> list[str]:
    return [f"G-{number:05}", "香皂", "实物", "50"]


def counts(output: str) -> dict[str, int]:
    summary = json.loads(output)
    return {name: summary[name] for name in ("created", "changed", "unchanged", "refused")}


def test_the_good_rows_go_in_and_the_bad_ones_to_a_file_with_reasons(points, ledger, tmp_path, capsys):
    rows = [soap(1), ["X-1", *soap(2)[1:]], [*soap(3)[:3], "abc"], soap(4)]
    write_csv(tmp_path / "items.csv", [ITEMS, *rows])

    assert points("catalog", "import", "items.csv", is_json=True) == ExitCode.REFUSED

    assert counts(capsys.readouterr().out) == {"created": 2, "changed": 0, "unchanged": 0, "refused": 2}
    header, *bad = read_csv(tmp_path / "items.bad-rows.csv")
    assert header == ["line", "reason_code", "reason", *ITEMS]
    assert [row[:2] for row in bad] == [["3", "invalid_field"], ["4", "wrong_number"]]
    assert [row[3:] for row in bad] == rows[1:3]


def test_a_corrected_bad_rows_file_goes_in(points, ledger, tmp_path):
    write_csv(tmp_path / "items.csv", [ITEMS, ["X-1", "=1+1", "实物", "50"]])
    points("catalog", "import", "items.csv")
    bad = (tmp_path / "items.bad-rows.csv").read_text("utf-8-sig")
    assert "'=1+1" in bad
    (tmp_path / "corrected.csv").write_text(bad.replace("X-1", "G-1"), "utf-8-sig")

    assert points("catalog", "import", "corrected.csv") == ExitCode.OK
    assert ledger.items["G-1"]["name"] == "=1+1"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_what_was_exported_changes_nothing_when_it_is_imported(points, ledger, tmp_path, capsys, suffix):
    write = write_csv if suffix == ".csv" else write_xlsx
    write(tmp_path / f"in{suffix}", [[*ITEMS, "说明", "开始日期"], *([*soap(n), "'=x", "2026/3/1"] for n in range(3))])
    points("catalog", "import", f"in{suffix}")
    points("catalog", "export", f"out{suffix}")
    capsys.readouterr()

    assert points("catalog", "import", f"out{suffix}", is_json=True) == ExitCode.OK
    assert counts(capsys.readouterr().out) == {"created": 0, "changed": 0, "unchanged": 3, "refused": 0}


def test_a_file_goes_in_by_batches_in_its_own_order(points, ledger, tmp_path):
    write_csv(tmp_path / "items.csv", [ITEMS, *map(soap, range(2_500))])

    assert points("catalog", "import", "items.csv") == ExitCode.OK

    assert [len(items) for _, _, items in ledger.requests] == [1_000, 1_000, 500]
    assert [item["sku"] for _, _, items in ledger.requests for item in items] == [soap(n)[0] for n in range(2_500)]


def test_a_dry_run_stores_nothing_and_says_what_would_be(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "items.csv", [ITEMS, soap(1), ["X-1", *soap(2)[1:]]])

    assert points("catalog", "import", "items.csv", "--dry-run", is_json=True) == ExitCode.REFUSED

    said = capsys.readouterr()
    assert json.loads(said.out)["dry_run"] is True
    assert counts(said.out) == {"created": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert ledger.items == {}


def test_a_row_that_the_server_cannot_read_does_not_stop_the_others(points, ledger, tmp_path, capsys):
    ledger.malformed_names = {"bad"}
    rows = [soap(n) for n in range(9)]
    rows[4][1] = "bad"
    write_csv(tmp_path / "items.csv", [ITEMS, *rows])

    assert points("catalog", "import", "items.csv", is_json=True) == ExitCode.REFUSED
    assert counts(capsys.readouterr().out) == {"created": 8, "changed": 0, "unchanged": 0, "refused": 1}


def test_the_same_key_twice_in_a_file_is_refused_where_it_is_said_again(points, ledger, tmp_path):
    write_csv(tmp_path / "items.csv", [ITEMS, soap(1), soap(2), [*soap(1)[:3], "60"]])

    assert points("catalog", "import", "items.csv") == ExitCode.REFUSED

    bad = read_csv(tmp_path / "items.bad-rows.csv")[1]
    assert bad[:2] == ["4", "repeated_row"]
    assert "2" in bad[2]
    assert ledger.items["G-00001"]["price_points"] == 50


def test_ctrl_c_lets_the_running_batch_finish_and_the_next_run_goes_on(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "riders.csv", [RIDERS, *(["", f"骑手 {n}", "", "", ""] for n in range(1_500))])
    ledger.before_answer = lambda: signal.raise_signal(signal.SIGINT)

    assert points("rider", "import", "riders.csv", is_json=True) == ExitCode.INTERRUPTED
    assert counts(capsys.readouterr().out)["created"] == 1_000

    ledger.before_answer = lambda: None
    assert points("rider", "import", "riders.csv", is_json=True) == ExitCode.OK
    assert counts(capsys.readouterr().out) == {"created": 500, "changed": 0, "unchanged": 1_000, "refused": 0}
    assert len(ledger.riders) == 1_500


def test_an_outage_is_waited_out(points, ledger, tmp_path, monkeypatch):
    waits: list[float] = []

    def wait(stop: StopRequest, seconds: float) -> bool:
        waits.append(seconds)
        return stop.is_asked

    monkeypatch.setattr(StopRequest, "wait", wait)
    ledger.faults = [lambda: problem(503, "storage_unavailable")] * 4
    write_csv(tmp_path / "riders.csv", [RIDERS[:2], ["", "王"]])

    assert points("rider", "import", "riders.csv") == ExitCode.OK
    assert waits == list(OUTAGE_WAITS_SECONDS[:1])


def test_who_may_not_write_is_told_before_more_is_sent(points, ledger, tmp_path):
    ledger.faults = [lambda: problem(403, "forbidden")]
    write_csv(tmp_path / "riders.csv", [RIDERS[:2], *(["", f"骑手 {number}"] for number in range(1_500))])

    assert points("rider", "import", "riders.csv") == ExitCode.FORBIDDEN
    assert ledger.requests == []


def test_a_file_that_is_no_bad_rows_file_is_not_overwritten(points, ledger, tmp_path):
    (tmp_path / "items.bad-rows.csv").write_text("mine")
    write_csv(tmp_path / "items.csv", [ITEMS, ["X-1", *soap(1)[1:]]])

    assert points("catalog", "import", "items.csv") == ExitCode.USAGE
    assert ledger.requests == []


def test_columns_that_are_for_reading_only_are_named_and_left_out(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "items.csv", [[*ITEMS, "在架"], [*soap(1), "9"]])

    assert points("catalog", "import", "items.csv") == ExitCode.OK
    assert "在架" in capsys.readouterr().err
    assert "stock.shelf" not in ledger.requests[0][2][0]


def test_reasons_stand_in_the_terminal_with_their_lines(points, ledger, tmp_path, capsys, monkeypatch):
    rows = [["X-1", *soap(1)[1:]] for _ in range(12)]
    write_csv(tmp_path / "items.csv", [ITEMS, *rows])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    points("catalog", "import", "items.csv")

    said = capsys.readouterr()
    assert "repeated_row" in said.out
    assert said.err.count("X-1") == REASONS_SHOWN_MAX - 1  # the first one is refused by the server
    assert "invalid_field." in said.err


def test_a_table_with_a_header_alone_is_imported_without_a_word_to_the_server(points, ledger, tmp_path):
    write_csv(tmp_path / "wishes.csv", [WISHES])

    assert points("redemption", "import", "wishes.csv") == ExitCode.OK
    assert ledger.requests == []
