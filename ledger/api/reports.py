"""/v1/reports: sending hazards in, and looking at them. Decisions on them are in `decisions.py`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from ledger.api.forms import LINE, ORDER, PROSE, WEB_ADDRESS, Instant, check_instants
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Write, answers
from ledger.domain.access import Principal, PrincipalKind
from ledger.domain.awards import Award
from ledger.domain.awards import Limit as CreditLimit
from ledger.domain.calendar import month_bounds, parse_month
from ledger.domain.cases import ReportCase
from ledger.domain.errors import InvalidField, Refusal
from ledger.domain.incidents import Share, ShareHeld
from ledger.domain.places import E7, Datum, read_place
from ledger.domain.reports import TEXT_MAX, ReportState
from ledger.domain.rulebook import Grade, Rulebook
from ledger.queries import reports as queries
from ledger.queries.reports import Neighbour, ReportFilter
from ledger.services.reports import SubmitReport, submit_reports

ShortText = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=PROSE)]
PhotoUrl = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=WEB_ADDRESS)]


class NewReport(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`rider_code` is left out by riders; `submitted_at` and `external_id` are for other systems' reports."""

    category_code: Annotated[str, msgspec.Meta(max_length=10, pattern=LINE)]
    lat: float
    lon: float
    datum: Datum = Datum.WGS_84
    rider_code: Annotated[str, msgspec.Meta(max_length=16, pattern=LINE)] | None = None
    hours: int | None = None
    address: ShortText = ""
    subdistrict: Annotated[str, msgspec.Meta(max_length=60, pattern=LINE)] = ""
    description: ShortText = ""
    photo_url: PhotoUrl | None = None
    photo_taken_at: Instant | None = None
    external_id: Annotated[str, msgspec.Meta(min_length=1, max_length=80, pattern=LINE)] | None = None
    submitted_at: Instant | None = None


