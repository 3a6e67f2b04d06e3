"""Months as people see them, the corrections of their lists, and the proof that a list is what its awards give."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from ledger.domain.calendar import Month, following_month
from ledger.domain.months import ClosedMonth, Correction, Difference, MonthState, Seal, seal_list
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage import months as month_store
from ledger.storage.tables import corrections, months, reports, riders, standings

MONTHS_MAX = 1_200
"""Months listed: those of a hundred years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedMonth:
    """`closed` is None while the month is open."""

    month: Month
    closed: ClosedMonth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCorrection:
    correction: Correction
    rider_code: str
    report_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedSeal:
    """`state` is that of the list that was sealed: provisional or final."""

    state: MonthState
    sealed: Seal
    recomputed: Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """`stored` is the list as it stands, beside the seal it should have; None in a month that is open.

    `differences`: riders whose standing with all corrections is not what their awards give, at most 1,000.
    """

    month: Month
    seals: list[CheckedSeal]
    stored: Seal | None
    differences: list[Difference]

    @property
    def is_intact(self) -> bool:
        is_as_sealed = all(seal.sealed == seal.recomputed for seal in self.seals)
        is_stored = not self.seals or self.stored == self.seals[-1].sealed
        return is_as_sealed and is_stored and not self.differences


def read_months(connection: Connection, programme_id: int, *, present: Month) -> list[ListedMonth]:
    """From the first month with a standing to the present one, newest first."""
    first = connection.scalar(select(func.min(standings.c.month)).where(standings.c.programme_id == programme_id))
    rows = connection.execute(select(*months.c).where(months.c.programme_id == programme_id))
    closed = {Month(row.month): month_store.to_closed_month(row) for row in rows}
    found = [min([Month(first or present), present, *closed])]
    while found[-1] < present and len(found) < MONTHS_MAX:
        found.append(following_month(found[-1]))
    return [ListedMonth(month=month, closed=closed.get(month)) for month in reversed(found)]


def read_month(connection: Connection, programme_id: int, month: Month, *, at: datetime | None = None) -> ListedMonth:
    """Now, or as it was at a past instant."""
    closed = month_store.find_closed_month(connection, programme_id, month)
    if closed is not None and at is not None:
        corrections_by_then = (
            select(func.max(corrections.c.number))
            .where(corrections.c.programme_id == programme_id)
            .where(corrections.c.month == month)
            .where(corrections.c.recorded_at <= at)
        )
        closed = closed.as_of(at, corrections=connection.scalar(corrections_by_then) or 0)
    return ListedMonth(month=month, closed=closed)


def read_corrections(
    connection: Connection, programme_id: int, month: Month, *, limit: int, after: SortKey | None
) -> Slice[ListedCorrection]:
    """In the order of their numbers."""
    statement = (
        select(*corrections.c, riders.c.code.label("rider_code"), reports.c.code.label("report_code"))
        .join(riders, (riders.c.programme_id == programme_id) & (riders.c.id == corrections.c.rider_id))
        .join(reports, (reports.c.programme_id == programme_id) & (reports.c.id == corrections.c.report_id))
        .where(corrections.c.programme_id == programme_id)
        .where(corrections.c.month == month)
    )
    rows = connection.execute(ordered(statement, [(corrections.c.number, False)], limit=limit, after=after)).all()
    return cut(
        rows,
        limit,
        to_item=lambda row: ListedCorrection(
            correction=month_store.to_correction(row), rider_code=row.rider_code, report_code=row.report_code
        ),
        to_key=lambda row: (row.number,),
    )


def verify_month(connection: Connection, programme_id: int, month: Month) -> Verification:
    """Recomputes what was sealed from the awards alone, and compares what is stored; reads the whole month."""
    month_store.allow_long_statements(connection)
    closed = month_store.find_closed_month(connection, programme_id, month)
    differences = month_store.find_differences(
        connection, programme_id, month, corrections=closed.corrections if closed else 0
    )
    if closed is None:
        return Verification(month=month, seals=[], stored=None, differences=differences)

    sealed = [(MonthState.PROVISIONAL, closed.published, 0)]
    if closed.final is not None:
        sealed.append((MonthState.FINAL, closed.final, closed.corrections_in_list))
    return Verification(
        month=month,
        seals=[
            CheckedSeal(
                state=state,
                sealed=seal,
                recomputed=seal_list(
                    programme_id,
                    month,
                    month_store.stream_recomputed_list(connection, programme_id, month, corrections=in_list),
                ),
            )
            for state, seal, in_list in sealed
        ],
        stored=seal_list(programme_id, month, month_store.stream_list(connection, programme_id, month)),
        differences=differences,
    )
