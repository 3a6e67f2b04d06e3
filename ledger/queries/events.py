"""The outbox, in the order of its numbers."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ledger.queries.slices import Slice, cut
from ledger.storage.tables import events


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """Numbers are gap-free within a programme."""

    number: int
    kind: str
    subject: str
    recorded_at: datetime
    data: dict[str, Any]


def read_events(connection: Connection, programme_id: int, *, after_number: int, limit: int) -> Slice[EventRecord]:
    """Events with a number above `after_number`, oldest first."""
    rows = connection.execute(
        select(events.c.number, events.c.kind, events.c.subject, events.c.recorded_at, events.c.data)
        .where(events.c.programme_id == programme_id)
        .where(events.c.number > after_number)
        .order_by(events.c.number)
        .limit(limit + 1)
    ).all()
    return cut(
        rows,
        limit,
        to_item=lambda row: EventRecord(
            number=row.number,
            kind=row.kind,
            subject=row.subject,
            recorded_at=row.recorded_at,
            data=json.loads(row.data),
        ),
        to_key=lambda row: (row.number,),
    )
