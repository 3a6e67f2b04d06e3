"""Redemptions and stock: held once and in full, captured or released once, and every unit is somewhere."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, literal, or_, select, union_all

from ledger.domain.accounts import ITEM_PREFIX, Purpose, Side
from ledger.domain.catalog import ItemKind
from ledger.domain.errors import Text
from ledger.domain.redemptions import OPEN_STATES, RedemptionState
from ledger.domain.transactions import TransactionKind
from ledger.queries.audit.books import Books, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import accounts, entries, items, redemption_approvals, redemptions, riders, transactions

IS_CAPTURED = redemptions.c.state == RedemptionState.FULFILLED.value
IS_OPEN = redemptions.c.state.in_(sorted(state.value for state in OPEN_STATES))
UNITS = case((redemptions.c.station_id.is_(None), 0), else_=1)


def validate_holds(books: Books) -> Iterator[Found]:
    """A redemption's hold takes its points from its rider's lots, its unit from its station's shelf, and no more."""
    r, e, a, t = redemptions.c, entries.c, accounts.c, transactions.c

    def moved(purpose: Purpose, side: Side) -> ColumnElement[Any]:
        return func.coalesce(func.sum(case((and_(a.purpose == purpose.value, e.side == int(side)), e.amount))), 0)

    points, units = moved(Purpose.HELD, Side.CREDIT), moved(Purpose.RESERVED, Side.CREDIT)
    is_strange = or_(
        a.owner_id.not_in([r.rider_id, func.coalesce(r.station_id, r.rider_id)]),
        and_(a.purpose == Purpose.RESERVED.value, a.commodity != ITEM_PREFIX + items.c.sku),
    )
    strangers = func.count(case((is_strange, 1)))
    kind, source = func.max(t.kind), func.count(case((t.source_id == r.id, 1)))
    statement = (
        select(r.id, r.code, r.points, UNITS.label("units"), points.label("held"), units.label("reserved"))
        .outerjoin(transactions, joined(redemptions, transactions, id="hold_id"))
        .outerjoin(entries, joined(redemptions, entries, transaction_id="hold_id"))
        .outerjoin(accounts, joined(entries, accounts, id="account_id"))
        .outerjoin(items, joined(redemptions, items, id="item_id"))
        .where(books.holds(r.id))
        .group_by(r.id, r.code, r.points, r.station_id)
        .having(
            or_(
                points != r.points,
                moved(Purpose.AVAILABLE, Side.DEBIT) != r.points,
                units != UNITS,
                moved(Purpose.SHELF, Side.DEBIT) != UNITS,
                strangers > 0,
                source == 0,
                kind.is_distinct_from(TransactionKind.HOLD.value),
            )
        )
        .order_by(r.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"兑换单要 {row.points} 分、{row.units} 件；冻结交易冻结了 {row.held} 分、{row.reserved} 件，"
                "或者动了别人的账户。",
                f"The redemption is for {row.points} points and {row.units} units; its hold holds {row.held} and "
                f"{row.reserved}, or touches somebody else's account.",
            ),
        )


def validate_closings(books: Books) -> Iterator[Found]:
    """An open redemption is not closed. A closed one was captured if fulfilled, else released: leg by leg what the hold
    had put there is taken away again, to where the hold had it from or a lot of
    the rider's, or to `redeemed` and `delivered`."""
    r, t = redemptions.c, transactions.c
    held_to, held_from = entries.alias("held_to"), entries.alias("held_from")
    taken, put = entries.alias("taken"), entries.alias("put")
    target = accounts.alias("target")
    kind = case((IS_CAPTURED, TransactionKind.CAPTURE.value), else_=TransactionKind.RELEASE.value)
    is_wrong = _is_wrong_leg(held_to=held_to.c, held_from=held_from.c, taken=taken.c, put=put.c, target=target.c)
    wrong_legs = func.count(case((is_wrong, 1)))
    legs = func.count(held_to.c.leg)
    closing_legs = (
        select(func.count())
        .where(joined(redemptions, entries, transaction_id="closing_id"), entries.c.side == int(Side.DEBIT))
        .correlate(redemptions)
        .scalar_subquery()
    )

    def leg_of(entry: Any, column: str, side: Side) -> ColumnElement[bool]:
        return and_(
            joined(redemptions, entry, transaction_id=column), entry.c.leg == held_to.c.leg, entry.c.side == int(side)
        )

    statement = (
        select(r.id, r.code, r.state, func.max(t.kind).label("kind"), wrong_legs.label("wrong_legs"))
        .outerjoin(transactions, joined(redemptions, transactions, id="closing_id"))
        .outerjoin(
            held_to,
            and_(joined(redemptions, held_to, transaction_id="hold_id"), held_to.c.side == int(Side.CREDIT)),
        )
        .outerjoin(held_from, leg_of(held_from, "hold_id", Side.DEBIT))
        .outerjoin(taken, leg_of(taken, "closing_id", Side.DEBIT))
        .outerjoin(put, leg_of(put, "closing_id", Side.CREDIT))
        .outerjoin(target, joined(put, target, id="account_id"))
        .where(books.holds(r.id))
        .group_by(r.id, r.code, r.state, r.closing_id, redemptions.c.programme_id)
        .having(
            or_(
                and_(IS_OPEN, r.closing_id.is_not(None)),
                and_(
                    ~IS_OPEN,
                    or_(
                        func.max(t.kind).is_distinct_from(kind),
                        func.count(case((t.source_id == r.id, 1))) == 0,
                        wrong_legs > 0,
                        closing_legs != legs,
                    ),
                ),
            )
        )
        .order_by(r.id)
    )
    for row in books.rows(statement):
        yield Found(id=str(row.id), code=row.code, problem=_closing_problem(row))


