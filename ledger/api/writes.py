"""How a handler runs a write: `write.one(use_case, item)` or `write.many(use_case, items)`.

That is one command to the writer, its outcomes printed, the answer sent as it was stored.

The printing happens inside the unit of work, because the answer is stored with what it answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from ledger.api.errors import PROBLEM_JSON, Problem, problem_headers, problem_of, zone_of
from ledger.api.idempotency import HEADER, read_key
from ledger.api.languages import language_of
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.errors import Language, Refusal
from ledger.domain.rulebook import Rulebook
from ledger.storage.group_commit import Command, UseCase
from ledger.storage.idempotency import Answer, IdempotencyKey

BULK_ITEMS_MAX = 1_000
"""Items in one bulk request: one unit of work that stays well under a second."""

DryRun = Annotated[bool, QueryParameter(description="Preview: the same path, rolled back. Needs no Idempotency-Key.")]
Key = Annotated[
    str | None,
    HeaderParameter(
        name=HEADER,
        description="A fresh value per request, the same on every retry; 1 to 200 visible ASCII characters.",
    ),
]

Printer = Callable[[Any], Any]
"""An outcome that is no refusal → what the body shows."""


class BulkOutcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`index` is the place in the request; `problem` stands where the item was refused."""

    index: int
    outcome: Literal["done", "refused"]
    problem: Problem | None = None


class BulkBody(msgspec.Struct, kw_only=True):
    """Answer of a bulk request: an item per item sent, in order. Subclasses say what an item that is done shows."""

    done: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A request that changes something: who asks, under which key, and whether it is only a preview."""

    request: Request[Any, Any, Any]
    runtime: Runtime
    principal: Principal
    key: str | None = None
    is_dry_run: bool = False

    @property
    def actor(self) -> str:
        return self.principal.actor

    @property
    def now(self) -> datetime:
        return self.runtime.clock()

    @property
    def today(self) -> date:
        """In the programme's zone, for printing what was done."""
        return self.runtime.today(self.principal.programme_id)

    async def rulebook(self) -> Rulebook:
        """In force today, for printing what was done."""
        return await self.runtime.rulebook_today(self.principal.programme_id)

    async def one(
        self,
        use_case: UseCase,
        item: Any,
        *,
        to_body: Printer,
        status: int = 200,
        programme_id: int | None = None,
        keeps_answer: bool = True,
    ) -> Response[bytes]:
        """Runs one item; `status` with the printed outcome, or the refusal's problem.

        `keeps_answer=False` for answers that hold a secret: they are never stored, and a natural key stands in.
        """
        language, zone = language_of(self.request), zone_of(self.request)

        def render(outcomes: Sequence[Any]) -> Answer:
            return _render_one(outcomes[0], to_body=to_body, status=status, language=language, zone=zone)

        command = Command(
            programme_id=programme_id or self.principal.programme_id,
            use_case=use_case,
            items=[item],
            render=render,
            key=await self._read_key(is_required=True) if keeps_answer else None,
            is_dry_run=self.is_dry_run,
        )
        return self._response(await self.runtime.writer.submit(command))

    async def many(
        self,
        use_case: UseCase,
        items: Sequence[Any],
        *,
        to_body: Printer,
        needs_key: bool = True,
        summarize: Callable[[Sequence[Any]], dict[str, int]] | None = None,
    ) -> Response[bytes]:
        """Runs a batch; 200 with an outcome per item. `to_body` prints the members beside `index` and `outcome`."""
        language, zone = language_of(self.request), zone_of(self.request)

        def render(outcomes: Sequence[Any]) -> Answer:
            return _render_many(outcomes, to_body=to_body, summarize=summarize, language=language, zone=zone)

        command = Command(
            programme_id=self.principal.programme_id,
            use_case=use_case,
            items=items,
            render=render,
            key=await self._read_key(is_required=needs_key),
            is_dry_run=self.is_dry_run,
        )
        return self._response(await self.runtime.writer.submit(command))

    async def _read_key(self, *, is_required: bool) -> IdempotencyKey | None:
        if self.is_dry_run:
            return None
        return await read_key(self.request, self.runtime.vault, self.principal, is_required=is_required)

    def _response(self, answer: Answer) -> Response[bytes]:
        is_problem = answer.status >= 400
        headers = problem_headers(msgspec.json.decode(answer.body)) if is_problem else {}
        if answer.is_replay:
            headers["Idempotency-Replayed"] = "true"
        if self.is_dry_run:
            headers["Dry-Run"] = "true"
        media_type = PROBLEM_JSON if is_problem else "application/json"
        return Response(content=answer.body, status_code=answer.status, media_type=media_type, headers=headers)


def provide_write(
    request: Request[Any, Any, Any],
    runtime: NamedDependency[Runtime],
    principal: NamedDependency[Principal],
    key: Key = None,
    dry_run: DryRun = False,
) -> Write:
    return Write(request=request, runtime=runtime, principal=principal, key=key, is_dry_run=dry_run)


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


def answers(body: Any, *statuses: int, success: int = 200) -> dict[int, ResponseSpec]:
    """The documented answers of an operation: its body, and its own problems. `openapi.py` adds those of every one."""
    problems = {
        status: ResponseSpec(
            data_container=Problem, generate_examples=False, description="Problem", media_type=PROBLEM_JSON
        )
        for status in statuses
    }
    own = {success: ResponseSpec(data_container=body, generate_examples=False, description="Done")}
    return {**own, **problems}
