"""Decisions on reports, one or up to 1,000 at a time: verify, reject, mark as a duplicate, revoke."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.forms import LINE, PROSE, WRITTEN_PROSE
from ledger.api.reports import ReportBody, report_body
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Printer, Write, answers
from ledger.domain.reports import TEXT_MAX
from ledger.domain.rulebook import Rulebook
from ledger.services.reports import MarkDuplicate, RejectReport, mark_duplicates, reject_reports
from ledger.services.verification import RevokeReport, VerifyReport, revoke_reports, verify_reports

ReportName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=LINE)]
"""A report's UUID or code."""
Reason = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=WRITTEN_PROSE)]
"""Not blank: the rider reads it."""
OptionalReason = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=PROSE)]


class Rejection(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reason: Reason


class Duplication(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    duplicate_of: ReportName
    reason: OptionalReason = ""


class Verification(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`same_hazard_as`: a verified report of the same hazard, by UUID or code. The two share an incident."""

    same_hazard_as: ReportName | None = None


class BulkVerification(Verification, kw_only=True, forbid_unknown_fields=True):
    report: ReportName


class BulkRejection(Rejection, kw_only=True, forbid_unknown_fields=True):
    report: ReportName


class BulkDuplication(Duplication, kw_only=True, forbid_unknown_fields=True):
    report: ReportName


class Verifications(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[BulkVerification], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class Rejections(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[BulkRejection], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class Duplications(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[BulkDuplication], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class BalancesBody(msgspec.Struct, kw_only=True):
    """In points, after the posting."""

    available: int
    owed: int
    budget: int


class DecidedBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`balances` only where points moved."""

    report: ReportBody
    balances: BalancesBody | None = None


class DecisionOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    report: ReportBody | None = None
    balances: BalancesBody | None = None


class DecisionOutcomes(BulkBody, kw_only=True):
    items: list[DecisionOutcome]


def credited_printer(rulebook: Rulebook) -> Printer:
    def print_outcome(credited: Any) -> dict[str, Any]:
        after = credited.balances
        return {
            "report": report_body(credited.case, rulebook),
            "balances": BalancesBody(available=after.available, owed=after.owed, budget=after.budget),
        }

    return print_outcome


def _decided(rulebook: Rulebook) -> Printer:
    return lambda case: {"report": report_body(case, rulebook)}


class DecisionsController(Controller):
    path = "/reports"
    tags = ["decisions"]

    @post(
        "/{report:str}/verification",
        operation_id="verify_report",
        summary="Verify a report and credit its rider",
        status_code=200,
        responses=answers(DecidedBody, 404, 409, 422),
    )
    async def verify_report(
        self,
        write: NamedDependency[Write],
        report: FromPath[str],
        data: JSONBody[Verification | None] = None,
    ) -> Response[bytes]:
        """The first reporter of a hazard earns in full, later ones with `same_hazard_as` a share of it."""
        other = data.same_hazard_as if data else None
        return await write.one(
            verify_reports,
            VerifyReport(report=report, actor=write.actor, key=write.key, same_hazard_as=other),
            to_body=credited_printer(await write.rulebook()),
        )

    @post(
        "/{report:str}/rejection",
        operation_id="reject_report",
        summary="Reject a report, with the reason",
        status_code=200,
        responses=answers(DecidedBody, 404, 409),
    )
    async def reject_report(
        self,
        write: NamedDependency[Write],
        report: FromPath[str],
        data: JSONBody[Rejection],
    ) -> Response[bytes]:
        return await write.one(
            reject_reports,
            RejectReport(report=report, reason=data.reason, actor=write.actor),
            to_body=_decided(await write.rulebook()),
        )

    @post(
        "/{report:str}/duplication",
        operation_id="mark_duplicate",
        summary="Mark a report as a duplicate of another",
        status_code=200,
        responses=answers(DecidedBody, 404, 409, 422),
    )
    async def mark_duplicate(
        self,
        write: NamedDependency[Write],
        report: FromPath[str],
        data: JSONBody[Duplication],
    ) -> Response[bytes]:
        return await write.one(
            mark_duplicates,
            MarkDuplicate(report=report, duplicate_of=data.duplicate_of, reason=data.reason, actor=write.actor),
            to_body=_decided(await write.rulebook()),
        )

    @post(
        "/{report:str}/revocation",
        operation_id="revoke_report",
        summary="Revoke a verified report and take its credit back",
        status_code=200,
        responses=answers(DecidedBody, 404, 409),
    )
    async def revoke_report(
        self,
        write: NamedDependency[Write],
        report: FromPath[str],
        data: JSONBody[Rejection],
    ) -> Response[bytes]:
        """Takes what is there, the award's own lot first. What was spent becomes a debt that later awards repay."""
        return await write.one(
            revoke_reports,
            RevokeReport(report=report, reason=data.reason, actor=write.actor, key=write.key),
            to_body=credited_printer(await write.rulebook()),
        )


class BulkDecisionsController(Controller):
    path = "/reports"
    tags = ["decisions"]

    @post(
        "/verifications",
        operation_id="verify_reports",
        summary="Verify up to 1,000 reports",
        status_code=200,
        responses=answers(DecisionOutcomes),
    )
    async def verify_reports(
        self,
        write: NamedDependency[Write],
        data: JSONBody[Verifications],
    ) -> Response[bytes]:
        return await write.many(
            verify_reports,
            [
                VerifyReport(report=item.report, actor=write.actor, key=write.key, same_hazard_as=item.same_hazard_as)
                for item in data.items
            ],
            to_body=credited_printer(await write.rulebook()),
        )

    @post(
        "/rejections",
        operation_id="reject_reports",
        summary="Reject up to 1,000 reports",
        status_code=200,
        responses=answers(DecisionOutcomes),
    )
    async def reject_reports(
        self,
        write: NamedDependency[Write],
        data: JSONBody[Rejections],
    ) -> Response[bytes]:
        return await write.many(
            reject_reports,
            [RejectReport(report=item.report, reason=item.reason, actor=write.actor) for item in data.items],
            to_body=_decided(await write.rulebook()),
        )

    @post(
        "/duplications",
        operation_id="mark_duplicates",
        summary="Mark up to 1,000 reports as duplicates",
        status_code=200,
        responses=answers(DecisionOutcomes),
    )
    async def mark_duplicates(
        self,
        write: NamedDependency[Write],
        data: JSONBody[Duplications],
    ) -> Response[bytes]:
        return await write.many(
            mark_duplicates,
            [
                MarkDuplicate(report=item.report, duplicate_of=item.duplicate_of, reason=item.reason, actor=write.actor)
                for item in data.items
            ],
            to_body=_decided(await write.rulebook()),
        )

    @post(
        "/revocations",
        operation_id="revoke_reports",
        summary="Revoke up to 1,000 reports",
        status_code=200,
        responses=answers(DecisionOutcomes),
    )
    async def revoke_reports(
        self,
        write: NamedDependency[Write],
        data: JSONBody[Rejections],
    ) -> Response[bytes]:
        return await write.many(
            revoke_reports,
            [
                RevokeReport(report=item.report, reason=item.reason, actor=write.actor, key=write.key)
                for item in data.items
            ],
            to_body=credited_printer(await write.rulebook()),
        )
