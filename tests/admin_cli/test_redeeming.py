"""One unit from the shelf to the rider, in the terminal alone, on the real service inside this process."""

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from admin_cli.app import main


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("POINTS_", "LEDGER_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def points(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command, in this process."""
    # Files over bytes, like the real ones: --json writes what the API sent, undecoded.
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(arguments))
    for stream in (out, err):
        stream.seek(0)
    return code, out.read(), err.read()


def ask(*arguments: str) -> Any:
    code, out, err = points(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_unit_goes_from_the_shelf_to_the_rider_and_a_voucher_is_good_once() -> None:
    ask("station", "set", "ZGM", "--name", "钟公庙驿站")
    ask("catalog", "set", "G-001", "--name", "香皂", "--kind", "goods", "--price", "10", "--limit", "4/month")
    changed = ask("catalog", "set", "G-001", "--reorder-point", "5")
    assert (changed["change"], changed["item"]["price_points"], changed["item"]["limit_count"]) == ("changed", 10, 4)
    ask("catalog", "restock", "G-001", "--station", "ZGM", "--quantity", "20", "--memo", "first")
    ask("rider", "enroll", "--code", "R00001")
    where = ["--lat", "29.81", "--lon", "121.54"]
    report = ask("report", "submit", "--category", "ENV-01", "--rider", "R00001", *where)["code"]
    ask("report", "verify", report)
    assert ask("report", "settle", report, "--yes")["report"]["state"] == "settled"

    redemption = ask("redemption", "request", "G-001", "--rider", "R00001")["redemption"]["code"]
    voucher = points("redemption", "voucher", redemption)[1].strip()
    assert points("redemption", "fulfil", voucher)[0] == 2, "nobody is there to be asked"
    assert ask("redemption", "fulfil", voucher, "--yes")["redemption"]["state"] == "fulfilled"

    code, _, err = points("redemption", "fulfil", voucher, "--yes")
    assert (code, "voucher_used" in err) == (1, True)
    assert ask("catalog", "show", "G-001")["stock"] == {"shelf": 19, "reserved": 0, "delivered": 1}
