"""/v1/dashboard: the manager's screen in one answer."""

from datetime import datetime

import msgspec
from litestar import get
from litestar.di import NamedDependency

from ledger.api.rankings import RankedBody, ranked_body
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.queries import dashboard as queries
from ledger.queries import programmes as programme_queries
from ledger.queries.dashboard import LowStock, PointsSummary, Queue
from ledger.queries.programmes import BudgetRecord

BUDGETS_MAX = 50
"""Budgets on the screen: a district has a dozen sponsors."""


class DashboardBody(msgspec.Struct, kw_only=True):
    """`reports` wait for review, `redemptions` for approval; `ready` vouchers wait for their riders, `ready_overdue` of
    them past their last day. `day` and `month` are local; `top` are the month's best so far."""

    at: datetime
    day: str
    month: str
    reports: Queue
    redemptions: Queue
    ready: int
    ready_overdue: int
    points: PointsSummary
    budgets: list[BudgetRecord]
    low_stock: list[LowStock]
    top: list[RankedBody]


@get(
    "/dashboard",
    operation_id="get_dashboard",
    tags=["dashboard"],
    summary="Queues, points, budgets, stock and the month's best at a glance",
    sync_to_thread=True,
)
def get_dashboard(runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]) -> DashboardBody:
    programme_id = principal.programme_id
    with runtime.reading() as connection:
        rulebook = read_rulebook(runtime, connection, principal)
        found = queries.read_dashboard(
            connection, programme_id, now=runtime.clock(), zone=runtime.zone_of(programme_id)
        )
        budgets = programme_queries.read_budgets(connection, programme_id, limit=BUDGETS_MAX, after=None).items
    return DashboardBody(
        at=found.at,
        day=found.day,
        month=found.month,
        reports=found.reports,
        redemptions=found.redemptions,
        ready=found.ready,
        ready_overdue=found.ready_overdue,
        points=found.points,
        budgets=budgets,
        low_stock=found.low_stock,
        top=[ranked_body(ranked, rulebook) for ranked in found.top],
    )
