"""The historical import: reports that were decided elsewhere, booked as if they had been decided here at the time.

Items are credited in the order given; the caller sorts the whole file by (submitted_at, external_id). The natural key
(source, external_id) makes a second time harmless: a file that stopped half-way is simply started again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.domain.awards import Award
from ledger.domain.calendar import local_day
from ledger.domain.errors import InvalidField, Refusal
from ledger.domain.places import Place
from ledger.domain.reports import Report, ReportState, RiderNotActive, find_category, report_code
from ledger.domain.riders import Rider, RiderStatus, check_rider_code
from ledger.domain.rulebook import Category, Rulebook
from ledger.services.crediting import Crediting
from ledger.storage import programmes as programme_store
from ledger.storage import reports as report_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork

DECIDED_STATES = frozenset({ReportState.VERIFIED, ReportState.REJECTED, ReportState.DUPLICATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """One historical report. `decided_at` belongs to every state but submitted."""

    source: str
    external_id: str
    rider_code: str
    category_code: str
    state: ReportState
    submitted_at: datetime
    decided_at: datetime | None
    place: Place | None
    actor: str
    address: str = ""
    description: str = ""
    photo_url: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """`is_new` is False when the report was here already; then nothing was changed."""

    report_code: str
    is_new: bool
    award: Award | None = None
    enrolled_rider: bool = False


def import_reports(uow: UnitOfWork, batch: Sequence[ImportReport | Refusal]) -> list[Imported | Refusal]:
    """Per item what became of it, or: state, time, rider code, unknown category, rider has left, budget exhausted.

    A reporter nobody knows is enrolled, without industry or person, before the first of their reports.
    An item that was refused before it got here (no place on earth) is its own outcome.
    """
    commands = [command for command in batch if isinstance(command, ImportReport)]
    present = _read_present(uow, commands)
    riders = rider_store.lock_riders_by_code(uow, {command.rider_code for command in commands})
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))

    # First what each item would be, then the crediting over all of them: it reads caps and accounts in one go.
    outcomes: list[Imported | Refusal | None] = []
    planned: list[tuple[int, ImportReport, Report, Category, bool]] = []
    enrolled: dict[str, Rider] = {}
    for number, command in enumerate(batch):
        if isinstance(command, Refusal):
            outcomes.append(command)
            continue
        natural_key = (command.source, command.external_id)
        if natural_key in present:
            outcomes.append(Imported(report_code=present[natural_key], is_new=False))
            continue
        category = _check(uow, command, riders=riders, rulebook=rulebook)
        if isinstance(category, Refusal):
            outcomes.append(category)
            continue
        is_unknown = command.rider_code not in riders
        rider = riders.get(command.rider_code) or _enrol(uow, command)
        if is_unknown:
            riders[rider.code] = enrolled[rider.code] = rider
        report = _report(uow, command, rider=rider, category=category)
        present[natural_key] = report.code
        planned.append((number, command, report, category, is_unknown))
        outcomes.append(None)

    crediting = Crediting(uow, rulebook=rulebook, zone=zone, reports=[report for _, _, report, _, _ in planned])
    written: list[Report] = []
    for number, command, report, category, is_unknown in planned:
        award = None
        if command.state is ReportState.VERIFIED and command.decided_at is not None:
            credit = crediting.credit(report, category, effective_at=command.decided_at, actor=command.actor, key=None)
            if isinstance(credit, Refusal):
                outcomes[number] = credit
                continue
            award = credit
        written.append(report)
        outcomes[number] = Imported(report_code=report.code, is_new=True, award=award, enrolled_rider=is_unknown)

    rider_store.insert_riders(uow, list(enrolled.values()))
    crediting.write_books()
    report_store.insert_reports(uow, written)
    crediting.write_awards()
    done = [outcome for outcome in outcomes if outcome is not None]
    append_events(uow, _events(batch, done, enrolled))
    return done


def _read_present(uow: UnitOfWork, batch: Sequence[ImportReport]) -> dict[tuple[str, str], str]:
    """Natural key → report code of those that are here already."""
    by_source: dict[str, set[str]] = {}
    for command in batch:
        by_source.setdefault(command.source, set()).add(command.external_id)
    return {
        (source, external_id): code
        for source, external_ids in by_source.items()
        for external_id, (_, code) in report_store.read_external_ids(uow, source, external_ids).items()
    }


def _check(
    uow: UnitOfWork, command: ImportReport, *, riders: dict[str, Rider], rulebook: Rulebook
) -> Category | Refusal:
    if command.state not in DECIDED_STATES and command.state is not ReportState.SUBMITTED:
        return InvalidField(
            field="state",
            problem_zh=f"不能导入状态「{command.state}」；可用 submitted、verified、rejected、duplicate。",
            problem_en=f"{command.state.value} cannot be imported; use submitted, verified, rejected or duplicate.",
        )
    if (command.decided_at is None) is (command.state in DECIDED_STATES):
        return InvalidField(
            field="decided_at",
            problem_zh="已处理的上报要有处理时间，待审的不能有；请改正。",
            problem_en="a decided report needs the time of its decision and a submitted one has none; correct it.",
        )
    if max(command.submitted_at, command.decided_at or command.submitted_at) > uow.now:
        return InvalidField(
            field="submitted_at",
            problem_zh="上报或处理时间在将来；请检查时区和日期格式。",
            problem_en="a time lies in the future; check the time zone and the date format.",
        )
    if refusal := check_rider_code(command.rider_code):
        return refusal
    rider = riders.get(command.rider_code)
    if rider is not None and rider.status is RiderStatus.LEFT:
        return RiderNotActive(rider_code=rider.code, status=rider.status)
    return find_category(rulebook, command.category_code)


def _enrol(uow: UnitOfWork, command: ImportReport) -> Rider:
    return Rider(
        id=uow.new_id(),
        code=command.rider_code,
        industry_code=None,
        subdistrict="",
        status=RiderStatus.ACTIVE,
        enrolled_at=uow.now,
        source=f"import/{command.source}",
    )


def _report(uow: UnitOfWork, command: ImportReport, *, rider: Rider, category: Category) -> Report:
    report_id = uow.new_id()
    is_decided = command.state in DECIDED_STATES
    return Report(
        id=report_id,
        code=report_code(report_id),
        rider_id=rider.id,
        category_code=category.code,
        hours=1,
        state=command.state,
        place=command.place,
        address=command.address,
        subdistrict="",
        description=command.description,
        photo_url=command.photo_url,
        photo_taken_at=None,
        source=command.source,
        external_id=command.external_id,
        submitted_at=command.submitted_at,
        recorded_at=uow.now,
        review_due_at=command.submitted_at + timedelta(hours=category.review_within_hours),
        decided_at=command.decided_at,
        decided_by=command.actor if is_decided else None,
        reason=command.reason,
    )


def _events(
    batch: Sequence[ImportReport | Refusal], outcomes: Sequence[Imported | Refusal], enrolled: dict[str, Rider]
) -> list[Event]:
    """One event a change: each new rider, then each new report."""
    found = [
        Event(kind="rider.enrolled", subject=f"rider/{code}", data={"source": rider.source})
        for code, rider in enrolled.items()
    ]
    for command, outcome in zip(batch, outcomes, strict=True):
        if isinstance(command, Refusal) or not isinstance(outcome, Imported) or not outcome.is_new:
            continue
        data: dict[str, object] = {
            "rider": command.rider_code,
            "category": command.category_code,
            "state": command.state.value,
            "external_id": command.external_id,
        }
        if outcome.award is not None:
            data["points_granted"] = outcome.award.points_granted
            data["transaction"] = str(outcome.award.transaction_id) if outcome.award.transaction_id else None
        found.append(Event(kind="report.imported", subject=f"report/{outcome.report_code}", data=data))
    return found
