"""Sharing: the incidents of one unit of work, as earlier items of the batch left them.

Whoever joins, leaves, is merged in or split off: the shares are decided anew, and the awards whose share changed are
taken back and booked anew. Used by the verification of reports and by the merging and splitting of incidents.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ledger.domain.awards import Award, Part
from ledger.domain.cases import BalancesAfter
from ledger.domain.errors import BrokenInvariant, Refusal
from ledger.domain.incidents import (
    HazardReportedBefore,
    Incident,
    Member,
    Share,
    ShareHeld,
    check_one_hazard,
    check_size,
    check_verified,
    decide_shares,
    share_words,
)
from ledger.domain.reports import Report
from ledger.domain.riders import Rider
from ledger.domain.rulebook import Category, IncidentRules
from ledger.services.crediting import Crediting
from ledger.storage import awards as award_store
from ledger.storage import incidents as incident_store
from ledger.storage import reports as report_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Who decides, under which idempotency key, and why."""

    by: str
    key: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebooked:
    """An award that was taken back and booked anew because its report's share changed."""

    report: Report
    rider_code: str
    share: ShareHeld
    before: Award
    award: Award
    balances: BalancesAfter


class Sharing:
    """Open it on the reports of the batch; everybody who is in an incident with one of them is locked with it.

    `reports`, `riders` and `awards` (live ones, by report) are what the crediting has to be opened on.
    """

    def __init__(self, uow: UnitOfWork, reports: Iterable[Report], *, rules: IncidentRules) -> None:
        self._uow = uow
        self._rules = rules
        self.reports = {report.id: report for report in reports}
        companies = incident_store.read_companies(uow, self.reports.keys())
        fellows = {str(row.report_id) for row in companies if row.report_id not in self.reports}
        if fellows:
            self.reports |= {report.id: report for report in report_store.lock_reports(uow, fellows).values()}
        rider_ids = {report.rider_id for report in self.reports.values()}
        self.riders: dict[UUID, Rider] = rider_store.lock_riders(uow, rider_ids) if rider_ids else {}
        found = award_store.lock_awards(uow, self.reports.keys()) if self.reports else {}
        self.awards = {
            report_id: parts[Part.REPORT]
            for report_id, parts in found.items()
            if Part.REPORT in parts and parts[Part.REPORT].is_live
        }
        self._incidents = self._gather(companies)
        self._stored = dict(self._incidents)
        self._stored_members = {
            member.report.id: (incident.id, member) for incident in self._stored.values() for member in incident.members
        }
        # The share that each live award was booked for; a report that is in no incident has all of it.
        self._shares = {row.report_id: row.share for row in companies}
        self._by: dict[UUID, str] = {}
        self.events: list[Event] = []

    def keep(self, report: Report, award: Award) -> None:
        """What an earlier item of the batch made of a report."""
        self.reports[report.id] = report
        self.awards[report.id] = award

    def current(self, report: Report) -> Report:
        return self.reports.get(report.id, report)

    def incident_of(self, report: Report) -> Incident | None:
        return next((found for found in self._incidents.values() if _holds(found, report.id)), None)

    def share_of(self, report: Report) -> ShareHeld | None:
        incident = self.incident_of(report)
        return incident.held_by(incident.member(report.id)) if incident else None

    def incident_or_alone(self, report: Report) -> Incident:
        """The incident the verified report belongs to; of itself alone, if to none."""
        return self.incident_of(report) or Incident(
            id=self._uow.new_id(),
            category_code=report.category_code,
            members=(Member(report=report, points_full=self.awards[report.id].points_wanted),),
        )

    def join(
        self, report: Report, other: Report, category: Category, *, crediting: Crediting, decided: Decided
    ) -> Award | Refusal:
        """Credits the report, verified by now, with its share of the other's hazard; or, in this order: the other is
        not verified, not one hazard, the rider reported it before, too many reports."""
        joined = self._joined(report, other, category)
        if isinstance(joined, Refusal):
            return joined
        mine = joined.member(report.id)
        points = mine.points(self._rules)
        self.carry_out([joined], crediting=crediting, decided=decided)
        award = crediting.credit(
            report,
            category,
            effective_at=self._uow.now,
            actor=decided.by,
            key=decided.key,
            points=points,
            words=share_words(mine, points),
        )
        if isinstance(award, Refusal):
            raise BrokenInvariant(f"share of {report.code} refused: {award}")
        self.keep(report, award)
        return award

    def _joined(self, report: Report, other: Report, category: Category) -> Incident | Refusal:
        """The other's incident with the report in it."""
        has_interval = category.re_report_after_days is not None
        if refusal := check_verified(other) or check_one_hazard(report, other, has_interval=has_interval):
            return refusal
        incident = self.incident_or_alone(other)
        for member in incident.members:
            if member.is_counted and member.report.rider_id == report.rider_id:
                return HazardReportedBefore(
                    report_code=report.code,
                    rider_code=self.riders[report.rider_id].code,
                    other_code=member.report.code,
                )
        members = [*incident.members, Member(report=report, points_full=category.points * report.hours)]
        return check_size(incident.code, members) or self._decide(incident, members)

    def leave(self, report: Report) -> Incident | None:
        """The incident without the report that is being revoked; None if it is in none."""
        incident = self.incident_of(report)
        if incident is None:
            return None
        members = [
            replace(member, report=report) if member.report.id == report.id else member for member in incident.members
        ]
        return self._decide(incident, members)

    def merge(
        self, report: Report, other: Report, *, crediting: Crediting, decided: Decided
    ) -> Sequence[Rebooked] | Refusal:
        """Both reports' incidents are one from now on: the other's."""
        one, into = self.incident_or_alone(report), self.incident_or_alone(other)
        merged = self._decide(into, [*into.members, *one.members])
        if refusal := check_size(into.code, merged.members):
            return refusal
        self._incidents.pop(one.id, None)
        return self.carry_out([merged], crediting=crediting, decided=decided)

    def split(
        self, incident: Incident, reports: Sequence[Report], *, crediting: Crediting, decided: Decided
    ) -> Sequence[Rebooked]:
        """The reports are an incident of their own from now on."""
        ids = {report.id for report in reports}
        left = self._decide(incident, [member for member in incident.members if member.report.id not in ids])
        own = replace(incident, id=self._uow.new_id())
        own = self._decide(own, [member for member in incident.members if member.report.id in ids])
        return self.carry_out([left, own], crediting=crediting, decided=decided)

    def carry_out(self, incidents: Sequence[Incident], *, crediting: Crediting, decided: Decided) -> list[Rebooked]:
        """The incidents are so from now on; the awards whose share changed are booked anew, those that give first."""
        changes = self._changes(incidents)
        for incident in incidents:
            self._incidents[incident.id] = incident
            self._shares |= {member.report.id: member.share for member in incident.members}
            for entity_id in (incident.id, *(member.report.id for member in incident.members)):
                self._by.setdefault(entity_id, decided.by)
        rebooked: list[Rebooked] = []
        for incident, member in changes:
            points = member.points(self._rules)
            before, award = crediting.rebook(
                self.awards[member.report.id],
                points,
                actor=decided.by,
                key=decided.key,
                reason=decided.reason,
                words=f"{incident.category_code}：{share_words(member, points)}",
            )
            self.awards[member.report.id] = award
            rebooked.append(
                Rebooked(
                    report=member.report,
                    rider_code=self.riders[member.report.rider_id].code,
                    share=incident.held_by(member),
                    before=before,
                    award=award,
                    balances=crediting.balances(member.report.rider_id, award.sponsor_id),
                )
            )
        self.events += [_event(one, decided) for one in rebooked]
        return rebooked

    def write(self) -> None:
        """Writes incidents and memberships: after the reports, which they point at."""
        now = {
            member.report.id: (incident, member) for incident in self._incidents.values() for member in incident.members
        }
        stored = self._stored_members
        incident_store.write_incidents(
            self._uow,
            founded=[found for found in self._incidents.values() if found.id not in self._stored],
            joined=[pair for report_id, pair in now.items() if report_id not in stored],
            changed=[
                (incident, member)
                for report_id, (incident, member) in now.items()
                if report_id in stored and _place(incident.id, member) != _place(*stored[report_id])
            ],
            by=self._by,
        )

    def _gather(self, companies: Sequence[incident_store.Membership]) -> dict[UUID, Incident]:
        members: dict[UUID, list[Member]] = {}
        categories: dict[UUID, str] = {}
        for row in companies:
            categories[row.incident_id] = row.category_code
            report = self.reports[row.report_id]
            members.setdefault(row.incident_id, []).append(
                Member(report=report, points_full=row.points_full, share=row.share, number=row.number)
            )
        return {
            incident_id: Incident(
                id=incident_id,
                category_code=categories[incident_id],
                members=tuple(sorted(found, key=lambda member: (member.report.submitted_at, member.report.id))),
            )
            for incident_id, found in members.items()
        }

    def _decide(self, incident: Incident, members: Sequence[Member]) -> Incident:
        return replace(incident, members=decide_shares(members, self._rules))

    def _changes(self, incidents: Sequence[Incident]) -> list[tuple[Incident, Member]]:
        """Members whose live award is not that of their share; those that are to get less first."""
        found = []
        for incident in incidents:
            for member in incident.members:
                award = self.awards.get(member.report.id)
                share = self._shares.get(member.report.id, Share.FULL)
                if award is not None and member.is_counted and member.share is not share:
                    found.append((member.points(self._rules) - award.points_granted, incident, member))
        return [(incident, member) for _, incident, member in sorted(found, key=lambda change: change[0])]


def _holds(incident: Incident, report_id: UUID) -> bool:
    return any(member.report.id == report_id for member in incident.members)


def _place(incident_id: UUID, member: Member) -> tuple[UUID, Share, int | None]:
    return incident_id, member.share, member.number


def _event(one: Rebooked, decided: Decided) -> Event:
    return Event(
        kind="report.rebooked",
        subject=f"report/{one.report.code}",
        data={
            "rider": one.rider_code,
            "by": decided.by,
            "reason": decided.reason,
            "incident": one.share.incident_code,
            "share": one.share.share.value,
            "number": one.share.number,
            "points_before": one.before.points_granted,
            "points_wanted": one.award.points_wanted,
            "points_granted": one.award.points_granted,
            "merit": one.award.merit,
            "month": one.award.month,
            "superseded": _text(one.before.transaction_id),
            "reversal": _text(one.before.reversal_id),
            "transaction": _text(one.award.transaction_id),
            "available_after": one.balances.available,
            "owed_after": one.balances.owed,
            "budget_after": one.balances.budget,
        },
    )


def _text(transaction_id: UUID | None) -> str | None:
    return str(transaction_id) if transaction_id else None
