"""Awards: as their reports say, as they were booked, taken back in full, out of the budget; and the standings."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from ledger.domain.accounts import Purpose, Side
from ledger.domain.awards import Part
from ledger.domain.errors import Text
from ledger.domain.reports import ReportState
from ledger.domain.riders import RiderStatus
from ledger.domain.transactions import TransactionKind
from ledger.queries.audit.books import Books, joined
from ledger.queries.audit.findings import Found
from ledger.storage.standings import current_standings
from ledger.storage.tables import accounts, awards, entries, months, reports, riders, sponsors, transactions
from ledger.storage.waiting import IS_WAITING

LIVE, REVERSED, NONE = "live", "reversed", "none"
MONTH_LENGTH = 7


def validate_credited_reports(books: Books) -> Iterator[Found]:
    """A report has the award its state says: live when verified or settled, taken back when revoked, else none; and the
    bonus when the hazard was shown to be gone. A rider who has left may be without a bonus."""
    r, award, bonus = reports.c, awards.alias("award"), awards.alias("bonus")
    is_credited = r.state.in_([ReportState.VERIFIED.value, ReportState.SETTLED.value])
    is_revoked = r.state == ReportState.REVOKED.value
    expected = case((is_credited, LIVE), (is_revoked, REVERSED), else_=NONE)
    expected_bonus = case(
        (r.after_photo_url.is_(None), NONE),
        (r.state == ReportState.SETTLED.value, LIVE),
        (is_revoked, REVERSED),
        else_=NONE,
    )
    may_miss = and_(bonus.c.report_id.is_(None), riders.c.status == RiderStatus.LEFT.value)
    statement = (
        select(
            r.id,
            r.code,
            r.state,
            expected.label("expected"),
            _standing_of(award).label("found"),
            expected_bonus.label("expected_bonus"),
            _standing_of(bonus).label("found_bonus"),
        )
        .join(riders, joined(reports, riders, id="rider_id"))
        .outerjoin(
            award, and_(joined(reports, award, report_id="id"), award.c.part == Part.REPORT.value, award.c.is_current)
        )
        .outerjoin(
            bonus,
            and_(joined(reports, bonus, report_id="id"), bonus.c.part == Part.SETTLEMENT.value, bonus.c.is_current),
        )
        .where(books.holds(r.id))
        .where(
            or_(
                _standing_of(award) != expected,
                and_(_standing_of(bonus) != expected_bonus, ~func.coalesce(may_miss, False)),
            )
        )
        .order_by(r.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"上报为 {row.state}，奖励应为 {row.expected}，实为 {row.found}；"
                f"办结奖励应为 {row.expected_bonus}，实为 {row.found_bonus}。",
                f"The report is {row.state}: its award should be {row.expected} and is {row.found}, its bonus should "
                f"be {row.expected_bonus} and is {row.found_bonus}.",
            ),
        )


def _standing_of(award: Any) -> ColumnElement[str]:
    return case((award.c.report_id.is_(None), NONE), (award.c.reversed_at.is_(None), LIVE), else_=REVERSED)


def validate_award_numbers(books: Books) -> Iterator[Found]:
    """An award is its report's rider's; it counts as merit what it granted, in the month of its day, or in a later one
    when that month's list is published."""
    a, p = awards.c, months.c
    month_of_day = func.substr(cast(a.day, String), 1, MONTH_LENGTH)
    was_published = exists(select(p.month).where(books.mine(months), p.month == month_of_day))
    statement = (
        select(a.report_id, a.part, a.merit, a.points_granted, a.month, a.day, reports.c.code)
        .join(reports, joined(awards, reports, id="report_id"))
        .where(books.holds(a.report_id))
        .where(
            or_(
                a.rider_id != reports.c.rider_id,
                a.merit != a.points_granted,
                and_(a.month != month_of_day, or_(a.month < month_of_day, ~was_published)),
                (a.points_granted < a.points_wanted) != a.limited_by.is_not(None),
            )
        )
        .order_by(a.report_id, a.part)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.report_id),
            code=row.code,
            problem=Text(
                f"奖励（{row.part}）的骑手、贡献分 {row.merit}（发放 {row.points_granted}）、月份 {row.month}"
                f"（日期 {row.day}）或封顶说明不一致。",
                f"The award ({row.part}) disagrees with itself: rider, merit {row.merit} of {row.points_granted} "
                f"granted, month {row.month} of {row.day}, or what limited it.",
            ),
        )


