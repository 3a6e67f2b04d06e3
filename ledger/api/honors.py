"""/v1/honors: what can be earned. /v1/titles: who earned it, awarding a month or a year, and deciding proposals."""

from collections import Counter
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from ledger.api.deadline import WHOLE_BOOKS_SECONDS_MAX
from ledger.api.decisions import Rejection
from ledger.api.forms import LINE, Nothing
from ledger.api.languages import language_of
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.api.writes import Printer, Write, answers
from ledger.domain.access import Principal
from ledger.domain.errors import Language
from ledger.domain.honors import HonorPeriod, HonorRule, TitleCase, TitleState, condition, explain
from ledger.queries import honors as queries
from ledger.queries.honors import TitleFilter
from ledger.services.honors import (
    AwardedTitles,
    AwardTitles,
    ConfirmTitle,
    DeclineTitle,
    award_titles,
    confirm_titles,
    decline_titles,
)

LISTED_MAX = 1_000
"""Titles shown in the answer of an awarding; all of them are counted, and `GET /v1/titles` has every one."""


class HonorBody(msgspec.Struct, kw_only=True):
    """`condition` in words, in the client's language. `seats` null: as many as earn it."""

    code: str
    title: str
    rule: HonorRule
    period: HonorPeriod
    seats: int | None
    condition: str


class HonorsBody(msgspec.Struct, kw_only=True):
    rulebook_version: int
    items: list[HonorBody]
    next: str | None = None


class TitleBody(msgspec.Struct, kw_only=True):
    """`why` says from `facts` in words how it was earned. The rider's name is masked. `under_review` names the
    correction of a published list, such as 2026-10/1, that put the title in doubt until somebody decides."""

    id: UUID
    honor_code: str
    title: str
    period: str
    state: TitleState
    rider_code: str
    rider_name: str
    industry_code: str | None
    facts: dict[str, Any]
    why: str
    rulebook_version: int
    awarded_at: datetime
    awarded_by: str
    decided_at: datetime | None
    decided_by: str | None
    reason: str
    under_review: str | None


class TitlesBody(msgspec.Struct, kw_only=True):
    items: list[TitleBody]
    next: str | None = None


class AwardedHonorBody(msgspec.Struct, kw_only=True):
    """New titles of one honor, and how many have it from before."""

    honor_code: str
    title: str
    granted: int
    proposed: int
    unchanged: int


class AwardedBody(msgspec.Struct, kw_only=True):
    """`items` are the new titles, at most 1,000; `by_honor` counts all. `reports_waiting`: reports of the period that
    nobody has decided yet, and that could still earn somebody a title."""

    period: str
    granted: int
    proposed: int
    unchanged: int
    reports_waiting: int
    by_honor: list[AwardedHonorBody]
    items: list[TitleBody]


