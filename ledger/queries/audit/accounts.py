"""Accounts: a history without gaps, a balance that is its sum, floors, and who owns what."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from ledger.domain.accounts import ITEM_PREFIX, POINTS, PROGRAMME_OWNER, PURPOSES, OwnerKind, Purpose, PurposeRule
from ledger.domain.errors import Text
from ledger.queries.audit.books import Books, is_there, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import accounts, entries, items, riders, sponsors, stations

LOT_PURPOSES = {Purpose.AVAILABLE, Purpose.HELD}
"""Their bucket is the day on which they lapse; all others have none."""
DAY = "____-__-__"


def validate_history(books: Books) -> Iterator[Found]:
    """An account's versions run from 1 without a gap, and each balance follows from the one before."""
    e, a = entries.c, accounts.c

    def before(column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.lag(column, 1, 0).over(partition_by=e.account_id, order_by=e.version)

    history = (
        select(
            e.account_id,
            e.version,
            e.balance_after,
            before(e.version).label("version_before"),
            (before(e.balance_after) + a.normal_side * e.side * e.amount).label("expected"),
        )
        .outerjoin(accounts, joined(entries, accounts, id="account_id"))
        .where(books.holds(e.account_id))
        .subquery("history")
    )
    h = history.c
    statement = select(*h).where(or_(h.version != h.version_before + 1, h.balance_after != h.expected))
    for row in books.rows(statement.order_by(h.account_id, h.version)):
        if row.version != row.version_before + 1:
            problem = Text(
                f"版本 {row.version_before} 之后是 {row.version}，中间缺了。",
                f"After version {row.version_before} comes {row.version}; those between are missing.",
            )
        else:
            problem = Text(
                f"版本 {row.version} 之后的余额记为 {row.balance_after}，算出是 {row.expected}。",
                f"After version {row.version} it says {row.balance_after}; it comes to {row.expected}.",
            )
        yield Found(id=str(row.account_id), problem=problem, table=entries.name)


def validate_balances(books: Books) -> Iterator[Found]:
    """A balance is the sum of the account's entries and the last one's balance after; the version counts them."""
    e, a, last = entries.c, accounts.c, entries.alias("last")
    sums = (
        select(e.account_id, func.count().label("lines"), func.sum(e.side * e.amount).label("total"))
        .where(books.holds(e.account_id))
        .group_by(e.account_id)
        .subquery("sums")
    )
    total = a.normal_side * func.coalesce(sums.c.total, 0)
    lines, after = func.coalesce(sums.c.lines, 0), func.coalesce(last.c.balance_after, 0)
    statement = (
        select(
            a.id,
            a.purpose,
            a.balance,
            a.version,
            total.label("total"),
            lines.label("lines"),
            after.label("after"),
            riders.c.code,
        )
        .outerjoin(sums, sums.c.account_id == a.id)
        .outerjoin(last, joined(accounts, last, account_id="id", version="version"))
        .outerjoin(riders, joined(accounts, riders, id="owner_id"))
        .where(books.holds(a.id))
        .where(or_(a.balance != total, a.balance != after, a.version != lines))
        .order_by(a.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"{row.purpose} 账户余额 {row.balance}、版本 {row.version}；"
                f"{row.lines} 条明细合计 {row.total}，最后一条之后 {row.after}。",
                f"The {row.purpose} account says {row.balance} at version {row.version}; its {row.lines} entries come "
                f"to {row.total}, and the last one says {row.after}.",
            ),
        )


def validate_floors(books: Books) -> Iterator[Found]:
    """No account with a floor was ever below it, at any version. A budget that was exceeded would show here."""
    e, a = entries.c, accounts.c
    statement = (
        select(e.account_id, e.version, e.balance_after, a.purpose)
        .outerjoin(accounts, joined(entries, accounts, id="account_id"))
        .where(books.holds(e.account_id), e.balance_after < 0)
        .where(a.purpose.in_([purpose.value for purpose, rule in PURPOSES.items() if rule.has_floor]))
        .order_by(e.account_id, e.version)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.account_id),
            table=entries.name,
            problem=Text(
                f"{row.purpose} 账户在版本 {row.version} 时为 {row.balance_after}，低于下限 0。",
                f"The {row.purpose} account was at {row.balance_after} at version {row.version}, below its floor of 0.",
            ),
        )


def validate_purposes(books: Books) -> Iterator[Found]:
    """An account has the side, the floor, the commodity and the bucket of its purpose."""
    a = accounts.c
    fits = or_(*(_fits(purpose, rule) for purpose, rule in PURPOSES.items()))
    statement = select(a.id, a.purpose, a.normal_side, a.has_floor, a.commodity, a.bucket).where(books.holds(a.id))
    for row in books.rows(statement.where(~fits).order_by(a.id)):
        found = f"{row.purpose}: side {row.normal_side}, floor {row.has_floor}, {row.commodity}, bucket {row.bucket!r}"
        yield Found(
            id=str(row.id),
            problem=Text(
                f"账户的方向、下限、品种或批次与用途不符（{found}）。", f"It is not as its purpose is: {found}."
            ),
        )


def _fits(purpose: Purpose, rule: PurposeRule) -> ColumnElement[bool]:
    a = accounts.c
    return and_(
        a.purpose == purpose.value,
        a.normal_side == int(rule.normal_side),
        a.has_floor.is_(rule.has_floor),
        a.commodity == POINTS if rule.is_points else a.commodity.startswith(ITEM_PREFIX),
        a.bucket.like(DAY) if purpose in LOT_PURPOSES else a.bucket == "",
    )


def validate_owners(books: Books) -> Iterator[Found]:
    """An account's owner exists, and is of the kind its purpose is for. No foreign key can say that: there are five."""
    a = accounts.c
    of_item = and_(books.mine(items), ITEM_PREFIX + items.c.sku == a.commodity)
    owners = {
        OwnerKind.PROGRAMME: a.owner_id == PROGRAMME_OWNER,
        OwnerKind.SPONSOR: is_there(sponsors, joined(accounts, sponsors, id="owner_id")),
        OwnerKind.RIDER: is_there(riders, joined(accounts, riders, id="owner_id")),
        OwnerKind.ITEM: is_there(items, of_item, items.c.id == a.owner_id),
        OwnerKind.STATION: and_(
            is_there(stations, joined(accounts, stations, id="owner_id")), is_there(items, of_item)
        ),
    }
    purposes = {kind: [p.value for p, rule in PURPOSES.items() if rule.owner_kind is kind] for kind in owners}
    statement = (
        select(a.id, a.purpose, a.owner_id, a.commodity)
        .where(books.holds(a.id))
        .where(or_(*(and_(a.purpose.in_(purposes[kind]), ~is_theirs) for kind, is_theirs in owners.items())))
        .order_by(a.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            problem=Text(
                f"{row.purpose} 账户（{row.commodity}）的所有者 {row.owner_id} 不存在。",
                f"The owner {row.owner_id} of the {row.purpose} account ({row.commodity}) is not there.",
            ),
        )