def validate_booked_awards(books: Books) -> Iterator[Found]:
    """An award's transaction moves what was granted out of its sponsor's budget into its rider's lot of its lapse day,
    and beyond that only pays the same rider's debt."""
    a, t = awards.c, transactions.c
    debit, credit = entries.alias("debit"), entries.alias("credit")
    budget, lot, other = accounts.alias("budget"), accounts.alias("lot"), accounts.alias("other")
    more = entries.alias("more")
    is_stranger = (
        select(other.c.id)
        .select_from(more.join(other, joined(more, other, id="account_id")))
        .where(joined(awards, more, transaction_id="transaction_id"), more.c.leg > 0, other.c.owner_id != a.rider_id)
        .correlate(awards)
        .exists()
    )
    statement = (
        select(a.report_id, a.part, a.points_granted, debit.c.amount, t.kind, reports.c.code)
        .outerjoin(reports, joined(awards, reports, id="report_id"))
        .outerjoin(transactions, joined(awards, transactions, id="transaction_id"))
        .outerjoin(debit, _side_of(awards, debit, "transaction_id", Side.DEBIT))
        .outerjoin(budget, joined(debit, budget, id="account_id"))
        .outerjoin(credit, _side_of(awards, credit, "transaction_id", Side.CREDIT))
        .outerjoin(lot, joined(credit, lot, id="account_id"))
        .where(books.holds(a.report_id), a.transaction_id.is_not(None))
        .where(
            or_(
                t.kind.is_distinct_from(TransactionKind.AWARD.value),
                t.source_id.is_distinct_from(a.report_id),
                t.effective_at.is_distinct_from(func.coalesce(a.booked_at, a.effective_at)),
                t.rulebook_version.is_distinct_from(a.rulebook_version),
                debit.c.amount.is_distinct_from(a.points_granted),
                budget.c.purpose.is_distinct_from(Purpose.BUDGET.value),
                budget.c.owner_id.is_distinct_from(a.sponsor_id),
                lot.c.owner_id.is_distinct_from(a.rider_id),
                lot.c.bucket.is_distinct_from(cast(a.lapses_on, String)),
                is_stranger,
            )
        )
        .order_by(a.report_id, a.part)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.report_id),
            code=row.code,
            problem=Text(
                f"奖励（{row.part}）发放 {row.points_granted}；交易 {row.kind or '—'} 记的是 {row.amount or 0}，"
                "或出资方、骑手、批次、时间、规则版本与奖励不同。",
                f"The award ({row.part}) grants {row.points_granted}; its transaction ({row.kind or '—'}) moves "
                f"{row.amount or 0}, or differs in sponsor, rider, lot, time or rulebook.",
            ),
        )


def _side_of(award: Any, entry: Any, column: str, side: Side) -> ColumnElement[bool]:
    return and_(joined(award, entry, transaction_id=column), entry.c.leg == 0, entry.c.side == int(side))