class Awarding(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A month such as 2026-11, or a year such as 2026."""

    period: Annotated[str, msgspec.Meta(min_length=1, max_length=10, pattern=LINE)]


def title_body(case: TitleCase, language: Language) -> TitleBody:
    title = case.title
    return TitleBody(
        id=title.id,
        honor_code=title.honor_code,
        title=title.name,
        period=title.period,
        state=title.state,
        rider_code=case.rider_code,
        rider_name=case.rider_name,
        industry_code=case.industry_code,
        facts=title.facts,
        why=explain(title.facts).in_language(language),
        rulebook_version=title.rulebook_version,
        awarded_at=title.awarded_at,
        awarded_by=title.awarded_by,
        decided_at=title.decided_at,
        decided_by=title.decided_by,
        reason=title.reason,
        under_review=title.under_review,
    )


@get("/honors", operation_id="list_honors", tags=["honors"], summary="What can be earned, and how", sync_to_thread=True)
def list_honors(
    request: Request[Any, Any, Any], runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]
) -> HonorsBody:
    with runtime.reading() as connection:
        rulebook = read_rulebook(runtime, connection, principal)
    language = language_of(request)
    return HonorsBody(
        rulebook_version=rulebook.version,
        items=[
            HonorBody(
                code=honor.code,
                title=honor.title,
                rule=honor.rule,
                period=honor.period,
                seats=honor.seats or None,
                condition=condition(honor).in_language(language),
            )
            for honor in rulebook.honors
        ],
    )


@get(
    "/me/titles",
    operation_id="list_my_titles",
    tags=["me"],
    summary="My titles, newest first, and why I have them",
    sync_to_thread=True,
)
def list_my_titles(
    request: Request[Any, Any, Any], runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]
) -> TitlesBody:
    with runtime.reading() as connection:
        found = queries.read_titles_of(connection, principal.programme_id, principal.subject_id)
    return TitlesBody(items=[title_body(case, language_of(request)) for case in found])


class TitlesController(Controller):
    path = "/titles"
    tags = ["honors"]

    @get(operation_id="list_titles", summary="Titles, newest first", sync_to_thread=True)
    def list_titles(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        period: Annotated[str | None, QueryParameter(max_length=10, description="2026-11 or 2026.")] = None,
        honor: Annotated[str | None, QueryParameter(max_length=10)] = None,
        rider: Annotated[str | None, QueryParameter(max_length=16)] = None,
        in_state: Annotated[TitleState | None, QueryParameter(name="state")] = None,
        under_review: Annotated[
            bool | None, QueryParameter(description="Whether a correction of a published list put it in doubt.")
        ] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[TitleBody]:
        """Names are masked: the list is public."""
        narrowed_to = TitleFilter(
            period=period, honor_code=honor, rider_code=rider, state=in_state, is_under_review=under_review
        )
        cursors = Cursors(runtime.vault, principal.programme_id, f"titles {narrowed_to}")
        with runtime.reading() as connection:
            found = queries.read_titles(
                connection,
                principal.programme_id,
                narrowed_to=narrowed_to,
                limit=limit,
                after=cursors.read(cursor),
            )
        language = language_of(request)
        return cursors.page(found, lambda case: title_body(case, language))

    @post(
        "/awards",
        operation_id="award_titles",
        answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
        summary="Award the titles of a month or a year",
        status_code=200,
        responses=answers(AwardedBody, 422),
    )
    async def award_titles(self, write: NamedDependency[Write], data: JSONBody[Awarding]) -> Response[bytes]:
        """Twice gives nobody a second title. Those that a person has to confirm are only proposed."""
        return await write.one(
            award_titles, AwardTitles(period=data.period, actor=write.actor), to_body=_awarded_printer(write)
        )

    @post(
        "/{title:str}/confirmation",
        operation_id="confirm_title",
        summary="Grant a title that was proposed, or keep one under review",
        status_code=200,
        responses=answers(TitleBody, 404, 409, 422),
    )
    async def confirm_title(
        self, write: NamedDependency[Write], title: FromPath[str], data: JSONBody[Nothing | None] = None
    ) -> Response[bytes]:
        """Not by whoever proposed it, and not beyond the seats."""
        return await write.one(
            confirm_titles, ConfirmTitle(title_id=title, actor=write.actor), to_body=_title_printer(write)
        )

    @post(
        "/{title:str}/refusal",
        operation_id="decline_title",
        summary="Do not grant a title that was proposed, or take back one under review, with the reason",
        status_code=200,
        responses=answers(TitleBody, 404, 409),
    )
    async def decline_title(
        self, write: NamedDependency[Write], title: FromPath[str], data: JSONBody[Rejection]
    ) -> Response[bytes]:
        command = DeclineTitle(title_id=title, reason=data.reason, actor=write.actor)
        return await write.one(decline_titles, command, to_body=_title_printer(write))


def _title_printer(write: Write) -> Printer:
    language = language_of(write.request)
    return lambda case: title_body(case, language)


def _awarded_printer(write: Write) -> Printer:
    language = language_of(write.request)

    def print_outcome(awarded: AwardedTitles) -> AwardedBody:
        found = Counter((case.title.honor_code, case.title.state) for case in awarded.titles)
        by_honor = [
            AwardedHonorBody(
                honor_code=honor.code,
                title=honor.title,
                granted=found[honor.code, TitleState.GRANTED],
                proposed=found[honor.code, TitleState.PROPOSED],
                unchanged=awarded.unchanged[honor.code],
            )
            for honor in awarded.honors
        ]
        return AwardedBody(
            period=awarded.period,
            granted=sum(honor.granted for honor in by_honor),
            proposed=sum(honor.proposed for honor in by_honor),
            unchanged=sum(honor.unchanged for honor in by_honor),
            reports_waiting=awarded.reports_waiting,
            by_honor=by_honor,
            items=[title_body(case, language) for case in awarded.titles[:LISTED_MAX]],
        )

    return print_outcome
