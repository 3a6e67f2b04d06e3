"""Fixtures of the tables' tests: the service in memory, and the three nouns' commands run against it."""

import os
from collections.abc import Callable

import pytest
import typer

from admin_cli.client import Client
from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import t
from admin_cli.sheets import catalog, redemptions, riders
from admin_cli.terminal import say
from tests.admin_cli.sheets.builders import FakeLedger

Points = Callable[..., int]


class RunOn(Run):
    def __init__(self, ledger: FakeLedger) -> None:
        super().__init__()
        self._ledger = ledger

    def client(self) -> Client:
        return self._ledger.client()


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def points(ledger, tmp_path, monkeypatch) -> Points:
    """Runs `NOUN export|import …` in a folder of its own and returns the exit code."""
    monkeypatch.chdir(tmp_path)
    return _commands(lambda: RunOn(ledger))


@pytest.fixture
def real_points(tmp_path, monkeypatch) -> Points:
    """The same on the service itself, with new books in the folder."""
    for name in list(os.environ):
        if name.startswith(("POINTS_", "LEDGER_", "XDG_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return _commands(Run)


def _commands(open_run: Callable[[], Run]) -> Points:
    app = typer.Typer()
    for name, module in (("rider", riders), ("catalog", catalog), ("redemption", redemptions)):
        noun = typer.Typer()
        module.add_sheet_commands(noun)
        app.add_typer(noun, name=name)
    command = typer.main.get_command(app)

    def run(*arguments: str, is_json: bool = False) -> int:
        state = open_run()
        state.json = is_json
        try:
            with state, command.make_context("points", list(arguments), obj=state) as ctx:
                command.invoke(ctx)
        except typer.Exit as exit_:
            return exit_.exit_code
        except Failure as failure:
            say(t(f"错误：{failure}", f"Error: {failure}"))
            return failure.exit_code
        return ExitCode.OK

    return run
