"""Settlements: a verified hazard is gone, one or up to 1,000 at a time."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.decisions import DecidedBody, DecisionOutcomes, ReportName, credited_printer
from ledger.api.forms import WEB_ADDRESS
from ledger.api.writes import BULK_ITEMS_MAX, Write, answers
from ledger.domain.reports import TEXT_MAX
from ledger.services.settlement import SettleReport, settle_reports

AfterPhoto = Annotated[str, msgspec.Meta(max_length=TEXT_MAX, pattern=WEB_ADDRESS)]


class Settlement(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The photo taken afterwards earns the rider the bonus; without one the hazard is settled all the same."""

    after_photo_url: AfterPhoto | None = None


class BulkSettlement(Settlement, kw_only=True, forbid_unknown_fields=True):
    report: ReportName


class Settlements(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[BulkSettlement], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class SettlementsController(Controller):
    path = "/reports"
    tags = ["decisions"]

    @post(
        "/{report:str}/settlement",
        operation_id="settle_report",
        summary="The hazard is settled; a photo of it earns the bonus",
        status_code=200,
        responses=answers(DecidedBody, 404, 409, 422),
    )
    async def settle_report(
        self, write: NamedDependency[Write], report: FromPath[str], data: JSONBody[Settlement | None] = None
    ) -> Response[bytes]:
        command = _settle(report, data or Settlement(), write)
        return await write.one(settle_reports, command, to_body=credited_printer(await write.rulebook()))

    @post(
        "/settlements",
        operation_id="settle_reports",
        summary="Settle up to 1,000 hazards",
        status_code=200,
        responses=answers(DecisionOutcomes),
    )
    async def settle_reports(self, write: NamedDependency[Write], data: JSONBody[Settlements]) -> Response[bytes]:
        return await write.many(
            settle_reports,
            [_settle(item.report, item, write) for item in data.items],
            to_body=credited_printer(await write.rulebook()),
        )


def _settle(report: str, data: Settlement, write: Write) -> SettleReport:
    return SettleReport(report=report, after_photo_url=data.after_photo_url, actor=write.actor, key=write.key)
