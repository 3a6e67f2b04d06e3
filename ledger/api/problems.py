"""/problems/{code}: what a problem's `type` leads to. The same texts as docs/errors.md, from the same table."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath

from ledger.api.error_reference import read_reference
from ledger.api.languages import language_of
from ledger.domain.errors import NotFound


class ProblemMeaning(msgspec.Struct, kw_only=True):
    """`detail` is the sentence with its places for values in braces; `members` are what the problem carries besides."""

    code: str
    status: int
    title: str
    detail: str
    members: list[str]


@get(
    "/problems/{code:str}",
    operation_id="get_problem",
    tags=["health"],
    summary="What an error code means",
    sync_to_thread=False,
)
def get_problem(request: Request[Any, Any, Any], code: FromPath[str]) -> ProblemMeaning:
    language = language_of(request)
    for entry in read_reference():
        if entry.code == code:
            return ProblemMeaning(
                code=code,
                status=entry.status,
                title=entry.title.in_language(language),
                detail=entry.detail.in_language(language),
                members=list(entry.members),
            )
    raise NotFound(noun="problem", name=code[:60])
