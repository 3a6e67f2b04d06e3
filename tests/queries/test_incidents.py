"""Incidents as they are read: lists and pages, and that the search for suggestions looks at its neighbourhood only."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from ledger.domain.errors import NotFound
from ledger.queries import incidents as queries
from ledger.queries.programmes import read_rulebook_on
from ledger.storage.tables import reports
from tests.deployment import START
from tests.world import HERE, World

ELSEWHERE = 4_000
STEP_E7 = 20_000
"""Some 20 m: the reports elsewhere lie in bands of latitude of their own."""


@contextmanager
def plans(connection: Connection) -> Iterator[list[str]]:
    """The plans of the statements that are run meanwhile."""
    found: list[str] = []
    prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "

    def explain(_connection: Any, cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        cursor.execute(prefix + statement, parameters)
        found.append("\n".join(str(row) for row in cursor.fetchall()))

    event.listen(connection, "before_cursor_execute", explain)
    yield found
    event.remove(connection, "before_cursor_execute", explain)


def fill_elsewhere(world: World, code: str) -> None:
    """Many verified reports of the same category and time, each some way further north."""
    with world.runtime.database.writer.begin() as connection:
        [row] = connection.execute(reports.select().where(reports.c.code == code)).mappings().all()
        connection.execute(
            insert(reports),
            [
                {
                    **row,
                    "id": type(row["id"])(int=number),
                    "code": f"{number:010d}",
                    "lat_e7": HERE.lat_e7 + number * STEP_E7,
                    "submitted_at": START + timedelta(seconds=number),
                }
                for number in range(1, ELSEWHERE + 1)
            ],
        )
        connection.execute(text("ANALYZE"))


def test_the_search_asks_the_index_for_a_band_and_scans_nothing(world: World) -> None:
    first = world.award(world.enroll()).case.report.code
    world.share(world.submit(world.enroll("R00002")), first)
    third = world.report(world.submit(world.enroll("R00003"))).report
    fill_elsewhere(world, first)
    with world.runtime.reading() as connection:
        rulebook = read_rulebook_on(connection, world.programme_id, START.date())
        with plans(connection) as found:
            suggestions = queries.read_suggestions(connection, world.programme_id, third, rulebook=rulebook)
    assert {3} == {one.number for one in suggestions if one.case.incident.code == first}
    assert "ix_reports_lat_e7" in found[0]
    for plan in found:
        assert "Seq Scan on reports" not in plan and "SCAN reports" not in plan, plan


def test_incidents_are_listed_latest_first_page_by_page(world: World) -> None:
    riders = [world.enroll(f"R0000{number}") for number in range(1, 3)]
    codes = []
    for category in ("FAC-01", "SAF-01", "ENV-02"):
        first = world.award(riders[0], category_code=category).case.report.code
        world.share(world.submit(riders[1], category_code=category), first)
        codes.append(first)
        world.clock.pass_time(minutes=1)
    with world.runtime.reading() as connection:

        def read(**changes: Any) -> Any:
            values = {"category_code": None, "limit": 2, "after": None, **changes}
            return queries.read_incidents(connection, world.programme_id, **values)

        page = read()
        assert [case.incident.code for case in page.items] == codes[:0:-1]
        assert [case.incident.code for case in read(after=page.after).items] == codes[:1]
        assert [case.incident.code for case in read(category_code="SAF-01").items] == [codes[1]]


def test_an_incident_that_was_merged_away_is_no_longer_listed(world: World) -> None:
    riders = [world.enroll(f"R0000{number}") for number in range(1, 5)]
    firsts = [world.award(rider).case.report.code for rider in riders[:2]]
    for first, rider in zip(firsts, riders[2:], strict=True):
        world.share(world.submit(rider), first)
    world.merge(firsts[1], firsts[0])
    with world.runtime.reading() as connection:
        page = queries.read_incidents(connection, world.programme_id, category_code=None, limit=10, after=None)
        assert [[one.rider_code for one in case.members] for case in page.items] == [riders]
        assert queries.read_incident(connection, world.programme_id, firsts[1]).incident.code == firsts[0]


def test_what_was_never_verified_is_in_no_incident(world: World) -> None:
    code = world.submit(world.enroll())
    with world.runtime.reading() as connection:
        for name in (code, "NOTHING000", "x"):
            with pytest.raises(NotFound):
                queries.read_incident(connection, world.programme_id, name)


def test_a_verified_report_alone_is_an_incident_of_one(world: World) -> None:
    code = world.award(world.enroll()).case.report.code
    with world.runtime.reading() as connection:
        case = queries.read_incident(connection, world.programme_id, code)
    assert (case.incident.code, case.founded_at, [one.rider_code for one in case.members]) == (code, None, ["R00001"])
