"""`points redemption import`: wishes for riders, and nothing twice."""

import json

from admin_cli.exits import ExitCode
from tests.admin_cli.sheets.builders import make_redemption, read_csv, write_csv

HEADER = ["骑手编号", "货号", "驿站", "积分"]
SOAP = ["R00001", "G-001", "ZGM", ""]


def test_wishes_reach_the_api_with_what_their_rows_say(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "wishes.csv", [HEADER, SOAP, ["R00001", "D-001", "", "20"]])

    assert points("redemption", "import", "wishes.csv", is_json=True) == ExitCode.OK

    (path, _, items) = ledger.requests[0]
    assert path == "/v1/redemptions/requests"
    assert items == [
        {"rider_code": "R00001", "sku": "G-001", "station": "ZGM"},
        {"rider_code": "R00001", "sku": "D-001", "points": 20},
    ]
    assert json.loads(capsys.readouterr().out)["points"] == 70


def test_the_same_file_redeems_nothing_twice(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "wishes.csv", [HEADER, *(["R00001", f"G-{number}", "", ""] for number in range(20))])
    write_csv(tmp_path / "copy.csv", [HEADER, *(["R00001", f"G-{number}", "", ""] for number in range(20))])
    points("redemption", "import", "wishes.csv")
    capsys.readouterr()

    assert points("redemption", "import", "copy.csv", is_json=True) == ExitCode.OK

    summary = json.loads(capsys.readouterr().out)
    assert (summary["created"], summary["unchanged"], summary["points"]) == (0, 20, 0)
    assert len(ledger.redemptions) == 20


def test_a_refusal_stays_as_it_was_until_another_try_is_asked_for(points, ledger, tmp_path, capsys):
    ledger.points = 50
    write_csv(tmp_path / "wishes.csv", [HEADER, SOAP, ["R00001", "G-002", "", ""], ["R00001", "G-003", "", ""]])
    points("redemption", "import", "wishes.csv")

    ledger.points = 100
    assert points("redemption", "import", "wishes.csv") == ExitCode.REFUSED
    assert "--retry-refused" in capsys.readouterr().err
    assert len(ledger.redemptions) == 1

    assert points("redemption", "import", "wishes.csv", "--retry-refused") == ExitCode.REFUSED
    assert len(ledger.redemptions) == 2
    ledger.points = 1_000
    assert points("redemption", "import", "wishes.csv", "--retry-refused") == ExitCode.OK
    assert points("redemption", "import", "wishes.csv", "--retry-refused") == ExitCode.OK
    assert len(ledger.redemptions) == 3


def test_a_row_that_stands_twice_is_kept_back_and_goes_in_with_the_bad_rows(points, ledger, tmp_path):
    write_csv(tmp_path / "wishes.csv", [HEADER, SOAP, SOAP])

    assert points("redemption", "import", "wishes.csv") == ExitCode.REFUSED
    assert read_csv(tmp_path / "wishes.bad-rows.csv")[1][:2] == ["3", "repeated_row"]
    assert len(ledger.redemptions) == 1

    assert points("redemption", "import", "wishes.bad-rows.csv") == ExitCode.OK
    assert len(ledger.redemptions) == 2


def test_parts_of_a_malformed_batch_are_not_sent_twice_either(points, ledger, tmp_path):
    write_csv(tmp_path / "wishes.csv", [HEADER, *(["R00001", f"G-{number}", "", ""] for number in range(8))])
    ledger.items_max = 2

    for _ in range(2):
        assert points("redemption", "import", "wishes.csv") == ExitCode.OK

    assert len(ledger.redemptions) == 8


def test_what_was_exported_is_no_list_of_wishes(points, ledger, tmp_path):
    ledger.redemptions = [make_redemption()]
    points("redemption", "export", "done.csv")

    assert points("redemption", "import", "done.csv") == ExitCode.USAGE
    assert ledger.requests == []


def test_names_may_stand_beside_the_codes(points, ledger, tmp_path):
    write_csv(tmp_path / "wishes.csv", [["姓名", "骑手编号", "商品", "货号"], ["王小明", "R00001", "香皂", "G-001"]])

    assert points("redemption", "import", "wishes.csv") == ExitCode.OK
    assert ledger.requests[0][2] == [{"rider_code": "R00001", "sku": "G-001"}]


def test_a_dry_run_says_what_it_cannot_know(points, ledger, tmp_path, capsys):
    write_csv(tmp_path / "wishes.csv", [HEADER, SOAP])

    assert points("redemption", "import", "wishes.csv", "--dry-run") == ExitCode.OK
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert ledger.redemptions == []
