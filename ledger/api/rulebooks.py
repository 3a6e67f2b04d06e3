"""/v1/rulebooks and /v1/categories: the rules, as documents and as the list a reporter chooses from.

A version is proposed here, and decided under /v1/proposals like everything that takes two people.
"""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter

from ledger.api.forms import PROSE
from ledger.api.languages import language_of
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.proposals import ProposalReason, ProposedBody, print_proposed
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.api.writes import Write, answers
from ledger.domain.access import Principal
from ledger.domain.rulebook import Grade
from ledger.domain.rulebook_versions import DOCUMENT_LENGTH_MAX
from ledger.queries import programmes as queries
from ledger.queries import rulebooks as version_queries
from ledger.queries.programmes import RulebookRecord
from ledger.queries.rulebooks import VersionDocument, VersionState
from ledger.services.rulebooks import ProposeRulebook, propose_rulebooks

VERSION_MAX = 2**31 - 1
"""What the column holds."""

Version = Annotated[int, PathParameter(ge=1, le=VERSION_MAX)]


class CategoryBody(msgspec.Struct, kw_only=True):
    """`points` for one report, or for one hour where `is_hourly`."""

    code: str
    name: str
    group: str
    grade: Grade
    points: int
    is_hourly: bool
    is_urgent: bool
    review_within_hours: int
    re_report_after_days: int | None


class CategoriesBody(msgspec.Struct, kw_only=True):
    items: list[CategoryBody]
    next: str | None = None


class VersionBody(msgspec.Struct, kw_only=True):
    """`proposal_code` names what to approve or reject; null for the first version, which came with the programme."""

    version: int
    state: VersionState
    valid_from: date
    memo: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    closed_at: datetime | None
    closing_reason: str
    proposal_code: str | None


class VersionsBody(msgspec.Struct, kw_only=True):
    items: list[VersionBody]
    next: str | None = None


class ChangeBody(msgspec.Struct, kw_only=True):
    """`label` says the key in words; null stands where the key is not there."""

    key: str
    label: str
    before: str | None
    after: str | None


class ChangesBody(msgspec.Struct, kw_only=True):
    """What `version` changes of `since`, key by key. Tables of a list are named by their code."""

    since: int
    version: int
    items: list[ChangeBody]
    next: str | None = None


class RulebookForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`document` is TOML. `valid_from` is the first local day, tomorrow at the earliest; left out, the earliest."""

    document: Annotated[str, msgspec.Meta(min_length=1, max_length=DOCUMENT_LENGTH_MAX, pattern=PROSE)]
    memo: ProposalReason
    valid_from: date | None = None


class RulebooksController(Controller):
    path = "/rulebooks"
    tags = ["rules"]

    @get(operation_id="list_rulebooks", summary="Versions of the rules, newest first", sync_to_thread=True)
    def list_rulebooks(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[RulebookRecord]:
        cursors = Cursors(runtime.vault, principal.programme_id, "rulebooks")
        with runtime.reading() as connection:
            found = queries.read_rulebooks(connection, principal.programme_id, limit=limit, after=cursors.read(cursor))
        return cursors.page(found, lambda record: record)

    @get("/{version:int}", operation_id="get_rulebook", summary="One version, with its document", sync_to_thread=True)
    def get_rulebook(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], version: Version
    ) -> VersionDocument:
        """Also of one that is only proposed: who is to approve it reads it first."""
        with runtime.reading() as connection:
            return version_queries.read_version_document(connection, principal.programme_id, version)

    @get(
        "/history",
        operation_id="list_rulebook_history",
        summary="Every version, also those that were not approved, newest first",
        sync_to_thread=True,
    )
    def list_rulebook_history(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]
    ) -> VersionsBody:
        today = runtime.today(principal.programme_id)
        with runtime.reading() as connection:
            found = version_queries.read_history(connection, principal.programme_id, today=today)
        return VersionsBody(items=[msgspec.convert(record, VersionBody, from_attributes=True) for record in found])

    @get(
        "/{version:int}/changes",
        operation_id="list_rulebook_changes",
        summary="What a version changes of another, key by key",
        sync_to_thread=True,
    )
    def list_rulebook_changes(
        self,
        request: Request[Any, Any, Any],
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        version: Version,
        since: Annotated[int, QueryParameter(ge=1, le=VERSION_MAX, description="The version to compare it with.")],
    ) -> ChangesBody:
        with runtime.reading() as connection:
            found = version_queries.read_changes(connection, principal.programme_id, since=since, version=version)
        language = language_of(request)
        return ChangesBody(
            since=since,
            version=version,
            items=[
                ChangeBody(
                    key=change.key,
                    label=change.label.in_language(language),
                    before=change.before,
                    after=change.after,
                )
                for change in found
            ],
        )

    @post(
        operation_id="create_rulebook",
        summary="Propose a version of the rules",
        responses=answers(ProposedBody, 409, 422, success=201),
    )
    async def create_rulebook(self, write: NamedDependency[Write], data: JSONBody[RulebookForm]) -> Response[bytes]:
        """With `dry_run` it is validated and nothing else. Another manager approves it; then it is in force from its
        day on."""
        command = ProposeRulebook(document=data.document, valid_from=data.valid_from, memo=data.memo, actor=write.actor)
        return await write.one(propose_rulebooks, command, to_body=print_proposed, status=201)


@get("/categories", operation_id="list_categories", tags=["rules"], summary="Categories in force", sync_to_thread=True)
def list_categories(runtime: NamedDependency[Runtime], principal: NamedDependency[Principal]) -> CategoriesBody:
    with runtime.reading() as connection:
        rulebook = read_rulebook(runtime, connection, principal)
    return CategoriesBody(
        items=[
            CategoryBody(
                code=category.code,
                name=category.name,
                group=category.group,
                grade=category.grade,
                points=category.points,
                is_hourly=category.is_hourly,
                is_urgent=category.is_urgent,
                review_within_hours=category.review_within_hours,
                re_report_after_days=category.re_report_after_days,
            )
            for category in rulebook.categories.values()
        ]
    )
