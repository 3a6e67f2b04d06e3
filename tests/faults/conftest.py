"""Fixtures: books to break, made with the real clock, because the server process reads it; seed and length."""

from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest

from ledger.storage import schema
from ledger.storage.engine import open_database
from tests.conftest import open_world
from tests.deployment import MovingClock
from tests.faults.load import CLIENTS, Tokens, rider_code
from tests.world import found_programme


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-long", action="store_true", help="many rounds of each fault")
    parser.addoption("--faults-seed", type=int, default=1, help="of the faults' dice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    is_long: bool

    def of(self, short: int, long: int) -> int:
        return long if self.is_long else short


@pytest.fixture
def length(request: pytest.FixtureRequest) -> Length:
    """Known only where this folder was named to pytest: among all tests they are short."""
    return Length(is_long=request.config.getoption("--faults-long", default=False))


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> Random:
    seed = request.config.getoption("--faults-seed", default=1)
    print(f"\nseed {seed}")
    return Random(seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """A database with a programme, a rider for each client, and who may report and verify."""

    url: str
    tokens: Tokens


def furnish(url: str) -> Premises:
    database = open_database(url)
    schema.upgrade(database)
    database.dispose()
    with open_world(url, clock=MovingClock(datetime.now(UTC))) as world:
        found_programme(world)
        for number in range(CLIENTS):
            world.enroll(rider_code(number))
        return Premises(url=url, tokens=Tokens(manager=world.token("manager"), reviewer=world.token("reviewer")))


@pytest.fixture
def premises(empty_database_url: str) -> Premises:
    return furnish(empty_database_url)
