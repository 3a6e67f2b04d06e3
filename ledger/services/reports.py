"""Submitting reports, and the decisions that move no points: reject, mark as a duplicate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from ledger.domain.calendar import local_day
from ledger.domain.cases import ReportCase
from ledger.domain.errors import AlreadyExists, InvalidField, NotFound, Refusal
from ledger.domain.places import Place
from ledger.domain.reports import (
    CLOCK_SKEW_MAX_MINUTES,
    DuplicateOfItself,
    Report,
    ReportState,
    RiderNotActive,
    check_hours,
    check_photo_age,
    check_undecided,
    find_category,
    report_code,
)
from ledger.domain.riders import Rider, RiderStatus
from ledger.domain.rulebook import Rulebook
from ledger.storage import programmes as programme_store
from ledger.storage import reports as report_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitReport:
    """`submitted_at` None means now. `source` names the way in: `app`, or the service key's name."""

    rider_code: str
    category_code: str
    place: Place
    source: str
    actor: str
    hours: int | None = None
    address: str = ""
    subdistrict: str = ""
    description: str = ""
    photo_url: str | None = None
    photo_taken_at: datetime | None = None
    external_id: str | None = None
    submitted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectReport:
    """`report` is what the client named it by: the UUID or the code."""

    report: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkDuplicate:
    report: str
    duplicate_of: str
    reason: str
    actor: str


def submit_reports(uow: UnitOfWork, batch: Sequence[SubmitReport | Refusal]) -> list[ReportCase | Refusal]:
    """Per item the submitted report, or: no such rider, rider not active, unknown category, hours, time, photo, exists.

    An item that was refused before it got here (no place on earth) is its own outcome.
    """
    commands = [command for command in batch if isinstance(command, SubmitReport)]
    riders = rider_store.lock_riders_by_code(uow, {command.rider_code for command in commands})
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    taken = _read_taken(uow, commands)

    outcomes: list[ReportCase | Refusal] = []
    accepted: list[Report] = []
    for command in batch:
        if isinstance(command, Refusal):
            outcomes.append(command)
            continue
        rider = riders.get(command.rider_code)
        decided = _decide_submission(uow, command, rider=rider, rulebook=rulebook)
        if isinstance(decided, Refusal):
            outcomes.append(decided)
            continue
        natural_key = (command.source, command.external_id)
        if command.external_id is not None and natural_key in taken:
            outcomes.append(AlreadyExists(noun="report", name=f"{command.source}/{command.external_id}"))
            continue
        taken.add(natural_key)
        accepted.append(decided)
        outcomes.append(ReportCase(report=decided, rider_code=command.rider_code))

    report_store.insert_reports(uow, accepted)
    append_events(
        uow,
        [
            Event(
                kind="report.submitted",
                subject=f"report/{case.report.code}",
                data={"rider": case.rider_code, "category": case.report.category_code},
            )
            for case in outcomes
            if isinstance(case, ReportCase)
        ],
    )
    return outcomes


def reject_reports(uow: UnitOfWork, batch: Sequence[RejectReport]) -> list[ReportCase | Refusal]:
    """Per item the rejected report, or: no such report, already decided."""
    reports = report_store.lock_reports(uow, {command.report for command in batch})
    rider_codes = rider_store.read_rider_codes(uow, {report.rider_id for report in reports.values()})
    decisions = _Decisions(uow, reports, rider_codes)
    for command in batch:
        report = decisions.undecided(command.report)
        if isinstance(report, Refusal):
            decisions.refuse(report)
        else:
            decisions.decide(report.decided(ReportState.REJECTED, by=command.actor, at=uow.now, reason=command.reason))
    return decisions.write("report.rejected")


def mark_duplicates(uow: UnitOfWork, batch: Sequence[MarkDuplicate]) -> list[ReportCase | Refusal]:
    """Per item the report marked as a duplicate, or: no such report, already decided, no such original, a circle."""
    names = {command.report for command in batch} | {command.duplicate_of for command in batch}
    reports = report_store.lock_reports(uow, names)
    rider_codes = rider_store.read_rider_codes(uow, {report.rider_id for report in reports.values()})
    originals = report_store.read_originals(uow, {report.id for report in reports.values()})
    decisions = _Decisions(uow, reports, rider_codes)
    for command in batch:
        report = decisions.undecided(command.report)
        original = decisions.current(command.duplicate_of)
        if isinstance(report, Refusal):
            decisions.refuse(report)
        elif original is None:
            decisions.refuse(NotFound(noun="report", name=command.duplicate_of))
        elif _leads_to(original.id, report.id, originals):
            decisions.refuse(DuplicateOfItself(report_code=report.code))
        else:
            originals[report.id] = original.id
            decisions.decide(
                report.decided(
                    ReportState.DUPLICATE,
                    by=command.actor,
                    at=uow.now,
                    reason=command.reason,
                    duplicate_of=original.id,
                ),
                duplicate_of_code=original.code,
            )
    return decisions.write("report.duplicate")


