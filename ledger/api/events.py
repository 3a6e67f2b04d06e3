"""/v1/events: the outbox, for other systems to follow."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.queries import events as queries
from ledger.queries.events import EventRecord

NUMBER_MAX = 2**53 - 1
"""The largest integer every JSON reader keeps exact."""


@get("/events", operation_id="list_events", tags=["events"], summary="Events after a number", sync_to_thread=True)
def list_events(
    runtime: NamedDependency[Runtime],
    principal: NamedDependency[Principal],
    after: Annotated[int, QueryParameter(ge=0, le=NUMBER_MAX, description="The last number you have seen.")] = 0,
    limit: Limit = PAGE_SIZE_DEFAULT,
    cursor: Cursor = None,
) -> Page[EventRecord]:
    """Oldest first. Numbers have no gaps: keep the last one and ask again with `after`."""
    cursors = Cursors(runtime.vault, principal.programme_id, "events")
    key = cursors.read(cursor)
    with runtime.reading() as connection:
        found = queries.read_events(
            connection, principal.programme_id, after_number=key[0] if key else after, limit=limit
        )
    return cursors.page(found, lambda record: record)
