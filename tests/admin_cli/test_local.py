"""The app inside the terminal's own process: an embedded database made when first needed, and what can go wrong."""

import fcntl
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from admin_cli.app import main

ROOT = Path(__file__).resolve().parent.parent.parent


def points(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of one command, in this process."""
    # Files over bytes, like the real ones: --json writes what the API sent, undecoded.
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main(list(arguments))
    for stream in (out, err):
        stream.seek(0)
    return code, out.read(), err.read()


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(("POINTS_", "LEDGER_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("POINTS_LANG", "zh")


def test_the_first_command_on_a_new_machine_works():
    code, out, _ = points("programme", "show", "--json")
    programme = json.loads(out)
    assert code == 0
    assert (programme["id"], programme["name"]) == (330212, "鄞州区")
    assert programme["points"]["budgeted"] == 10_000_000


def test_what_one_command_wrote_the_next_one_reads(tmp_path: Path):
    data = ["--data", str(tmp_path / "books")]
    assert points("rider", "enroll", "--name", "王小明", *data)[0] == 0
    code, out, _ = points("rider", "list", *data)
    assert code == 0
    assert "王小明" in out


def test_no_session_of_a_local_command_outlives_it(tmp_path: Path):
    points("programme", "show", "--data", str(tmp_path))
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        [(open_sessions,)] = connection.execute("SELECT count(*) FROM tokens WHERE revoked_at IS NULL")
    connection.close()
    assert open_sessions == 0


def test_a_second_programme_is_set_up_beside_the_first_and_chosen_by_name(monkeypatch: pytest.MonkeyPatch):
    created = points("programme", "create", "330203", "海曙区", "--owner-password", "long-enough-1")
    assert created[0] == 0, created
    monkeypatch.setenv("POINTS_PROGRAMME", "330203")
    assert json.loads(points("programme", "show", "--json")[1])["name"] == "海曙区"
    monkeypatch.setenv("POINTS_PROGRAMME", "999999")
    code, _, err = points("programme", "show")
    assert code == 2
    assert "330203" in err, "the remedy names what there is"


def test_a_folder_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    code, _, err = points("programme", "show", "--data", str(tmp_path / "file"))
    assert code == 2
    assert "--data" in err
    assert "Traceback" not in err


def test_the_schema_of_a_database_from_the_environment_is_never_changed_in_passing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LEDGER_DATABASE_URL", empty_database_url)
    monkeypatch.setenv("LEDGER_SECRET", "x" * 32)
    code, _, err = points("programme", "list")
    assert code == 2
    assert "points db upgrade" in err
    assert points("db", "status")[0] == 1
    assert points("db", "upgrade")[0] == 0
    assert points("db", "upgrade")[0] == 0
    assert points("db", "status")[0] == 0
    created = points("programme", "create", "330212", "鄞州区", "--owner-password", "long-enough-1")
    assert created[0] == 0, created
    assert json.loads(points("programme", "show", "--json")[1])["riders"] == 0


def test_a_database_that_is_not_there_is_said_to_be_unreachable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LEDGER_DATABASE_URL", f"postgresql://nobody@/none?host={tmp_path}")
    monkeypatch.setenv("LEDGER_SECRET", "x" * 32)
    code, _, err = points("db", "status")
    assert code == 5
    assert "LEDGER_DATABASE_URL" in err


def test_a_missing_secret_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LEDGER_DATABASE_URL", "sqlite:///x.db")
    code, _, err = points("db", "status")
    assert code == 2
    assert "LEDGER_SECRET" in err


def test_a_taken_port_is_said_before_anything_is_made(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = points("demo", "--port", str(port), "--data", str(tmp_path / "demo"))
    assert code == 2
    assert f"--port {port + 1}" in err
    assert not (tmp_path / "demo").exists()


def test_a_demo_on_a_folder_in_use_is_refused(tmp_path: Path):
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, _, err = points("demo", "--port", str(_free_port()), "--data", str(tmp_path))
    assert code == 2
    assert "--data" in err


@pytest.mark.slow
def test_an_import_that_was_killed_is_finished_by_running_it_again(tmp_path: Path):
    """kill -9 in the middle: the books end like those of an import that nobody disturbed."""
    sample, mapping = ROOT / "seed" / "boston311-sample.csv", ROOT / "seed" / "boston311.toml"
    many = tmp_path / "many.csv"
    lines = sample.read_text("utf-8").splitlines(keepends=True)
    many.write_text(
        lines[0] + "".join(f"{number}{line}" for number in range(8) for line in lines[1:]), encoding="utf-8"
    )
    command = ["report", "import", str(many), "--mapping", str(mapping)]

    disturbed = tmp_path / "disturbed"
    process = subprocess.Popen(
        [sys.executable, "-m", "admin_cli", *command, "--data", str(disturbed)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not _reports(disturbed):
        assert process.poll() is None
    process.kill()
    process.wait()
    assert 0 < _reports(disturbed) < 2_400
    assert points(*command, "--data", str(disturbed))[0] == 0
    assert points(*command, "--data", str(tmp_path / "whole"))[0] == 0

    assert _books(disturbed) == _books(tmp_path / "whole")


def _reports(folder: Path) -> int:
    return len(_rows(folder, "SELECT id FROM reports"))


def _books(folder: Path) -> list[list[tuple[object, ...]]]:
    """Everything that must be equal: balances, standings, reports and awards, without ids and times of recording."""
    return [
        _rows(
            folder,
            "SELECT r.code, a.purpose, a.bucket, a.balance, a.version FROM accounts a "
            "JOIN riders r ON r.id = a.owner_id ORDER BY 1, 2, 3",
        ),
        _rows(
            folder,
            "SELECT r.code, s.month, s.merit, s.verified_reports, s.serious_points, s.reached_at FROM standings s "
            "JOIN riders r ON r.id = s.rider_id ORDER BY 1, 2",
        ),
        _rows(
            folder,
            "SELECT p.external_id, p.state, w.points_wanted, w.points_granted, w.limited_by, w.month, w.day "
            "FROM reports p LEFT JOIN awards w ON w.report_id = p.id ORDER BY 1",
        ),
    ]


def _rows(folder: Path, statement: str) -> list[tuple[object, ...]]:
    if not (folder / "ledger.db").exists():
        return []
    connection = sqlite3.connect(folder / "ledger.db", timeout=5)
    try:
        return connection.execute(statement).fetchall()
    except sqlite3.OperationalError:  # the tables are not there yet
        return []
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