def _leads_to(begin: UUID, end: UUID, originals: dict[UUID, UUID]) -> bool:
    """Whether the chain of originals from `begin` on reaches `end`. It has no circle: this is what sees to it."""
    step: UUID | None = begin
    while step is not None and step != end:
        step = originals.get(step)
    return step is not None


class _Decisions:
    """Reports as earlier items of the batch left them, and the outcomes so far."""

    def __init__(self, uow: UnitOfWork, reports: dict[str, Report], rider_codes: dict[UUID, str]) -> None:
        self._uow = uow
        self._ids = {name: report.id for name, report in reports.items()}
        self._reports = {report.id: report for report in reports.values()}
        self._rider_codes = rider_codes
        self._outcomes: list[ReportCase | Refusal] = []

    def current(self, name: str) -> Report | None:
        report_id = self._ids.get(name)
        return self._reports[report_id] if report_id else None

    def undecided(self, name: str) -> Report | Refusal:
        report = self.current(name)
        if report is None:
            return NotFound(noun="report", name=name)
        return check_undecided(report) or report

    def refuse(self, refusal: Refusal) -> None:
        self._outcomes.append(refusal)

    def decide(self, report: Report, *, duplicate_of_code: str | None = None) -> None:
        self._reports[report.id] = report
        self._outcomes.append(
            ReportCase(
                report=report, rider_code=self._rider_codes[report.rider_id], duplicate_of_code=duplicate_of_code
            )
        )

    def write(self, event_kind: str) -> list[ReportCase | Refusal]:
        cases = [outcome for outcome in self._outcomes if isinstance(outcome, ReportCase)]
        report_store.update_decisions(self._uow, [case.report for case in cases])
        append_events(
            self._uow,
            [
                Event(
                    kind=event_kind,
                    subject=f"report/{case.report.code}",
                    data={
                        "rider": case.rider_code,
                        "by": case.report.decided_by,
                        "reason": case.report.reason,
                        **({"duplicate_of": case.duplicate_of_code} if case.duplicate_of_code else {}),
                    },
                )
                for case in cases
            ],
        )
        return self._outcomes


def _decide_submission(
    uow: UnitOfWork, command: SubmitReport, *, rider: Rider | None, rulebook: Rulebook
) -> Report | Refusal:
    if rider is None:
        return NotFound(noun="rider", name=command.rider_code)
    if rider.status is not RiderStatus.ACTIVE:
        return RiderNotActive(rider_code=rider.code, rider_status=rider.status)
    category = find_category(rulebook, command.category_code)
    if isinstance(category, Refusal):
        return category
    if refusal := check_hours(category, command.hours, rulebook):
        return refusal
    submitted_at = command.submitted_at or uow.now
    if submitted_at > uow.now + timedelta(minutes=CLOCK_SKEW_MAX_MINUTES):
        return InvalidField(
            field="submitted_at",
            problem_zh="上报时间在将来；请检查时钟和时区。",
            problem_en="the time lies in the future; check the clock and the time zone.",
        )
    if photo := check_photo_age(rulebook, photo_taken_at=command.photo_taken_at, submitted_at=submitted_at):
        return photo
    report_id = uow.new_id()
    return Report(
        id=report_id,
        code=report_code(report_id),
        rider_id=rider.id,
        category_code=category.code,
        hours=command.hours or 1,
        state=ReportState.SUBMITTED,
        place=command.place,
        address=command.address,
        subdistrict=command.subdistrict,
        description=command.description,
        photo_url=command.photo_url,
        photo_taken_at=command.photo_taken_at,
        source=command.source,
        external_id=command.external_id,
        submitted_at=submitted_at,
        recorded_at=uow.now,
        review_due_at=submitted_at + timedelta(hours=category.review_within_hours),
    )


def _read_taken(uow: UnitOfWork, batch: Sequence[SubmitReport]) -> set[tuple[str, str | None]]:
    by_source: dict[str, set[str]] = {}
    for command in batch:
        if command.external_id is not None:
            by_source.setdefault(command.source, set()).add(command.external_id)
    taken: set[tuple[str, str | None]] = set()
    for source, external_ids in by_source.items():
        taken |= {(source, found) for found in report_store.read_external_ids(uow, source, external_ids)}
    return taken
