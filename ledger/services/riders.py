"""Enrolling riders. Phone numbers arrive encrypted and hashed: the clear number never enters a queue or a log."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.domain.calendar import local_day
from ledger.domain.errors import AlreadyExists, InvalidField, Refusal
from ledger.domain.riders import Rider, RiderStatus, check_rider_code
from ledger.storage import programmes as programme_store
from ledger.storage import riders as rider_store
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork

OWN_CODE_MAX = 99_999
"""R00001 to R99999: twice the riders of the largest district. Beyond it, codes have to be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollRider:
    """`code` None: the next free one. `phone_masked` is for the answer, the other two for the table."""

    code: str | None
    name: str
    industry_code: str | None
    subdistrict: str
    source: str
    actor: str
    phone_encrypted: bytes | None = None
    phone_hash: bytes | None = None
    phone_masked: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    rider: Rider
    name: str
    phone_masked: str | None


def enroll_riders(uow: UnitOfWork, batch: Sequence[EnrollRider | Refusal]) -> list[Enrolled | Refusal]:
    """Per item the rider, or: code malformed, industry unknown, code taken, phone taken, no code left.

    An item that was refused before it got here (a malformed phone) is its own outcome.
    """
    commands = [command for command in batch if isinstance(command, EnrollRider)]
    zone = programme_store.read_zone_of(uow)
    industries = programme_store.read_rulebook_in_force(uow, local_day(uow.now, zone)).industries
    taken = set(rider_store.lock_riders_by_code(uow, {command.code for command in commands if command.code}))
    phones = rider_store.read_phone_hashes(uow, {command.phone_hash for command in commands if command.phone_hash})
    highest = rider_store.read_highest_code(uow)
    next_number = int(highest[1:]) + 1 if highest else 1

    outcomes: list[Enrolled | Refusal] = []
    for command in batch:
        if isinstance(command, Refusal):
            outcomes.append(command)
            continue
        code = command.code
        if code is None:
            while f"R{next_number:05d}" in taken:
                next_number += 1
            code = f"R{next_number:05d}"
        refusal = _check(command, code, industries=industries, taken=taken, phones=phones)
        if refusal is not None:
            outcomes.append(refusal)
            continue
        taken.add(code)
        if command.phone_hash:
            phones.add(command.phone_hash)
        rider = Rider(
            id=uow.new_id(),
            code=code,
            industry_code=command.industry_code,
            subdistrict=command.subdistrict,
            status=RiderStatus.ACTIVE,
            enrolled_at=uow.now,
            source=command.source,
        )
        outcomes.append(Enrolled(rider=rider, name=command.name, phone_masked=command.phone_masked))

    _write(uow, batch, outcomes)
    return outcomes


def _check(
    command: EnrollRider, code: str, *, industries: dict[str, str], taken: set[str], phones: set[bytes]
) -> Refusal | None:
    if refusal := check_rider_code(code):
        return refusal
    if command.industry_code is not None and command.industry_code not in industries:
        known = ", ".join(f"{key} {name}" for key, name in industries.items())
        return InvalidField(
            field="industry_code",
            problem_zh=f"没有行业「{command.industry_code}」；可用的有：{known}。",
            problem_en=f"there is no industry {command.industry_code!r}. Known: {known}.",
        )
    if code in taken:
        return AlreadyExists(noun="rider", name=code)
    if command.phone_hash and command.phone_hash in phones:
        return AlreadyExists(noun="phone", name=command.phone_masked or "")
    if command.code is None and int(code[1:]) > OWN_CODE_MAX:
        return InvalidField(
            field="code",
            problem_zh=f"自动编号已到 {OWN_CODE_MAX}，请自己给一个编号。",
            problem_en=f"the automatic codes end at {OWN_CODE_MAX}; give a code of your own.",
        )
    return None


def _write(uow: UnitOfWork, batch: Sequence[EnrollRider | Refusal], outcomes: Sequence[Enrolled | Refusal]) -> None:
    pairs = [
        (command, outcome)
        for command, outcome in zip(batch, outcomes, strict=True)
        if isinstance(command, EnrollRider) and isinstance(outcome, Enrolled)
    ]
    rider_store.insert_riders(uow, [enrolled.rider for _, enrolled in pairs])
    rider_store.insert_persons(
        uow,
        [
            {
                "rider_id": enrolled.rider.id,
                "name": command.name,
                "phone_encrypted": command.phone_encrypted,
                "phone_hash": command.phone_hash,
            }
            for command, enrolled in pairs
            if command.name or command.phone_hash
        ],
    )
    append_events(
        uow,
        [
            Event(
                kind="rider.enrolled",
                subject=f"rider/{enrolled.rider.code}",
                data={"source": enrolled.rider.source, "by": command.actor},
            )
            for command, enrolled in pairs
        ],
    )
