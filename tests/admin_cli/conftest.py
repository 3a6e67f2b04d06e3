"""Fixtures of the terminal's tests: a fake API on a socket, and `points` run against it."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest

from tests.admin_cli.fake_api import FakeApi, Terminal, on_terminal, run_points, start_points

RunPoints = Callable[..., subprocess.CompletedProcess[str]]
OnTerminal = Callable[..., AbstractContextManager[Terminal]]


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with FakeApi() as api:
        yield api


@pytest.fixture
def piped(api: FakeApi, tmp_path: Path) -> RunPoints:
    return partial(run_points, api, tmp_path)


@pytest.fixture
def started(api: FakeApi, tmp_path: Path) -> RunPoints:
    return partial(start_points, api, tmp_path)


@pytest.fixture
def typed(api: FakeApi, tmp_path: Path) -> OnTerminal:
    return partial(on_terminal, api, tmp_path)
