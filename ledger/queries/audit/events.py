"""The outbox: numbers without a gap, and each change told as often as it happened.

No index leads from a report to its events, so they are compared as two streams in the same order, side by side.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, collate, func, select

from ledger.domain.accounts import Purpose
from ledger.domain.awards import Part
from ledger.domain.errors import Text
from ledger.domain.proposals import ProposalState
from ledger.domain.redemptions import OPEN_STATES, RedemptionState
from ledger.domain.reports import ReportState
from ledger.domain.transactions import TransactionKind
from ledger.queries.audit.books import Books, is_there, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import (
    accounts,
    appointments,
    awards,
    entries,
    event_counters,
    events,
    items,
    months,
    proposal_approvals,
    proposals,
    redemption_approvals,
    redemptions,
    reports,
    riders,
    sponsors,
    stations,
    titles,
    transactions,
)

Judge = Callable[[Row[Any], list[Row[Any]]], Text | None]
"""A row and the events that name it → what is wrong."""

WAS_VERIFIED = {ReportState.VERIFIED, ReportState.SETTLED, ReportState.REVOKED}


def validate_event_numbers(books: Books) -> Iterator[Found]:
    """After each number comes the next."""
    e, before = events.c, events.alias("before")
    is_first = is_there(before, before.c.programme_id == e.programme_id, before.c.number == e.number - 1)
    statement = select(e.number).where(books.holds(e.number), e.number > 1, ~is_first).order_by(e.number)
    for row in books.rows(statement):
        yield Found(
            id=str(row.number),
            problem=Text(f"{row.number} 之前的事件缺失。", f"The events before {row.number} are missing."),
        )


def validate_event_counter(books: Books) -> Iterator[Found]:
    """The counter stands at the last event, and counts them."""
    last = books.connection.scalar(select(event_counters.c.last_number).where(books.mine(event_counters)))
    found = books.connection.execute(
        select(func.count(), func.coalesce(func.max(events.c.number), 0)).where(books.mine(events))
    ).one()
    if (last, last) != tuple(found):
        yield Found(
            id=str(books.programme_id),
            problem=Text(
                f"事件计数为 {last}，表里有 {found[0]} 件，最后一件是 {found[1]}。",
                f"The counter says {last}; there are {found[0]} events, the last one {found[1]}.",
            ),
        )


def validate_report_events(books: Books) -> Iterator[Found]:
    """A report was told of once when it came and once for each step to its state, with the transactions of its awards;
    and no event tells of a report that is not there."""
    r, award, bonus = reports.c, awards.alias("award"), awards.alias("bonus")
    statement = (
        select(
            r.id,
            r.code,
            r.state,
            r.settled_at,
            award.c.transaction_id,
            award.c.reversal_id,
            bonus.c.transaction_id.label("bonus_id"),
            bonus.c.reversal_id.label("bonus_reversal_id"),
        )
        .outerjoin(
            award, and_(joined(reports, award, report_id="id"), award.c.part == Part.REPORT.value, award.c.is_current)
        )
        .outerjoin(
            bonus,
            and_(joined(reports, bonus, report_id="id"), bonus.c.part == Part.SETTLEMENT.value, bonus.c.is_current),
        )
        .where(books.mine(reports))
    )
    yield from _compare(books, "report", statement, r.code, _judge_report)


def _judge_report(report: Row[Any], told: list[Row[Any]]) -> Text | None:
    kinds = Counter(event.kind.removeprefix("report.") for event in told)
    data = [json.loads(event.data) for event in told]
    # An import tells of the decision that was made elsewhere with the report itself.
    imported = Counter(found.get("state") for found, event in zip(data, told, strict=True) if "imported" in event.kind)
    state = report.state
    expected = {
        ReportState.VERIFIED: state in WAS_VERIFIED,
        ReportState.REJECTED: state == ReportState.REJECTED,
        ReportState.DUPLICATE: state == ReportState.DUPLICATE,
        ReportState.SETTLED: report.settled_at is not None,
        ReportState.REVOKED: state == ReportState.REVOKED,
    }
    came = kinds["submitted"] + kinds["imported"]
    if came != 1 or any(kinds[step] + imported[step] != is_due for step, is_due in expected.items()):
        return _not_as_told(state, told)
    ids = (report.transaction_id, report.reversal_id, report.bonus_id, report.bonus_reversal_id)
    booked = Counter(str(found) for found in ids if found)
    named = Counter(found[key] for found in data for key in ("transaction", "bonus_transaction") if found.get(key))
    # What was booked anew was told of before, and no longer counts.
    named -= Counter(found["superseded"] for found in data if found.get("superseded"))
    if booked == named:
        return None
    missing, extra = ", ".join(booked - named) or "—", ", ".join(named - booked) or "—"
    return Text(
        f"事件没有说到的交易：{missing}；多说的交易：{extra}。",
        f"Transactions that no event tells of: {missing}; told of but not booked: {extra}.",
    )


def validate_rider_events(books: Books) -> Iterator[Found]:
    """Each rider was told of once when they came, and each time their points lapsed."""
    t = transactions.c
    expiries = (
        select(t.source_id, func.count().label("times"))
        .where(books.mine(transactions), t.kind == TransactionKind.EXPIRE.value)
        .group_by(t.source_id)
        .subquery("expiries")
    )
    statement = (
        select(riders.c.id, riders.c.code, func.coalesce(expiries.c.times, 0).label("times"))
        .outerjoin(expiries, expiries.c.source_id == riders.c.id)
        .where(books.mine(riders))
    )
    yield from _compare(books, "rider", statement, riders.c.code, _once("rider.enrolled", then="points.lapsed"))


def validate_redemption_events(books: Books) -> Iterator[Found]:
    """A redemption was told of once for each step: requested, each approval, ready, and how it ended."""
    r = redemptions.c
    approvals = (
        select(func.count())
        .where(joined(redemptions, redemption_approvals, redemption_id="id"))
        .correlate(redemptions)
        .scalar_subquery()
    )
    statement = select(r.id, r.code, r.state, r.ready_at, approvals.label("approvals")).where(books.mine(redemptions))
    yield from _compare(books, "redemption", statement, r.code, _judge_redemption)


def _judge_redemption(redemption: Row[Any], told: list[Row[Any]]) -> Text | None:
    state = redemption.state
    expected = Counter(requested=1, approved=redemption.approvals, ready=int(redemption.ready_at is not None))
    if state not in OPEN_STATES:
        expected[RedemptionState(state).value] += 1
    kinds = Counter(event.kind.removeprefix("redemption.") for event in told)
    known = {*(found.value for found in RedemptionState), "approved"}
    if all(kinds[kind] == expected[kind] for kind in known):
        return None
    return _not_as_told(state, told)


def validate_title_events(books: Books) -> Iterator[Found]:
    """A title was told of when it was given or proposed, when that was decided, and when a correction put it in doubt;
    each doubt may have ended in one decision more."""

    def judge(title: Row[Any], told: list[Row[Any]]) -> Text | None:
        steps = [event for event in told if event.kind != "title.under_review"]
        doubts, least = len(told) - len(steps), 1 + (title.decided_at is not None)
        is_right = least <= len(steps) <= least + doubts and steps[-1].kind == f"title.{title.state}"
        is_told = title.under_review is None or told[-1].kind == "title.under_review"
        return None if is_right and is_told else _not_as_told(title.state, told)

    columns = (titles.c.state, titles.c.decided_at, titles.c.under_review)
    statement = select(titles.c.id, titles.c.id.label("code"), *columns)
    yield from _compare(books, "title", statement.where(books.mine(titles)), titles.c.id, judge)


def validate_month_events(books: Books) -> Iterator[Found]:
    """A month was told of when its list was published, when it was made final, and at each correction."""

    def judge(month: Row[Any], told: list[Row[Any]]) -> Text | None:
        expected = {
            "month.published": 1,
            "month.finalized": int(month.finalized_at is not None),
            "month.corrected": month.corrections,
        }
        kinds = Counter(event.kind for event in told)
        is_right = kinds == Counter(expected)
        return None if is_right else _not_as_told(", ".join(f"{n} × {kind}" for kind, n in expected.items()), told)

    m = months.c
    statement = select(m.month.label("id"), m.month.label("code"), m.finalized_at, m.corrections)
    yield from _compare(books, "month", statement.where(books.mine(months)), m.month, judge)


def validate_proposal_events(books: Books) -> Iterator[Found]:
    """A proposal was told of once when it was made, at each approval, and when it ended otherwise."""
    approvals = (
        select(func.count())
        .where(joined(proposals, proposal_approvals, proposal_id="id"))
        .correlate(proposals)
        .scalar_subquery()
    )
    statement = select(proposals.c.id, proposals.c.code, proposals.c.state, approvals.label("approvals"))
    yield from _compare(books, "proposal", statement.where(books.mine(proposals)), proposals.c.code, _judge_proposal)


def _judge_proposal(proposal: Row[Any], told: list[Row[Any]]) -> Text | None:
    expected = Counter({"proposed": 1, "approved": proposal.approvals})
    if proposal.state not in {ProposalState.PROPOSED, ProposalState.APPROVED}:
        expected[proposal.state] += 1
    kinds = Counter(event.kind.removeprefix("proposal.") for event in told)
    return None if +expected == kinds else _not_as_told(proposal.state, told)


def validate_item_events(books: Books) -> Iterator[Found]:
    """An item was told of once when it came, and at each restocking."""
    t = transactions.c
    moves = (
        select(t.source_id, func.count().label("times"))
        .where(books.mine(transactions), t.kind == TransactionKind.RESTOCK.value)
        .group_by(t.source_id)
        .subquery("moves")
    )
    statement = (
        select(items.c.id, items.c.sku.label("code"), func.coalesce(moves.c.times, 0).label("times"))
        .outerjoin(moves, moves.c.source_id == items.c.id)
        .where(books.mine(items))
    )
    yield from _compare(books, "item", statement, items.c.sku, _once("item.created", then="item.restocked"))


def validate_sponsor_events(books: Books) -> Iterator[Found]:
    """A sponsor was told of once when it came, and each time its budget was funded."""
    moves = (
        select(accounts.c.owner_id, func.count().label("times"))
        .join(entries, joined(accounts, entries, account_id="id"))
        .join(transactions, joined(entries, transactions, id="transaction_id"))
        .where(books.mine(accounts), accounts.c.purpose == Purpose.BUDGET.value)
        .where(transactions.c.kind == TransactionKind.FUND.value)
        .group_by(accounts.c.owner_id)
        .subquery("moves")
    )
    statement = (
        select(sponsors.c.id, sponsors.c.code, func.coalesce(moves.c.times, 0).label("times"))
        .outerjoin(moves, moves.c.owner_id == sponsors.c.id)
        .where(books.mine(sponsors))
    )
    yield from _compare(books, "sponsor", statement, sponsors.c.code, _once("sponsor.created", then="budget.funded"))


def validate_station_events(books: Books) -> Iterator[Found]:
    """Each station was told of, as often as it was put."""
    statement = select(stations.c.id, stations.c.code).where(books.mine(stations))
    yield from _compare(books, "station", statement, stations.c.code, _at_least_once)


def validate_appointment_events(books: Books) -> Iterator[Found]:
    """Each appointment to the roll was told of."""
    statement = (
        select(riders.c.id, riders.c.code)
        .join(appointments, joined(riders, appointments, rider_id="id"))
        .where(books.mine(riders))
    )
    yield from _compare(books, "appointment", statement, riders.c.code, _at_least_once)


def _once(kind: str, *, then: str | None = None) -> Judge:
    """Judges that `kind` was told once, and `then` as many times as the row's `times` says."""

    def judge(row: Row[Any], told: list[Row[Any]]) -> Text | None:
        kinds = Counter(event.kind for event in told)
        is_right = kinds[kind] == 1 and (then is None or kinds[then] == row.times)
        return None if is_right else _not_as_told(f"1 × {kind}" + (f", {row.times} × {then}" if then else ""), told)

    return judge


