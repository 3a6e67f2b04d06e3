"""Titles: their facts are what the awards said when they were given, and enough for the honor.

A title keeps the numbers that earned it. They are recomputed as of that moment; what happened at the very same instant
may be in them or not. Ranks are not recomputed: they depend on every other rider of that day.
"""

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, true

from ledger.domain.awards import Part
from ledger.domain.errors import Text
from ledger.domain.honors import Candidate, Honor, TitleState, is_eligible
from ledger.domain.rulebook import read_rulebook
from ledger.queries.audit.books import Books, joined
from ledger.queries.audit.findings import Found
from ledger.storage.tables import awards, reports, riders, rulebooks, titles

NUMBERS = ("merit", "verified", "serious_points", "urgent", "verified_in_all")
"""The facts that a rider's own awards tell."""


def validate_title_facts(books: Books) -> Iterator[Found]:
    """The numbers beside a title are those of the rider's awards in its period, as they stood when it was given."""
    recomputed = [
        value.label(f"{name}_{bound}")
        for bound, is_counted in _as_of_then().items()
        for name, value in _numbers(is_counted).items()
    ]
    for row in books.rows(_select(books).add_columns(*recomputed)):
        facts = json.loads(row.facts)
        for name in NUMBERS:
            least, most = int(getattr(row, f"{name}_least")), int(getattr(row, f"{name}_most"))
            if name == "verified_in_all":
                least = 0  # it counted up to the end of a month that is not written down
            if name in facts and not least <= facts[name] <= most:
                problem = Text(
                    f"依据写着 {name} = {facts[name]}，按当时的奖励算出 {most}。",
                    f"Its facts say {name} = {facts[name]}; the awards of then come to {most}.",
                )
                yield Found(id=str(row.id), code=row.rider_code, problem=problem)


def validate_title_grounds(books: Books) -> Iterator[Found]:
    """What a title's facts say is enough for its honor in its rulebook, and one that a person must confirm was not
    confirmed by who proposed it."""
    honors = _read_honors(books)
    for row in books.rows(_select(books)):
        honor = honors.get((row.rulebook_version, row.honor_code))
        if honor is None or not is_eligible(honor, _candidate(row)):
            problem = Text(
                f"依据 {row.facts} 不够规则 {row.rulebook_version} 的 {row.honor_code}。",
                f"{row.facts} is not enough for {row.honor_code} of rulebook {row.rulebook_version}.",
            )
            yield Found(id=str(row.id), code=row.rider_code, problem=problem)
        elif not _is_decided_rightly(honor, row):
            problem = Text(
                f"状态 {row.state}，提名人 {row.awarded_by}，确认人 {row.decided_by or '—'}：不合规则。",
                f"It is {row.state}, given by {row.awarded_by}, decided by {row.decided_by or '—'}: against the rules.",
            )
            yield Found(id=str(row.id), code=row.rider_code, problem=problem)


def _candidate(row: Row[Any]) -> Candidate:
    facts = json.loads(row.facts)
    numbers = {name: facts[name] for name in Candidate.__slots__ if name in facts}
    return Candidate(rider_id=row.rider_id, industry_code=facts.get("industry"), is_on_roll=True, **numbers)


def _is_decided_rightly(honor: Honor, row: Row[Any]) -> bool:
    is_decided = row.decided_at is not None
    match TitleState(row.state):
        case TitleState.PROPOSED:
            return honor.is_proposed and not is_decided
        case TitleState.DECLINED:
            return honor.is_proposed and is_decided
        case TitleState.GRANTED:
            return is_decided and row.decided_by != row.awarded_by if honor.is_proposed else not is_decided


def _read_honors(books: Books) -> dict[tuple[int, str], Honor]:
    documents = select(rulebooks.c.version, rulebooks.c.document).where(books.mine(rulebooks))
    return {
        (row.version, honor.code): honor
        for row in books.rows(documents)
        for honor in read_rulebook(row.version, row.document).honors
    }


def _select(books: Books) -> Select[Any]:
    t = titles.c
    return (
        select(*t, riders.c.code.label("rider_code"))
        .outerjoin(riders, joined(titles, riders, id="rider_id"))
        .where(books.holds(t.id))
        .order_by(t.id)
    )


def _as_of_then() -> dict[str, ColumnElement[bool]]:
    """Which awards count at least and at most: those before the moment, and those of the moment too."""
    a, then = awards.c, titles.c.awarded_at
    return {
        "least": and_(
            a.effective_at < then, reports.c.recorded_at < then, or_(a.reversed_at.is_(None), a.reversed_at > then)
        ),
        "most": and_(
            a.effective_at <= then, reports.c.recorded_at <= then, or_(a.reversed_at.is_(None), a.reversed_at >= then)
        ),
    }


def _numbers(is_counted: ColumnElement[bool]) -> dict[str, ColumnElement[Any]]:
    a = awards.c
    in_period = a.month.like(titles.c.period + "%")
    is_report = a.part == Part.REPORT.value

    def total(value: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
        statement = (
            select(func.coalesce(func.sum(case((and_(*conditions), value), else_=0)), 0))
            .select_from(awards)
            .join(reports, joined(awards, reports, id="report_id"))
            .where(joined(titles, awards, rider_id="rider_id"), is_counted)
        )
        return statement.correlate(titles).scalar_subquery()

    one = case((true(), 1))
    return {
        "merit": total(a.merit, in_period),
        "verified": total(one, in_period, is_report),
        "serious_points": total(a.points_granted, in_period, a.is_serious.is_(True)),
        "urgent": total(one, in_period, is_report, a.is_cap_exempt.is_(True)),
        "verified_in_all": total(one, is_report),
    }
