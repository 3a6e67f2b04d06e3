"""Verifying a report credits its rider in the same unit of work; revoking takes the credit back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.domain.awards import Part
from ledger.domain.calendar import local_day
from ledger.domain.cases import BalancesAfter, ReportCase
from ledger.domain.errors import NotFound, Refusal
from ledger.domain.reports import (
    CREDITED_STATES,
    Report,
    ReportNotVerified,
    ReportState,
    RiderNotActive,
    check_undecided,
    find_category,
)
from ledger.domain.riders import Rider, RiderStatus
from ledger.domain.rulebook import Category, Rulebook
from ledger.services.crediting import Crediting
from ledger.storage import awards as award_store
from ledger.storage import programmes as programme_store
from ledger.storage import reports as report_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """`report` is what the client named it by: the UUID or the code. `key` is the request's idempotency key."""

    report: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeReport:
    report: str
    reason: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """The report with its award as it is now, and the balances the posting left."""

    case: ReportCase
    balances: BalancesAfter


def verify_reports(uow: UnitOfWork, batch: Sequence[VerifyReport]) -> list[Credited | Refusal]:
    """Per item the credited report, or in this order: no such report, already decided, rider has left, unknown
    category, budget exhausted."""
    reports, riders = lock_with_riders(uow, [command.report for command in batch])
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    crediting = Crediting(uow, rulebook=rulebook, zone=zone, reports=list(reports.values()))

    outcomes: list[Credited | Refusal] = []
    verified: dict[UUID, Report] = {}
    for command in batch:
        found = reports.get(command.report)
        report = verified.get(found.id, found) if found else None
        category = _check_verification(command, report, riders=riders, rulebook=rulebook)
        if isinstance(category, Refusal) or report is None:
            outcomes.append(category if isinstance(category, Refusal) else NotFound(noun="report", name=command.report))
            continue
        award = crediting.credit(report, category, effective_at=uow.now, actor=command.actor, key=command.key)
        if isinstance(award, Refusal):
            outcomes.append(award)
            continue
        decided = report.decided(ReportState.VERIFIED, by=command.actor, at=uow.now)
        verified[decided.id] = decided
        case = ReportCase(report=decided, rider_code=riders[report.rider_id].code, award=award)
        outcomes.append(Credited(case=case, balances=crediting.balances(report.rider_id)))

    crediting.write_books()
    report_store.update_decisions(uow, list(verified.values()))
    crediting.write_awards()
    append_events(uow, [_event("report.verified", outcome) for outcome in outcomes if isinstance(outcome, Credited)])
    return outcomes


def revoke_reports(uow: UnitOfWork, batch: Sequence[RevokeReport]) -> list[Credited | Refusal]:
    """Per item the revoked report, its bonus taken back too, or: no such report, not verified nor settled.

    What was spent already becomes a debt.
    """
    reports, riders = lock_with_riders(uow, [command.report for command in batch])
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    credited_ids = {report.id for report in reports.values() if report.state in CREDITED_STATES}
    awards = award_store.lock_awards(uow, credited_ids)
    crediting = Crediting(
        uow,
        rulebook=rulebook,
        zone=zone,
        reports=list(reports.values()),
        awards_to_reverse=[award for parts in awards.values() for award in parts.values()],
    )

    outcomes: list[Credited | Refusal] = []
    revoked: dict[UUID, Report] = {}
    for command in batch:
        found = reports.get(command.report)
        if found is None:
            outcomes.append(NotFound(noun="report", name=command.report))
            continue
        report = revoked.get(found.id, found)
        if report.state not in CREDITED_STATES:
            outcomes.append(ReportNotVerified(report_code=report.code, state=report.state))
            continue
        reversed_parts = {
            part: crediting.reverse(award, actor=command.actor, key=command.key, memo=command.reason)
            for part, award in awards[report.id].items()
        }
        award = reversed_parts[Part.REPORT]
        decided = report.decided(ReportState.REVOKED, by=command.actor, at=uow.now, reason=command.reason)
        revoked[decided.id] = decided
        case = ReportCase(
            report=decided,
            rider_code=riders[report.rider_id].code,
            award=award,
            bonus=reversed_parts.get(Part.SETTLEMENT),
        )
        outcomes.append(Credited(case=case, balances=crediting.balances(report.rider_id, award.sponsor_id)))

    crediting.write_books()
    report_store.update_decisions(uow, list(revoked.values()))
    crediting.write_awards()
    append_events(uow, [_event("report.revoked", outcome) for outcome in outcomes if isinstance(outcome, Credited)])
    return outcomes


def lock_with_riders(uow: UnitOfWork, names: Sequence[str]) -> tuple[dict[str, Report], dict[UUID, Rider]]:
    """The reports by name and their riders by id, locked in this order."""
    reports = report_store.lock_reports(uow, set(names))
    riders = rider_store.lock_riders(uow, {report.rider_id for report in reports.values()})
    return reports, riders


def _check_verification(
    command: VerifyReport, report: Report | None, *, riders: dict[UUID, Rider], rulebook: Rulebook
) -> Category | Refusal:
    if report is None:
        return NotFound(noun="report", name=command.report)
    if refusal := check_undecided(report):
        return refusal
    rider = riders[report.rider_id]
    if rider.status is RiderStatus.LEFT:
        return RiderNotActive(rider_code=rider.code, rider_status=rider.status)
    return find_category(rulebook, report.category_code)


def _event(kind: str, outcome: Credited) -> Event:
    case, award = outcome.case, outcome.case.award
    assert award is not None
    return Event(
        kind=kind,
        subject=f"report/{case.report.code}",
        data={
            "rider": case.rider_code,
            "category": case.report.category_code,
            "by": case.report.decided_by,
            "points_wanted": award.points_wanted,
            "points_granted": award.points_granted,
            "merit": award.merit,
            "month": award.month,
            "transaction": str(award.reversal_id or award.transaction_id or "") or None,
            "bonus_transaction": str(case.bonus.reversal_id) if case.bonus else None,
            "available_after": outcome.balances.available,
            "owed_after": outcome.balances.owed,
            "budget_after": outcome.balances.budget,
        },
    )
