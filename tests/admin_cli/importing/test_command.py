"""`points report import` as a person or a script meets it: exit codes, stdout, stderr."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from admin_cli.client import Client
from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.importing.command import import_reports
from admin_cli.importing.stop import StopRequest
from tests.admin_cli.importing.builders import FakeService, numbered, problem, row, write_csv, write_mapping


class RunOn(Run):
    def __init__(self, service: FakeService) -> None:
        super().__init__()
        self._service = service

    def client(self) -> Client:
        return self._service.client()


Points = Callable[..., int]


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def points(service, tmp_path, monkeypatch) -> Points:
    """Runs the command in a folder of its own and returns the exit code."""
    monkeypatch.chdir(tmp_path)
    write_mapping(tmp_path)
    app = typer.Typer()
    app.command()(import_reports)
    command = typer.main.get_command(app)

    def run(*arguments: str, is_json: bool = False) -> int:
        state = RunOn(service)
        state.json = is_json
        try:
            with command.make_context("import", [*arguments, "--mapping", "mapping.toml"], obj=state) as ctx:
                command.invoke(ctx)
        except typer.Exit as exit_:
            return exit_.exit_code
        except Failure as failure:
            return failure.exit_code
        return ExitCode.OK

    return run


def test_an_import_without_bad_rows_exits_with_0(points, tmp_path):
    write_csv(tmp_path, numbered(3))

    assert points("reports.csv") == ExitCode.OK


def test_bad_rows_exit_with_1_and_name_their_file(points, tmp_path, capsys):
    write_csv(tmp_path, [row(id="1"), row(id="2", opened="?")])

    assert points("reports.csv") == ExitCode.REFUSED
    assert "reports.bad-rows.csv" in capsys.readouterr().err
    assert (tmp_path / "reports.bad-rows.csv").exists()


def test_the_bad_rows_go_where_the_person_wants_them(points, tmp_path):
    write_csv(tmp_path, [row(opened="?")])

    assert points("reports.csv", "--bad-rows", "wrong.csv") == ExitCode.REFUSED
    assert [path.name for path in sorted(tmp_path.glob("*.csv"))] == ["reports.csv", "wrong.csv"]


def test_a_dry_run_says_that_nothing_was_booked(points, service, tmp_path, capsys):
    write_csv(tmp_path, numbered(3))

    assert points("reports.csv", "--dry-run", is_json=True) == ExitCode.OK

    said = capsys.readouterr()
    assert json.loads(said.out)["dry_run"] is True
    assert said.err
    assert service.reports == {}


def test_json_is_one_object_on_stdout_with_every_count(points, tmp_path, capsys):
    write_csv(tmp_path, [row(id="1", photo="photo"), row(id="2", type="?")])

    points("reports.csv", is_json=True)

    summary = json.loads(capsys.readouterr().out)
    expected = {
        "file": "reports.csv",
        "source": "city",
        "dry_run": False,
        "complete": True,
        "rows_read": 2,
        "booked": 1,
        "unchanged": 0,
        "bad": 1,
        "bad_by_reason": {"unknown_type": 1},
        "bad_rows_file": "reports.bad-rows.csv",
        "by_state": {"verified": 1},
        "riders_enrolled": 1,
        "points_wanted": 10,
        "points_granted": 10,
        "warnings": {"photos_without_address": 1},
    }
    assert {name: summary[name] for name in expected} == expected
    assert set(summary) - set(expected) == {"seconds", "rows_per_second"}


def test_a_pipe_gets_the_same_counts_as_lines(points, tmp_path, capsys):
    write_csv(tmp_path, numbered(3))

    points("reports.csv")

    assert "rows_read\t3" in capsys.readouterr().out.splitlines()


def test_a_terminal_gets_the_counts_in_words(points, tmp_path, capsys, monkeypatch):
    write_csv(tmp_path, [row(id="1"), row(id="2", type="?")])
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    points("reports.csv")

    out = capsys.readouterr().out
    assert "unknown_type" in out
    assert "rows_read\t" not in out


def test_a_file_that_cannot_be_read_exits_with_2(points):
    assert points("nowhere.csv") == ExitCode.USAGE


def test_an_unavailable_server_exits_with_5_after_saying_that_it_can_go_on(
    points, service, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(StopRequest, "wait", lambda stop, seconds: False)
    service.faults = [lambda: problem(503, "storage_unavailable")] * 100
    write_csv(tmp_path, numbered(3))

    assert points("reports.csv", is_json=True) == ExitCode.UNAVAILABLE

    said = capsys.readouterr()
    assert json.loads(said.out)["complete"] is False
    assert "--idempotency-key" not in said.err


def test_ctrl_c_exits_with_130(points, service, tmp_path, capsys):
    service.before_answer = lambda: signal.raise_signal(signal.SIGINT)
    write_csv(tmp_path, numbered(1_500))

    assert points("reports.csv", is_json=True) == ExitCode.INTERRUPTED
    assert json.loads(capsys.readouterr().out)["booked"] == 1_000


def test_ctrl_c_while_the_file_is_read_says_that_it_can_go_on(points, tmp_path, capsys, monkeypatch):
    def interrupt(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("admin_cli.importing.run.open_source", interrupt)
    write_csv(tmp_path, numbered(3))

    with pytest.raises(KeyboardInterrupt):
        points("reports.csv")

    assert capsys.readouterr().err


def test_a_source_may_lie_in_another_folder(points, tmp_path):
    folder = tmp_path / "from elsewhere"
    folder.mkdir()
    write_csv(folder, [row(opened="?")])

    assert points(str(Path("from elsewhere") / "reports.csv")) == ExitCode.REFUSED
    assert (tmp_path / "reports.bad-rows.csv").exists()
