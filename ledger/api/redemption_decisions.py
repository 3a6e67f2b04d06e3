"""Decisions on redemptions, one or up to 1,000 at a time: approve, reject, cancel; and vouchers that are handed in."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.decisions import OptionalReason, Reason, Rejection
from ledger.api.forms import LINE, Nothing
from ledger.api.redemptions import RedeemedBody, RedemptionOutcomes, redeemed_printer
from ledger.api.writes import BULK_ITEMS_MAX, Write, answers
from ledger.domain.access import PrincipalKind
from ledger.services.closing import (
    CancelRedemption,
    FulfilRedemption,
    RejectRedemption,
    cancel_redemptions,
    fulfil_redemptions,
    reject_redemptions,
)
from ledger.services.redemptions import ApproveRedemption, approve_redemptions

RedemptionName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=LINE)]
"""A redemption's UUID or code."""


class BulkApproval(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    redemption: RedemptionName


class BulkReasoned(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    redemption: RedemptionName
    reason: Reason


class Approvals(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[BulkApproval], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class RedemptionRejections(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[BulkReasoned], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class Cancellations(RedemptionRejections, kw_only=True, forbid_unknown_fields=True):
    pass


class Voucher(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """As it was scanned or typed: small letters, spaces and hyphens do not matter."""

    voucher: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=LINE)]


class Vouchers(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[Voucher], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class OptionallyReasoned(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reason: OptionalReason = ""


class RedemptionDecisionsController(Controller):
    path = "/redemptions"
    tags = ["redemptions"]

    @post(
        "/{redemption:str}/approval",
        operation_id="approve_redemption",
        summary="Approve a redemption",
        status_code=200,
        responses=answers(RedeemedBody, 404, 409, 422),
    )
    async def approve_redemption(
        self, write: NamedDependency[Write], redemption: FromPath[str], data: JSONBody[Nothing | None] = None
    ) -> Response[bytes]:
        """The last approval it needs makes the voucher. Nobody approves what they requested, nor twice."""
        command = ApproveRedemption(redemption=redemption, actor=write.actor, key=write.key)
        return await write.one(approve_redemptions, command, to_body=redeemed_printer(write))

    @post(
        "/{redemption:str}/rejection",
        operation_id="reject_redemption",
        summary="Reject a redemption, with the reason",
        status_code=200,
        responses=answers(RedeemedBody, 404, 409),
    )
    async def reject_redemption(
        self, write: NamedDependency[Write], redemption: FromPath[str], data: JSONBody[Rejection]
    ) -> Response[bytes]:
        """Points and stock go back to where they came from."""
        command = RejectRedemption(redemption=redemption, reason=data.reason, actor=write.actor, key=write.key)
        return await write.one(reject_redemptions, command, to_body=redeemed_printer(write))

    @post(
        "/{redemption:str}/cancellation",
        operation_id="cancel_redemption",
        summary="Cancel a redemption that is still open",
        status_code=200,
        responses=answers(RedeemedBody, 404, 409),
    )
    async def cancel_redemption(
        self, write: NamedDependency[Write], redemption: FromPath[str], data: JSONBody[Rejection]
    ) -> Response[bytes]:
        command = CancelRedemption(redemption=redemption, reason=data.reason, actor=write.actor, key=write.key)
        return await write.one(cancel_redemptions, command, to_body=redeemed_printer(write))

    @post(
        "/approvals",
        operation_id="approve_redemptions",
        summary="Approve up to 1,000 redemptions",
        status_code=200,
        responses=answers(RedemptionOutcomes),
    )
    async def approve_redemptions(self, write: NamedDependency[Write], data: JSONBody[Approvals]) -> Response[bytes]:
        commands = [
            ApproveRedemption(redemption=item.redemption, actor=write.actor, key=write.key) for item in data.items
        ]
        return await write.many(approve_redemptions, commands, to_body=redeemed_printer(write))

    @post(
        "/rejections",
        operation_id="reject_redemptions",
        summary="Reject up to 1,000 redemptions",
        status_code=200,
        responses=answers(RedemptionOutcomes),
    )
    async def reject_redemptions(
        self, write: NamedDependency[Write], data: JSONBody[RedemptionRejections]
    ) -> Response[bytes]:
        commands = [
            RejectRedemption(redemption=item.redemption, reason=item.reason, actor=write.actor, key=write.key)
            for item in data.items
        ]
        return await write.many(reject_redemptions, commands, to_body=redeemed_printer(write))

    @post(
        "/cancellations",
        operation_id="cancel_redemptions",
        summary="Cancel up to 1,000 redemptions",
        status_code=200,
        responses=answers(RedemptionOutcomes),
    )
    async def cancel_redemptions(self, write: NamedDependency[Write], data: JSONBody[Cancellations]) -> Response[bytes]:
        commands = [
            CancelRedemption(redemption=item.redemption, reason=item.reason, actor=write.actor, key=write.key)
            for item in data.items
        ]
        return await write.many(cancel_redemptions, commands, to_body=redeemed_printer(write))


class FulfilmentsController(Controller):
    path = "/fulfilments"
    tags = ["redemptions"]

    @post(
        operation_id="fulfil_redemption",
        summary="A voucher is handed in, the goods are handed over",
        status_code=200,
        responses=answers(RedeemedBody, 404, 409, 422),
    )
    async def fulfil_redemption(self, write: NamedDependency[Write], data: JSONBody[Voucher]) -> Response[bytes]:
        """With `dry_run` it says whose voucher it is and for what, before anything is handed over. In the body and not
        in the path, because paths end up in logs."""
        return await write.one(fulfil_redemptions, _fulfil(data, write), to_body=redeemed_printer(write))

    @post(
        "/bulk",
        operation_id="fulfil_redemptions",
        summary="Up to 1,000 vouchers",
        status_code=200,
        responses=answers(RedemptionOutcomes),
    )
    async def fulfil_redemptions(self, write: NamedDependency[Write], data: JSONBody[Vouchers]) -> Response[bytes]:
        commands = [_fulfil(voucher, write) for voucher in data.items]
        return await write.many(fulfil_redemptions, commands, to_body=redeemed_printer(write))


def _fulfil(data: Voucher, write: Write) -> FulfilRedemption:
    """Who keeps stations is asked of operators alone."""
    keeper = write.principal.name if write.principal.kind is PrincipalKind.OPERATOR else None
    return FulfilRedemption(voucher=data.voucher, actor=write.actor, keeper=keeper, key=write.key)
