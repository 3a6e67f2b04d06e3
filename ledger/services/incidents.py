"""Merging and splitting incidents: points are booked anew, as reversal and award, and can be booked back.

A report joins an incident where it is verified (`verification.py`); what follows from it is decided in `sharing.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.domain.calendar import local_day
from ledger.domain.errors import NotFound, Refusal
from ledger.domain.incidents import (
    Incident,
    NothingLeftToSplit,
    NotInIncident,
    OneIncidentAlready,
    check_one_hazard,
    check_verified,
)
from ledger.domain.reports import Report
from ledger.services.crediting import Crediting
from ledger.services.sharing import Decided, Rebooked, Sharing
from ledger.storage import programmes as programme_store
from ledger.storage import reports as report_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeIncident:
    """Both are named by any of their reports, UUID or code; a verified report alone is an incident of one."""

    incident: str
    into: str
    reason: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitIncident:
    """`reports` leave the incident and are one of their own."""

    incident: str
    reports: tuple[str, ...]
    reason: str
    actor: str
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Regrouped:
    """`incident` is what was merged into or split; `split_off` the one that its reports made. `rebooked`: the awards
    that were taken back and booked anew, those that give first. `rider_codes` are everybody's."""

    incident: Incident
    split_off: Incident | None
    rebooked: Sequence[Rebooked]
    rider_codes: dict[UUID, str]


def merge_incidents(uow: UnitOfWork, batch: Sequence[MergeIncident]) -> list[Regrouped | Refusal]:
    """Per item the incident that is one now, or in this order: no such report, not verified, one incident already, not
    one hazard, too many reports."""
    regrouping = _Regrouping(uow, [name for command in batch for name in (command.incident, command.into)])
    return regrouping.run([regrouping.merge(command) for command in batch])


def split_incidents(uow: UnitOfWork, batch: Sequence[SplitIncident]) -> list[Regrouped | Refusal]:
    """Per item the incident and the one that was split off, or in this order: no such report, not verified, a report is
    not in the incident, nothing would be left."""
    regrouping = _Regrouping(uow, [name for command in batch for name in (command.incident, *command.reports)])
    return regrouping.run([regrouping.split(command) for command in batch])


class _Regrouping:
    """The reports of the batch with everybody they share with, decided item after item, written once."""

    def __init__(self, uow: UnitOfWork, names: Sequence[str]) -> None:
        self._uow = uow
        self._reports = report_store.lock_reports(uow, set(names))
        zone = programme_store.read_zone_of(uow)
        self._rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone))
        self._sharing = Sharing(uow, self._reports.values(), rules=self._rulebook.incident)
        self._crediting = Crediting(
            uow,
            rulebook=self._rulebook,
            zone=zone,
            reports=list(self._sharing.reports.values()),
            awards_to_reverse=list(self._sharing.awards.values()),
        )
        self._events: list[Event] = []

    def merge(self, command: MergeIncident) -> Regrouped | Refusal:
        report, into = self._verified(command.incident), self._verified(command.into)
        for found in (report, into):
            if isinstance(found, Refusal):
                return found
        assert isinstance(report, Report) and isinstance(into, Report)
        one, other = self._sharing.incident_of(report), self._sharing.incident_of(into)
        if report.id == into.id or (one is not None and other is not None and one.id == other.id):
            return OneIncidentAlready(report_code=report.code, other_code=into.code)
        category = self._rulebook.categories.get(report.category_code)
        has_interval = category is None or category.re_report_after_days is not None
        if refusal := check_one_hazard(report, into, has_interval=has_interval):
            return refusal
        decided = Decided(by=command.actor, key=command.key, reason=command.reason)
        rebooked = self._sharing.merge(report, into, crediting=self._crediting, decided=decided)
        if isinstance(rebooked, Refusal):
            return rebooked
        return self._told("incident.merged", into, None, rebooked, decided, moved=[report])

    def split(self, command: SplitIncident) -> Regrouped | Refusal:
        report = self._verified(command.incident)
        if isinstance(report, Refusal):
            return report
        incident = self._sharing.incident_or_alone(report)
        leaving: dict[UUID, Report] = {}
        for name in command.reports:
            found = self._reports.get(name)
            if found is None:
                return NotFound(noun="report", name=name)
            if all(member.report.id != found.id for member in incident.members):
                return NotInIncident(report_code=found.code, incident_code=incident.code)
            leaving[found.id] = found
        if len(leaving) == len(incident.members):
            return NothingLeftToSplit(incident_code=incident.code)
        decided = Decided(by=command.actor, key=command.key, reason=command.reason)
        moved = list(leaving.values())
        rebooked = self._sharing.split(incident, moved, crediting=self._crediting, decided=decided)
        left = next(member.report for member in incident.members if member.report.id not in leaving)
        return self._told("incident.split", left, moved[0], rebooked, decided, moved=moved)

    def run(self, outcomes: list[Regrouped | Refusal]) -> list[Regrouped | Refusal]:
        """Writes what was decided."""
        self._crediting.write_books()
        self._crediting.write_awards()
        self._sharing.write()
        append_events(self._uow, [*self._sharing.events, *self._events])
        return outcomes

    def _verified(self, name: str) -> Report | Refusal:
        report = self._reports.get(name)
        if report is None:
            return NotFound(noun="report", name=name)
        return check_verified(report) or report

    def _told(
        self,
        kind: str,
        left: Report,
        split_off: Report | None,
        rebooked: Sequence[Rebooked],
        decided: Decided,
        *,
        moved: Sequence[Report],
    ) -> Regrouped:
        incident = self._sharing.incident_or_alone(left)
        own = self._sharing.incident_or_alone(split_off) if split_off else None
        self._events.append(
            Event(
                kind=kind,
                subject=f"incident/{incident.code}",
                data={
                    "by": decided.by,
                    "reason": decided.reason,
                    "moved": [report.code for report in moved],
                    "reports": [member.report.code for member in incident.members],
                },
            )
        )
        riders = self._sharing.riders
        return Regrouped(
            incident=incident,
            split_off=own,
            rebooked=rebooked,
            rider_codes={rider_id: rider.code for rider_id, rider in riders.items()},
        )
