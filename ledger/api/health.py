"""Liveness and readiness, for whoever keeps the process running."""

from typing import Any

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from sqlalchemy import text

from ledger.api.runtime import Runtime
from ledger.domain.errors import StorageUnavailable
from ledger.storage import schema


class Health(msgspec.Struct, kw_only=True):
    status: str


@get("/healthz", operation_id="get_health", tags=["health"], summary="The process is alive", sync_to_thread=False)
def get_health() -> Health:
    return Health(status="ok")


@get(
    "/readyz",
    operation_id="get_readiness",
    tags=["health"],
    summary="The database answers and has this program's schema",
    sync_to_thread=True,
)
def get_readiness(runtime: NamedDependency[Runtime]) -> Response[Any]:
    """200 when ready, 503 with the reason when not."""
    try:
        with runtime.reading() as connection:
            connection.execute(text("SELECT 1"))
        version = schema.read_version(runtime.database)
    except StorageUnavailable:
        return Response(content={"status": "database not reachable"}, status_code=503, headers={"Retry-After": "2"})
    if not version.is_newest:
        reason = f"schema is {version.current}, this program needs {version.newest}: run `points db upgrade`"
        return Response(content={"status": reason}, status_code=503)
    return Response(content={"status": "ready"})
