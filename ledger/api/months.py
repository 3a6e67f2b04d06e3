"""/v1/months: where each month's list stands, publishing and finalizing it, its corrections, and the proof of it."""

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.deadline import WHOLE_BOOKS_SECONDS_MAX
from ledger.api.forms import Nothing
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.api.writes import Printer, Write, answers
from ledger.domain.access import Principal
from ledger.domain.awards import Part
from ledger.domain.calendar import month_of, parse_month
from ledger.domain.months import ClosedMonth, Difference, MonthState, Seal
from ledger.domain.rulebook import Rulebook
from ledger.queries import months as queries
from ledger.queries.months import CheckedSeal, ListedCorrection, ListedMonth, Verification
from ledger.services.months import FinalizeMonth, PublishMonth, finalize_months, publish_months

DIFFERENCES_SHOWN_MAX = 100
"""Riders named in a verification: an auditor who sees a hundred looks for the cause, not for the next."""


class SealBody(msgspec.Struct, kw_only=True):
    """`digest`: SHA-256 of the list's canonical form, in hex. `riders` are those with merit."""

    riders: int
    merit: int
    digest: str


class MonthBody(msgspec.Struct, kw_only=True):
    """`publication_due_at`: from when on the list can be published. `corrections` counts all of them; those up to
    `corrections_in_list` are in the list, later ones stand beside it."""

    month: str
    state: MonthState
    publication_due_at: datetime
    rulebook_version: int | None = None
    published_at: datetime | None = None
    published_by: str | None = None
    published: SealBody | None = None
    objections_until: date | None = None
    finalized_at: datetime | None = None
    finalized_by: str | None = None
    final: SealBody | None = None
    corrections: int = 0
    corrections_in_list: int = 0


class MonthsBody(msgspec.Struct, kw_only=True):
    items: list[MonthBody]
    next: str | None = None


class CorrectionBody(msgspec.Struct, kw_only=True):
    """`name` is how people quote it. The three counts are what it changes: never more than zero."""

    name: str
    number: int
    rider_code: str
    report_code: str
    part: Part
    merit: int
    verified_reports: int
    serious_points: int
    reason: str
    recorded_at: datetime
    recorded_by: str
    transaction_id: UUID | None


class CheckedSealBody(msgspec.Struct, kw_only=True):
    """A list as it was sealed, and what the awards of today give for it."""

    state: MonthState
    is_intact: bool
    sealed: SealBody
    recomputed: SealBody


class DifferenceBody(msgspec.Struct, kw_only=True):
    rider_code: str
    stored: str
    recomputed: str


class VerificationBody(msgspec.Struct, kw_only=True):
    """`stored` is the list as it stands; `differs` counts riders whose standing is not what their awards give, and
    `differences` names the first hundred."""

    month: str
    is_intact: bool
    seals: list[CheckedSealBody]
    stored: SealBody | None
    differs: int
    differences: list[DifferenceBody]


