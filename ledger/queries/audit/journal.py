"""Transactions: they have legs, the legs balance and move only what their kind may, and each belongs to its cause."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, or_, select

from ledger.domain.accounts import Side
from ledger.domain.errors import Text
from ledger.domain.transactions import ALLOWED_LEGS, TransactionKind
from ledger.queries.audit.books import Books, is_there, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import accounts, awards, entries, idempotency_keys, redemptions, transactions

ALLOWED = [f"{kind}:{debit}>{credit}" for kind, legs in ALLOWED_LEGS.items() for debit, credit in sorted(legs)]
STATUS_REFUSED_MIN = 300


def validate_transactions_have_legs(books: Books) -> Iterator[Found]:
    """Every transaction moves something."""
    t = transactions.c
    statement = (
        select(t.id, t.kind)
        .where(books.holds(t.id))
        .where(~is_there(entries, joined(transactions, entries, transaction_id="id")))
        .order_by(t.id)
    )
    for row in books.rows(statement):
        yield Found(id=str(row.id), problem=Text(f"{row.kind} 交易没有分录。", f"The {row.kind} has no legs."))


def validate_legs(books: Books) -> Iterator[Found]:
    """Every leg is one debit and one credit of the same amount and commodity, on accounts that there are, as the kind
    of its transaction allows, and took effect when the transaction did."""
    e, a, t = entries.c, accounts.c, transactions.c
    sides, accounts_found = func.count(), func.count(a.id)
    total = func.sum(e.side * e.amount)
    kind = func.max(t.kind)
    debit = func.max(case((e.side == int(Side.DEBIT), a.purpose)))
    credit = func.max(case((e.side == int(Side.CREDIT), a.purpose)))
    move = kind + ":" + debit + ">" + credit
    commodities = (func.min(a.commodity), func.max(a.commodity))
    late = func.count(case((e.effective_at != t.effective_at, 1)))
    statement = (
        select(
            e.transaction_id,
            e.leg,
            sides.label("sides"),
            accounts_found.label("accounts_found"),
            total.label("total"),
            kind.label("kind"),
            (debit + " → " + credit).label("move"),
            (commodities[0] != commodities[1]).label("is_mixed"),
            move.not_in(ALLOWED).label("is_forbidden"),
            late.label("late"),
        )
        .outerjoin(accounts, joined(entries, accounts, id="account_id"))
        .outerjoin(transactions, joined(entries, transactions, id="transaction_id"))
        .where(books.holds(e.transaction_id))
        .group_by(e.transaction_id, e.leg)
        .having(
            or_(
                sides != 2,
                accounts_found != sides,
                kind.is_(None),
                total != 0,
                commodities[0] != commodities[1],
                move.not_in(ALLOWED),
                late > 0,
            )
        )
        .order_by(e.transaction_id, e.leg)
    )
    for row in books.rows(statement):
        yield Found(id=str(row.transaction_id), problem=_leg_problem(row), table=entries.name)


def _leg_problem(row: object) -> Text:
    found: dict[str, object] = row._asdict()  # type: ignore[attr-defined]
    leg = found["leg"]
    if found["kind"] is None:
        return Text(f"分录 {leg} 的交易不存在。", f"The transaction of leg {leg} is not there.")
    if found["accounts_found"] != found["sides"]:
        return Text(f"分录 {leg} 的账户不存在。", f"An account of leg {leg} is not there.")
    if found["sides"] != 2:
        return Text(f"分录 {leg} 有 {found['sides']} 方，应为 2。", f"Leg {leg} has {found['sides']} sides, not 2.")
    if found["total"]:
        return Text(f"分录 {leg} 借贷差 {found['total']}。", f"Leg {leg} does not balance: {found['total']}.")
    if found["is_mixed"]:
        return Text(f"分录 {leg} 两方品种不同。", f"Leg {leg} has two commodities.")
    if found["is_forbidden"]:
        return Text(
            f"{found['kind']} 交易不允许 {found['move']}（分录 {leg}）。",
            f"A transaction of kind {found['kind']} must not move {found['move']} (leg {leg}).",
        )
    return Text(f"分录 {leg} 的生效时间与交易不同。", f"Leg {leg} took effect at another time than its transaction.")


def validate_zero_sum(books: Books) -> Iterator[Found]:
    """All accounts of a commodity together come to zero."""
    a = accounts.c
    total = func.sum(a.normal_side * a.balance)
    statement = select(a.commodity, total.label("total")).where(books.mine(accounts)).group_by(a.commodity)
    for row in books.rows(statement.having(total != 0).order_by(a.commodity)):
        yield Found(
            id=row.commodity,
            problem=Text(
                f"{row.commodity} 的全部账户合计 {row.total}，应为 0。",
                f"All accounts of {row.commodity} together come to {row.total}, not 0.",
            ),
        )


def validate_reversals(books: Books) -> Iterator[Found]:
    """A reversal names the award it takes back, and nothing else names one."""
    reversal, award = transactions.alias("reversal"), transactions.alias("award")
    is_reversal = reversal.c.kind == TransactionKind.REVERSE.value
    statement = (
        select(reversal.c.id, reversal.c.kind, reversal.c.reverses, award.c.kind.label("reversed_kind"))
        .outerjoin(award, joined(reversal, award, id="reverses"))
        .where(books.holds(reversal.c.id))
        .where(
            or_(
                and_(is_reversal, award.c.kind.is_distinct_from(TransactionKind.AWARD.value)),
                and_(~is_reversal, reversal.c.reverses.is_not(None)),
            )
        )
        .order_by(reversal.c.id)
    )
    for row in books.rows(statement):
        target = f"{row.reversed_kind} {row.reverses}" if row.reverses else "—"
        yield Found(
            id=str(row.id),
            problem=Text(f"{row.kind} 交易冲销了 {target}。", f"The {row.kind} reverses {target}."),
        )


def validate_reversed_once(books: Books) -> Iterator[Found]:
    """No transaction is reversed twice."""
    t = transactions.c
    statement = select(t.reverses, func.count().label("times")).where(books.holds(t.reverses), t.reverses.is_not(None))
    for row in books.rows(statement.group_by(t.reverses).having(func.count() > 1)):
        yield Found(
            id=str(row.reverses),
            problem=Text(f"被冲销了 {row.times} 次。", f"It is reversed {row.times} times."),
        )


def validate_causes(books: Books) -> Iterator[Found]:
    """Every award, reversal, hold, capture and release belongs to the award or redemption it says it comes from."""
    t = transactions.c
    causes = {
        TransactionKind.AWARD: is_there(
            awards, joined(transactions, awards, report_id="source_id"), awards.c.transaction_id == t.id
        ),
        TransactionKind.REVERSE: is_there(
            awards, joined(transactions, awards, report_id="source_id"), awards.c.reversal_id == t.id
        ),
        TransactionKind.HOLD: is_there(redemptions, joined(transactions, redemptions, hold_id="id")),
        TransactionKind.CAPTURE: is_there(redemptions, joined(transactions, redemptions, closing_id="id")),
        TransactionKind.RELEASE: is_there(redemptions, joined(transactions, redemptions, closing_id="id")),
    }
    statement = (
        select(t.id, t.kind, t.source_id)
        .where(books.holds(t.id))
        .where(or_(*(and_(t.kind == kind.value, ~cause) for kind, cause in causes.items())))
        .order_by(t.id)
    )
    for row in books.rows(statement):
        yield Found(
            id=str(row.id),
            problem=Text(
                f"{row.kind} 交易不属于任何上报奖励或兑换单（来源 {row.source_id}）。",
                f"The {row.kind} belongs to no award and no redemption (its source: {row.source_id}).",
            ),
        )


def validate_answers(books: Books) -> Iterator[Found]:
    """Every transaction that was asked for under an idempotency key has its stored answer, and that is no refusal."""
    t, k = transactions.c, idempotency_keys.c
    statement = (
        select(t.id, t.actor, t.idempotency_key, k.status)
        .outerjoin(idempotency_keys, joined(transactions, idempotency_keys, actor="actor", key="idempotency_key"))
        .where(books.holds(t.id), t.idempotency_key.is_not(None))
        .where(or_(k.status.is_(None), k.status >= STATUS_REFUSED_MIN))
        .order_by(t.id)
    )
    for row in books.rows(statement):
        found = "—" if row.status is None else row.status
        yield Found(
            id=str(row.id),
            code=row.idempotency_key,
            problem=Text(
                f"{row.actor} 的幂等键 {row.idempotency_key} 存下的答复是 {found}，交易却在账上。",
                f"The stored answer to {row.actor} under {row.idempotency_key} is {found}, yet it was booked.",
            ),
        )