class NewReports(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[NewReport], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class AwardBody(msgspec.Struct, kw_only=True):
    """Wanted by category, granted after the caps; `limited_by` says which cap took the difference."""

    transaction_id: UUID | None
    points_wanted: int
    points_granted: int
    limited_by: CreditLimit | None
    merit: int
    month: str
    rulebook_version: int
    lapses_on: date
    effective_at: datetime
    is_reversed: bool
    is_waiting: bool


class ShareBody(msgspec.Struct, kw_only=True):
    """`code` is the incident's: that of its first report. `number` is the place among the reporters; null for one that
    does not count, because its rider reported the hazard before or because it was revoked."""

    code: str
    share: Share
    number: int | None


class ReportBody(msgspec.Struct, kw_only=True):
    """Places are decimal degrees on the datum. `code` is what people say and type."""

    id: UUID
    code: str
    rider_code: str
    category_code: str
    category_name: str
    grade: Grade | None
    is_urgent: bool
    hours: int
    state: ReportState
    address: str
    subdistrict: str
    lat: float | None
    lon: float | None
    datum: Datum | None
    description: str
    photo_url: str | None
    photo_taken_at: datetime | None
    source: str
    external_id: str | None
    submitted_at: datetime
    recorded_at: datetime
    review_due_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    duplicate_of: str | None
    award: AwardBody | None
    settled_at: datetime | None
    settled_by: str | None
    after_photo_url: str | None
    bonus: AwardBody | None
    incident: ShareBody | None


class ReportOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    report: ReportBody | None = None


class ReportOutcomes(BulkBody, kw_only=True):
    items: list[ReportOutcome]


class NeighbourBody(msgspec.Struct, kw_only=True):
    distance_m: float
    hours_before: float
    is_same_category: bool
    is_within_interval: bool
    report: ReportBody


class NeighboursBody(msgspec.Struct, kw_only=True):
    items: list[NeighbourBody]
    next: str | None = None


def report_body(case: ReportCase, rulebook: Rulebook) -> ReportBody:
    report, place = case.report, case.report.place
    category = rulebook.categories.get(report.category_code)
    return ReportBody(
        id=report.id,
        code=report.code,
        rider_code=case.rider_code,
        category_code=report.category_code,
        category_name=category.name if category else report.category_code,
        grade=category.grade if category else None,
        is_urgent=category.is_urgent if category else False,
        hours=report.hours,
        state=report.state,
        address=report.address,
        subdistrict=report.subdistrict,
        lat=place.lat_e7 / E7 if place else None,
        lon=place.lon_e7 / E7 if place else None,
        datum=place.datum if place else None,
        description=report.description,
        photo_url=report.photo_url,
        photo_taken_at=report.photo_taken_at,
        source=report.source,
        external_id=report.external_id,
        submitted_at=report.submitted_at,
        recorded_at=report.recorded_at,
        review_due_at=report.review_due_at,
        decided_at=report.decided_at,
        decided_by=report.decided_by,
        reason=report.reason,
        duplicate_of=case.duplicate_of_code,
        award=_award_body(case.award) if case.award else None,
        settled_at=report.settled_at,
        settled_by=report.settled_by,
        after_photo_url=report.after_photo_url,
        bonus=_award_body(case.bonus) if case.bonus else None,
        incident=share_body(case.share) if case.share else None,
    )


def share_body(held: ShareHeld) -> ShareBody:
    return ShareBody(code=held.incident_code, share=held.share, number=held.number)


def _award_body(award: Award) -> AwardBody:
    return AwardBody(
        transaction_id=award.transaction_id,
        points_wanted=award.points_wanted,
        points_granted=award.points_granted,
        limited_by=award.limited_by,
        merit=award.merit,
        month=award.month,
        rulebook_version=award.rulebook_version,
        lapses_on=award.lapses_on,
        effective_at=award.effective_at,
        is_reversed=not award.is_live,
        is_waiting=award.is_waiting,
    )


class ReportsController(Controller):
    path = "/reports"
    tags = ["reports"]

    @post(
        operation_id="create_report",
        summary="Report a hazard",
        responses=answers(ReportBody, 404, 409, 422, success=201),
    )
    async def create_report(
        self,
        write: NamedDependency[Write],
        data: JSONBody[NewReport],
    ) -> Response[bytes]:
        command = _submission(write.principal, data)
        if isinstance(command, Refusal):
            raise command
        rulebook = await write.rulebook()
        return await write.one(
            submit_reports,
            command,
            to_body=lambda case: report_body(case, rulebook),
            status=201,
        )

    @post(
        "/bulk",
        operation_id="create_reports",
        summary="Report up to 1,000 hazards",
        status_code=200,
        responses=answers(ReportOutcomes),
    )
    async def create_reports(
        self,
        write: NamedDependency[Write],
        data: JSONBody[NewReports],
    ) -> Response[bytes]:
        rulebook = await write.rulebook()
        return await write.many(
            submit_reports,
            [_submission(write.principal, item) for item in data.items],
            to_body=lambda case: {"report": report_body(case, rulebook)},
        )

    @get(operation_id="list_reports", summary="Reports, newest first", sync_to_thread=True)
    def list_reports(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        in_state: Annotated[ReportState | None, QueryParameter(name="state")] = None,
        category: Annotated[str | None, QueryParameter(max_length=10)] = None,
        rider: Annotated[str | None, QueryParameter(max_length=16)] = None,
        source: Annotated[str | None, QueryParameter(max_length=60)] = None,
        month: Annotated[str | None, QueryParameter(max_length=7, description="Of submission, as 2026-11.")] = None,
        order: Annotated[
            str,
            QueryParameter(
                pattern=ORDER,
                description="`oldest` with `state=submitted` is the review queue: soonest due first.",
            ),
        ] = "newest",
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[ReportBody]:
        return list_reports(
            runtime,
            principal,
            narrowed_to=ReportFilter(
                state=in_state,
                category_code=category,
                rider_code=rider,
                source=source,
                **_month_filter(runtime, principal, month),
            ),
            is_newest_first=order == "newest",
            limit=limit,
            cursor=cursor,
        )

    @get("/{report:str}", operation_id="get_report", summary="One report", sync_to_thread=True)
    def get_report(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], report: FromPath[str]
    ) -> ReportBody:
        """By UUID or by its 10-character code."""
        with runtime.reading() as connection:
            case = queries.read_report(connection, principal.programme_id, report)
            return report_body(case, read_rulebook(runtime, connection, principal))

    @get(
        "/{report:str}/neighbours",
        operation_id="list_neighbours",
        summary="Earlier reports nearby, nearest first",
        sync_to_thread=True,
    )
    def list_neighbours(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        report: FromPath[str],
        radius_m: Annotated[int, QueryParameter(ge=1, le=1000, description="Metres.")] = 50,
    ) -> NeighboursBody:
        """Of any category, at most 30 days earlier, at most 50."""
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            case = queries.read_report(connection, principal.programme_id, report)
            found = queries.read_neighbours(
                connection, principal.programme_id, case.report, rulebook=rulebook, radius_m=radius_m
            )
        return NeighboursBody(items=[_neighbour_body(neighbour, rulebook) for neighbour in found])


def list_reports(
    runtime: Runtime,
    principal: Principal,
    *,
    narrowed_to: ReportFilter,
    is_newest_first: bool,
    limit: int,
    cursor: str | None,
) -> Page[ReportBody]:
    """A page of reports; the cursor belongs to the filter it was made under."""
    cursors = Cursors(runtime.vault, principal.programme_id, f"reports {narrowed_to} {is_newest_first}")
    with runtime.reading() as connection:
        rulebook = read_rulebook(runtime, connection, principal)
        found = queries.read_reports(
            connection,
            principal.programme_id,
            narrowed_to=narrowed_to,
            is_newest_first=is_newest_first,
            limit=limit,
            after=cursors.read(cursor),
        )
    return cursors.page(found, lambda case: report_body(case, rulebook))


def _month_filter(runtime: Runtime, principal: Principal, month: str | None) -> dict[str, datetime]:
    if month is None:
        return {}
    since, until = month_bounds(parse_month(month), runtime.zone_of(principal.programme_id))
    return {"since": since, "until": until}


def _neighbour_body(neighbour: Neighbour, rulebook: Rulebook) -> NeighbourBody:
    return NeighbourBody(
        distance_m=neighbour.distance_m,
        hours_before=neighbour.hours_before,
        is_same_category=neighbour.is_same_category,
        is_within_interval=neighbour.is_within_interval,
        report=report_body(neighbour.case, rulebook),
    )


def _submission(principal: Principal, data: NewReport) -> SubmitReport | Refusal:
    """The command, or why there is none; in a bulk the refusal is that item's outcome."""
    rider_code, source = data.rider_code, "staff"
    if principal.kind is PrincipalKind.RIDER:
        if rider_code not in (None, principal.name) or data.external_id or data.submitted_at:
            return InvalidField(
                field="rider_code",
                problem_zh="骑手只能为自己上报，且不用填 external_id 和 submitted_at。",
                problem_en="riders report for themselves only, without `external_id` and `submitted_at`.",
            )
        rider_code, source = principal.name, "app"
    elif principal.kind is PrincipalKind.SERVICE:
        source = principal.name
    if rider_code is None:
        return InvalidField(
            field="rider_code",
            problem_zh="请填上报骑手的编号，例如 R00001。",
            problem_en="name the reporting rider, such as R00001.",
        )
    if refusal := check_instants(photo_taken_at=data.photo_taken_at, submitted_at=data.submitted_at):
        return refusal
    try:
        place = read_place(data.lat, data.lon, data.datum)
    except InvalidField as nowhere:
        return nowhere
    return SubmitReport(
        rider_code=rider_code,
        category_code=data.category_code,
        place=place,
        source=source,
        actor=principal.actor,
        hours=data.hours,
        address=data.address,
        subdistrict=data.subdistrict,
        description=data.description,
        photo_url=data.photo_url,
        photo_taken_at=data.photo_taken_at,
        external_id=data.external_id,
        submitted_at=data.submitted_at,
    )
