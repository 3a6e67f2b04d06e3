"""Corrections of published lists: written with the reversal that makes them, and the titles they put in doubt marked.

A title that was given is never taken away by a program: it stays, visibly under review, until a person decides.
"""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from ledger.domain.honors import HonorRule, Title
from ledger.domain.months import Correction
from ledger.domain.rulebook import Rulebook
from ledger.storage import awards as award_store
from ledger.storage import honors as honor_store
from ledger.storage import months as month_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


def write_corrections(uow: UnitOfWork, corrections: Sequence[Correction], *, rulebook: Rulebook) -> None:
    """Writes them and puts the riders' titles of these months and years under review. After the awards' reversals."""
    month_store.insert_corrections(uow, corrections)
    doubted = _doubt_titles(uow, corrections, rulebook)
    honor_store.update_reviews(uow, doubted)

    riders = rider_store.lock_riders(uow, {correction.rider_id for correction in corrections})
    codes = {rider_id: rider.code for rider_id, rider in riders.items()}
    append_events(
        uow,
        [
            *(_correction_event(correction, codes[correction.rider_id]) for correction in corrections),
            *(_review_event(title, codes[title.rider_id]) for title in doubted),
        ],
    )


def _doubt_titles(uow: UnitOfWork, corrections: Sequence[Correction], rulebook: Rulebook) -> list[Title]:
    """Titles of the corrected month and its year, and stars whose number of reports is no longer reached."""
    names: dict[tuple[UUID, str], str] = {}
    for correction in corrections:
        for period in (correction.month, correction.month[:4], ""):
            names.setdefault((correction.rider_id, period), correction.name)
    rider_ids = {rider_id for rider_id, _ in names}
    titles = honor_store.lock_titles_held(uow, rider_ids, {period for _, period in names})
    needed = {
        honor.code: honor.verified_at_least for honor in rulebook.honors if honor.rule is HonorRule.VERIFIED_IN_ALL
    }
    verified = award_store.count_verified(uow, rider_ids) if any(not title.period for title in titles) else {}
    return [
        replace(title, under_review=names[title.rider_id, title.period])
        for title in titles
        if (title.rider_id, title.period) in names
        and (title.period or verified.get(title.rider_id, 0) < needed.get(title.honor_code, 0))
    ]


def _correction_event(correction: Correction, rider_code: str) -> Event:
    return Event(
        kind="month.corrected",
        subject=f"month/{correction.month}",
        data={
            "number": correction.number,
            "rider": rider_code,
            "merit": correction.merit,
            "verified_reports": correction.verified_reports,
            "serious_points": correction.serious_points,
            "reason": correction.reason,
            "by": correction.actor,
        },
    )


def _review_event(title: Title, rider_code: str) -> Event:
    return Event(
        kind="title.under_review",
        subject=f"title/{title.id}",
        data={
            "honor": title.honor_code,
            "rider": rider_code,
            "period": title.period,
            "correction": title.under_review,
        },
    )
