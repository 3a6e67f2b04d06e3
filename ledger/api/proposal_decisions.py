"""Decisions on proposals, one or up to 1,000 at a time: approve, reject; and withdrawing one's own."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from ledger.api.decisions import OptionalReason, Reason, Rejection
from ledger.api.forms import LINE, Nothing
from ledger.api.proposals import ProposalOutcomes, ProposedBody, print_proposed
from ledger.api.writes import BULK_ITEMS_MAX, Write, answers
from ledger.services.proposals import (
    ApproveProposal,
    RejectProposal,
    WithdrawProposal,
    approve_proposals,
    reject_proposals,
    withdraw_proposals,
)

ProposalName = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=LINE)]
"""A proposal's UUID or code."""


class Withdrawal(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    reason: OptionalReason = ""


class ProposalApprovalLine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    proposal: ProposalName


class ProposalRejectionLine(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    proposal: ProposalName
    reason: Reason


class ProposalWithdrawalLine(Withdrawal, kw_only=True, forbid_unknown_fields=True):
    proposal: ProposalName


class ProposalApprovals(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[ProposalApprovalLine], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class ProposalRejections(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[ProposalRejectionLine], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class ProposalWithdrawals(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[ProposalWithdrawalLine], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class ProposalDecisionsController(Controller):
    path = "/proposals"
    tags = ["proposals"]

    @post(
        "/{proposal:str}/approval",
        operation_id="approve_proposal",
        summary="Approve a proposal; the last approval books it",
        status_code=200,
        responses=answers(ProposedBody, 404, 409, 422),
    )
    async def approve_proposal(
        self, write: NamedDependency[Write], proposal: FromPath[str], data: JSONBody[Nothing | None] = None
    ) -> Response[bytes]:
        """Nobody approves what they proposed or what pays them, nor twice. `dry_run` says what it would book."""
        return await write.one(approve_proposals, _approve(proposal, write), to_body=print_proposed)

    @post(
        "/{proposal:str}/rejection",
        operation_id="reject_proposal",
        summary="Reject a proposal, with the reason",
        status_code=200,
        responses=answers(ProposedBody, 404, 409, 422),
    )
    async def reject_proposal(
        self, write: NamedDependency[Write], proposal: FromPath[str], data: JSONBody[Rejection]
    ) -> Response[bytes]:
        command = _reject(proposal, data.reason, write)
        return await write.one(reject_proposals, command, to_body=print_proposed)

    @post(
        "/{proposal:str}/withdrawal",
        operation_id="withdraw_proposal",
        summary="Withdraw one's own proposal",
        status_code=200,
        responses=answers(ProposedBody, 404, 409, 422),
    )
    async def withdraw_proposal(
        self, write: NamedDependency[Write], proposal: FromPath[str], data: JSONBody[Withdrawal]
    ) -> Response[bytes]:
        command = WithdrawProposal(proposal=proposal, reason=data.reason, actor=write.actor)
        return await write.one(withdraw_proposals, command, to_body=print_proposed)

    @post(
        "/approvals",
        operation_id="approve_proposals",
        summary="Approve up to 1,000 proposals",
        status_code=200,
        responses=answers(ProposalOutcomes),
    )
    async def approve_proposals(
        self, write: NamedDependency[Write], data: JSONBody[ProposalApprovals]
    ) -> Response[bytes]:
        commands = [_approve(line.proposal, write) for line in data.items]
        return await write.many(approve_proposals, commands, to_body=print_proposed)

    @post(
        "/rejections",
        operation_id="reject_proposals",
        summary="Reject up to 1,000 proposals",
        status_code=200,
        responses=answers(ProposalOutcomes),
    )
    async def reject_proposals(
        self, write: NamedDependency[Write], data: JSONBody[ProposalRejections]
    ) -> Response[bytes]:
        commands = [_reject(line.proposal, line.reason, write) for line in data.items]
        return await write.many(reject_proposals, commands, to_body=print_proposed)

    @post(
        "/withdrawals",
        operation_id="withdraw_proposals",
        summary="Withdraw up to 1,000 of one's own proposals",
        status_code=200,
        responses=answers(ProposalOutcomes),
    )
    async def withdraw_proposals(
        self, write: NamedDependency[Write], data: JSONBody[ProposalWithdrawals]
    ) -> Response[bytes]:
        commands = [
            WithdrawProposal(proposal=line.proposal, reason=line.reason, actor=write.actor) for line in data.items
        ]
        return await write.many(withdraw_proposals, commands, to_body=print_proposed)


def _approve(proposal: str, write: Write) -> ApproveProposal:
    return ApproveProposal(proposal=proposal, actor=write.actor, roles=write.principal.roles, key=write.key)


def _reject(proposal: str, reason: str, write: Write) -> RejectProposal:
    return RejectProposal(proposal=proposal, reason=reason, actor=write.actor, roles=write.principal.roles)
