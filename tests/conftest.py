"""Fixtures: a filled database of each engine for every test that wants one, and the world to act in.

A test that takes `world` or `client` runs twice, on SQLite and on PostgreSQL. Each gets a copy of a template that has
the schema and one programme with an operator of each role; copying is a fraction of migrating.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ledger.app import create_app, create_runtime
from ledger.storage import schema
from ledger.storage.engine import open_database
from tests.deployment import MovingClock, test_settings
from tests.postgres import NoPostgres, create_database, drop_database, running_postgres
from tests.world import World, found_programme

ENGINES = ("sqlite", "postgresql")

# The same examples each time, so that a failure repeats; `--hypothesis-profile=search` looks for new ones.
hypothesis.settings.register_profile(
    "fixed",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile(
    "search", hypothesis.settings.get_profile("fixed"), derandomize=False, max_examples=1_000
)
hypothesis.settings.load_profile("fixed")

_names = (f"ledger_{os.getpid()}_{number}" for number in count(1))
"""Of databases. With the process, because several test processes may share one server that was named to them."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own; tests that need it are skipped, with the reason, without one."""
    try:
        with running_postgres() as address:
            yield address
    except NoPostgres as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "ledger.db"
    _make_template(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    name = next(_names)
    _make_template(create_database(postgres, name))
    yield name
    drop_database(postgres, name)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the engine with the schema and one programme, gone after the test."""
    if engine_name == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    name = next(_names)
    yield create_database(server, name, template=request.getfixturevalue("postgres_template"))
    drop_database(server, name)


@pytest.fixture
def empty_database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the engine with nothing in it."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = next(_names)
    yield create_database(server, name)
    drop_database(server, name)


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """The programme to act in, through the use-cases, with a clock that the test moves."""
    with open_world(database_url) as found:
        yield found


@pytest.fixture
def app(world: World) -> Litestar:
    return create_app(world.runtime.settings, runtime=world.runtime)


@pytest.fixture
def client(app: Litestar) -> Iterator[TestClient[Litestar]]:
    """Over HTTP into the same world: what the test does with `world` the client sees, and the other way round."""
    with TestClient(app) as found:
        yield found


@pytest.fixture
def other_process(database_url: str, world: World) -> Iterator[World]:
    """A second server process on the same books: an engine and a writer of its own, the same clock."""
    with open_world(database_url, clock=world.clock) as found:
        yield found


@contextmanager
def open_world(url: str, *, clock: MovingClock | None = None) -> Iterator[World]:
    clock = clock or MovingClock()
    runtime = create_runtime(test_settings(url), clock=clock)
    runtime.writer.start()
    try:
        yield World(runtime=runtime, clock=clock)
    finally:
        runtime.writer.stop()
        runtime.database.dispose()


def _make_template(url: str) -> None:
    database = open_database(url)
    schema.upgrade(database)
    database.dispose()
    with open_world(url) as world:
        found_programme(world)
