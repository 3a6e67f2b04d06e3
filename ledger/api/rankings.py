"""/v1/rankings/{month}: the public list of a month, names masked."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.calendar import parse_month
from ledger.domain.rulebook import Rulebook
from ledger.domain.standings import TIE_CHAIN
from ledger.queries import rankings as queries
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
    those with merit in the month."""

    month: str
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
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> RankingBody:
        """Of everybody, of an industry, of a subdistrict, or of both; ranks are those among the riders listed."""
        wanted = parse_month(month)
        narrowed_to = RankingFilter(industry_code=industry, subdistrict=subdistrict)
        cursors = Cursors(runtime.vault, principal.programme_id, f"ranking {wanted} {narrowed_to}")
        with runtime.reading() as connection:
            rulebook = read_rulebook(runtime, connection, principal)
            found = queries.read_ranking(
                connection,
                principal.programme_id,
                wanted,
                narrowed_to=narrowed_to,
                limit=limit,
                after=cursors.read(cursor),
            )
            riders = queries.count_ranked(connection, principal.programme_id, wanted, narrowed_to=narrowed_to)
        return RankingBody(
            month=wanted,
            tie_chain=TIE_CHAIN,
            riders=riders,
            items=[ranked_body(item, rulebook) for item in found.items],
            next=cursors.write(found.after),
        )


def ranked_body(ranked: RankedRider, rulebook: Rulebook) -> RankedBody:
    fields: dict[str, Any] = {name: getattr(ranked, name) for name in RankedRider.__slots__}
    industry_name = rulebook.industries.get(ranked.industry_code) if ranked.industry_code else None
    return RankedBody(**fields, industry_name=industry_name)
