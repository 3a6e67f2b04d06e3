"""/v1/proposals: proposing a correction, the queue, one of them. Decisions are in the module beside."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from ledger.api.forms import LINE, ORDER, WRITTEN_PROSE
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.api.writes import BULK_ITEMS_MAX, BulkBody, BulkOutcome, Write, answers
from ledger.domain.access import Principal
from ledger.domain.proposals import POINTS_MAX, REASON_MAX, ProposalCase, ProposalKind, ProposalState
from ledger.queries import proposals as queries
from ledger.queries.proposals import ProposalFilter
from ledger.services.proposals import Propose, propose
from ledger.storage.programmes import GENERAL_SPONSOR

ProposalReason = Annotated[str, msgspec.Meta(max_length=REASON_MAX, pattern=WRITTEN_PROSE)]
"""Not blank: the approver decides by it, and the rider reads it."""


class ProposalForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`points`: of an adjustment what the rider gets (negative: what is taken), of a funding what the budget gets
    (negative: what is returned), of a write-off what is let go of the rider's debt. `sponsor` is whose budget pays or
    is paid. `rider_code` is for what concerns a rider."""

    kind: Literal["adjustment", "funding", "write_off"]
    points: Annotated[int, msgspec.Meta(ge=-POINTS_MAX, le=POINTS_MAX)]
    reason: ProposalReason
    rider_code: Annotated[str, msgspec.Meta(min_length=1, max_length=16, pattern=LINE)] | None = None
    sponsor: Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=LINE)] = GENERAL_SPONSOR


class ProposalForms(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    items: Annotated[list[ProposalForm], msgspec.Meta(min_length=1, max_length=BULK_ITEMS_MAX)]


class ProposalApprovalBody(msgspec.Struct, kw_only=True):
    approved_by: str
    approved_at: datetime


class ProposalBody(msgspec.Struct, kw_only=True):
    """`transaction_id` is what was booked by the last approval; `closed_…` say how it ended. The name is masked.

    `version` and `valid_from` are those of a rulebook that is proposed."""

    id: UUID
    code: str
    kind: ProposalKind
    state: ProposalState
    points: int
    rider_code: str | None
    rider_name: str | None
    sponsor: str | None
    version: int | None
    valid_from: date | None
    reason: str
    approvals_required: int
    approvals: list[ProposalApprovalBody]
    proposed_at: datetime
    proposed_by: str
    lapses_at: datetime
    transaction_id: UUID | None
    closed_at: datetime | None
    closed_by: str | None
    closing_reason: str
    rulebook_version: int


class ProposalBalancesBody(msgspec.Struct, kw_only=True):
    """In points; null where no rider, or no budget, is concerned."""

    available: int | None
    owed: int | None
    budget: int | None


class ProposedBody(msgspec.Struct, kw_only=True):
    """`balances` as they are now: after what was booked, before what still waits."""

    proposal: ProposalBody
    balances: ProposalBalancesBody


class ProposalOutcome(BulkOutcome, kw_only=True, omit_defaults=True):
    proposal: ProposalBody | None = None
    balances: ProposalBalancesBody | None = None


class ProposalOutcomes(BulkBody, kw_only=True):
    items: list[ProposalOutcome]


def proposal_body(case: ProposalCase) -> ProposalBody:
    proposal = case.proposal
    return ProposalBody(
        id=proposal.id,
        code=proposal.code,
        kind=proposal.kind,
        state=proposal.state,
        points=proposal.points,
        rider_code=case.rider_code,
        rider_name=case.rider_name if case.rider_code else None,
        sponsor=case.sponsor,
        version=proposal.version.version if proposal.version else None,
        valid_from=proposal.version.valid_from if proposal.version else None,
        reason=proposal.reason,
        approvals_required=proposal.approvals_required,
        approvals=[
            ProposalApprovalBody(approved_by=approval.approved_by, approved_at=approval.approved_at)
            for approval in proposal.approvals
        ],
        proposed_at=proposal.proposed_at,
        proposed_by=proposal.proposed_by,
        lapses_at=proposal.lapses_at,
        transaction_id=proposal.transaction_id,
        closed_at=proposal.closed_at,
        closed_by=proposal.closed_by,
        closing_reason=proposal.closing_reason,
        rulebook_version=proposal.rulebook_version,
    )


def print_proposed(proposed: Any) -> dict[str, Any]:
    after = proposed.balances
    return {
        "proposal": proposal_body(proposed.case),
        "balances": ProposalBalancesBody(available=after.available, owed=after.owed, budget=after.budget),
    }


class ProposalsController(Controller):
    path = "/proposals"
    tags = ["proposals"]

    @get(operation_id="list_proposals", summary="Proposals, by when they were made", sync_to_thread=True)
    def list_proposals(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        in_state: Annotated[ProposalState | None, QueryParameter(name="state")] = None,
        kind: FromQuery[ProposalKind | None] = None,
        rider: Annotated[str | None, QueryParameter(max_length=16)] = None,
        proposed_by: Annotated[str | None, QueryParameter(max_length=80, description="Such as operator/wang.")] = None,
        order: Annotated[str, QueryParameter(pattern=ORDER, description="newest or oldest first")] = "newest",
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[ProposalBody]:
        narrowed_to = ProposalFilter(state=in_state, kind=kind, rider_code=rider, proposed_by=proposed_by)
        cursors = Cursors(runtime.vault, principal.programme_id, f"proposals {narrowed_to} {order}")
        with runtime.reading() as connection:
            found = queries.read_proposals(
                connection,
                principal.programme_id,
                narrowed_to=narrowed_to,
                is_newest_first=order == "newest",
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, proposal_body)

    @get(
        "/{proposal:str}",
        operation_id="get_proposal",
        summary="One proposal, with the balances it would change",
        sync_to_thread=True,
    )
    def get_proposal(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], proposal: FromPath[str]
    ) -> ProposedBody:
        with runtime.reading() as connection:
            found = queries.read_proposal(connection, principal.programme_id, proposal)
        return ProposedBody(
            proposal=proposal_body(found.case),
            balances=ProposalBalancesBody(available=found.available, owed=found.owed, budget=found.budget),
        )

    @post(
        operation_id="create_proposal",
        summary="Propose an adjustment, a funding or a write-off",
        responses=answers(ProposedBody, 404, 422, success=201),
    )
    async def create_proposal(self, write: NamedDependency[Write], data: JSONBody[ProposalForm]) -> Response[bytes]:
        """Nothing is booked until somebody else has approved it; large ones take two people."""
        return await write.one(propose, _propose(data, write), to_body=print_proposed, status=201)

    @post(
        "/bulk",
        operation_id="create_proposals",
        summary="Propose up to 1,000 corrections",
        status_code=200,
        responses=answers(ProposalOutcomes),
    )
    async def create_proposals(self, write: NamedDependency[Write], data: JSONBody[ProposalForms]) -> Response[bytes]:
        commands = [_propose(form, write) for form in data.items]
        return await write.many(propose, commands, to_body=print_proposed)


def _propose(form: ProposalForm, write: Write) -> Propose:
    return Propose(
        kind=ProposalKind(form.kind),
        points=form.points,
        reason=form.reason,
        rider_code=form.rider_code,
        sponsor=form.sponsor,
        actor=write.actor,
        roles=write.principal.roles,
    )
