"""Proposals: two people to each, and what was approved is booked as it was proposed, and nothing else is."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select

from ledger.domain.accounts import PROGRAMME_OWNER, Purpose
from ledger.domain.errors import Text
from ledger.domain.proposals import ProposalKind, ProposalState
from ledger.domain.proposed_moves import TRANSACTION_KIND
from ledger.domain.transactions import TransactionKind
from ledger.queries.audit.books import Books, is_there, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import accounts, entries, proposal_approvals, proposals, riders, transactions


def validate_proposal_decisions(books: Books) -> Iterator[Found]:
    """As many people approved as had to, none of them its maker or the rider it concerns; and who closed it could."""
    p, a = proposals.c, proposal_approvals.c
    given = func.count(a.approved_by)
    own = func.count(case((a.approved_by.in_([p.proposed_by, literal("rider/") + riders.c.code]), 1)))
    last = func.count(case((a.approved_by == p.closed_by, 1)))
    is_approved = p.state == ProposalState.APPROVED.value
    by_maker = p.closed_by == p.proposed_by
    statement = (
        select(p.id, p.code, p.state, p.approvals_required, p.proposed_by, p.closed_by, given.label("given"))
        .outerjoin(proposal_approvals, joined(proposals, proposal_approvals, proposal_id="id"))
        .outerjoin(riders, joined(proposals, riders, id="rider_id"))
        .where(books.holds(p.id))
        .group_by(p.id, p.code, p.state, p.approvals_required, p.proposed_by, p.closed_by)
        .having(
            or_(
                own > 0,
                and_(is_approved, or_(given != p.approvals_required, last == 0)),
                and_(~is_approved, given >= p.approvals_required),
                and_(p.state == ProposalState.WITHDRAWN.value, ~by_maker),
                and_(p.state == ProposalState.REJECTED.value, by_maker),
            )
        )
        .order_by(p.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"状态 {row.state}，{row.proposed_by} 提出，{row.given}/{row.approvals_required} 人批准，"
                f"{row.closed_by or '—'} 了结：不合规则。",
                f"It is {row.state}: proposed by {row.proposed_by}, approved {row.given}/{row.approvals_required}, "
                f"closed by {row.closed_by or '—'}: against the rules.",
            ),
        )


def validate_proposal_bookings(books: Books) -> Iterator[Found]:
    """An approved proposal's transaction is of its kind and names it; it moves exactly the points between the rider and
    the budget, or between the budget and the issuance, and touches nobody else."""
    p, t, e, a = proposals.c, transactions.c, entries.c, accounts.c

    def moved(is_theirs: ColumnElement[bool]) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((is_theirs, e.side * e.amount))), 0)

    to_rider, to_budget = moved(a.owner_id == p.rider_id), moved(a.owner_id == p.sponsor_id)
    other = case((p.rider_id.is_(None), literal(PROGRAMME_OWNER, a.owner_id.type)), else_=p.rider_id)
    is_stranger = and_(a.owner_id != p.sponsor_id, a.owner_id != other)
    is_spendable = and_(p.kind == ProposalKind.WRITE_OFF.value, a.purpose == Purpose.AVAILABLE.value)
    strangers = func.count(case((or_(is_stranger, is_spendable), 1)))
    is_funding = p.kind == ProposalKind.FUNDING.value
    kind = case(*((p.kind == of.value, found.value) for of, found in TRANSACTION_KIND.items()))
    statement = (
        select(p.id, p.code, p.points, to_rider.label("to_rider"), to_budget.label("to_budget"))
        .outerjoin(transactions, joined(proposals, transactions, id="transaction_id"))
        .outerjoin(entries, joined(proposals, entries, transaction_id="transaction_id"))
        .outerjoin(accounts, joined(entries, accounts, id="account_id"))
        .where(books.holds(p.id), p.state == ProposalState.APPROVED.value, p.kind != ProposalKind.RULEBOOK.value)
        .group_by(p.id, p.code, p.kind, p.points)
        .having(
            or_(
                func.count(case((and_(t.source_id == p.id, t.kind == kind), 1))) == 0,
                strangers > 0,
                and_(is_funding, to_budget != p.points),
                and_(~is_funding, or_(to_rider != p.points, to_budget != -p.points)),
            )
        )
        .order_by(p.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"提案 {row.points} 分；它的交易给骑手 {row.to_rider}、给预算 {row.to_budget}，或者没有交易、"
                "动了别的账户。",
                f"It proposes {row.points} points; its transaction gives the rider {row.to_rider} and the budget "
                f"{row.to_budget}, is not there, or touches something else.",
            ),
        )


def validate_proposed_transactions(books: Books) -> Iterator[Found]:
    """Every adjustment, and every funding that names a source, belongs to the proposal that it says it comes from."""
    t = transactions.c
    is_proposed = is_there(
        proposals, joined(transactions, proposals, id="source_id"), proposals.c.transaction_id == t.id
    )
    is_due = or_(
        t.kind == TransactionKind.ADJUST.value, and_(t.kind == TransactionKind.FUND.value, t.source_id.is_not(None))
    )
    statement = select(t.id, t.kind, t.actor).where(books.holds(t.id), is_due, ~is_proposed).order_by(t.id)
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            problem=Text(
                f"{row.actor} 记的 {row.kind} 交易不属于任何已批准的提案。",
                f"The {row.kind} by {row.actor} belongs to no approved proposal.",
            ),
        )
