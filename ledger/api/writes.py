"""How a handler runs a write: one command to the writer, its outcomes printed, the answer sent as it was stored.

The printing happens inside the unit of work, because the answer is stored with what it answers.
"""

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from ledger.api.errors import PROBLEM_JSON, Problem, problem_of, zone_of
from ledger.api.idempotency import HEADER, KEY_LENGTH_MAX, read_key
from ledger.api.languages import language_of
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.errors import Language, Refusal
from ledger.storage.group_commit import Command, UseCase
from ledger.storage.idempotency import Answer

BULK_ITEMS_MAX = 1_000
"""Items in one bulk request: one unit of work that stays well under a second."""

DryRun = Annotated[bool, QueryParameter(description="Preview: the same path, rolled back. Needs no Idempotency-Key.")]
Key = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        max_length=KEY_LENGTH_MAX,
        description="A fresh value per request, the same on every retry; 1 to 200 visible ASCII characters.",
    ),
]

Printer = Callable[[Any], Any]
"""An outcome that is no refusal → what the body shows."""


class Bulk(msgspec.Struct, kw_only=True):
    """Answer of a bulk request: an item per item sent, in order; `outcome` is `done` or `refused`."""

    items: list[dict[str, Any]]
    done: int
    refused: int


async def write_one(
    request: Request[Any, Any, Any],
    runtime: Runtime,
    principal: Principal,
    *,
    use_case: UseCase,
    item: Any,
    to_body: Printer,
    status: int = 200,
    dry_run: bool = False,
    programme_id: int | None = None,
    keeps_answer: bool = True,
) -> Response[bytes]:
    """Runs one item; `status` with the printed outcome, or the refusal's problem.

    `keeps_answer=False` for answers that hold a secret: they are never stored, and a natural key stands in.
    """
    language, zone = language_of(request), zone_of(request)

    def render(outcomes: Sequence[Any]) -> Answer:
        return _render_one(outcomes[0], to_body=to_body, status=status, language=language, zone=zone)

    command = Command(
        programme_id=programme_id or principal.programme_id,
        use_case=use_case,
        items=[item],
        render=render,
        key=await read_key(request, principal, is_required=keeps_answer and not dry_run)
        if keeps_answer and not dry_run
        else None,
        is_dry_run=dry_run,
    )
    return _response(await runtime.writer.submit(command), is_dry_run=dry_run)


async def write_many(
    request: Request[Any, Any, Any],
    runtime: Runtime,
    principal: Principal,
    *,
    use_case: UseCase,
    items: Sequence[Any],
    to_body: Printer,
    dry_run: bool = False,
    needs_key: bool = True,
    summarize: Callable[[Sequence[Any]], dict[str, int]] | None = None,
) -> Response[bytes]:
    """Runs a batch; 200 with an outcome per item. `to_body` prints the members beside `index` and `outcome`."""
    language, zone = language_of(request), zone_of(request)

    def render(outcomes: Sequence[Any]) -> Answer:
        return _render_many(outcomes, to_body=to_body, summarize=summarize, language=language, zone=zone)

    command = Command(
        programme_id=principal.programme_id,
        use_case=use_case,
        items=items,
        render=render,
        key=None if dry_run else await read_key(request, principal, is_required=needs_key),
        is_dry_run=dry_run,
    )
    return _response(await runtime.writer.submit(command), is_dry_run=dry_run)


def _render_one(outcome: Any, *, to_body: Printer, status: int, language: Language, zone: tzinfo) -> Answer:
    if isinstance(outcome, Refusal):
        problem = problem_of(outcome, language, zone)
        return Answer(status=problem["status"], body=msgspec.json.encode(problem))
    return Answer(status=status, body=msgspec.json.encode(to_body(outcome)))


def _render_many(
    outcomes: Sequence[Any],
    *,
    to_body: Printer,
    summarize: Callable[[Sequence[Any]], dict[str, int]] | None,
    language: Language,
    zone: tzinfo,
) -> Answer:
    items = []
    for index, outcome in enumerate(outcomes):
        if isinstance(outcome, Refusal):
            items.append({"index": index, "outcome": "refused", "problem": problem_of(outcome, language, zone)})
        else:
            items.append({"index": index, "outcome": "done", **to_body(outcome)})
    counts = summarize(outcomes) if summarize else _count(outcomes)
    return Answer(status=200, body=msgspec.json.encode({"items": items, **counts}))


def _count(outcomes: Sequence[Any]) -> dict[str, int]:
    refused = sum(isinstance(outcome, Refusal) for outcome in outcomes)
    return {"done": len(outcomes) - refused, "refused": refused}


def _response(answer: Answer, *, is_dry_run: bool) -> Response[bytes]:
    headers = {}
    if answer.is_replay:
        headers["Idempotency-Replayed"] = "true"
    if is_dry_run:
        headers["Dry-Run"] = "true"
    media_type = PROBLEM_JSON if answer.status >= 400 else "application/json"
    return Response(content=answer.body, status_code=answer.status, media_type=media_type, headers=headers)


def answers(body: Any, *statuses: int, success: int = 200) -> dict[int, ResponseSpec]:
    """The documented answers of an operation: its body, and the problems it can end in."""
    problems = {
        status: ResponseSpec(
            data_container=Problem, generate_examples=False, description="Problem", media_type=PROBLEM_JSON
        )
        for status in (400, 401, 403, *statuses)
    }
    own = {success: ResponseSpec(data_container=body, generate_examples=False, description="Done")}
    return {**own, **problems}