def validate_taken_back(books: Books) -> Iterator[Found]:
    """An award that was taken back was so once, in full, into the budget it came from and from nobody but its rider."""
    a, t = awards.c, transactions.c
    entry, account = entries.alias("entry"), accounts.alias("account")
    moved = entry.join(account, joined(entry, account, id="account_id"))
    of_reversal = joined(awards, entry, transaction_id="reversal_id")
    to_budget = (
        select(func.coalesce(func.sum(entry.c.amount), 0))
        .select_from(moved)
        .where(of_reversal, entry.c.side == int(Side.CREDIT), account.c.owner_id == a.sponsor_id)
        .correlate(awards)
        .scalar_subquery()
    )
    is_stranger = (
        select(account.c.id)
        .select_from(moved)
        .where(of_reversal, account.c.owner_id.not_in([a.sponsor_id, a.rider_id]))
        .correlate(awards)
        .exists()
    )
    statement = (
        select(a.report_id, a.part, a.points_granted, a.reversed_at, to_budget.label("to_budget"), reports.c.code)
        .outerjoin(reports, joined(awards, reports, id="report_id"))
        .outerjoin(transactions, joined(awards, transactions, id="reversal_id"))
        .where(books.holds(a.report_id))
        .where(
            or_(
                and_(a.reversed_at.is_(None), a.reversal_id.is_not(None)),
                and_(a.reversed_at.is_not(None), a.reversal_id.is_(None) != a.transaction_id.is_(None)),
                and_(
                    a.reversal_id.is_not(None),
                    or_(
                        t.kind.is_distinct_from(TransactionKind.REVERSE.value),
                        t.reverses.is_distinct_from(a.transaction_id),
                        t.source_id.is_distinct_from(a.report_id),
                        to_budget != a.points_granted,
                        is_stranger,
                    ),
                ),
            )
        )
        .order_by(a.report_id, a.part)
    )
    for row in books.rows(statement):
        state = Text("已收回", "taken back") if row.reversed_at else Text("未收回", "not taken back")
        yield Found(
            id=str(row.report_id),
            code=row.code,
            problem=Text(
                f"奖励（{row.part}）{state.zh}，发放 {row.points_granted}，冲销交易退回预算 {row.to_budget}。",
                f"The award ({row.part}) is {state.en} and granted {row.points_granted}; its reversal returns "
                f"{row.to_budget} to the budget.",
            ),
        )


def validate_budgets(books: Books) -> Iterator[Found]:
    """What is left of a budget is what it was given, less the awards from it that are live."""
    e, a, t = entries.c, accounts.c, transactions.c
    is_award = t.kind.in_([TransactionKind.AWARD.value, TransactionKind.REVERSE.value])
    given = (
        select(a.owner_id, func.sum(a.normal_side * e.side * e.amount).label("points"))
        .select_from(accounts)
        .join(entries, joined(accounts, entries, account_id="id"))
        .join(transactions, joined(entries, transactions, id="transaction_id"))
        .where(books.mine(accounts), a.purpose == Purpose.BUDGET.value, ~is_award)
        .group_by(a.owner_id)
        .subquery("given")
    )
    live = (
        select(awards.c.sponsor_id, func.sum(awards.c.points_granted).label("points"))
        .where(books.mine(awards), awards.c.reversed_at.is_(None), awards.c.transaction_id.is_not(None))
        .group_by(awards.c.sponsor_id)
        .subquery("live")
    )
    given_points, live_points = func.coalesce(given.c.points, 0), func.coalesce(live.c.points, 0)
    balance = func.coalesce(a.balance, 0)
    statement = (
        select(
            sponsors.c.id,
            sponsors.c.code,
            balance.label("balance"),
            given_points.label("given"),
            live_points.label("live"),
        )
        .outerjoin(accounts, and_(joined(sponsors, accounts, owner_id="id"), a.purpose == Purpose.BUDGET.value))
        .outerjoin(given, given.c.owner_id == sponsors.c.id)
        .outerjoin(live, live.c.sponsor_id == sponsors.c.id)
        .where(books.mine(sponsors), balance != given_points - live_points)
        .order_by(sponsors.c.code)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"预算余额 {row.balance}；拨入 {row.given} 减有效奖励 {row.live} 应为 {row.given - row.live}。",
                f"The budget holds {row.balance}; {row.given} given less {row.live} of live awards is "
                f"{row.given - row.live}.",
            ),
        )


