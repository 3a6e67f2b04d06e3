"""The historical import: reports that were decided elsewhere, booked as if they had been decided here at the time.

Items are credited in the order given; the caller sorts the whole file by (submitted_at, external_id). The natural key
(source, external_id) makes a second time harmless: a file that stopped half-way is simply started again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planned:
    """An item that may be booked. `new_rider` is to be enrolled with the first report of theirs that is written."""

    number: int
    command: ImportReport
    report: Report
    category: Category
    new_rider: Rider | None


@dataclass(slots=True, kw_only=True)
class _Plan:
    """What each item would be, before anything is credited. `repeats`: item → the earlier item with the same key."""

    outcomes: dict[int, Imported | Refusal] = field(default_factory=dict)
    planned: list[_Planned] = field(default_factory=list)
    repeats: dict[int, int] = field(default_factory=dict)


def import_reports(uow: UnitOfWork, batch: Sequence[ImportReport | Refusal]) -> list[Imported | Refusal]:
    """Per item what became of it, or: state, time, rider code, rider has left, unknown category.

    A reporter nobody knows is enrolled, without industry or person, before the first of their reports.
    An item that was refused before it got here (no place on earth) is its own outcome.
    """
    zone = programme_store.read_zone_of(uow)
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
    # First what each item would be, then the crediting over all of them: it reads caps and accounts in one go.
    plan = _make_plan(uow, batch, rulebook)
    crediting = Crediting(uow, rulebook=rulebook, zone=zone, reports=[item.report for item in plan.planned])

    outcomes = plan.outcomes
    written: list[_Planned] = []
    enrolled: dict[str, Rider] = {}
    for item in plan.planned:
        award = _credit(crediting, item)
        if isinstance(award, Refusal):
            outcomes[item.number] = award
            continue
        is_first = item.new_rider is not None and item.new_rider.code not in enrolled
        if item.new_rider is not None:
            enrolled[item.new_rider.code] = item.new_rider
        written.append(item)
        outcomes[item.number] = Imported(
            report_code=item.report.code, is_new=True, award=award, enrolled_rider=is_first
        )
    for number, first in plan.repeats.items():
        outcomes[number] = _repeated(outcomes[first])

    rider_store.insert_riders(uow, list(enrolled.values()))
    crediting.write_books()
    report_store.insert_reports(uow, [item.report for item in written])
    crediting.write_awards()
    done = [outcomes[number] for number in range(len(batch))]
    append_events(uow, _events(batch, done, enrolled))
    return done


def _make_plan(uow: UnitOfWork, batch: Sequence[ImportReport | Refusal], rulebook: Rulebook) -> _Plan:
    commands = [command for command in batch if isinstance(command, ImportReport)]
    present = _read_present(uow, commands)
    riders = rider_store.lock_riders_by_code(uow, {command.rider_code for command in commands})
    new_riders: dict[str, Rider] = {}
    first_numbers: dict[tuple[str, str], int] = {}
    plan = _Plan()
    for number, command in enumerate(batch):
        if isinstance(command, Refusal):
            plan.outcomes[number] = command
            continue
        natural_key = (command.source, command.external_id)
        if natural_key in present:
            plan.outcomes[number] = Imported(report_code=present[natural_key], is_new=False)
            continue
        if natural_key in first_numbers:
            plan.repeats[number] = first_numbers[natural_key]
            continue
        category = _check(uow, command, riders=riders, rulebook=rulebook)
        if isinstance(category, Refusal):
            plan.outcomes[number] = category
            continue
        rider = riders.get(command.rider_code)
        if rider is None:
            rider = new_riders.setdefault(command.rider_code, _enrol(uow, command))
        first_numbers[natural_key] = number
        report = _report(uow, command, rider=rider, category=category)
        plan.planned.append(
            _Planned(
                number=number,
                command=command,
                report=report,
                category=category,
                new_rider=new_riders.get(command.rider_code),
            )
        )
    return plan


def _credit(crediting: Crediting, item: _Planned) -> Award | Refusal | None:
    command = item.command
    if command.state is not ReportState.VERIFIED or command.decided_at is None:
        return None
    return crediting.credit(item.report, item.category, effective_at=command.decided_at, actor=command.actor, key=None)


def _repeated(first: Imported | Refusal) -> Imported | Refusal:
    """The outcome of an item that says again what an earlier one of its batch said."""
    return first if isinstance(first, Refusal) else Imported(report_code=first.report_code, is_new=False)


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
        return RiderNotActive(rider_code=rider.code, rider_status=rider.status)
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
