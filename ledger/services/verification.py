"""Verifying a report credits its rider in the same unit of work; revoking takes the credit back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledger.domain.awards import Award, Part
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
from ledger.services.sharing import Decided, Sharing
from ledger.storage import awards as award_store
from ledger.storage import programmes as programme_store
from ledger.storage import reports as report_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """`report` is what the client named it by: the UUID or the code. `key` is the request's idempotency key.

    `same_hazard_as` names a verified report of the same hazard: the two share an incident, and its points.
    """

    report: str
    actor: str
    key: str | None = None
    same_hazard_as: str | None = None


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
    category, what `Sharing.join` refuses. Where the budget is exhausted the credit waits."""
    others = [command.same_hazard_as for command in batch if command.same_hazard_as is not None]
    reports, riders = lock_with_riders(uow, [*(command.report for command in batch), *others])
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    # A batch in which nobody shares, which is nearly every one, opens it on nothing and reads nothing for it.
    sharing = Sharing(uow, reports.values() if others else (), rules=rulebook.incident)
    crediting = Crediting(
        uow,
        rulebook=rulebook,
        zone=zone,
        reports=[*reports.values(), *sharing.reports.values()],
        awards_to_reverse=list(sharing.awards.values()),
        rebooks=bool(others),
    )

    outcomes: list[Credited | Refusal] = []
    verified: dict[UUID, Report] = {}
    for command in batch:
        found = reports.get(command.report)
        report = verified.get(found.id, found) if found else None
        category = _check_verification(command, report, riders=riders, rulebook=rulebook)
        if isinstance(category, Refusal) or report is None:
            outcomes.append(category if isinstance(category, Refusal) else NotFound(noun="report", name=command.report))
            continue
        decided = report.decided(ReportState.VERIFIED, by=command.actor, at=uow.now)
        award = _credit(command, decided, category, crediting=crediting, sharing=sharing, reports=reports, now=uow.now)
        if isinstance(award, Refusal):
            outcomes.append(award)
            continue
        verified[decided.id] = decided
        case = ReportCase(
            report=decided, rider_code=riders[report.rider_id].code, award=award, share=sharing.share_of(decided)
        )
        outcomes.append(Credited(case=case, balances=crediting.balances(report.rider_id)))

    crediting.write_books()
    report_store.update_decisions(uow, list(verified.values()))
    crediting.write_awards()
    sharing.write()
    events = [_event("report.verified", outcome) for outcome in outcomes if isinstance(outcome, Credited)]
    append_events(uow, [*events, *sharing.events])
    return outcomes


def revoke_reports(uow: UnitOfWork, batch: Sequence[RevokeReport]) -> list[Credited | Refusal]:
    """Per item the revoked report, its bonus taken back too, or: no such report, not verified nor settled. Those who
    shared its incident move up.

    What was spent already becomes a debt.
    """
    reports, riders = lock_with_riders(uow, [command.report for command in batch])
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    credited_ids = {report.id for report in reports.values() if report.state in CREDITED_STATES}
    awards = award_store.lock_awards(uow, credited_ids)
    sharing = Sharing(uow, reports.values(), rules=rulebook.incident)
    crediting = Crediting(
        uow,
        rulebook=rulebook,
        zone=zone,
        reports=list(sharing.reports.values()),
        awards_to_reverse=[
            *(award for parts in awards.values() for award in parts.values()),
            *sharing.awards.values(),
        ],
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
        # An earlier item of the batch may have booked the report's own award anew.
        parts = {**awards[report.id], Part.REPORT: sharing.awards[report.id]}
        decided = report.decided(ReportState.REVOKED, by=command.actor, at=uow.now, reason=command.reason)
        taken = _take_back(command, decided, parts, crediting=crediting, sharing=sharing)
        revoked[decided.id] = decided
        award = taken[Part.REPORT]
        case = ReportCase(
            report=decided,
            rider_code=riders[report.rider_id].code,
            award=award,
            share=sharing.share_of(decided),
            bonus=taken.get(Part.SETTLEMENT),
        )
        outcomes.append(Credited(case=case, balances=crediting.balances(report.rider_id, award.sponsor_id)))

    crediting.write_books()
    report_store.update_decisions(uow, list(revoked.values()))
    crediting.write_awards()
    sharing.write()
    events = [_event("report.revoked", outcome) for outcome in outcomes if isinstance(outcome, Credited)]
    append_events(uow, [*events, *sharing.events])
    return outcomes


def _take_back(
    command: RevokeReport, decided: Report, parts: dict[Part, Award], *, crediting: Crediting, sharing: Sharing
) -> dict[Part, Award]:
    """The parts taken back; those who share the report's incident move up."""
    left = sharing.leave(decided)
    taken = {
        part: crediting.reverse(award, actor=command.actor, key=command.key, memo=command.reason)
        for part, award in parts.items()
    }
    sharing.keep(decided, taken[Part.REPORT])
    if left is not None:
        # Not the reason itself: it is about somebody else.
        why = Decided(by=command.actor, key=command.key, reason=f"前一条已撤销 · revoked: {decided.code}")
        sharing.carry_out([left], crediting=crediting, decided=why)
    return taken


def lock_with_riders(uow: UnitOfWork, names: Sequence[str]) -> tuple[dict[str, Report], dict[UUID, Rider]]:
    """The reports by name and their riders by id, locked in this order."""
    reports = report_store.lock_reports(uow, set(names))
    riders = rider_store.lock_riders(uow, {report.rider_id for report in reports.values()})
    return reports, riders


def _credit(
    command: VerifyReport,
    decided: Report,
    category: Category,
    *,
    crediting: Crediting,
    sharing: Sharing,
    reports: dict[str, Report],
    now: datetime,
) -> Award | Refusal:
    if command.same_hazard_as is None:
        award = crediting.credit(decided, category, effective_at=now, actor=command.actor, key=command.key)
        if isinstance(award, Award):
            sharing.keep(decided, award)
        return award
    other = reports.get(command.same_hazard_as)
    if other is None:
        return NotFound(noun="report", name=command.same_hazard_as)
    why = Decided(by=command.actor, key=command.key, reason=f"同一隐患 · same hazard: {decided.code}")
    return sharing.join(decided, sharing.current(other), category, crediting=crediting, decided=why)


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
            **({"incident": case.share.incident_code, "share": case.share.share.value} if case.share else {}),
            "available_after": outcome.balances.available,
            "owed_after": outcome.balances.owed,
            "budget_after": outcome.balances.budget,
        },
    )
