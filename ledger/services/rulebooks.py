"""Proposing a version of the rulebook. It is approved, rejected and withdrawn like any other proposal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ledger.domain.errors import Refusal
from ledger.services.proposing import Proposed, Proposing
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeRulebook:
    """`memo` says why; `valid_from` is the first local day on which it is to be in force, None for the earliest."""

    document: str
    memo: str
    actor: str
    valid_from: date | None = None


def propose_rulebooks(uow: UnitOfWork, batch: Sequence[ProposeRulebook]) -> list[Proposed | Refusal]:
    """Per item the proposal with its version, or: the document is not valid, too early, a category missing of which
    reports wait."""
    proposing = Proposing(uow, riders=())
    outcomes: list[Proposed | Refusal] = []
    for command in batch:
        proposed = proposing.propose_rulebook(
            document=command.document, valid_from=command.valid_from, reason=command.memo, actor=command.actor
        )
        outcomes.append(proposed if isinstance(proposed, Refusal) else proposing.outcome(proposed))
    proposing.write()
    return outcomes
