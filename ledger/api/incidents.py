"""/v1/incidents: reports of one hazard and the shares of their reporters; merging and splitting."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from ledger.api.decisions import BalancesBody, Reason, ReportName
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal
from ledger.domain.incidents import INCIDENT_REPORTS_MAX, Incident, Member, Share
from ledger.domain.reports import ReportState
from ledger.domain.rulebook import Rulebook
from ledger.queries import incidents as queries
from ledger.queries import reports as report_queries
from ledger.queries.incidents import IncidentCase, Suggestion
from ledger.services.incidents import MergeIncident, Regrouped, SplitIncident, merge_incidents, split_incidents
from ledger.services.sharing import Rebooked


class Merger(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    into: ReportName
    reason: Reason


class Split(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reports: Annotated[list[ReportName], msgspec.Meta(min_length=1, max_length=INCIDENT_REPORTS_MAX)]
    reason: Reason


class IncidentReportBody(msgspec.Struct, kw_only=True):
    """`points_share` is what its share is worth, `points_granted` what the caps left of it; null where a write answers.
    `number` is null for a report that does not count: its rider reported before, or it was revoked."""

    report: str
    rider_code: str
    state: ReportState
    submitted_at: datetime
    address: str
    share: Share
    number: int | None
    points_full: int
    points_share: int
    points_granted: int | None


class IncidentBody(msgspec.Struct, kw_only=True):
    """`code` and `address` are those of its first report; any of its reports names it. `founded_at` is null for a
    report alone."""

    code: str
    category_code: str
    category_name: str
    address: str
    founded_at: datetime | None
    founded_by: str | None
    reporters: int
    items: list[IncidentReportBody]


class RebookedBody(msgspec.Struct, kw_only=True):
    report: str
    rider_code: str
    share: Share
    number: int | None
    points_before: int
    points_granted: int
    balances: BalancesBody


class RegroupedBody(msgspec.Struct, kw_only=True):
    """`rebooked`: the awards that were taken back and booked anew, with the rider's balances after each."""

    incident: IncidentBody
    split_off: IncidentBody | None
    rebooked: list[RebookedBody]


class SuggestionBody(msgspec.Struct, kw_only=True):
    """`nearest` is the incident's nearest report; `hours_apart` is negative where it came later. `share` and `points`
    are what the report would get, before the caps; `is_own`: its rider reported this hazard already."""

    nearest: str
    distance_m: float
    hours_apart: float
    is_own: bool
    share: Share
    number: int | None
    points: int
    incident: IncidentBody


class SuggestionsBody(msgspec.Struct, kw_only=True):
    items: list[SuggestionBody]
    next: str | None = None


def _member_body(member: Member, rider_code: str, granted: int | None, rulebook: Rulebook) -> IncidentReportBody:
    report = member.report
    return IncidentReportBody(
        report=report.code,
        rider_code=rider_code,
        state=report.state,
        submitted_at=report.submitted_at,
        address=report.address,
        share=member.share,
        number=member.number,
        points_full=member.points_full,
        points_share=member.points(rulebook.incident),
        points_granted=granted,
    )


def _incident_body(
    incident: Incident,
    items: list[IncidentReportBody],
    rulebook: Rulebook,
    *,
    founded_at: datetime | None = None,
    founded_by: str | None = None,
) -> IncidentBody:
    category = rulebook.categories.get(incident.category_code)
    return IncidentBody(
        code=incident.code,
        category_code=incident.category_code,
        category_name=category.name if category else incident.category_code,
        address=incident.first.address,
        founded_at=founded_at,
        founded_by=founded_by,
        reporters=sum(member.number is not None for member in incident.members),
        items=items,
    )


def incident_body(case: IncidentCase, rulebook: Rulebook) -> IncidentBody:
    items = [
        _member_body(
            one.member,
            one.rider_code,
            one.award.points_granted if one.award and one.award.is_live else 0,
            rulebook,
        )
        for one in case.members
    ]
    return _incident_body(case.incident, items, rulebook, founded_at=case.founded_at, founded_by=case.founded_by)