def _closing_problem(row: Row[Any]) -> Text:
    found = row.kind or "—"
    return Text(
        f"兑换单为 {row.state}，了结交易为 {found}，与冻结不符的分录 {row.wrong_legs} 条。",
        f"The redemption is {row.state}, its closing is {found}, and {row.wrong_legs} legs of it are not those of the "
        "hold.",
    )


def _is_wrong_leg(*, held_to: Any, held_from: Any, taken: Any, put: Any, target: Any) -> ColumnElement[bool]:
    """`target` is the account that what was held was put on. Which of the rider's lots: see `lots.py`."""
    is_own_lot = and_(
        func.coalesce(target.purpose, "") == Purpose.AVAILABLE.value, target.owner_id == redemptions.c.rider_id
    )
    return or_(
        held_from.account_id.is_(None),
        taken.account_id.is_distinct_from(held_to.account_id),
        taken.amount.is_distinct_from(held_to.amount),
        put.amount.is_distinct_from(held_to.amount),
        and_(~IS_CAPTURED, put.account_id.is_distinct_from(held_from.account_id), ~is_own_lot),
        and_(IS_CAPTURED, func.coalesce(target.purpose, "").not_in([Purpose.REDEEMED.value, Purpose.DELIVERED.value])),
        and_(target.purpose == Purpose.DELIVERED.value, target.owner_id != redemptions.c.item_id),
    )


def validate_redemption_states(books: Books) -> Iterator[Found]:
    """A redemption has what its state needs: approvals of others, a voucher with its last day, who closed it and when.
    A donation is fulfilled without a voucher."""
    r, approval = redemptions.c, redemption_approvals.c
    approvals = func.count(approval.approved_by)
    own = func.count(case((approval.approved_by == r.requested_by, 1)))
    has_voucher = r.voucher_code.is_not(None)
    is_requested = r.state == RedemptionState.REQUESTED.value
    needs_voucher = or_(
        r.state.in_([RedemptionState.READY.value, RedemptionState.LAPSED.value]),
        and_(r.state == RedemptionState.FULFILLED.value, func.max(items.c.kind) != ItemKind.DONATION.value),
    )
    went_through = r.state.in_(
        [RedemptionState.READY.value, RedemptionState.FULFILLED.value, RedemptionState.LAPSED.value]
    )
    statement = (
        select(r.id, r.code, r.state, r.approvals_required, approvals.label("approvals"), has_voucher.label("voucher"))
        .outerjoin(redemption_approvals, joined(redemptions, redemption_approvals, redemption_id="id"))
        .outerjoin(items, joined(redemptions, items, id="item_id"))
        .where(books.holds(r.id))
        .group_by(*redemptions.primary_key, *redemptions.c)
        .having(
            or_(
                and_(is_requested, or_(has_voucher, approvals >= r.approvals_required)),
                and_(needs_voucher, ~has_voucher),
                has_voucher != r.ready_at.is_not(None),
                has_voucher != r.pick_up_by.is_not(None),
                and_(went_through, approvals < r.approvals_required),
                own > 0,
                r.closed_at.is_(None) != IS_OPEN,
                r.closed_by.is_(None) != IS_OPEN,
            )
        )
        .order_by(r.id)
    )
    for row in books.rows(statement):
        voucher = Text("有券", "with") if row.voucher else Text("无券", "without")
        yield Found(
            id=str(row.id),
            code=row.code,
            problem=Text(
                f"状态 {row.state} 与内容不符：批准 {row.approvals}/{row.approvals_required}，{voucher.zh}；"
                "或自己批了自己的，或了结人和时间不对。",
                f"It is {row.state} {voucher.en} a voucher, approved {row.approvals} of {row.approvals_required} "
                "times; or by who requested it, or who closed it and when does not fit.",
            ),
        )