class MonthsController(Controller):
    path = "/months"
    tags = ["months"]

    @get(operation_id="list_months", summary="Months, newest first, and where each stands", sync_to_thread=True)
    def list_months(self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]) -> MonthsBody:
        present = month_of(runtime.today(principal.programme_id))
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            found = queries.read_months(connection, principal.programme_id, present=present)
        return MonthsBody(items=[_listed_body(runtime, principal, rulebook, month) for month in found])

    @get("/{month:str}", operation_id="get_month", summary="Where a month stands", sync_to_thread=True)
    def get_month(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], month: FromPath[str]
    ) -> MonthBody:
        wanted = parse_month(month)
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            found = queries.read_month(connection, principal.programme_id, wanted)
        return _listed_body(runtime, principal, rulebook, found)

    @post(
        "/{month:str}/publication",
        operation_id="publish_month",
        answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
        summary="Publish a month's list and open it for objections",
        status_code=200,
        responses=answers(MonthBody, 409, 422),
    )
    async def publish_month(
        self, write: NamedDependency[Write], month: FromPath[str], data: JSONBody[Nothing | None] = None
    ) -> Response[bytes]:
        """Every standing is recomputed from the awards first. From now on nothing changes the list but corrections."""
        command = PublishMonth(month=parse_month(month), actor=write.actor)
        return await write.one(publish_months, command, to_body=await _printer(write))

    @post(
        "/{month:str}/finalization",
        operation_id="finalize_month",
        answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
        summary="Make a published list final, for good",
        status_code=200,
        responses=answers(MonthBody, 409, 422),
    )
    async def finalize_month(
        self, write: NamedDependency[Write], month: FromPath[str], data: JSONBody[Nothing | None] = None
    ) -> Response[bytes]:
        """Not by whoever published it, not before the objections have ended, not while titles are under review."""
        command = FinalizeMonth(month=parse_month(month), actor=write.actor)
        return await write.one(finalize_months, command, to_body=await _printer(write))

    @get(
        "/{month:str}/corrections",
        operation_id="list_corrections",
        summary="What was corrected after a month's list was published, in order",
        sync_to_thread=True,
    )
    def list_corrections(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        month: FromPath[str],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[CorrectionBody]:
        wanted = parse_month(month)
        cursors = Cursors(runtime.vault, principal.programme_id, f"corrections {wanted}")
        with runtime.reading() as connection:
            found = queries.read_corrections(
                connection, principal.programme_id, wanted, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, _correction_body)

    @get(
        "/{month:str}/verification",
        operation_id="verify_month",
        answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
        summary="Recompute a month from its awards and compare it with what was sealed",
        sync_to_thread=True,
    )
    def verify_month(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], month: FromPath[str]
    ) -> VerificationBody:
        """Reads the whole month: seconds in a large district."""
        wanted = parse_month(month)
        with runtime.reading() as connection:
            found = queries.verify_month(connection, principal.programme_id, wanted)
        return _verification_body(found)


async def _printer(write: Write) -> Printer:
    rulebook = await write.rulebook()

    def print_closed(closed: ClosedMonth) -> MonthBody:
        return _listed_body(write.runtime, write.principal, rulebook, ListedMonth(month=closed.month, closed=closed))

    return print_closed


def _listed_body(runtime: Runtime, principal: Principal, rulebook: Rulebook, listed: ListedMonth) -> MonthBody:
    zone = runtime.zone_of(principal.programme_id)
    due_at = rulebook.calendar.publication_due_at(listed.month, zone)
    closed = listed.closed
    if closed is None:
        return MonthBody(month=listed.month, state=MonthState.OPEN, publication_due_at=due_at)
    return MonthBody(
        month=closed.month,
        state=closed.state,
        publication_due_at=due_at,
        rulebook_version=closed.rulebook_version,
        published_at=closed.published_at,
        published_by=closed.published_by,
        published=_seal_body(closed.published),
        objections_until=closed.objections_until,
        finalized_at=closed.finalized_at,
        finalized_by=closed.finalized_by,
        final=_seal_body(closed.final) if closed.final else None,
        corrections=closed.corrections,
        corrections_in_list=closed.corrections_in_list,
    )


def _seal_body(seal: Seal) -> SealBody:
    return SealBody(riders=seal.riders, merit=seal.merit, digest=seal.digest)


def _correction_body(listed: ListedCorrection) -> CorrectionBody:
    correction = listed.correction
    return CorrectionBody(
        name=correction.name,
        number=correction.number,
        rider_code=listed.rider_code,
        report_code=listed.report_code,
        part=correction.part,
        merit=correction.merit,
        verified_reports=correction.verified_reports,
        serious_points=correction.serious_points,
        reason=correction.reason,
        recorded_at=correction.recorded_at,
        recorded_by=correction.actor,
        transaction_id=correction.transaction_id,
    )


def _verification_body(found: Verification) -> VerificationBody:
    return VerificationBody(
        month=found.month,
        is_intact=found.is_intact,
        seals=[_checked_body(seal) for seal in found.seals],
        stored=_seal_body(found.stored) if found.stored else None,
        differs=len(found.differences),
        differences=[_difference_body(one) for one in found.differences[:DIFFERENCES_SHOWN_MAX]],
    )


def _checked_body(checked: CheckedSeal) -> CheckedSealBody:
    return CheckedSealBody(
        state=checked.state,
        is_intact=checked.sealed == checked.recomputed,
        sealed=_seal_body(checked.sealed),
        recomputed=_seal_body(checked.recomputed),
    )


def _difference_body(one: Difference) -> DifferenceBody:
    return DifferenceBody(rider_code=one.rider_code, stored=one.stored, recomputed=one.recomputed)
