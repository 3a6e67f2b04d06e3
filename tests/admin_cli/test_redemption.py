"""Redemptions in the terminal: the list, requesting for a rider, vouchers and their QR."""

import json
import re
from pathlib import Path

import pytest
import segno

from admin_cli.qr import QUIET_ZONE, qr_lines
from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, page, plain, problem
from tests.admin_cli.rewards import VOUCHER, dry_runs, make_redemption, redeemed

APPROVALS = [{"approved_by": "operator/li", "approved_at": "2026-11-24T02:00:00Z"}]
SQUARES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}


@pytest.fixture(autouse=True)
def service(api: FakeApi) -> None:
    body = {"voucher": VOUCHER, "redemption": make_redemption("A", state="ready", pick_up_by="2026-12-09")}
    api.answers["GET /v1/redemptions/A/voucher"] = Said(body=body)


def test_the_list_is_narrowed_by_the_api(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/redemptions"] = page()

    piped("redemption", "list", "--state", "ready", "--rider", "R1", "--sku", "G-001", "--station", "ZGM", "--overdue")

    wanted = {"state": "ready", "rider": "R1", "sku": "G-001", "station": "ZGM", "overdue": "true", "limit": "50"}
    assert [asked.query for asked in api.asked if asked.path == "/v1/redemptions"] == [wanted]


def test_approvals_are_counted_for_a_person_and_named_in_a_pipe(
    api: FakeApi, typed: OnTerminal, piped: RunPoints
) -> None:
    api.answers["GET /v1/redemptions"] = page(make_redemption(approvals_required=2, approvals=APPROVALS))

    with typed("redemption", "list", columns=140) as terminal:
        _, seen = terminal.finish()
    header, row = [line.split("\t") for line in piped("redemption", "list").stdout.splitlines()]
    cells = dict(zip(header, row, strict=True))

    assert "1/2" in plain(seen)
    assert (cells["approvals"], cells["approvals_required"], cells["is_overdue"]) == ("operator/li", "2", "false")


def test_one_is_shown_with_who_approved_it(api: FakeApi, typed: OnTerminal) -> None:
    api.answers["GET /v1/redemptions/A"] = Said(
        body=make_redemption("A", approvals_required=2, approvals=APPROVALS, is_overdue=True)
    )

    with typed("redemption", "show", "A") as terminal:
        _, seen = terminal.finish()

    assert "operator/li" in plain(seen)
    assert re.search(r"Overdue +overdue", plain(seen))


def test_requesting_for_a_rider_asks_nobody_because_it_can_be_cancelled(api: FakeApi, piped: RunPoints) -> None:
    api.answers["POST /v1/redemptions"] = redeemed(state="ready")

    run = piped("redemption", "request", "G-001", "--rider", "R00001", "--station", "ZGM")

    assert run.returncode == 0
    assert api.writes()[-1].body == {"rider_code": "R00001", "sku": "G-001", "station": "ZGM"}
    assert "balances.available\t120\n" in run.stdout


def test_a_gift_is_asked_about_because_it_is_over_at_once(api: FakeApi, piped: RunPoints, typed: OnTerminal) -> None:
    api.answers["POST /v1/redemptions"] = redeemed(state="fulfilled", kind="donation", points=20)
    command = ["redemption", "request", "D-001", "--rider", "R00001", "--points", "20"]

    assert piped(*command).returncode == 2
    assert dry_runs(api.writes()) == [True]

    with typed(*command) as terminal:
        assert "Give 20 points away?" in plain(terminal.wait_for("[y/N]"))
        terminal.type("y\n")
        assert terminal.finish()[0] == 0
    assert dry_runs(api.writes()) == [True, True, False]

    assert piped(*command, "--yes").returncode == 0
    assert dry_runs(api.writes()) == [True, True, False, False]


# --- vouchers --------------------------------------------------------------------------------------------------------


def test_a_pipe_gets_the_vouchers_code_and_nothing_else(piped: RunPoints) -> None:
    assert piped("redemption", "voucher", "A").stdout == f"{VOUCHER}\n"
    assert json.loads(piped("redemption", "voucher", "A", "--json").stdout)["voucher"] == VOUCHER


def test_a_person_sees_whose_it_is_and_a_qr_in_black_on_white(typed: OnTerminal) -> None:
    with typed("redemption", "voucher", "A", NO_COLOR="1") as terminal:
        _, seen = terminal.finish()

    drawn = re.findall(r"\x1b\[38;5;16;48;5;231m(.+?)\x1b\[0m", seen)
    assert drawn == qr_lines(VOUCHER)
    assert "王**" in plain(seen)
    assert VOUCHER in plain(seen)


def test_where_a_qr_cannot_be_drawn_the_code_stands_alone(typed: OnTerminal) -> None:
    with typed("redemption", "voucher", "A", columns=20) as terminal:
        _, seen = terminal.finish()

    assert "▀" not in seen
    assert VOUCHER in plain(seen)


def test_the_drawing_holds_exactly_the_squares_of_the_code() -> None:
    lines = qr_lines(VOUCHER)

    rows = [[SQUARES[cell][half] for cell in line] for line in lines for half in (0, 1)]
    wanted = [list(row) for row in segno.make_qr("7K3M9QX2T", error="m").matrix_iter(border=QUIET_ZONE)]
    assert rows[: len(wanted)] == wanted
    assert not any(square for row in rows[len(wanted) :] for square in row)
    assert {len(line) for line in lines} == {29}


def test_a_picture_is_written_and_an_old_one_is_not_replaced_unasked(piped: RunPoints, tmp_path: Path) -> None:
    file = tmp_path / "voucher.svg"

    assert piped("redemption", "voucher", "A", "--svg", str(file)).returncode == 0
    assert "<svg" in file.read_text()

    file.write_text("mine")
    assert piped("redemption", "voucher", "A", "--svg", str(file)).returncode == 2
    assert file.read_text() == "mine"
    assert piped("redemption", "voucher", "A", "--svg", str(file), "--yes").returncode == 0
    assert "<svg" in file.read_text()


def test_a_picture_that_cannot_be_written_is_a_usage_error(piped: RunPoints, tmp_path: Path) -> None:
    run = piped("redemption", "voucher", "A", "--svg", str(tmp_path / "no" / "v.svg"))

    assert run.returncode == 2
    assert "v.svg" in run.stderr


def test_what_has_no_voucher_says_why(api: FakeApi, piped: RunPoints) -> None:
    api.answers["GET /v1/redemptions/A/voucher"] = problem(409, "redemption_wrong_state", "A is requested.")

    run = piped("redemption", "voucher", "A")

    assert (run.returncode, run.stderr) == (1, "Error: A is requested. [redemption_wrong_state]\n")
