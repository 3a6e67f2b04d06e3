"""Score counts: how many riders of a month share a score, kept so that a rank is a sum of few rows and not a count of
all riders.

Each level counts within a row of the one above: a band of merits, a merit, a score (the tie chain without its moment),
the day and the slot of five minutes in which the score was reached. Bands and merits are always counted. Scores are
counted only for a merit that is crowded, days and slots only for a score that is: where few riders are, the index of
the standings counts them as fast, and a row for almost every rider would cost more than it saves. What became crowded
stays so, since a month is soon over.

Read and written under the programme's turn, so that no other unit of work can count in between.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select

from ledger.domain.calendar import Month
from ledger.domain.standings import Standing
from ledger.storage.bulk import read_rows
from ledger.storage.tables import score_counts, standings
from ledger.storage.types import EPOCH
from ledger.storage.unit_of_work import UnitOfWork

BAND_MERIT = 64
"""Merits of a band: with a monthly cap of 2,000 points as many bands as merits that occur in one."""
CROWD = 1_000
"""More riders than this in one row are counted finer; an index counts so many in a tenth of a millisecond."""
SLOT = timedelta(minutes=5)
DAY = timedelta(days=1)


class Level(StrEnum):
    BAND = "band"
    MERIT = "merit"
    SCORE = "score"
    DAY = "day"
    SLOT = "slot"


class Cell(NamedTuple):
    """What is counted together. A named tuple, since a batch hashes thousands of them."""

    month: Month
    level: Level
    merit: int
    verified_reports: int = 0
    serious_points: int = 0
    reached_from: datetime = EPOCH


KEY = ("programme_id", *Cell._fields)


def count_standings(uow: UnitOfWork, *, before: Iterable[Standing], after: Iterable[Standing]) -> None:
    """Each standing of `before` is no longer counted, each of `after` is. Call it when `after` has been written."""
    moves = [(standing, step) for group, step in ((before, -1), (after, 1)) for standing in group if standing.merit]
    steps: Counter[Cell] = Counter()
    crowdable: Counter[Cell] = Counter()
    for standing, step in moves:
        steps[_band(standing)] += step
        crowdable[_merit(standing)] += step
        crowdable[_score(standing)] += step
    stored = _read(uow, crowdable)
    crowds = {cell for cell, (_, is_crowded) in stored.items() if is_crowded}
    steps.update(
        {cell: step for cell, step in crowdable.items() if cell.level is Level.MERIT or _merit(cell) in crowds}
    )
    for standing, step in moves:
        if _score(standing) in crowds:
            for cell in _times(standing):
                steps[cell] += step

    new_crowds = [
        cell
        for cell in steps.keys() & crowdable.keys() - crowds
        if steps[cell] + (stored[cell][0] if cell in stored else 0) > CROWD
    ]
    for crowd in list(new_crowds):
        finer = _count_finer(uow, crowd)
        steps.update(finer)
        new_crowds += [cell for cell, riders in finer.items() if cell.level is Level.SCORE and riders > CROWD]
    rows = [_row(uow, cell) | {"riders": step, "is_crowded": False} for cell, step in steps.items() if step]
    uow.add(score_counts, to="riders", key=KEY, rows=rows)
    uow.update(score_counts, key=KEY, rows=[_row(uow, cell) | {"is_crowded": True} for cell in new_crowds])


def _count_finer(uow: UnitOfWork, crowd: Cell) -> Counter[Cell]:
    """The riders in the cells below one that became crowded. It holds little more than `CROWD`, so they are read."""
    s = standings.c
    statement = (
        select(s.rider_id, s.verified_reports, s.serious_points, s.reached_at)
        .where(s.programme_id == uow.programme_id)
        .where(s.month == crowd.month)
        .where(s.merit == crowd.merit)
    )
    if crowd.level is Level.SCORE:
        statement = statement.where(s.verified_reports == crowd.verified_reports)
        statement = statement.where(s.serious_points == crowd.serious_points)
    found = [
        Standing(
            rider_id=row.rider_id,
            month=crowd.month,
            merit=crowd.merit,
            verified_reports=row.verified_reports,
            serious_points=row.serious_points,
            reached_at=row.reached_at,
        )
        for row in uow.connection.execute(statement)
    ]
    scores = Counter(map(_score, found))
    times = Counter(cell for standing in found if scores[_score(standing)] > CROWD for cell in _times(standing))
    return times if crowd.level is Level.SCORE else scores + times


def _band(standing: Standing) -> Cell:
    return Cell(standing.month, Level.BAND, standing.merit - standing.merit % BAND_MERIT)


def _merit(of: Standing | Cell) -> Cell:
    return Cell(of.month, Level.MERIT, of.merit)


def _score(standing: Standing) -> Cell:
    return Cell(standing.month, Level.SCORE, standing.merit, standing.verified_reports, standing.serious_points)


def _times(standing: Standing) -> tuple[Cell, Cell]:
    score = _score(standing)
    reached_at = standing.reached_at or EPOCH
    day, slot = (reached_at - (reached_at - EPOCH) % length for length in (DAY, SLOT))
    return score._replace(level=Level.DAY, reached_from=day), score._replace(level=Level.SLOT, reached_from=slot)


def _read(uow: UnitOfWork, cells: Collection[Cell]) -> dict[Cell, tuple[int, bool]]:
    """Cell → riders and whether it is crowded."""
    rows = read_rows(uow.connection, score_counts, key=KEY, keys=[(uow.programme_id, *cell) for cell in cells])
    return {
        Cell(
            Month(row.month),
            Level(row.level),
            row.merit,
            row.verified_reports,
            row.serious_points,
            row.reached_from,
        ): (row.riders, row.is_crowded)
        for row in rows
    }


def _row(uow: UnitOfWork, cell: Cell) -> dict[str, Any]:
    return {"programme_id": uow.programme_id, **cell._asdict()}
