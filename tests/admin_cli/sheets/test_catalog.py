"""`points catalog import`: what a table changes and what it leaves alone."""

import json

from admin_cli.exits import ExitCode
from admin_cli.sheets.catalog import COLUMNS
from tests.admin_cli.sheets.builders import make_item, read_csv, write_csv, write_xlsx

HEADER = ["货号", "名称", "类别", "积分"]
WHOLE_HEADER = [column.key for column in COLUMNS if column.is_imported]


def test_every_column_reaches_the_api_as_what_it_holds(points, ledger, tmp_path):
    row = ["G-001", "香皂", "实物", 1500, "是", 50, 4, "月", "2026/3/1", "2026年12月31日", "https://e.test/1", "好"]
    write_xlsx(tmp_path / "items.xlsx", [WHOLE_HEADER, row])

    assert points("catalog", "import", "items.xlsx") == ExitCode.OK

    (path, _, items) = ledger.requests[0]
    assert path == "/v1/catalog"
    assert items == [
        {
            "sku": "G-001",
            "name": "香皂",
            "kind": "goods",
            "price_points": 1500,
            "is_stocked": True,
            "reorder_point": 50,
            "limit_count": 4,
            "limit_period": "month",
            "active_from": "2026-03-01",
            "active_until": "2026-12-31",
            "picture_url": "https://e.test/1",
            "description": "好",
        }
    ]


def test_an_empty_cell_clears_and_stocked_is_the_default(points, ledger, tmp_path):
    ledger.items = {"G-001": make_item(description="old")}
    write_csv(tmp_path / "items.csv", [WHOLE_HEADER, ["G-001", "香皂", "goods", "50", *[""] * 8]])

    points("catalog", "import", "items.csv")

    item = ledger.requests[0][2][0]
    assert (item["limit_count"], item["limit_period"], item["active_from"]) == (None, None, None)
    assert (item["is_stocked"], item["description"]) == (True, "")


def test_a_column_that_the_file_lacks_stays_as_it_is(points, ledger, tmp_path, capsys):
    ledger.items = {"G-001": make_item(description="old", is_stocked=False)}
    write_csv(tmp_path / "items.csv", [HEADER, ["G-001", "香皂", "goods", "60"], ["G-002", "抽纸", "goods", "150"]])

    assert points("catalog", "import", "items.csv", is_json=True) == ExitCode.OK

    known, new = ledger.requests[0][2]
    assert known["price_points"] == 60
    assert (known["limit_count"], known["active_from"], known["description"]) == (4, "2026-03-01", "old")
    assert known["is_stocked"] is False
    assert new == {"sku": "G-002", "name": "抽纸", "kind": "goods", "price_points": 150}
    summary = json.loads(capsys.readouterr().out)
    assert (summary["created"], summary["changed"]) == (1, 1)


def test_a_file_may_go_back_to_what_an_earlier_one_said(points, ledger, tmp_path):
    for price in ("50", "60", "50"):
        write_csv(tmp_path / "items.csv", [HEADER, ["G-001", "香皂", "goods", price]])
        assert points("catalog", "import", "items.csv") == ExitCode.OK
        assert ledger.items["G-001"]["price_points"] == int(price)


def test_a_picture_is_an_address(points, ledger, tmp_path):
    write_csv(tmp_path / "items.csv", [[*HEADER, "图片"], ["G-001", "香皂", "goods", "50", "soap.png"]])

    assert points("catalog", "import", "items.csv") == ExitCode.REFUSED
    assert read_csv(tmp_path / "items.bad-rows.csv")[1][1] == "wrong_address"
