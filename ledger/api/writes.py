"""How a handler runs a write: `write.one(use_case, item)` or `write.many(use_case, items)`.

That is one command to the writer, its outcomes printed, the answer sent as it was stored.

The printing happens inside the unit of work, because the answer is stored with what it answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter

from ledger.api.errors import PROBLEM_JSON, Problem, problem_of, zone_of
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


class Bulk(msgspec.Struct, kw_only=True):
    """Answer of a bulk request: an item per item sent, in order; `outcome` is `done` or `refused`."""

    items: list[dict[str, Any]]
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
