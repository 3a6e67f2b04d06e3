"""Lots: points stay in theirs until their day is over, and then what is left lapses, all of it and nothing else.

Local days are the programme's, which no database knows; so what depends on them is judged row by row.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, or_, select

from ledger.domain.accounts import Purpose, Side
from ledger.domain.calendar import local_day
from ledger.domain.errors import Text
from ledger.domain.lapses import LapseRules
from ledger.domain.redemptions import RedemptionState, gives_grace
from ledger.domain.rulebook import read_rulebook
from ledger.domain.transactions import TransactionKind
from ledger.queries.audit.books import Books, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import accounts, entries, programmes, redemptions, riders, rulebooks, transactions

A_DAY = timedelta(days=1)
"""How long what has lapsed may wait for the hourly run before it is wrong."""


def validate_lots_kept(books: Books) -> Iterator[Found]:
    """Points that are held or released stay with their rider and in their lot, units at their station; but points of a
    redemption that we ended come back, where their lot had lapsed, to the lot of the last day of their grace."""
    t = transactions.c
    debit, credit = entries.alias("debit"), entries.alias("credit")
    source, target = accounts.alias("source"), accounts.alias("target")
    may_have_grace = and_(
        t.kind == TransactionKind.RELEASE.value, source.c.bucket != "", source.c.bucket < books.today.isoformat()
    )
    statement = (
        select(
            t.id,
            t.kind,
            t.effective_at,
            t.rulebook_version,
            debit.c.leg,
            source.c.bucket,
            target.c.bucket.label("other_bucket"),
            (source.c.owner_id == target.c.owner_id).label("is_same_owner"),
            redemptions.c.state,
            redemptions.c.closed_by,
        )
        .join(debit, and_(joined(transactions, debit, transaction_id="id"), debit.c.side == int(Side.DEBIT)))
        .join(
            credit,
            and_(joined(debit, credit, transaction_id="transaction_id", leg="leg"), credit.c.side == int(Side.CREDIT)),
        )
        .join(source, joined(debit, source, id="account_id"))
        .join(target, joined(credit, target, id="account_id"))
        .outerjoin(redemptions, joined(transactions, redemptions, closing_id="id"))
        .where(books.holds(t.id))
        .where(t.kind.in_([TransactionKind.HOLD.value, TransactionKind.RELEASE.value]))
        .where(or_(source.c.owner_id != target.c.owner_id, source.c.bucket != target.c.bucket, may_have_grace))
        .order_by(t.id, debit.c.leg)
    )
    zone, rules = _read_zone(books), _read_rules(books)
    for row in books.rows(statement):
        expected = _lot_after(row, zone, rules)
        if row.is_same_owner and row.other_bucket == expected:
            continue
        yield Found(
            id=str(row.id),
            problem=Text(
                f"{row.kind} 交易的分录 {row.leg} 换了所有者或批次（{row.bucket} → {row.other_bucket}，"
                f"应为 {expected}）。",
                f"Leg {row.leg} of the {row.kind} goes to another owner or lot ({row.bucket} → {row.other_bucket}, "
                f"not {expected}).",
            ),
        )


def _lot_after(row: Row[Any], zone: ZoneInfo, rules: Mapping[int, LapseRules]) -> str:
    """Where the leg of a hold or release has to put its points: their own lot, or that of their grace."""
    bucket: str = row.bucket
    day = local_day(row.effective_at, zone)
    is_ended = row.kind == TransactionKind.RELEASE.value and row.state is not None
    if not is_ended or not bucket or bucket >= day.isoformat() or row.rulebook_version not in rules:
        return bucket
    if not gives_grace(RedemptionState(row.state), row.closed_by or ""):
        return bucket
    return rules[row.rulebook_version].grace_until(day).isoformat()


def validate_expiries(books: Books) -> Iterator[Found]:
    """An expiry takes from lots of the rider it names, after their day, and all that was left of each."""
    e, t, a = entries.c, transactions.c, accounts.c
    statement = (
        select(t.id, t.effective_at, t.source_id, e.leg, e.balance_after, a.owner_id, a.bucket, riders.c.code)
        .join(entries, and_(joined(transactions, entries, transaction_id="id"), e.side == int(Side.DEBIT)))
        .join(accounts, joined(entries, accounts, id="account_id"))
        .outerjoin(riders, joined(transactions, riders, id="source_id"))
        .where(books.holds(t.id), t.kind == TransactionKind.EXPIRE.value)
        .order_by(t.id, e.leg)
    )
    zone = _read_zone(books)
    for row in books.rows(statement):
        day = local_day(row.effective_at, zone).isoformat()
        if row.balance_after == 0 and row.owner_id == row.source_id and row.bucket < day and row.code is not None:
            continue
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"{day} 的到期交易，分录 {row.leg} 取自 {row.bucket} 到期的批次，还留下 {row.balance_after} 分；"
                f"账户属于 {row.owner_id}，交易说的是 {row.source_id}。",
                f"Leg {row.leg} of this expiry of {day} takes from a lot that lapses on {row.bucket} and leaves "
                f"{row.balance_after} points; the lot is {row.owner_id}'s, the expiry {row.source_id}'s.",
            ),
        )


def validate_lapsed_lots(books: Books) -> Iterator[Found]:
    """No lot that lapsed over a day ago has had points for over a day."""
    yield from _lapsed(books, is_overdue=True)


def validate_lots_to_lapse(books: Books) -> Iterator[Found]:
    """Lots that lapsed just now, or that points came back to just now, which wait for the next run."""
    yield from _lapsed(books, is_overdue=False)


def _lapsed(books: Books, *, is_overdue: bool) -> Iterator[Found]:
    a = accounts.c
    statement = (
        select(a.id, a.bucket, a.balance, riders.c.code, transactions.c.recorded_at)
        .outerjoin(riders, joined(accounts, riders, id="owner_id"))
        .outerjoin(entries, joined(accounts, entries, account_id="id", version="version"))
        .outerjoin(transactions, joined(entries, transactions, id="transaction_id"))
        .where(books.holds(a.id), a.purpose == Purpose.AVAILABLE.value)
        .where(a.bucket < books.today.isoformat(), a.balance > 0)
        .order_by(a.id)
    )
    zone = _read_zone(books)
    for row in books.rows(statement):
        if _is_overdue(row, books.today, zone) is is_overdue:
            yield Found(
                id=str(row.id),
                code=row.code,
                problem=Text(
                    f"这批积分 {row.bucket} 到期，还有 {row.balance} 分。",
                    f"The lot lapsed on {row.bucket} and still has {row.balance} points.",
                ),
            )


def _is_overdue(row: Row[Any], today: date, zone: ZoneInfo) -> bool:
    """Both the lot's day and its last change are more than a day past: a run in between would have taken it."""
    yesterday = today - A_DAY
    has_changed_since = row.recorded_at is not None and local_day(row.recorded_at, zone) >= yesterday
    is_over: bool = row.bucket < yesterday.isoformat()
    return is_over and not has_changed_since


def _read_zone(books: Books) -> ZoneInfo:
    return ZoneInfo(books.connection.scalar(select(programmes.c.time_zone).where(books.mine(programmes))) or "UTC")


def _read_rules(books: Books) -> dict[int, LapseRules]:
    documents = select(rulebooks.c.version, rulebooks.c.document).where(books.mine(rulebooks))
    return {row.version: read_rulebook(row.version, row.document).lapse for row in books.rows(documents)}