def validate_waiting(books: Books) -> Iterator[Found]:
    """Nothing waits that its budget could pay: the first in each queue is what counts."""
    a = awards.c
    first = (
        select(
            a.report_id,
            a.sponsor_id,
            a.points_granted,
            func.row_number()
            .over(partition_by=a.sponsor_id, order_by=(a.effective_at, a.report_id, a.part))
            .label("place"),
        )
        .where(books.mine(awards), IS_WAITING)
        .subquery("first")
    )
    statement = (
        select(first.c.report_id, first.c.points_granted, reports.c.code, accounts.c.balance)
        .join(reports, and_(books.mine(reports), reports.c.id == first.c.report_id))
        .join(
            accounts,
            and_(
                books.mine(accounts),
                accounts.c.owner_id == first.c.sponsor_id,
                accounts.c.purpose == Purpose.BUDGET.value,
            ),
        )
        .where(first.c.place == 1, accounts.c.balance >= first.c.points_granted)
        .order_by(first.c.report_id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.report_id),
            code=row.code,
            problem=Text(
                f"积分 {row.points_granted} 等预算入账，预算还有 {row.balance}。",
                f"{row.points_granted} points wait for the budget, which holds {row.balance}.",
            ),
        )


def validate_standings(books: Books) -> Iterator[Found]:
    """A standing is what the rider's live awards of the month come to; there is one as soon as there is any award.

    In a month that was published, what corrections have left the rider: the list itself is `validate_lists`' to prove.
    """
    b = _stored_and_recomputed(books).c
    differences = {name: func.sum(b[name]) for name in ("merit", "verified", "serious")}
    is_missing, is_alone = func.sum(b.stored) == 0, func.sum(b.awards) == 0
    reached_differs = func.max(b.stored_reached).is_distinct_from(func.max(b.reached))
    sums = (
        select(
            b.rider_id,
            b.month,
            is_missing.label("is_missing"),
            *(value.label(name) for name, value in differences.items()),
        )
        .group_by(b.rider_id, b.month)
        .having(or_(is_missing, is_alone, reached_differs, *(value != 0 for value in differences.values())))
        .subquery("sums")
    )
    statement = (
        select(*sums.c, riders.c.code)
        .outerjoin(riders, and_(books.mine(riders), riders.c.id == sums.c.rider_id))
        .order_by(sums.c.rider_id, sums.c.month)
    )
    for row in books.rows(statement):
        yield Found(id=f"{row.month} {row.rider_id}", code=row.code, problem=_standing_problem(row))


def _stored_and_recomputed(books: Books) -> Subquery:
    """Stored numbers count plus, recomputed ones minus: what is right comes to zero."""
    s, a = current_standings(books.programme_id).c, awards.c
    is_live = a.reversed_at.is_(None)
    # Typed: PostgreSQL would take a bare NULL for text.
    never = cast(None, s.reached_at.type)
    reached = case((and_(is_live, a.merit > 0), a.effective_at))
    stored = select(
        s.rider_id,
        s.month,
        literal(1).label("stored"),
        literal(0).label("awards"),
        s.merit.label("merit"),
        s.verified_reports.label("verified"),
        s.serious_points.label("serious"),
        s.reached_at.label("stored_reached"),
        never.label("reached"),
    ).where(books.window.holds(s.rider_id))
    recomputed = select(
        a.rider_id,
        a.month,
        literal(0),
        literal(1),
        -case((is_live, a.merit), else_=0),
        -case((and_(is_live, a.part == Part.REPORT.value), 1), else_=0),
        -case((and_(is_live, a.is_serious), a.points_granted), else_=0),
        never,
        reached,
    ).where(books.holds(a.rider_id))
    return union_all(stored, recomputed).subquery("both")


def _standing_problem(row: Row[Any]) -> Text:
    if row.is_missing:
        return Text(f"{row.month} 没有战绩行，却有奖励。", f"There is no standing of {row.month}, but awards are.")
    return Text(
        f"{row.month} 存下的与奖励算出的不同：得分差 {row.merit}，核实条数差 {row.verified}，"
        f"重要上报得分差 {row.serious}，或达到时间不同。",
        f"{row.month} as stored differs from its awards: merit by {row.merit}, verified by {row.verified}, "
        f"serious points by {row.serious}, or the moment it was reached.",
    )
