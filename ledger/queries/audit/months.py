"""Months: published lists recompute from the awards, and what was taken back later is on their corrections."""

from collections.abc import Iterator

from sqlalchemy import and_, func, or_, select

from ledger.domain.calendar import Month
from ledger.domain.errors import Text
from ledger.queries.audit.books import Books
from ledger.queries.audit.findings import Found
from ledger.queries.months import Verification, verify_month
from ledger.storage.tables import awards, corrections, months, riders


def validate_lists(books: Books) -> Iterator[Found]:
    """The awards give every list as it was sealed, and the list that is stored is the last one sealed."""
    published = select(months.c.month).where(books.mine(months)).order_by(months.c.month)
    for month in books.connection.scalars(published).all():
        found = verify_month(books.connection, books.programme_id, Month(month))
        for problem in _list_problems(found):
            yield Found(id=month, problem=problem)


def _list_problems(found: Verification) -> Iterator[Text]:
    for seal in found.seals:
        if seal.sealed != seal.recomputed:
            yield Text(
                f"{found.month} 的{seal.state}榜单摘要为 {seal.sealed.digest}，按奖励重算是 {seal.recomputed.digest}。",
                f"The {seal.state} list of {found.month} was sealed as {seal.sealed.digest}; "
                f"its awards give {seal.recomputed.digest}.",
            )
    if found.stored is not None and found.stored != found.seals[-1].sealed:
        sealed = found.seals[-1].sealed
        yield Text(
            f"{found.month} 现存的榜单摘要为 {found.stored.digest}，定下的是 {sealed.digest}。",
            f"The list of {found.month} as stored has the digest {found.stored.digest}; {sealed.digest} was sealed.",
        )


def validate_corrections(books: Books) -> Iterator[Found]:
    """They are numbered from one to the month's count, and each takes back what its award gave."""
    c, m = corrections.c, months.c
    numbered = (
        select(m.month, m.corrections, func.count(c.number).label("found"), func.max(c.number).label("last"))
        .outerjoin(corrections, and_(books.mine(corrections), c.month == m.month))
        .where(books.mine(months))
        .group_by(m.month, m.corrections)
    )
    for row in books.rows(numbered):
        if not row.corrections == row.found == (row.last or 0):
            yield Found(
                id=row.month,
                problem=Text(
                    f"{row.month} 记着 {row.corrections} 条更正，表里有 {row.found} 条，最后一条是 {row.last or 0}。",
                    f"{row.month} counts {row.corrections} corrections; there are {row.found}, the last numbered "
                    f"{row.last or 0}.",
                ),
            )
    yield from _find_wrong_corrections(books)


def _find_wrong_corrections(books: Books) -> Iterator[Found]:
    c, a = corrections.c, awards.c
    is_its_award = and_(
        books.mine(awards),
        a.report_id == c.report_id,
        a.rider_id == c.rider_id,
        a.part == c.part,
        a.month == c.month,
        a.reversed_at == c.recorded_at,
    )
    is_wrong = or_(a.report_id.is_(None), a.merit + c.merit != 0)
    statement = (
        select(c.month, c.number, c.merit, a.merit.label("awarded"), riders.c.code)
        .outerjoin(awards, is_its_award)
        .outerjoin(riders, and_(books.mine(riders), riders.c.id == c.rider_id))
        .where(books.mine(corrections), is_wrong)
        .order_by(c.month, c.number)
    )
    for row in books.rows(statement):
        yield Found(
            id=f"{row.month}/{row.number}",
            code=row.code,
            problem=Text(
                f"更正减去 {-row.merit}，所指的奖励为 {row.awarded}，或没有撤销。",
                f"The correction takes back {-row.merit}; its award gave {row.awarded}, or still stands.",
            ),
        )