def validate_held_points(books: Books) -> Iterator[Found]:
    """What a rider's accounts hold is what the rider's open redemptions are for."""
    r, a = redemptions.c, accounts.c
    held = select(a.owner_id.label("rider_id"), a.balance.label("points"), literal(0).label("wanted")).where(
        books.holds(a.owner_id), a.purpose == Purpose.HELD.value, a.balance != 0
    )
    wanted = select(r.rider_id, literal(0), r.points).where(books.holds(r.rider_id), IS_OPEN)
    both = union_all(held, wanted).subquery("both")
    points, wish = func.sum(both.c.points), func.sum(both.c.wanted)
    sums = (
        select(both.c.rider_id, points.label("points"), wish.label("wanted"))
        .group_by(both.c.rider_id)
        .having(points != wish)
        .subquery("sums")
    )
    statement = (
        select(*sums.c, riders.c.code)
        .outerjoin(riders, and_(books.mine(riders), riders.c.id == sums.c.rider_id))
        .order_by(sums.c.rider_id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.rider_id),
            code=row.code,
            problem=Text(
                f"冻结了 {row.points} 分，未了结的兑换单共要 {row.wanted} 分。",
                f"{row.points} points are held; the open redemptions are for {row.wanted}.",
            ),
        )


def validate_stock(books: Books) -> Iterator[Found]:
    """Per item: supplied = shelf + reserved + delivered; delivered and reserved are what its redemptions say."""
    r, a = redemptions.c, accounts.c

    def units(purpose: Purpose) -> ColumnElement[Any]:
        return func.sum(case((a.purpose == purpose.value, a.balance), else_=0)).label(purpose.value)

    kinds = (Purpose.SUPPLY, Purpose.SHELF, Purpose.RESERVED, Purpose.DELIVERED)
    kept = (
        select(a.commodity, *(units(purpose) for purpose in kinds))
        .where(books.mine(accounts), a.commodity != "POINTS")
        .group_by(a.commodity)
        .subquery("kept")
    )
    used = (
        select(
            r.item_id,
            func.sum(case((r.state == RedemptionState.FULFILLED.value, 1), else_=0)).label("fulfilled"),
            func.sum(case((IS_OPEN, 1), else_=0)).label("open"),
        )
        .where(books.mine(redemptions), r.station_id.is_not(None))
        .group_by(r.item_id)
        .subquery("used")
    )
    supply, shelf, reserved, delivered = (func.coalesce(kept.c[purpose.value], 0) for purpose in kinds)
    fulfilled, is_open = func.coalesce(used.c.fulfilled, 0), func.coalesce(used.c.open, 0)
    statement = (
        select(
            items.c.id,
            items.c.sku,
            supply.label("supply"),
            shelf.label("shelf"),
            reserved.label("reserved"),
            delivered.label("delivered"),
            fulfilled.label("fulfilled"),
            is_open.label("waiting"),
        )
        .outerjoin(kept, kept.c.commodity == ITEM_PREFIX + items.c.sku)
        .outerjoin(used, used.c.item_id == items.c.id)
        .where(books.mine(items))
        .where(or_(supply != shelf + reserved + delivered, delivered != fulfilled, reserved != is_open))
        .order_by(items.c.sku)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            code=row.sku,
            problem=Text(
                f"进货 {row.supply}，货架 {row.shelf} + 预留 {row.reserved} + 已交 {row.delivered}；"
                f"兑换单已领 {row.fulfilled}，未了结 {row.waiting}。",
                f"{row.supply} supplied; {row.shelf} on shelves + {row.reserved} reserved + {row.delivered} delivered. "
                f"Redemptions: {row.fulfilled} fulfilled, {row.waiting} open.",
            ),
        )
