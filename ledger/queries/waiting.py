"""Credits that wait for a budget, as managers and auditors see them."""

from uuid import UUID

from sqlalchemy import Connection, func, select

from ledger.domain.cases import WaitingCredit
from ledger.queries.slices import Slice, SortKey, cut, ordered
from ledger.storage.tables import awards, sponsors
from ledger.storage.waiting import IS_WAITING, QUEUE_ORDER, select_waiting, to_waiting_credit


def read_waiting(
    connection: Connection, programme_id: int, *, sponsor: str | None, limit: int, after: SortKey | None
) -> Slice[WaitingCredit]:
    """In the order in which they will be booked, of each sponsor or of one, by its code."""
    statement = select_waiting(programme_id)
    if sponsor is not None:
        statement = statement.where(sponsors.c.code == sponsor)
    keys = [(column, False) for column in QUEUE_ORDER]
    rows = connection.execute(ordered(statement, keys, limit=limit, after=after)).all()
    return cut(
        rows,
        limit,
        to_item=to_waiting_credit,
        to_key=lambda row: (row.effective_at, row.report_id, row.part),
    )


def count_waiting(connection: Connection, programme_id: int) -> dict[UUID, tuple[int, int]]:
    """Sponsor id → credits that wait for its budget, and their points together."""
    rows = connection.execute(
        select(awards.c.sponsor_id, func.count().label("credits"), func.sum(awards.c.points_granted).label("points"))
        .where(awards.c.programme_id == programme_id)
        .where(IS_WAITING)
        .group_by(awards.c.sponsor_id)
    )
    return {row.sponsor_id: (row.credits, int(row.points)) for row in rows}
