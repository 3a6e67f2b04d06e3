"""Standings as they were: the month's list as it stood at a past instant.

While the month was open, an award counted from the moment it took effect until it was reversed. For what is recorded as
it happens that is what anybody saw then; an import of earlier years was not there yet, and counts as if it had been.
From its publication on the list stood still, and with the final list it took in the corrections of the objections.
"""

from datetime import datetime

from sqlalchemy import Connection, FromClause, and_, or_

from ledger.domain.calendar import Month
from ledger.storage import months as month_store
from ledger.storage.tables import awards, standings


def standings_at(connection: Connection, programme_id: int, month: Month, at: datetime) -> FromClause:
    """The columns of `standings`, of every rider with an award in the month.

    The list that stands now is read as it is stored; every other is made from the awards.
    """
    a = awards.c
    closed = month_store.find_closed_month(connection, programme_id, month)
    if closed is not None and at >= (closed.finalized_at or closed.published_at):
        return standings
    if closed is not None and at >= closed.published_at:
        return month_store.recomputed_list(programme_id, month, corrections_in_list=0)
    counted = and_(a.effective_at <= at, or_(a.reversed_at.is_(None), a.reversed_at > at))
    return month_store.standings_given(programme_id, month, counted)
