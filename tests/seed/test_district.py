"""The demo district holds what the programme's demo promises, whatever its size."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from ledger.api.runtime import Runtime
from ledger.app import create_runtime
from ledger.domain.calendar import local_day
from ledger.queries import dashboard
from ledger.storage.tables import accounts, appointments, items, redemptions, reports, riders, stations, titles
from seed.demo import prepare_demo
from seed.owner import PROGRAMME_ID
from tests.books import check_books

RIDERS = 400


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Runtime:
    folder: Path = tmp_path_factory.mktemp("district")
    settings = prepare_demo(
        folder, riders=RIDERS, fresh=True, address="http://127.0.0.1:8000", progress=lambda *_: None
    )
    return create_runtime(settings)


def counts(connection: Connection, column: object) -> dict[str, int]:
    rows = connection.execute(select(column, func.count()).group_by(column))  # type: ignore[call-overload]
    return {row[0]: row[1] for row in rows}


def test_people_and_places_are_those_of_the_programme(demo: Runtime) -> None:
    with demo.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(riders)) == RIDERS
        assert len(counts(connection, riders.c.industry_code)) == 12
        assert connection.scalar(select(func.count()).select_from(appointments)) == 126
        assert connection.scalar(select(func.count()).select_from(stations)) == 10
        assert connection.scalar(select(func.count()).select_from(items)) == 20


def test_the_roll_has_exactly_87_settled_hazards_this_year(demo: Runtime) -> None:
    year = demo.today(PROGRAMME_ID).year
    with demo.reading() as connection:
        days = connection.scalars(
            select(reports.c.settled_at)
            .join(appointments, appointments.c.rider_id == reports.c.rider_id)
            .where(reports.c.state == "settled")
        ).all()
    zone = demo.zone_of(PROGRAMME_ID)
    assert len(days) == 87
    assert {local_day(day, zone).year for day in days if day is not None} <= {year, date.today().year}  # noqa: DTZ011


def test_history_has_ties_titles_a_clawback_and_every_end_a_redemption_can_have(demo: Runtime) -> None:
    with demo.reading() as connection:
        states = counts(connection, redemptions.c.state)
        honors = counts(connection, titles.c.honor_code)
        owed = connection.scalar(
            select(func.count()).select_from(accounts).where((accounts.c.purpose == "owed") & (accounts.c.balance > 0))
        )
    assert set(states) >= {"requested", "ready", "fulfilled", "cancelled", "lapsed"}
    assert set(honors) >= {"M-STAR", "M-IND", "M-SAFE", "ROLL-XF", "Y-PARTNER"}
    assert honors["ROLL-XF"] == 126
    assert owed == 1


def test_queues_wait_and_a_shelf_runs_low(demo: Runtime) -> None:
    with demo.reading() as connection:
        found = dashboard.read_dashboard(connection, PROGRAMME_ID, now=demo.clock(), zone=demo.zone_of(PROGRAMME_ID))
    assert found.reports.waiting > 0
    assert found.redemptions.waiting > 0
    assert found.low_stock


def test_its_books_are_right(demo: Runtime) -> None:
    with demo.reading() as connection:
        assert check_books(connection, PROGRAMME_ID) == []
