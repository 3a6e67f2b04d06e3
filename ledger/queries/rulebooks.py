"""Versions of the rulebook as people see them: with what was only proposed, and what is different between two."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, select

from ledger.domain.errors import NotFound
from ledger.domain.rulebook_versions import Change, compare_documents
from ledger.storage.programmes import find_rulebook_on
from ledger.storage.tables import proposals, proposed_rulebooks, rulebooks

HISTORY_MAX = 200
"""Versions in a history, the newest ones: more than a programme has in a lifetime."""


class VersionState(StrEnum):
    """What has become of a version. What is approved is to come, in force or past, whatever else was proposed."""

    PROPOSED = "proposed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    TO_COME = "to_come"
    IN_FORCE = "in_force"
    PAST = "past"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """A version, approved or not. `proposal_code` is None for the first, which came with the programme."""

    version: int
    state: VersionState
    valid_from: date
    memo: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    closed_at: datetime | None
    closing_reason: str
    proposal_code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionDocument:
    """A version with its whole text."""

    version: int
    valid_from: date
    memo: str
    proposed_by: str
    approved_by: str | None
    created_at: datetime
    document: str


def read_history(connection: Connection, programme_id: int, *, today: date) -> list[VersionRecord]:
    """Every version, newest first, also those that were never approved."""
    r, p, v = rulebooks.c, proposals.c, proposed_rulebooks.c
    in_force = find_rulebook_on(connection, programme_id, today).version
    approved = {
        row.version: row
        for row in connection.execute(
            select(r.version, r.valid_from, r.memo, r.proposed_by, r.approved_by, r.created_at)
            .where(r.programme_id == programme_id)
            .order_by(r.version.desc())
            .limit(HISTORY_MAX)
        )
    }
    proposed = {
        row.version: row
        for row in connection.execute(
            _select_proposed(programme_id)
            .add_columns(p.code, p.state, p.proposed_at, p.closed_at, p.closing_reason)
            .order_by(v.version.desc())
            .limit(HISTORY_MAX)
        )
    }
    versions = sorted(approved.keys() | proposed.keys(), reverse=True)[:HISTORY_MAX]
    return [
        _to_record(approved.get(version), proposed.get(version), in_force=in_force, today=today) for version in versions
    ]


def read_version_document(connection: Connection, programme_id: int, version: int) -> VersionDocument:
    """A version that is approved, or else one that was proposed. Raises NotFound."""
    r, v = rulebooks.c, proposed_rulebooks.c
    row = connection.execute(
        select(r.version, r.valid_from, r.memo, r.proposed_by, r.approved_by, r.created_at, r.document)
        .where(r.programme_id == programme_id)
        .where(r.version == version)
    ).one_or_none()
    if row is not None:
        return VersionDocument(**row._mapping)
    found = connection.execute(
        _select_proposed(programme_id)
        .add_columns(proposals.c.proposed_at.label("created_at"), v.document)
        .where(v.version == version)
    ).one_or_none()
    if found is None:
        raise NotFound(noun="rulebook", name=str(version))
    return VersionDocument(**found._mapping, approved_by=None)


def read_changes(connection: Connection, programme_id: int, *, since: int, version: int) -> list[Change]:
    """What `version` changes of `since`. Raises NotFound."""
    before = read_version_document(connection, programme_id, since)
    after = read_version_document(connection, programme_id, version)
    return compare_documents(before.document, after.document)


def _select_proposed(programme_id: int) -> Select[Any]:
    p, v = proposals.c, proposed_rulebooks.c
    return (
        select(v.version, v.valid_from, p.reason.label("memo"), p.proposed_by)
        .select_from(proposed_rulebooks)
        .join(proposals, (p.programme_id == programme_id) & (p.id == v.proposal_id))
        .where(v.programme_id == programme_id)
    )


def _to_record(approved: Any, proposed: Any, *, in_force: int, today: date) -> VersionRecord:
    """From the row of the rulebook, of its proposal, or of both."""
    known = approved or proposed
    return VersionRecord(
        version=known.version,
        state=_state_of(approved, proposed, in_force=in_force, today=today),
        valid_from=known.valid_from,
        memo=known.memo,
        proposed_by=known.proposed_by,
        proposed_at=proposed.proposed_at if proposed else known.created_at,
        approved_by=approved.approved_by if approved else None,
        closed_at=proposed.closed_at if proposed else known.created_at,
        closing_reason=proposed.closing_reason if proposed else "",
        proposal_code=proposed.code if proposed else None,
    )


def _state_of(approved: Any, proposed: Any, *, in_force: int, today: date) -> VersionState:
    if approved is None:
        return VersionState(proposed.state)
    if approved.version == in_force:
        return VersionState.IN_FORCE
    return VersionState.TO_COME if approved.valid_from > today else VersionState.PAST
