"""Settling: a verified hazard is gone. A photo taken afterwards earns the rider the bonus in the same unit of work."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.domain.awards import Award, Part
from ledger.domain.calendar import local_day
from ledger.domain.cases import ReportCase
from ledger.domain.errors import NotFound, Refusal
from ledger.domain.reports import Report, check_settleable, find_category
from ledger.domain.riders import Rider, RiderStatus
from ledger.domain.rulebook import Rulebook
from ledger.services.crediting import Crediting
from ledger.services.verification import Credited, lock_with_riders
from ledger.storage import awards as award_store
from ledger.storage import programmes as programme_store
from ledger.storage import reports as report_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleReport:
    """`report` is what the client named it by: the UUID or the code. Without `after_photo_url` there is no bonus."""

    report: str
    actor: str
    after_photo_url: str | None = None
    key: str | None = None


def settle_reports(uow: UnitOfWork, batch: Sequence[SettleReport]) -> list[Credited | Refusal]:
    """Per item the settled report, or in this order: no such report, settled already, not verified, unknown category,
    A rider who has left gets no bonus; the hazard is settled all the same."""
    reports, riders = lock_with_riders(uow, [command.report for command in batch])
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    awards = award_store.lock_awards(uow, {report.id for report in reports.values()})
    crediting = Crediting(uow, rulebook=rulebook, zone=zone, reports=list(reports.values()), settles=True)

    outcomes: list[Credited | Refusal] = []
    settled: dict[UUID, Report] = {}
    for command in batch:
        found = reports.get(command.report)
        if found is None:
            outcomes.append(NotFound(noun="report", name=command.report))
            continue
        report = settled.get(found.id, found)
        if refusal := check_settleable(report):
            outcomes.append(refusal)
            continue
        rider = riders[report.rider_id]
        bonus = _give_bonus(crediting, command, report, rider, rulebook)
        if isinstance(bonus, Refusal):
            outcomes.append(bonus)
            continue
        done = report.settled(by=command.actor, at=uow.now, after_photo_url=command.after_photo_url)
        settled[done.id] = done
        award = awards[done.id][Part.REPORT]
        case = ReportCase(report=done, rider_code=rider.code, award=award, bonus=bonus)
        outcomes.append(Credited(case=case, balances=crediting.balances(rider.id)))

    crediting.write_books()
    report_store.update_settlements(uow, list(settled.values()))
    crediting.write_awards()
    append_events(uow, [_event(outcome) for outcome in outcomes if isinstance(outcome, Credited)])
    return outcomes


def _give_bonus(
    crediting: Crediting, command: SettleReport, report: Report, rider: Rider, rulebook: Rulebook
) -> Award | Refusal | None:
    if command.after_photo_url is None or rider.status is RiderStatus.LEFT:
        return None
    category = find_category(rulebook, report.category_code)
    if isinstance(category, Refusal):
        return category
    return crediting.give_bonus(report, category, actor=command.actor, key=command.key)


def _event(outcome: Credited) -> Event:
    case, bonus = outcome.case, outcome.case.bonus
    return Event(
        kind="report.settled",
        subject=f"report/{case.report.code}",
        data={
            "rider": case.rider_code,
            "category": case.report.category_code,
            "by": case.report.settled_by,
            "points_granted": bonus.points_granted if bonus else 0,
            "month": bonus.month if bonus else None,
            "transaction": str(bonus.transaction_id) if bonus else None,
            "available_after": outcome.balances.available,
            "owed_after": outcome.balances.owed,
            "budget_after": outcome.balances.budget,
        },
    )
