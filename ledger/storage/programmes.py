"""Programmes, their rulebooks and their sponsors."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from ledger.domain.errors import NotFound
from ledger.domain.rulebook import Rulebook, read_rulebook
from ledger.storage.tables import event_counters, programmes, rulebooks, sponsors
from ledger.storage.unit_of_work import UnitOfWork

GENERAL_SPONSOR = "general"
"""Code of the sponsor every programme has: awards draw from its budget."""

_rulebooks: dict[tuple[int, str], Rulebook] = {}
"""Parsed rulebooks by version and text. A version's text never changes, so this needs no expiry; it stays tiny."""


def insert_programme(uow: UnitOfWork, *, name: str, time_zone: str) -> None:
    uow.connection.execute(
        insert(programmes).values(id=uow.programme_id, name=name, time_zone=time_zone, created_at=uow.now)
    )
    uow.connection.execute(insert(event_counters).values(programme_id=uow.programme_id, last_number=0))


def programme_exists(uow: UnitOfWork) -> bool:
    return uow.connection.scalar(select(programmes.c.id).where(programmes.c.id == uow.programme_id)) is not None


def read_zone_of(uow: UnitOfWork) -> ZoneInfo:
    name = uow.connection.scalar(select(programmes.c.time_zone).where(programmes.c.id == uow.programme_id))
    if name is None:
        raise NotFound(noun="programme", name=str(uow.programme_id))
    return ZoneInfo(name)


def insert_rulebook(
    uow: UnitOfWork, *, version: int, document: str, valid_from: date, memo: str, proposed_by: str, approved_by: str
) -> None:
    uow.connection.execute(
        insert(rulebooks).values(
            programme_id=uow.programme_id,
            version=version,
            valid_from=valid_from,
            document=document,
            memo=memo,
            proposed_by=proposed_by,
            approved_by=approved_by,
            created_at=uow.now,
        )
    )


def read_rulebook_in_force(uow: UnitOfWork, day: date) -> Rulebook:
    """The newest version valid on the day; before the first version's day, the first version."""
    rows = uow.connection.execute(
        select(rulebooks.c.version, rulebooks.c.valid_from, rulebooks.c.document)
        .where(rulebooks.c.programme_id == uow.programme_id)
        .order_by(rulebooks.c.version)
    ).all()
    if not rows:
        raise NotFound(noun="programme", name=str(uow.programme_id))
    chosen = rows[0]
    for row in rows:
        if row.valid_from <= day:
            chosen = row
    return parsed_rulebook(chosen.version, chosen.document)


def parsed_rulebook(version: int, document: str) -> Rulebook:
    key = (version, document)
    if key not in _rulebooks:
        _rulebooks[key] = read_rulebook(version, document)
    return _rulebooks[key]


def insert_sponsor(uow: UnitOfWork, *, sponsor_id: UUID, code: str, name: str) -> None:
    uow.connection.execute(
        insert(sponsors).values(programme_id=uow.programme_id, id=sponsor_id, code=code, name=name, created_at=uow.now)
    )


def read_sponsor_id(uow: UnitOfWork, code: str) -> UUID:
    """Raises NotFound."""
    sponsor_id = uow.connection.scalar(
        select(sponsors.c.id).where(sponsors.c.programme_id == uow.programme_id).where(sponsors.c.code == code)
    )
    if sponsor_id is None:
        raise NotFound(noun="sponsor", name=code)
    return sponsor_id
