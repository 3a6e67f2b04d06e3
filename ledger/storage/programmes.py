"""Programmes, their rulebooks and their sponsors."""

from datetime import date
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, insert, select

from ledger.domain.errors import NotFound
from ledger.domain.rulebook import Rulebook, read_rulebook
from ledger.storage.tables import event_counters, programmes, rulebooks, sponsors
from ledger.storage.unit_of_work import UnitOfWork

GENERAL_SPONSOR = "general"
"""Code of the sponsor every programme has: awards draw from its budget."""

RULEBOOKS_REMEMBERED = 64
"""Parsed rulebooks kept in memory: more than the programmes that are busy in one process at a time."""


def insert_programme(uow: UnitOfWork, *, name: str, time_zone: str) -> None:
    uow.connection.execute(
        insert(programmes).values(id=uow.programme_id, name=name, time_zone=time_zone, created_at=uow.now)
    )
    uow.connection.execute(insert(event_counters).values(programme_id=uow.programme_id, last_number=0))
    uow.last_event_number = 0


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


def read_newest_version(uow: UnitOfWork) -> tuple[int, date]:
    """The newest version there is, in force or still to come, and its first day."""
    newest = uow.connection.execute(
        select(rulebooks.c.version, rulebooks.c.valid_from)
        .where(rulebooks.c.programme_id == uow.programme_id)
        .order_by(rulebooks.c.version.desc())
        .limit(1)
    ).one()
    return newest.version, newest.valid_from


def read_rulebook_in_force(uow: UnitOfWork, day: date) -> Rulebook:
    """The newest version valid on the day; before the first version's day, the first version."""
    return find_rulebook_on(uow.connection, uow.programme_id, day)


def find_rulebook_on(connection: Connection, programme_id: int, day: date) -> Rulebook:
    """The same for a reader. One document is read, however many versions there are."""
    versions = select(rulebooks.c.version, rulebooks.c.document).where(rulebooks.c.programme_id == programme_id)
    valid = versions.where(rulebooks.c.valid_from <= day).order_by(rulebooks.c.version.desc())
    chosen = connection.execute(valid.limit(1)).one_or_none()
    if chosen is None:
        chosen = connection.execute(versions.order_by(rulebooks.c.version).limit(1)).one_or_none()
    if chosen is None:
        raise NotFound(noun="programme", name=str(programme_id))
    return parsed_rulebook(chosen.version, chosen.document)


@lru_cache(maxsize=RULEBOOKS_REMEMBERED)
def parsed_rulebook(version: int, document: str) -> Rulebook:
    """A version's text never changes, so what is remembered never grows old."""
    return read_rulebook(version, document)


def insert_sponsor(uow: UnitOfWork, *, sponsor_id: UUID, code: str, name: str) -> None:
    uow.connection.execute(
        insert(sponsors).values(programme_id=uow.programme_id, id=sponsor_id, code=code, name=name, created_at=uow.now)
    )


def read_sponsor_ids(uow: UnitOfWork) -> dict[str, UUID]:
    """Code → id of every sponsor. A programme has dozens."""
    rows = uow.connection.execute(
        select(sponsors.c.code, sponsors.c.id).where(sponsors.c.programme_id == uow.programme_id)
    )
    return {row.code: row.id for row in rows}


def read_sponsor_id(uow: UnitOfWork, code: str) -> UUID:
    """Raises NotFound."""
    sponsor_id: UUID | None = uow.connection.scalar(
        select(sponsors.c.id).where(sponsors.c.programme_id == uow.programme_id).where(sponsors.c.code == code)
    )
    if sponsor_id is None:
        raise NotFound(noun="sponsor", name=code)
    return sponsor_id
