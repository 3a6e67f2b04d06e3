"""The benchmarks run, on both engines, in sizes that measure nothing: so that they are there when they are needed.

And what they measure is the same thing: peers, floors and filled databases keep right books.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from ledger.storage.engine import Database, open_database
from seed.owner import PROGRAMME_ID
from tests.benchmarks.__main__ import BENCHMARKS
from tests.benchmarks.contenders import InFunctions, OnePerRequest, Ours, evenly
from tests.benchmarks.databases import Place, PostgresPlace, SqlitePlace, connect_bare
from tests.benchmarks.filling import Filling, filled_database
from tests.benchmarks.measuring import Contender, Slice, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Skipped, at_least, at_most
from tests.benchmarks.programmes import create_template
from tests.books import check_by_model, read_books

SECONDS = 0.1


@pytest.fixture
def place(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if engine_name == "sqlite":
        yield SqlitePlace(folder=tmp_path, cache=tmp_path)
        return
    found = PostgresPlace(admin_url=request.getfixturevalue("postgres"))
    yield found
    found.close()


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


@pytest.mark.slow
@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_has_figures(name: str, place: Place, tmp_path: Path) -> None:
    tiny = Options(
        engines=(place.engine,),
        clients=(1, 2),
        seconds=SECONDS,
        rounds=1,
        sizes=(120, 240),
        entries=400,
        cache=tmp_path,
    )

    lines = list(BENCHMARKS[name](place, tiny))

    findings = [line for line in lines if not isinstance(line, Skipped)]
    assert findings
    for finding in findings:
        assert finding.benchmark == name
        assert all(figure > 0 for figure in [*finding.figures, *finding.beside_figures]), finding


@pytest.mark.slow
def test_a_filled_database_has_right_books(place: Place) -> None:
    url = filled_database(place, Filling(rider_count=150, awards_each=2, has_outputs=True))

    assert _find_faults(url) == []


@pytest.mark.slow
def test_a_filled_database_is_kept(place: Place) -> None:
    filling = Filling(rider_count=120)
    url = filled_database(place, filling)

    assert place.keep(filling.name) == (url, False)
    place.drop(url)


@pytest.mark.slow
def test_the_usual_way_keeps_right_books(place: Place, stack: ExitStack) -> None:
    template, rider_ids = create_template(place, rider_count=50)
    peer = OnePerRequest(stack, place, template, draw=evenly(rider_ids), seconds=SECONDS)

    done = peer.contender(4)()

    assert done.done
    # It keeps no score counts: whoever works this way counts the riders when a rank is asked.
    assert [fault for fault in _find_faults(peer.url) if not fault.startswith("score count")] == []


@pytest.mark.slow
def test_the_floor_writes_the_very_rows_that_were_written(place: Place, stack: ExitStack) -> None:
    template, rider_ids = create_template(place, rider_count=50)
    ours = Ours(stack, place, template, draw=evenly(rider_ids), clients=4, seconds=SECONDS, has_floor=True)

    done, replayed = ours.run(), ours.replay()

    assert replayed.done == done.done
    written, copied = (_read(database) for database in ours.databases)
    assert copied == written


@pytest.mark.slow
def test_pgledgers_method_moves_what_it_says(postgres: str, stack: ExitStack) -> None:
    place = PostgresPlace(admin_url=postgres)
    stack.callback(place.close)
    _, rider_ids = create_template(place, rider_count=50)
    peer = InFunctions(stack, place, rider_ids, draw=evenly(rider_ids), seconds=SECONDS)

    done = peer.contender(4, is_full=False)().done + peer.contender(4, is_full=True)().done

    with connect_bare(peer.url) as connection:
        [moved] = connection.execute("SELECT sum(amount) FROM entries WHERE amount > 0").fetchall()
        wrong = connection.execute(
            "SELECT 1 FROM accounts a JOIN entries e ON e.account_id = a.id AND e.version = a.version"
            " WHERE e.balance_after <> a.balance"
        ).fetchall()
    assert moved == (50 * done,)
    assert wrong == []


def test_contenders_take_turns_after_a_warm_up() -> None:
    order: list[str] = []

    def contender(name: str) -> Contender:
        def run() -> Slice:
            order.append(name)
            return Slice(done=1, seconds=1)

        return run

    found = take_turns({"a": contender("a"), "b": contender("b")}, rounds=2)

    assert order == ["a", "b", "a", "b", "a", "b"]
    assert len(found["a"].slices) == 2


def test_a_ratio_is_taken_between_neighbours() -> None:
    finding = _finding(figures=[10, 30, 90], beside_figures=[10, 10, 10])

    assert finding.ratios == [1, 3, 9]
    assert finding.as_json()["ratio"] == 3


@pytest.mark.parametrize(
    ("goal", "is_met"), [(at_least(2), True), (at_least(2.1), False), (at_most(2), True), (at_most(1.9), False)]
)
def test_a_goal_is_met_or_missed(goal: Any, is_met: bool) -> None:
    assert _finding(figures=[20], beside_figures=[10], goal=goal).is_met is is_met


def _finding(**values: Any) -> Finding:
    return Finding(benchmark="a", engine="sqlite", what="b", unit="c", beside="d", **values)


def _find_faults(url: str) -> list[str]:
    """But for enrolments and submissions: nobody measures them, and the rows were put there without their events."""
    database = open_database(url)
    with database.reader.connect() as connection:
        faults = check_by_model(connection, PROGRAMME_ID)
    database.dispose()
    unheard = (
        " and its events are ['report.verified']",
        " is submitted and its events are []",
        " was not told of once",
    )
    return [fault for fault in faults if not fault.endswith(unheard)]


def _read(database: Database) -> dict[str, list[Any]]:
    """All rows of what awards write, sorted."""
    with database.reader.connect() as connection:
        books = read_books(connection, PROGRAMME_ID)
    return {
        name: sorted(map(repr, getattr(books, name)))
        for name in ("accounts", "transactions", "entries", "awards", "reports", "standings", "events")
    }
