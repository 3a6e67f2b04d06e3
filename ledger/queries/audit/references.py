"""What the tables promise about themselves, asked of the rows: CHECK constraints and foreign keys, and the references
that no foreign key covers.

The database keeps the first two. A copy that was loaded without them, or a hand that switched them off, is what this
is for.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Table, and_, literal, select, text

from ledger.domain.errors import Text
from ledger.domain.transactions import TransactionKind
from ledger.queries.audit.books import Books, is_there
from ledger.queries.audit.findings import Found
from ledger.storage.tables import (
    awards,
    entries,
    items,
    metadata,
    proposals,
    redemptions,
    riders,
    rulebooks,
    sponsors,
    titles,
    transactions,
)

CODES = ("code", "sku", "name", "honor_code")
"""Columns by which people know a row, the first of them that the table has."""

SECRET = {"tokens", "one_time_codes"}
"""Tables whose keys are nobody's business."""

UNCOVERED = [
    (awards, "rider_id", riders, "id"),
    (awards, "sponsor_id", sponsors, "id"),
    *(
        (table, "rulebook_version", rulebooks, "version")
        for table in (transactions, awards, redemptions, titles, proposals)
    ),
]
"""(table, column, target, target's column). Those of `accounts` and of transactions' sources are in checks of their
own: what they point at depends on the row."""


def validate_constraints(books: Books) -> Iterator[Found]:
    """Every row fulfils the CHECK constraints of its table."""
    for table in _tables():
        for constraint in table.constraints:
            if isinstance(constraint, CheckConstraint):
                rule = str(constraint.sqltext)
                problem = Text(f"不满足约束 {constraint.name}：{rule}。", f"It breaks {constraint.name}: {rule}.")
                yield from _found(books, table, text(f"NOT ({rule})"), problem)


def validate_references(books: Books) -> Iterator[Found]:
    """What a row points at is there. Entries are left to `validate_legs`, which looks each of them up anyway."""
    for table in _tables():
        for constraint in table.constraints:
            if isinstance(constraint, ForeignKeyConstraint) and table is not entries:
                pairs = [(key.parent.name, key.column) for key in constraint.elements]
                yield from _missing(books, table, constraint.referred_table, pairs)
    for table, name, target, target_name in UNCOVERED:
        pairs = [("programme_id", target.c.programme_id), (name, target.c[target_name])]
        yield from _missing(books, table, target, pairs)


def validate_restocked_items(books: Books) -> Iterator[Found]:
    """A restocking names its item."""
    t = transactions.c
    is_known = is_there(items, items.c.programme_id == t.programme_id, items.c.id == t.source_id)
    problem = Text("补货交易所说的商品不存在。", "The item that it restocks is not there.")
    yield from _found(books, transactions, and_(t.kind == TransactionKind.RESTOCK.value, ~is_known), problem)


def _missing(books: Books, table: Table, target: Table, pairs: list[tuple[str, Any]]) -> Iterator[Found]:
    other = target.alias("target")
    is_known = is_there(other, *(other.c[column.name] == table.c[name] for name, column in pairs))
    names = [name for name, _ in pairs if name != "programme_id"]
    is_set = and_(True, *(table.c[name].is_not(None) for name in names))
    where = ", ".join(names) or "programme_id"
    problem = Text(f"{where} 所指的 {target.name} 不存在。", f"The {target.name} that {where} points at is not there.")
    yield from _found(books, table, and_(is_set, ~is_known), problem)


def _found(books: Books, table: Table, is_wrong: Any, problem: Text) -> Iterator[Found]:
    key = list(table.primary_key)
    code = next((table.c[name] for name in CODES if name in table.c), literal(None))
    for row in books.rows(select(*key, code.label("code_")).where(books.mine(table), is_wrong).order_by(*key)):
        # Without the programme's own id, unless that is all there is.
        found = " ".join(map(str, row[1:-1] if len(key) > 1 else row[:-1]))
        yield Found(id=found, code=row.code_, problem=problem, table=table.name)


def _tables() -> list[Table]:
    """Those of a programme. What lets people in has no place in the books, and is never printed."""
    return [table for table in metadata.sorted_tables if "programme_id" in table.c and table.name not in SECRET]
