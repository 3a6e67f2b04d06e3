"""Liveness and readiness, for whoever keeps the process running; the metrics are beside them."""

from dataclasses import dataclass
from typing import ClassVar

import msgspec
from litestar import get, head
from litestar.di import NamedDependency
from litestar.plugins.prometheus import PrometheusController

from ledger.api.runtime import Runtime
from ledger.api.writes import answers
from ledger.domain.errors import Kind, Refusal, Text

SCHEMA_RETRY_SECONDS = 10
"""A migration of a large district takes seconds to minutes; asking more often helps nobody."""


class Health(msgspec.Struct, kw_only=True):
    status: str


@dataclass(eq=False)
class SchemaNotCurrent(Refusal):
    """`found` is null on an empty database."""

    found: str | None
    needed: str
    retry_after_seconds: int

    code: ClassVar[str] = "schema_not_current"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    title: ClassVar[Text] = Text("数据库结构的版本不对", "The database has another schema")
    detail: ClassVar[Text] = Text(
        "数据库结构是 {found}，本程序要 {needed}；请运行 points db upgrade。",
        "The schema is {found}, this program needs {needed}: run `points db upgrade`.",
    )


class MetricsController(PrometheusController):
    """GET /metrics in Prometheus' own format; no part of the documented API."""

    include_in_schema = False


@get("/healthz", operation_id="get_health", tags=["health"], summary="The process is alive", sync_to_thread=False)
def get_health() -> Health:
    return Health(status="ok")


@head("/healthz", include_in_schema=False, sync_to_thread=False)
def head_health() -> None:
    """Load balancers like to ask without wanting a body."""


@get(
    "/readyz",
    operation_id="get_readiness",
    tags=["health"],
    summary="The database answers and has this program's schema",
    responses=answers(Health, 503),
    sync_to_thread=True,
)
def get_readiness(runtime: NamedDependency[Runtime]) -> Health:
    """Raises StorageUnavailable or SchemaNotCurrent when it does not."""
    version = runtime.read_schema_version()
    if not version.is_newest:
        raise SchemaNotCurrent(found=version.current, needed=version.newest, retry_after_seconds=SCHEMA_RETRY_SECONDS)
    return Health(status="ready")


@head("/readyz", include_in_schema=False, sync_to_thread=True)
def head_readiness(runtime: NamedDependency[Runtime]) -> None:
    get_readiness.fn(runtime)
