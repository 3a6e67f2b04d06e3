"""The tables against the service itself: what the service in memory assumes is so."""

import json

import pytest

from admin_cli.exits import ExitCode
from tests.admin_cli.sheets.builders import read_csv, write_csv


def summary_of(output: str) -> list[int]:
    summary = json.loads(output)
    return [summary[name] for name in ("created", "changed", "unchanged", "refused")]


def test_riders_go_in_come_out_and_are_not_enrolled_twice(real_points, tmp_path, capsys):
    rows = [
        ["R00500", "=王小明", "138 0000 0001", "快递", "钟公庙街道"],
        ["", "李四", "", "1", ""],
        ["r1", "坏编号", "", "", ""],
        ["", "赵六", "13800000001", "宇航员", ""],
    ]
    write_csv(tmp_path / "riders.csv", [["编号", "姓名", "手机号", "行业", "街道"], *rows], encoding="gb18030")

    assert real_points("rider", "import", "riders.csv", is_json=True) == ExitCode.REFUSED
    assert summary_of(capsys.readouterr().out) == [2, 0, 0, 2]
    assert [row[1] for row in read_csv(tmp_path / "riders.bad-rows.csv")[1:]] == ["invalid_field", "unknown_industry"]
    assert real_points("rider", "import", "riders.csv", is_json=True) == ExitCode.REFUSED
    assert summary_of(capsys.readouterr().out) == [0, 0, 2, 2]

    assert real_points("rider", "export", "out.csv") == ExitCode.OK
    assert [row[:4] for row in read_csv(tmp_path / "out.csv")[1:]] == [
        ["R00001", "李四", "", "外卖配送"],
        ["R00500", "'=王小明", "138****0001", "快递"],
    ]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_catalogue_that_was_exported_changes_nothing(real_points, tmp_path, capsys, suffix):
    header = ["sku", "name", "kind", "price_points", "is_stocked", "limit_count", "limit_period", "active_from"]
    rows = [
        ["G-001", "=1+1", "实物", "1,500", "是", "4", "月", "2026/3/1"],
        ["D-001", "捐赠", "捐赠", "10", "否", "", "", ""],
        ["S-001", "换电券", "服务", "60", "否", "10", "", ""],
    ]
    write_csv(tmp_path / "items.csv", [[*header, "description"], *([*row, "'-一\n=二"] for row in rows)])

    assert real_points("catalog", "import", "items.csv", is_json=True) == ExitCode.REFUSED
    assert summary_of(capsys.readouterr().out) == [2, 0, 0, 1]
    real_points("catalog", "export", f"out{suffix}")
    capsys.readouterr()

    assert real_points("catalog", "import", f"out{suffix}", is_json=True) == ExitCode.OK
    assert summary_of(capsys.readouterr().out) == [0, 0, 2, 0]


def test_wishes_of_riders_without_points_are_refused_and_stay_so(real_points, tmp_path, capsys):
    write_csv(tmp_path / "riders.csv", [["编号", "姓名"], ["R00001", "王小明"]])
    write_csv(
        tmp_path / "items.csv", [["货号", "名称", "类别", "积分", "计库存"], ["S-1", "换电券", "服务", "60", "否"]]
    )
    write_csv(tmp_path / "wishes.csv", [["骑手编号", "货号"], ["R00001", "S-1"], ["R00002", "S-1"]])
    real_points("rider", "import", "riders.csv")
    real_points("catalog", "import", "items.csv")
    capsys.readouterr()

    for options, before in (((), 0), ((), 2), (("--retry-refused",), 0)):
        assert real_points("redemption", "import", "wishes.csv", *options, is_json=True) == ExitCode.REFUSED
        summary = json.loads(capsys.readouterr().out)
        assert summary["refused_by_reason"] == {"insufficient_points": 1, "not_found": 1}
        assert summary["refused_before"] == before
    assert real_points("redemption", "export", "all.xlsx") == ExitCode.OK