def regrouped_body(done: Regrouped, rulebook: Rulebook) -> RegroupedBody:
    def printed(incident: Incident) -> IncidentBody:
        codes = done.rider_codes
        items = [_member_body(one, codes[one.report.rider_id], None, rulebook) for one in incident.members]
        return _incident_body(incident, items, rulebook)

    return RegroupedBody(
        incident=printed(done.incident),
        split_off=printed(done.split_off) if done.split_off else None,
        rebooked=[_rebooked_body(one) for one in done.rebooked],
    )


def _rebooked_body(one: Rebooked) -> RebookedBody:
    after = one.balances
    return RebookedBody(
        report=one.report.code,
        rider_code=one.rider_code,
        share=one.share.share,
        number=one.share.number,
        points_before=one.before.points_granted,
        points_granted=one.award.points_granted,
        balances=BalancesBody(available=after.available, owed=after.owed, budget=after.budget),
    )


def _suggestion_body(found: Suggestion, rulebook: Rulebook) -> SuggestionBody:
    return SuggestionBody(
        nearest=found.nearest.code,
        distance_m=found.distance_m,
        hours_apart=found.hours_apart,
        is_own=found.is_own,
        share=found.share,
        number=found.number,
        points=found.points,
        incident=incident_body(found.case, rulebook),
    )


class IncidentsController(Controller):
    path = "/incidents"
    tags = ["incidents"]

    @get(operation_id="list_incidents", summary="Incidents, the latest first", sync_to_thread=True)
    def list_incidents(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        category: Annotated[str | None, QueryParameter(max_length=10)] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[IncidentBody]:
        """Hazards that more than one report was verified for. `items` in the order of submission."""
        cursors = Cursors(runtime.vault, principal.programme_id, f"incidents {category}")
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            found = queries.read_incidents(
                connection, principal.programme_id, category_code=category, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, lambda case: incident_body(case, rulebook))

    @get("/{incident:str}", operation_id="get_incident", summary="One incident", sync_to_thread=True)
    def get_incident(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], incident: FromPath[str]
    ) -> IncidentBody:
        """By any of its reports, UUID or code; a verified report alone is an incident of one."""
        with runtime.reading() as connection:
            case = queries.read_incident(connection, principal.programme_id, incident)
            return incident_body(case, read_rulebook(runtime, connection, principal))

    @post(
        "/{incident:str}/merger",
        operation_id="merge_incident",
        summary="Merge an incident into another",
        status_code=200,
        responses=answers(RegroupedBody, 404, 409, 422),
    )
    async def merge_incident(
        self, write: NamedDependency[Write], incident: FromPath[str], data: JSONBody[Merger]
    ) -> Response[bytes]:
        """They were one hazard. Points are booked anew; a split of the same reports books them back."""
        return await write.one(
            merge_incidents,
            MergeIncident(incident=incident, into=data.into, reason=data.reason, actor=write.actor, key=write.key),
            to_body=_printer(await write.rulebook()),
        )

    @post(
        "/{incident:str}/split",
        operation_id="split_incident",
        summary="Split reports off an incident",
        status_code=200,
        responses=answers(RegroupedBody, 404, 409, 422),
    )
    async def split_incident(
        self, write: NamedDependency[Write], incident: FromPath[str], data: JSONBody[Split]
    ) -> Response[bytes]:
        """They were another hazard, and are an incident of their own. Points are booked anew."""
        return await write.one(
            split_incidents,
            SplitIncident(
                incident=incident,
                reports=tuple(data.reports),
                reason=data.reason,
                actor=write.actor,
                key=write.key,
            ),
            to_body=_printer(await write.rulebook()),
        )


class SuggestionsController(Controller):
    path = "/reports"
    tags = ["incidents"]

    @get(
        "/{report:str}/incident-suggestions",
        operation_id="list_incident_suggestions",
        summary="Incidents that a report may belong to, nearest first",
        sync_to_thread=True,
    )
    def list_incident_suggestions(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], report: FromPath[str]
    ) -> SuggestionsBody:
        """Of the same category, as near and as soon as the rulebook says; at most 10. Verify the report with
        `same_hazard_as` one of them to give it its share."""
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            case = report_queries.read_report(connection, principal.programme_id, report)
            found = queries.read_suggestions(connection, principal.programme_id, case.report, rulebook=rulebook)
        return SuggestionsBody(items=[_suggestion_body(one, rulebook) for one in found])


def _printer(rulebook: Rulebook) -> Any:
    return lambda done: regrouped_body(done, rulebook)
