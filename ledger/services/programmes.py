"""Setting up a programme: its row, rulebook 1, the general sponsor with its budget, and the first operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from ledger.domain.access import SYSTEM_ACTOR, Role
from ledger.domain.calendar import local_day
from ledger.domain.errors import AlreadyExists, Refusal
from ledger.services.budgets import CreateSponsor, FundBudget, create_sponsors, fund_budgets
from ledger.storage import access as access_store
from ledger.storage import programmes as programme_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProgramme:
    """The programme's id is that of the unit of work. The password arrives hashed; `budget_points` may be 0."""

    name: str
    time_zone: str
    owner_name: str
    owner_password_hash: str
    budget_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    programme_id: int
    name: str
    time_zone: str
    created_at: datetime


def default_rulebook() -> str:
    """Rulebook 1: the rules of programme.md that this version carries out."""
    return files("ledger.services").joinpath("rulebook_1.toml").read_text(encoding="utf-8")


def create_programmes(uow: UnitOfWork, batch: Sequence[CreateProgramme]) -> list[Created | Refusal]:
    """The first of the batch is created unless the programme exists; any later one of the same id is refused."""
    outcomes: list[Created | Refusal] = []
    exists = programme_store.programme_exists(uow)
    for command in batch:
        if exists:
            outcomes.append(AlreadyExists(noun="programme", name=str(uow.programme_id)))
            continue
        _create(uow, command)
        exists = True
        outcomes.append(
            Created(
                programme_id=uow.programme_id,
                name=command.name,
                time_zone=command.time_zone,
                created_at=uow.now,
            )
        )
    return outcomes


def _create(uow: UnitOfWork, command: CreateProgramme) -> None:
    programme_store.insert_programme(uow, name=command.name, time_zone=command.time_zone)
    zone = programme_store.read_zone_of(uow)
    programme_store.insert_rulebook(
        uow,
        version=1,
        document=default_rulebook(),
        valid_from=local_day(uow.now, zone),
        memo="默认规则 · default rules",
        proposed_by=SYSTEM_ACTOR,
        approved_by=SYSTEM_ACTOR,
    )
    access_store.insert_operator(
        uow,
        operator_id=uow.new_id(),
        name=command.owner_name,
        display_name=command.owner_name,
        password_hash=command.owner_password_hash,
        roles=Role.OWNER.value,
    )
    _fund_general_budget(uow, command.budget_points)
    append_events(
        uow,
        [
            Event(
                kind="programme.created",
                subject=f"programme/{uow.programme_id}",
                data={"name": command.name, "budget_after": command.budget_points},
            )
        ],
    )


def _fund_general_budget(uow: UnitOfWork, points: int) -> None:
    general = programme_store.GENERAL_SPONSOR
    create_sponsors(uow, [CreateSponsor(code=general, name="通用预算", actor=SYSTEM_ACTOR)])
    if not points:
        return
    memo = "通用预算 · general budget"
    [funded] = fund_budgets(uow, [FundBudget(sponsor=general, points=points, memo=memo, actor=SYSTEM_ACTOR)])
    if isinstance(funded, Refusal):
        raise funded
