"""/v1/me: a rider's own things, and nobody else's."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from ledger.api.forms import At, require_past
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.rankings import RankingBody, ranked_body, ranking_body
from ledger.api.reports import ReportBody, list_reports, report_body
from ledger.api.riders import RiderBody, StandingsBody, known_rider_body, read_rulebook
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.calendar import parse_month
from ledger.domain.reports import ReportState
from ledger.queries import rankings as ranking_queries
from ledger.queries import reports as report_queries
from ledger.queries import riders as queries
from ledger.queries.months import read_month
from ledger.queries.rankings import MonthStanding
from ledger.queries.reports import ReportFilter
from ledger.queries.riders import RiderBalance, StatementLine


class MeBody(msgspec.Struct, kw_only=True):
    """`standing` is that of the newest month with one."""

    rider: RiderBody
    balance: RiderBalance
    standing: MonthStanding | None


class MeController(Controller):
    path = "/me"
    tags = ["me"]

    @get(operation_id="get_me", summary="Who I am, what I have, where I stand", sync_to_thread=True)
    def get_me(self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]) -> MeBody:
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            known = queries.read_known_rider(connection, principal.programme_id, principal.name)
            standings = ranking_queries.read_standings_of(connection, principal.programme_id, known.rider.id)
            return MeBody(
                rider=known_rider_body(known, runtime, rulebook),
                balance=queries.read_balance(connection, principal.programme_id, known.rider),
                standing=standings[0] if standings else None,
            )

    @get("/balance", operation_id="get_my_balance", summary="What I have, and what lapses when", sync_to_thread=True)
    def get_my_balance(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], at: At = None
    ) -> RiderBalance:
        require_past(at, now=runtime.clock())
        with runtime.reading() as connection:
            rider = queries.read_rider(connection, principal.programme_id, principal.name)
            return queries.read_balance(connection, principal.programme_id, rider, at=at)

    @get("/statement", operation_id="get_my_statement", summary="Why my points changed", sync_to_thread=True)
    def get_my_statement(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[StatementLine]:
        cursors = Cursors(runtime.vault, principal.programme_id, f"statement {principal.name}")
        with runtime.reading() as connection:
            rider = queries.read_rider(connection, principal.programme_id, principal.name)
            found = queries.read_statement(
                connection, principal.programme_id, rider, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, lambda line: line)

    @get("/reports", operation_id="list_my_reports", summary="My reports, newest first", sync_to_thread=True)
    def list_my_reports(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        in_state: Annotated[ReportState | None, QueryParameter(name="state")] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[ReportBody]:
        return list_reports(
            runtime,
            principal,
            narrowed_to=ReportFilter(rider_code=principal.name, state=in_state),
            is_newest_first=True,
            limit=limit,
            cursor=cursor,
        )

    @get("/reports/{report:str}", operation_id="get_my_report", summary="One of my reports", sync_to_thread=True)
    def get_my_report(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], report: FromPath[str]
    ) -> ReportBody:
        with runtime.reading() as connection:
            case = report_queries.read_report(connection, principal.programme_id, report, rider_id=principal.subject_id)
            return report_body(case, read_rulebook(runtime, connection, principal))

    @get(
        "/rankings/{month:str}",
        operation_id="get_my_ranking",
        summary="My line of a month's ranking, and those around it",
        sync_to_thread=True,
    )
    def get_my_ranking(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        month: FromPath[str],
        each_side: Annotated[int, QueryParameter(ge=0, le=20, description="Lines before and after mine, 0 to 20.")] = 3,
    ) -> RankingBody:
        """Names masked, as on the public list. Empty while I have no merit in the month."""
        wanted = parse_month(month)
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            around = ranking_queries.read_surroundings(
                connection, principal.programme_id, wanted, principal.subject_id, each_side=each_side
            )
            riders = ranking_queries.count_ranked(connection, principal.programme_id, wanted)
            listed = read_month(connection, principal.programme_id, wanted)
        items = [ranked_body(item, rulebook) for item in around]
        return ranking_body(listed, riders=riders, items=items)

    @get("/standings", operation_id="list_my_standings", summary="My months, newest first", sync_to_thread=True)
    def list_my_standings(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]
    ) -> StandingsBody:
        with runtime.reading() as connection:
            return StandingsBody(
                items=ranking_queries.read_standings_of(connection, principal.programme_id, principal.subject_id)
            )
