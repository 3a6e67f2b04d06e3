"""The service itself: alive, ready, measured; without its database for a while; and its headers."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from ledger.app import create_app, create_app_from_environment, create_runtime
from ledger.domain.access import Role
from ledger.storage import schema
from ledger.storage.engine import open_database
from tests.conftest import open_world
from tests.deployment import test_settings
from tests.postgres import create_database, drop_database
from tests.world import Client, World, headers

PATIENCE_SECONDS = 10
"""How long a client waits for an answer, be it a bad one."""


def test_a_running_service_is_alive_and_ready(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert [client.head(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_a_service_whose_database_lacks_the_schema_is_not_ready_and_says_what_to_run(empty_database_url: str) -> None:
    runtime = create_runtime(test_settings(empty_database_url))
    with TestClient(create_app(runtime.settings, runtime=runtime)) as client:
        answer = client.get("/readyz", headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.json()["code"]) == (503, "schema_not_current")
        assert "points db upgrade" in answer.json()["detail"]
        assert answer.headers["retry-after"] == "10"
        assert client.get("/healthz").status_code == 200
        assert client.head("/readyz").status_code == 503

        database = open_database(empty_database_url)
        schema.upgrade(database)
        database.dispose()
        assert client.get("/readyz").status_code == 200
    runtime.database.dispose()


def test_an_asgi_server_can_make_the_app_from_the_environment(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_DATABASE_URL", database_url)
    monkeypatch.setenv("LEDGER_SECRET", "s" * 32)
    with TestClient(create_app_from_environment()) as client:
        assert client.get("/readyz").status_code == 200


def test_the_app_starts_and_stops_its_own_writer(database_url: str) -> None:
    with TestClient(create_app(test_settings(database_url))) as client:
        body = {"programme": 330212, "name": "owner", "password": "correct-horse"}
        assert client.post("/v1/sessions", json=body).status_code == 201


def test_requests_are_counted_by_route_and_never_by_name(client: Client, world: World) -> None:
    world.enroll("R00007")
    client.get("/v1/riders/R00007", headers=headers(world.token(Role.OWNER)))
    client.get("/no/such/path/R00007")
    metrics = client.get("/metrics")
    assert metrics.status_code == 200
    assert 'path="/v1/riders/{code}"' in metrics.text
    assert "R00007" not in metrics.text


@pytest.fixture
def severed(postgres: str, postgres_template: str) -> Iterator["Wire"]:
    """A database that is reached over a socket of our own, which can be cut."""
    folder = parse_qs(urlsplit(postgres).query).get("host")
    if folder is None:
        pytest.skip("the named PostgreSQL server is not reached over a socket")
    name = "ledger_severed"
    url = create_database(postgres, name, template=postgres_template)
    # A path to a socket may have about 100 characters, which pytest's folders can exceed.
    link = Path(tempfile.mkdtemp(prefix="ledger-wire-"))
    wire = Wire(real=Path(folder[0]), link=link, admin=postgres, name=name)
    wire.mend()
    wire.url = url.replace(folder[0], str(wire.link))
    yield wire
    wire.cut()
    wire.link.rmdir()
    drop_database(postgres, name)


class Wire:
    """Between the service and its database. Cut: nobody gets through, and who was through is thrown out."""

    url: str

    def __init__(self, *, real: Path, link: Path, admin: str, name: str) -> None:
        self.link, self._admin, self._name = link, admin.replace("+psycopg", "", 1), name
        self._real, self._socket = real / ".s.PGSQL.5432", link / ".s.PGSQL.5432"

    def mend(self) -> None:
        self._socket.symlink_to(self._real)

    def cut(self) -> None:
        self._socket.unlink()
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self._name]
            )


def test_without_its_database_the_service_answers_503_in_time_and_recovers_by_itself(severed: Wire) -> None:
    hazard = {"rider_code": "R00001", "category_code": "FAC-01", "lat": 29.8, "lon": 121.5}
    with (
        open_world(severed.url) as world,
        TestClient(create_app(world.runtime.settings, runtime=world.runtime)) as client,
    ):
        world.token("rider")
        owner = world.token(Role.OWNER)
        assert client.get("/v1/reports", headers=headers(owner)).status_code == 200

        severed.cut()
        began = time.monotonic()
        for send in (
            lambda: client.get("/v1/reports", headers=headers(owner, language="en")),
            lambda: client.post("/v1/reports", json=hazard, headers=headers(owner, key="same", language="en")),
            lambda: client.get("/readyz", headers={"Accept-Language": "en"}),
            lambda: client.get("/v1/me", headers=headers("cpl_rd_330212_unseen", language="en")),
        ):
            answer = send()
            assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable"), answer.text
            assert answer.headers["retry-after"] == "2"
            assert "same key" in answer.json()["detail"]
        assert time.monotonic() - began < PATIENCE_SECONDS
        assert client.get("/healthz").status_code == 200

        severed.mend()
        assert client.get("/readyz").status_code == 200
        again = [client.post("/v1/reports", json=hazard, headers=headers(owner, key="same")) for _ in range(2)]
        assert [answer.status_code for answer in again] == [201, 201]
        assert again[0].content == again[1].content
        assert len(client.get("/v1/reports", headers=headers(owner)).json()["items"]) == 1


def test_the_schema_pages_may_be_kept_but_not_framed(client: TestClient[Litestar]) -> None:
    page = client.get("/schema")
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-cache"
