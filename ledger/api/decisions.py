"""Decisions on reports, one or up to 1,000 at a time: verify, reject, mark as a duplicate, revoke."""

from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.reports import ReportBody, report_body
from ledger.api.runtime import Runtime
from ledger.api.writes import BULK_ITEMS_MAX, Bulk, DryRun, Key, Printer, answers, write_many, write_one
from ledger.domain.access import Principal
from ledger.domain.reports import TEXT_MAX
from ledger.domain.rulebook import Rulebook
from ledger.services.reports import MarkDuplicate, RejectReport, mark_duplicates, reject_reports
from ledger.services.verification import RevokeReport, VerifyReport, revoke_reports, verify_reports

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
"""A report's UUID or code."""
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_MAX, pattern=r"\S")]
"""Not blank: the rider reads it."""
OptionalReason = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]


class Rejection(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reason: Reason


class Duplication(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    duplicate_of: Name
    reason: OptionalReason = ""


class BulkVerification(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    report: Name


class BulkRejection(Rejection, kw_only=True, forbid_unknown_fields=True):
    report: Name


class BulkDuplication(Duplication, kw_only=True, forbid_unknown_fields=True):
    report: Name


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


def _credited(rulebook: Rulebook) -> Printer:
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
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        report: FromPath[str],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_one(
            request,
            runtime,
            principal,
            use_case=verify_reports,
            item=VerifyReport(report=report, actor=principal.actor, key=key),
            to_body=_credited(rulebook),
            dry_run=dry_run,
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
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        report: FromPath[str],
        data: JSONBody[Rejection],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_one(
            request,
            runtime,
            principal,
            use_case=reject_reports,
            item=RejectReport(report=report, reason=data.reason, actor=principal.actor),
            to_body=_decided(rulebook),
            dry_run=dry_run,
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
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        report: FromPath[str],
        data: JSONBody[Duplication],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_one(
            request,
            runtime,
            principal,
            use_case=mark_duplicates,
            item=MarkDuplicate(
                report=report, duplicate_of=data.duplicate_of, reason=data.reason, actor=principal.actor
            ),
            to_body=_decided(rulebook),
            dry_run=dry_run,
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
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        report: FromPath[str],
        data: JSONBody[Rejection],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        """Takes what is there, the award's own lot first; what was spent already becomes a debt that later awards repay."""
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_one(
            request,
            runtime,
            principal,
            use_case=revoke_reports,
            item=RevokeReport(report=report, reason=data.reason, actor=principal.actor, key=key),
            to_body=_credited(rulebook),
            dry_run=dry_run,
        )


class BulkDecisionsController(Controller):
    path = "/reports"
    tags = ["decisions"]

    @post(
        "/verifications",
        operation_id="verify_reports",
        summary="Verify up to 1,000 reports",
        status_code=200,
        responses=answers(Bulk),
    )
    async def verify_reports(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        data: JSONBody[Verifications],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_many(
            request,
            runtime,
            principal,
            use_case=verify_reports,
            items=[VerifyReport(report=item.report, actor=principal.actor, key=key) for item in data.items],
            to_body=_credited(rulebook),
            dry_run=dry_run,
        )

    @post(
        "/rejections",
        operation_id="reject_reports",
        summary="Reject up to 1,000 reports",
        status_code=200,
        responses=answers(Bulk),
    )
    async def reject_reports(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        data: JSONBody[Rejections],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_many(
            request,
            runtime,
            principal,
            use_case=reject_reports,
            items=[RejectReport(report=item.report, reason=item.reason, actor=principal.actor) for item in data.items],
            to_body=_decided(rulebook),
            dry_run=dry_run,
        )

    @post(
        "/duplications",
        operation_id="mark_duplicates",
        summary="Mark up to 1,000 reports as duplicates",
        status_code=200,
        responses=answers(Bulk),
    )
    async def mark_duplicates(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        data: JSONBody[Duplications],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_many(
            request,
            runtime,
            principal,
            use_case=mark_duplicates,
            items=[
                MarkDuplicate(
                    report=item.report, duplicate_of=item.duplicate_of, reason=item.reason, actor=principal.actor
                )
                for item in data.items
            ],
            to_body=_decided(rulebook),
            dry_run=dry_run,
        )

    @post(
        "/revocations",
        operation_id="revoke_reports",
        summary="Revoke up to 1,000 reports",
        status_code=200,
        responses=answers(Bulk),
    )
    async def revoke_reports(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        data: JSONBody[Rejections],
        key: Key = None,
        dry_run: DryRun = False,
    ) -> Response[bytes]:
        rulebook = await runtime.rulebook_today(principal.programme_id)
        return await write_many(
            request,
            runtime,
            principal,
            use_case=revoke_reports,
            items=[
                RevokeReport(report=item.report, reason=item.reason, actor=principal.actor, key=key)
                for item in data.items
            ],
            to_body=_credited(rulebook),
            dry_run=dry_run,
        )
