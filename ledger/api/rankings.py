"""/v1/rankings/{month}: the public list of a month, names masked."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from ledger.api.forms import At, require_past
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.calendar import parse_month
from ledger.domain.months import MonthState
from ledger.domain.rulebook import Rulebook
from ledger.domain.standings import TIE_CHAIN
from ledger.queries import rankings as queries
from ledger.queries.months import ListedMonth, read_month
from ledger.queries.rankings import RankedRider, RankingFilter


class RankedBody(msgspec.Struct, kw_only=True):
    rank: int
    rider_code: str
    name: str
    industry_code: str | None
    industry_name: str | None
    merit: int
    verified_reports: int
    serious_points: int
    reached_at: datetime


class RankingBody(msgspec.Struct, kw_only=True):
    """`tie_chain` is the order in which riders are compared; equal in all of it means the same rank. `riders` counts
    those with merit in the month. Once the list is published (`state` provisional or final) its `digest` says which
    list this is; `corrections` counts all that were ever made, and those beyond `corrections_in_list` are not in it.
    With `at`, the past instant asked for, all of this is as it was then."""

    month: str
    at: datetime | None
    state: MonthState
    digest: str | None
    corrections: int
    corrections_in_list: int
    tie_chain: tuple[str, ...]
    riders: int
    items: list[RankedBody]
    next: str | None


class RankingsController(Controller):
    path = "/rankings"
    tags = ["rankings"]

    @get("/{month:str}", operation_id="get_ranking", summary="A month's ranking, best first", sync_to_thread=True)
    def get_ranking(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        month: FromPath[str],
        industry: Annotated[str | None, QueryParameter(max_length=10, description="An industry's code.")] = None,
        subdistrict: Annotated[str | None, QueryParameter(max_length=60)] = None,
        at: At = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> RankingBody:
        """Of everybody, of an industry, of a subdistrict, or of both; ranks are those among the riders listed.

        At a past instant, the list as it stood then: the one that was published or final, and while the month was open
        what had taken effect counts, whenever it was recorded.
        """
        require_past(at, now=runtime.clock())
        wanted = parse_month(month)
        narrowed_to = RankingFilter(industry_code=industry, subdistrict=subdistrict)
        cursors = Cursors(runtime.vault, principal.programme_id, f"ranking {wanted} {narrowed_to} {at}")
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            found = queries.read_ranking(
                connection,
                principal.programme_id,
                wanted,
                narrowed_to=narrowed_to,
                at=at,
                limit=limit,
                after=cursors.read(cursor),
            )
            riders = queries.count_ranked(connection, principal.programme_id, wanted, narrowed_to=narrowed_to, at=at)
            listed = read_month(connection, principal.programme_id, wanted, at=at)
        items = [ranked_body(item, rulebook) for item in found.items]
        return ranking_body(listed, at=at, riders=riders, items=items, cursor=cursors.write(found.after))


def ranking_body(
    listed: ListedMonth, *, at: datetime | None = None, riders: int, items: list[RankedBody], cursor: str | None = None
) -> RankingBody:
    closed = listed.closed
    return RankingBody(
        month=listed.month,
        at=at,
        state=closed.state if closed else MonthState.OPEN,
        digest=closed.seal.digest if closed else None,
        corrections=closed.corrections if closed else 0,
        corrections_in_list=closed.corrections_in_list if closed else 0,
        tie_chain=TIE_CHAIN,
        riders=riders,
        items=items,
        next=cursor,
    )


def ranked_body(ranked: RankedRider, rulebook: Rulebook) -> RankedBody:
    fields: dict[str, Any] = {name: getattr(ranked, name) for name in RankedRider.__slots__}
    industry_name = rulebook.industries.get(ranked.industry_code) if ranked.industry_code else None
    return RankedBody(**fields, industry_name=industry_name)
