"""/v1/rulebooks and /v1/categories: the rules, as documents and as the list a reporter chooses from."""

from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import PathParameter

from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.riders import read_rulebook
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.rulebook import Grade
from ledger.queries import programmes as queries
from ledger.queries.programmes import RulebookDocument, RulebookRecord

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
    ) -> RulebookDocument:
        with runtime.reading() as connection:
            return queries.read_rulebook_document(connection, principal.programme_id, version)


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
