"""PostgreSQL goes away, cuts, locks, dawdles or freezes under load: a 503 in time, nothing lost, and it recovers alone.

One server process lives through all of them; it is never started again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random

import psycopg
import pytest

from ledger.storage.group_commit import ANSWER_SECONDS_MAX
from tests.faults.clusters import Cluster, running_clusters
from tests.faults.conftest import Length, Premises, furnish
from tests.faults.evidence import check_consistent, compare, find_faults
from tests.faults.load import Asked, Client, Load, ask_again
from tests.faults.servers import Server, running_server
from tests.postgres import NoPostgres, create_database

LATE_SECONDS = 3.0
"""What a busy machine may add to the server's own limit."""
LONGER_THAN_PATIENCE_SECONDS = ANSWER_SECONDS_MAX + 2
RECOVERY_SECONDS_MAX = 20.0


@dataclass(kw_only=True)
class Place:
    """A PostgreSQL server, the service on it, and all that was ever sent there."""

    cluster: Cluster
    premises: Premises
    server: Server
    asked: list[Asked] = field(default_factory=list)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ExitStack() as stack:
        try:
            [cluster] = stack.enter_context(running_clusters("lone"))
        except NoPostgres as missing:
            pytest.skip(str(missing))
        cluster.create()
        cluster.start()
        premises = furnish(create_database(cluster.url(), "ledger"))
        server = stack.enter_context(running_server(premises.url, tmp_path_factory.mktemp("outages")))
        yield Place(cluster=cluster, premises=premises, server=server)


def live_through(place: Place, name: str, fault: Callable[[], None]) -> list[Asked]:
    """Load before, during and after the fault; then the books, the clients' memories and the process are looked at."""
    server, cluster = place.server, place.cluster
    with Load(port=server.port, tokens=place.premises.tokens, name=f"warm-{name}") as load:
        load.wait_for_answers(50)
    place.asked += load.asked
    threads, connections = server.threads(), cluster.connections()

    with Load(port=server.port, tokens=place.premises.tokens, name=name) as load:
        load.wait_for_answers(20)
        fault()
        begin = time.monotonic()
        load.wait_for_answers(50, seconds_max=RECOVERY_SECONDS_MAX)
        recovery_seconds = time.monotonic() - begin
    refused = [found for found in load.asked if not found.is_done]
    assert {found.status for found in refused} <= {503}, "a client was told something else than to come back"
    assert all(found.retry_after for found in refused)
    slowest = max(found.seconds for found in load.asked)
    assert slowest < ANSWER_SECONDS_MAX + LATE_SECONDS

    chosen = refused + [found for found in load.asked if found.is_done][-20:]
    again = ask_again(server.port, chosen)
    check_consistent(chosen, again)
    place.asked += load.asked + again
    compared = compare(place.premises.url, place.asked)
    assert compared.is_equal, compared
    assert compared.stored == compared.sent == compared.acknowledged
    assert find_faults(place.premises.url) == []
    assert server.threads() <= threads + 1, "threads are left over"
    assert cluster.connections() <= connections + 1, "connections are left over"
    print(
        f"{name}: {len(load.asked) - len(refused)} acknowledged, {len(refused)} told to come back, slowest answer "
        f"{slowest:.1f} s, again at work after {recovery_seconds:.1f} s"
    )
    return refused


@pytest.mark.slow
def test_a_postgresql_that_stops_and_starts_loses_nothing(place: Place, length: Length) -> None:
    def stop_and_start() -> None:
        for _ in range(length.of(1, 10)):
            place.cluster.stop()
            time.sleep(3)
            place.cluster.start()
            time.sleep(0.5)

    assert live_through(place, "stopped", stop_and_start)


@pytest.mark.slow
def test_a_postgresql_that_crashes_loses_nothing(place: Place, length: Length) -> None:
    def crash() -> None:
        for _ in range(length.of(1, 10)):
            place.cluster.kill()
            time.sleep(1)
            place.cluster.start()
            time.sleep(0.5)

    live_through(place, "crashed", crash)


@pytest.mark.slow
def test_connections_that_are_cut_lose_nothing(place: Place, dice: Random, length: Length) -> None:
    def cut() -> None:
        for _ in range(length.of(20, 500)):
            place.cluster.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'city-partner-ledger'"
            )
            time.sleep(dice.uniform(0, 0.15))

    live_through(place, "cut", cut)


@pytest.mark.slow
def test_a_lock_that_somebody_holds_is_told_in_time(place: Place) -> None:
    def hold_the_turn() -> None:
        target = place.premises.url.replace("+psycopg", "")
        with psycopg.connect(target) as connection:
            connection.execute("SELECT last_number FROM event_counters FOR UPDATE")
            time.sleep(LONGER_THAN_PATIENCE_SECONDS)

    assert live_through(place, "locked", hold_the_turn)


SLOWNESS = """
CREATE TABLE slowness (seconds float8 NOT NULL);
INSERT INTO slowness VALUES (0);
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(seconds) FROM slowness; RETURN NULL; END $$;
CREATE TRIGGER dawdle AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION dawdle();
"""


@pytest.mark.slow
def test_a_statement_that_takes_too_long_is_told_in_time(place: Place) -> None:
    place.cluster.execute(SLOWNESS, database="ledger")

    def dawdle() -> None:
        place.cluster.execute("UPDATE slowness SET seconds = 60", database="ledger")
        time.sleep(LONGER_THAN_PATIENCE_SECONDS)
        place.cluster.execute("UPDATE slowness SET seconds = 0", database="ledger")

    try:
        assert live_through(place, "slow", dawdle)
    finally:
        place.cluster.execute("DROP TRIGGER dawdle ON events", database="ledger")


@pytest.mark.slow
def test_a_postgresql_that_freezes_is_told_in_time(place: Place) -> None:
    """No connection breaks and no time limit of the server's own runs: only the service's can help."""
    alive = []

    def freeze() -> None:
        with place.cluster.frozen():
            time.sleep(LONGER_THAN_PATIENCE_SECONDS)
            with Client(place.server.port) as client:
                alive.append(client.get("/healthz").status)

    assert live_through(place, "frozen", freeze)
    assert alive == [200]
