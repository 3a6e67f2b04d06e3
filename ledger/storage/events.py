"""The outbox: one event a change, numbered without gaps per programme, written with the change itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ledger.storage.tables import event_counters, events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `subject` names the resource, such as `report/7K2QXM9D4T`; `data` is plain JSON."""

    kind: str
    subject: str
    data: dict[str, Any]


def append_events(uow: UnitOfWork, batch: Sequence[Event]) -> None:
    """Numbers and writes the events. The counter's row is locked while the turn lasts, so numbers have no gaps."""
    if not batch:
        return
    assert uow.last_event_number is not None, f"programme {uow.programme_id} has no event counter"
    first_number = uow.last_event_number + 1
    uow.last_event_number += len(batch)
    uow.update(
        event_counters,
        key=("programme_id",),
        rows=[{"programme_id": uow.programme_id, "last_number": uow.last_event_number}],
    )
    uow.insert(
        events,
        [
            {
                "programme_id": uow.programme_id,
                "number": first_number + offset,
                "kind": event.kind,
                "subject": event.subject,
                "recorded_at": uow.now,
                "data": json.dumps(event.data, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
            }
            for offset, event in enumerate(batch)
        ],
    )
