"""The demo district, played through the use-cases with a moving clock: people, months of reports, a waiting queue.

Whoever plays it gets the same books each time, up to ids and secrets, for the same seed, size and last day.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any, TypeVar

from ledger.api.runtime import Runtime
from ledger.domain.access import Role
from ledger.domain.calendar import read_zone
from ledger.domain.cases import ReportCase
from ledger.domain.places import Datum, read_place
from ledger.domain.riders import mask_phone
from ledger.services.access import CreateOperator, create_operators
from ledger.services.reports import (
    MarkDuplicate,
    RejectReport,
    SubmitReport,
    mark_duplicates,
    reject_reports,
    submit_reports,
)
from ledger.services.riders import EnrollRider, enroll_riders
from ledger.services.verification import VerifyReport, verify_reports
from ledger.storage.group_commit import UseCase
from seed.hazards import Hazard, hazards_of
from seed.owner import PROGRAMME_ID, TIME_ZONE, found_programme, play
from seed.people import Person, people

SEED = 20260401
HISTORY_DAYS = 75
"""Two and a half months: enough for full months on the ranking."""
REPORTS_PER_DAY_MAX = 400
WAITING_DAYS = 2
"""The reports of the last days are left for the reviewers of the demo."""
BATCH = 1_000

DEMO_OPERATORS: dict[str, tuple[str, frozenset[Role]]] = {
    "owner": ("负责人", frozenset({Role.OWNER})),
    "reviewer": ("审核员小陈", frozenset({Role.REVIEWER})),
    "approver1": ("审批员老周", frozenset({Role.APPROVER})),
    "approver2": ("审批员小吴", frozenset({Role.APPROVER})),
    "keeper": ("驿站管理员阿芳", frozenset({Role.KEEPER})),
    "manager": ("项目经理李姐", frozenset({Role.MANAGER})),
    "auditor": ("审计员老郑", frozenset({Role.AUDITOR})),
}

Progress = Callable[[str, int, int], None]
"""Told (what, done, total) as the work goes on; `what` is `riders` or `days`."""

T = TypeVar("T")


class MovingClock:
    """A clock that stands where it was put. The district's history is played with it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the play needs: the parts of a server process whose clock is ours to move."""

    runtime: Runtime
    clock: MovingClock

    def play(self, use_case: UseCase, items: Sequence[Any]) -> list[Any]:
        """The outcomes. Raises the first refusal: the play has no bad lines."""
        return play(self.runtime, PROGRAMME_ID, use_case, *items)


def play_district(stage: Stage, *, riders: int, last_day: date, password: str, photos: str, progress: Progress) -> None:
    """Fills an empty database: the programme on the first day, its people, then day by day until `last_day`.

    `photos` is the address under which the demo serves its pictures.
    """
    zone = read_zone(TIME_ZONE)
    first_day = last_day - timedelta(days=HISTORY_DAYS - 1)
    stage.clock.now = datetime.combine(first_day, time(6), tzinfo=zone).astimezone(UTC)
    _found(stage, password)
    for done, batch in _batches(people(riders, seed=SEED), BATCH):
        stage.play(enroll_riders, [_enrolment(stage.runtime, person) for person in batch])
        progress("riders", min(done, riders), riders)

    random = Random(SEED)
    per_day = min(REPORTS_PER_DAY_MAX, max(8, riders // 25))
    for number in range(HISTORY_DAYS):
        day = first_day + timedelta(days=number)
        hazards = hazards_of(day, riders=riders, count=per_day, zone=zone, random=random)
        stage.clock.now = datetime.combine(day, time(22, 30), tzinfo=zone).astimezone(UTC)
        cases = stage.play(submit_reports, [_submission(hazard, photos) for hazard in hazards])
        if number < HISTORY_DAYS - WAITING_DAYS:
            _review(stage, hazards, cases)
        progress("days", number + 1, HISTORY_DAYS)


def _found(stage: Stage, password: str) -> None:
    """The programme and the people who run it."""
    password_hash = stage.runtime.passwords.hash(password)
    found_programme(stage.runtime, password_hash=password_hash)
    stage.play(
        create_operators,
        [
            CreateOperator(
                name=name, display_name=display_name, password_hash=password_hash, roles=roles, actor="operator/owner"
            )
            for name, (display_name, roles) in DEMO_OPERATORS.items()
            if name != "owner"
        ],
    )


def _review(stage: Stage, hazards: Sequence[Hazard], cases: Sequence[ReportCase]) -> None:
    """The reviewer's half hour: each report gets its verdict, a duplicate the one it repeats."""
    stage.clock.now += timedelta(minutes=30)
    actor = "operator/reviewer"
    by_verdict: dict[str, list[tuple[Hazard, str]]] = {"verified": [], "rejected": [], "duplicate": []}
    for hazard, case in zip(hazards, cases, strict=True):
        by_verdict[hazard.verdict].append((hazard, case.report.code))
    verified = by_verdict["verified"]
    stage.play(verify_reports, [VerifyReport(report=code, actor=actor) for _, code in verified])
    if by_verdict["rejected"]:
        stage.play(
            reject_reports,
            [RejectReport(report=code, reason=hazard.reason, actor=actor) for hazard, code in by_verdict["rejected"]],
        )
    if by_verdict["duplicate"]:
        stage.play(
            mark_duplicates,
            [
                MarkDuplicate(
                    report=code, duplicate_of=cases[hazard.original].report.code, reason="同一处隐患", actor=actor
                )
                for hazard, code in by_verdict["duplicate"]
                if hazard.original is not None
            ],
        )


def _enrolment(runtime: Runtime, person: Person) -> EnrollRider:
    return EnrollRider(
        code=person.code,
        name=person.name,
        industry_code=person.industry_code,
        subdistrict=person.subdistrict,
        source="demo",
        actor="operator/manager",
        phone_encrypted=runtime.vault.encrypt(person.phone),
        phone_hash=runtime.vault.keyed_hash(person.phone),
        phone_masked=mask_phone(person.phone),
    )


def _submission(hazard: Hazard, photos: str) -> SubmitReport:
    code = f"R{hazard.rider_number:05d}"
    has_photo = hazard.photo_taken_at is not None
    return SubmitReport(
        rider_code=code,
        category_code=hazard.category_code,
        place=read_place(hazard.lat, hazard.lon, Datum.WGS_84),
        source="app",
        actor=f"rider/{code}",
        address=hazard.address,
        subdistrict=hazard.subdistrict,
        description=hazard.description,
        photo_url=f"{photos}/{hazard.category_code[:3].lower()}.svg" if has_photo else None,
        photo_taken_at=hazard.photo_taken_at,
        submitted_at=hazard.seen_at.astimezone(UTC),
    )


def _batches(items: Iterator[T], size: int) -> Iterator[tuple[int, list[T]]]:
    """(how many so far, the batch) until there are no more."""
    done = 0
    while batch := list(islice(items, size)):
        done += len(batch)
        yield done, batch