def _at_least_once(_row: Row[Any], told: list[Row[Any]]) -> Text | None:
    return None if told else _not_as_told("≥ 1", told)


def _not_as_told(state: str, told: list[Row[Any]]) -> Text:
    kinds = ", ".join(event.kind for event in told) or "—"
    return Text(f"现在是 {state}，事件却是：{kinds}。", f"It is {state}, and its events are: {kinds}.")


def _compare(
    books: Books, noun: str, statement: Select[Any], name: ColumnElement[Any], judge: Judge
) -> Iterator[Found]:
    """Each row of the statement (which has `id` and `code`) beside the events that name it, as `judge` sees them.
    `name` is the column that events name it by."""
    told = groupby(books.rows(_events_of(books, noun)), key=lambda event: event.subject)
    waiting = next(told, None)
    for row in books.rows(statement.order_by(_bytewise(books, name))):
        subject = f"{noun}/{row.code}"
        while waiting is not None and waiting[0] < subject:
            yield _alone(waiting[0])
            waiting = next(told, None)
        mine: list[Row[Any]] = []
        if waiting is not None and waiting[0] == subject:
            mine = list(waiting[1])
            waiting = next(told, None)
        if (problem := judge(row, mine)) is not None:
            yield Found(id=str(row.id), code=str(row.code), problem=problem, table=name.table.name)
    while waiting is not None:
        yield _alone(waiting[0])
        waiting = next(told, None)


def _events_of(books: Books, noun: str) -> Select[Any]:
    e = events.c
    return (
        select(e.number, e.kind, e.subject, e.data)
        .where(books.mine(events), e.subject.like(f"{noun}/%"))
        .order_by(_bytewise(books, e.subject), e.number)
    )


def _alone(subject: str) -> Found:
    return Found(
        id=subject,
        problem=Text(f"事件说到 {subject}，却没有这样东西。", f"Events tell of {subject}, which is not there."),
    )


def _bytewise(books: Books, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """In the order in which Python compares: two streams are merged by it. A database's own order knows languages."""
    if not hasattr(column.type, "length") or column is titles.c.id:
        return column
    return collate(column, "C" if books.connection.dialect.name == "postgresql" else "BINARY")
