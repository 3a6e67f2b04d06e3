"""Closing a month: its list is published, and after the objections made final by somebody else.

Both recompute every standing of the month from the awards first, and close nothing where one differs: what is sealed
is what was earned. The lists are streamed, so that a month of a million riders takes no more memory than one of ten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ledger.domain.access import SYSTEM_ACTOR
from ledger.domain.calendar import Month, local_day, month_of
from ledger.domain.errors import Refusal
from ledger.domain.months import (
    ClosedMonth,
    Seal,
    StandingsDiffer,
    decide_finalization,
    decide_publication,
    seal_list,
)
from ledger.domain.rulebook import Rulebook
from ledger.storage import honors as honor_store
from ledger.storage import months as month_store
from ledger.storage import programmes as programme_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishMonth:
    month: Month
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishDueMonth:
    """Publish the month that is over, if the rulebook says so and it is time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalizeMonth:
    month: Month
    actor: str


def publish_months(uow: UnitOfWork, batch: Sequence[PublishMonth]) -> list[ClosedMonth | Refusal]:
    """Per item the published month, or: published already, too early, standings that differ."""
    zone = programme_store.read_zone_of(uow)
    today = local_day(uow.now, zone)
    rulebook = programme_store.read_rulebook_in_force(uow, today)
    outcomes: list[ClosedMonth | Refusal] = []
    for command in batch:
        known = month_store.find_closed_month(uow.connection, uow.programme_id, command.month)
        refusal = decide_publication(command.month, known, rulebook.calendar, zone=zone, now=uow.now)
        outcomes.append(refusal or _publish(uow, command.month, rulebook, command.actor, today))
    return outcomes


def publish_due_month(uow: UnitOfWork, batch: Sequence[PublishDueMonth]) -> list[ClosedMonth | Refusal | None]:
    """The month before the present one, published where the rulebook has that done by itself and it is due; else None.

    Months further back are a person's to publish: nobody expects the lists of years ago on the evening of an update.
    """
    zone = programme_store.read_zone_of(uow)
    today = local_day(uow.now, zone)
    rulebook = programme_store.read_rulebook_in_force(uow, today)
    month = month_of(today.replace(day=1) - timedelta(days=1))
    is_due = uow.now >= rulebook.calendar.publication_due_at(month, zone)
    if not (rulebook.calendar.publish_automatically and is_due):
        return [None for _ in batch]
    if month_store.find_closed_month(uow.connection, uow.programme_id, month) is not None:
        return [None for _ in batch]
    return [*publish_months(uow, [PublishMonth(month=month, actor=SYSTEM_ACTOR) for _ in batch])]


def finalize_months(uow: UnitOfWork, batch: Sequence[FinalizeMonth]) -> list[ClosedMonth | Refusal]:
    """Per item the final month, or: not published, final already, the publisher's own, objections still heard, titles
    under review, standings that differ.

    The corrections of the objection period go into the list; those that come later stay beside it.
    """
    zone = programme_store.read_zone_of(uow)
    outcomes: list[ClosedMonth | Refusal] = []
    for command in batch:
        known = decide_finalization(
            command.month,
            month_store.find_closed_month(uow.connection, uow.programme_id, command.month),
            actor=command.actor,
            titles_under_review=honor_store.count_under_review(uow, command.month),
            zone=zone,
            now=uow.now,
        )
        if isinstance(known, Refusal):
            outcomes.append(known)
            continue
        outcomes.append(_finalize(uow, known, command.actor))
    return outcomes


def _finalize(uow: UnitOfWork, known: ClosedMonth, actor: str) -> ClosedMonth | Refusal:
    # Compared before the corrections go into the list, so that a difference leaves everything as it was.
    if refusal := _find_difference(uow, known.month, corrections=known.corrections):
        return refusal
    month_store.fold_corrections(uow, known.month)
    final = replace(
        known,
        corrections_in_list=known.corrections,
        final=_seal(uow, known.month),
        finalized_at=uow.now,
        finalized_by=actor,
    )
    month_store.update_final(uow, final)
    append_events(uow, [_event("month.finalized", final, final.seal, actor)])
    return final


def _publish(uow: UnitOfWork, month: Month, rulebook: Rulebook, actor: str, today: date) -> ClosedMonth | Refusal:
    if refusal := _find_difference(uow, month, corrections=0):
        return refusal
    published = ClosedMonth(
        month=month,
        rulebook_version=rulebook.version,
        published=_seal(uow, month),
        published_at=uow.now,
        published_by=actor,
        objections_until=rulebook.calendar.objections_until(today),
    )
    month_store.insert_month(uow, published)
    append_events(uow, [_event("month.published", published, published.seal, actor)])
    return published


def _find_difference(uow: UnitOfWork, month: Month, *, corrections: int) -> StandingsDiffer | None:
    month_store.allow_long_statements(uow.connection)
    found = month_store.find_differences(uow.connection, uow.programme_id, month, corrections=corrections)
    if not found:
        return None
    first = found[0]
    return StandingsDiffer(
        month=month,
        riders=len(found),
        rider_code=first.rider_code,
        stored=first.stored,
        recomputed=first.recomputed,
    )


def _seal(uow: UnitOfWork, month: Month) -> Seal:
    return seal_list(uow.programme_id, month, month_store.stream_list(uow.connection, uow.programme_id, month))


def _event(kind: str, closed: ClosedMonth, seal: Seal, actor: str) -> Event:
    return Event(
        kind=kind,
        subject=f"month/{closed.month}",
        data={
            "riders": seal.riders,
            "merit": seal.merit,
            "digest": seal.digest,
            "corrections": closed.corrections_in_list,
            "by": actor,
        },
    )
