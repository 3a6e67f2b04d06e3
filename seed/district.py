"""The demo district, played through the use-cases with a moving clock: people, catalogue, months of reports and of
redemptions, titles, queues that wait.

Whoever plays it gets the same books each time, up to ids and secrets, for the same seed, size and last day.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from ledger.api.runtime import Runtime
from ledger.domain.access import Role
from ledger.domain.calendar import month_of, read_zone
from ledger.domain.cases import ReportCase
from ledger.domain.errors import Refusal
from ledger.domain.months import MonthState
from ledger.domain.places import Datum, read_place
from ledger.domain.reports import ReportState
from ledger.domain.riders import mask_phone
from ledger.queries import catalog as catalog_queries
from ledger.queries import months as month_queries
from ledger.queries.catalog import CatalogFilter
from ledger.queries.rankings import read_ranking
from ledger.queries.reports import ReportFilter, read_reports
from ledger.services.access import CreateOperator, create_operators
from ledger.services.appointments import AppointRider, appoint_riders
from ledger.services.budgets import create_sponsors, fund_budgets
from ledger.services.catalog import put_items, put_stations, restock_items
from ledger.services.honors import AwardTitles, ConfirmTitle, award_titles, confirm_titles
from ledger.services.months import FinalizeMonth, PublishMonth, finalize_months, publish_months
from ledger.services.reports import (
    MarkDuplicate,
    RejectReport,
    SubmitReport,
    mark_duplicates,
    reject_reports,
    submit_reports,
)
from ledger.services.riders import EnrollRider, enroll_riders
from ledger.services.settlement import SettleReport, settle_reports
from ledger.services.verification import RevokeReport, VerifyReport, revoke_reports, verify_reports
from ledger.storage.group_commit import UseCase
from seed import catalog
from seed.catalog import restocks
from seed.hazards import Hazard, hazards_of
from seed.owner import PROGRAMME_ID, TIME_ZONE, found_programme, try_play
from seed.people import Person, people
from seed.redeeming import Redeeming, find_clawback
from seed.roll import choose_members, plan_hazards

SEED = 20260401
HISTORY_DAYS = 120
"""Four months: three that are over, with their titles, and the present one."""
REPORTS_PER_DAY_MAX = 300
REPORTS_PER_WISH = 3
"""Every third report's rider tries to redeem something the same evening."""
SAVERS_ONE_IN = 3
"""Every third rider, the first among them, saves for something large instead."""
PUBLICATION_DAY = 3
"""Verified until the third, published that night. Source: programme.md, Honors."""
TITLES_DAY = 4
TREATS_DAY = 15
SAVING_DAYS = 40
"""Nobody spends much in the last weeks, so that there is something to ask for in the last days."""
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
        """The outcomes. Raises the first refusal: these lines are all good ones."""
        outcomes = self.try_play(use_case, items)
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                raise outcome
        return outcomes

    def try_play(self, use_case: UseCase, items: Sequence[Any]) -> list[Any]:
        """The outcomes, refusals among them."""
        found: list[Any] = []
        for _, batch in _batches(iter(items), BATCH):
            found += try_play(self.runtime, PROGRAMME_ID, use_case, *batch)
        return found


def play_district(stage: Stage, *, riders: int, last_day: date, password: str, photos: str, progress: Progress) -> None:
    """Fills an empty database: the programme on the first day, its people, then day by day until `last_day`.

    `photos` is the address under which the demo serves its pictures.
    """
    zone = read_zone(TIME_ZONE)
    days = [last_day - timedelta(days=back) for back in reversed(range(HISTORY_DAYS))]
    stage.clock.now = _at(days[0], time(6), zone)
    _found(stage, password, year=days[0].year)
    industries: dict[str, str] = {}
    for done, batch in _batches(people(riders, seed=SEED), BATCH):
        stage.play(enroll_riders, [_enrolment(stage.runtime, person) for person in batch])
        industries.update((person.code, person.industry_code) for person in batch)
        progress("riders", min(done, riders), riders)
    members = choose_members(industries)
    _appoint(stage, members, days[0])

    random = Random(SEED)
    planned = plan_hazards(days, members=members, zone=zone, random=random)
    redeeming = Redeeming(random=Random(SEED + 1))
    for number, day in enumerate(days):
        is_late = number >= HISTORY_DAYS - WAITING_DAYS
        _open_the_day(stage, day, zone, is_first=not number)
        hazards = hazards_of(day, riders=riders, count=_reports_a_day(riders), zone=zone, random=random)
        stage.clock.now = _at(day, time(22, 30), zone)
        cases = stage.play(submit_reports, [_submission(hazard, photos) for hazard in hazards])
        if not is_late:
            _review(stage, hazards, cases)
        _settle(stage, planned.get(day, []), photos)
        stage.clock.now = _at(day, time(23, 30), zone)
        wishing = [
            f"R{hazard.rider_number:05d}"
            for hazard in hazards[::REPORTS_PER_WISH]
            if hazard.rider_number % SAVERS_ONE_IN != 1
        ]
        redeeming.live_a_day(stage, day, riders=wishing, is_late=is_late)
        saves_for_the_end = (last_day - day).days < SAVING_DAYS
        if number == HISTORY_DAYS - WAITING_DAYS or (day.day == TREATS_DAY and not saves_for_the_end):
            redeeming.treat_the_best(stage, stage.runtime, day)
        if day.day == PUBLICATION_DAY and number:
            month = month_of(day.replace(day=1) - timedelta(days=1))
            stage.play(publish_months, [PublishMonth(month=month, actor="operator/manager")])
        progress("days", number + 1, HISTORY_DAYS)
    _end(stage, last_day, zone)


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def _reports_a_day(riders: int) -> int:
    return min(REPORTS_PER_DAY_MAX, max(8, riders // 25))


def _appoint(stage: Stage, members: Sequence[str], day: date) -> None:
    """Appointed a year ago, trained a fortnight later, for two years."""
    appointed_on = day - timedelta(days=365)
    stage.play(
        appoint_riders,
        [
            AppointRider(
                rider_code=code,
                appointed_on=appointed_on,
                trained_on=appointed_on + timedelta(days=14),
                ends_on=appointed_on + timedelta(days=730),
                actor="operator/manager",
            )
            for code in members
        ],
    )


def _open_the_day(stage: Stage, day: date, zone: ZoneInfo, *, is_first: bool) -> None:
    """Lists are made final; goods come in when the programme begins and on the first of a month; on the fourth a month
    has its titles."""
    stage.clock.now = _at(day, time(9), zone)
    _finalize_heard(stage, day)
    if is_first or day.day == 1:
        stage.play(restock_items, list(restocks(f"{day:%Y-%m}", _read_shelves(stage.runtime, day))))
    if day.day == TITLES_DAY and not is_first:
        month = month_of(day.replace(day=1) - timedelta(days=1))
        stage.play(award_titles, [AwardTitles(period=month, actor="operator/manager")])


def _finalize_heard(stage: Stage, day: date) -> None:
    """Lists whose objections have ended are made final, by somebody else than their publisher."""
    with stage.runtime.reading() as connection:
        found = month_queries.read_months(connection, PROGRAMME_ID, present=month_of(day))
    heard = [
        one.month
        for one in found
        if one.closed and one.closed.state is MonthState.PROVISIONAL and one.closed.objections_until < day
    ]
    if heard:
        stage.play(finalize_months, [FinalizeMonth(month=month, actor="operator/owner") for month in heard])


def _read_shelves(runtime: Runtime, day: date) -> dict[tuple[str, str], int]:
    with runtime.reading() as connection:
        found = catalog_queries.read_items(
            connection, PROGRAMME_ID, narrowed_to=CatalogFilter(), today=day, limit=BATCH, after=None
        )
    return {(stocked.item.sku, level.station_code): level.shelf for stocked in found.items for level in stocked.levels}


def _settle(stage: Stage, hazards: Sequence[Hazard], photos: str) -> None:
    """The roll's hazards: reported, verified and settled on the same day, with a photo afterwards."""
    if not hazards:
        return
    cases = stage.play(submit_reports, [_submission(hazard, photos) for hazard in hazards])
    codes = [case.report.code for case in cases]
    actor = "operator/reviewer"
    stage.play(verify_reports, [VerifyReport(report=code, actor=actor) for code in codes])
    photo = f"{photos}/settled.svg"
    stage.play(settle_reports, [SettleReport(report=code, after_photo_url=photo, actor=actor) for code in codes])


def _end(stage: Stage, last_day: date, zone: ZoneInfo) -> None:
    """A credit got by fraud is taken back though it is spent, and one of a final month, which corrects its list; the
    year's partners are proposed, two confirmed."""
    stage.clock.now = _at(last_day, time(23, 45), zone)
    report = find_clawback(stage.runtime)
    if report is not None:
        reason = "经复核，照片为网上下载，非现场拍摄"
        stage.play(revoke_reports, [RevokeReport(report=report, reason=reason, actor="operator/manager")])
    listed = _find_listed(stage.runtime, last_day)
    if listed is not None:
        reason = "接到举报复核：现场系摆拍"
        stage.play(revoke_reports, [RevokeReport(report=listed, reason=reason, actor="operator/manager")])
    [awarded] = stage.play(award_titles, [AwardTitles(period=f"{last_day:%Y}", actor="operator/manager")])
    confirmed = [ConfirmTitle(title_id=str(case.title.id), actor="operator/owner") for case in awarded.titles[:2]]
    stage.play(confirm_titles, confirmed)


def _find_listed(runtime: Runtime, last_day: date) -> str | None:
    """The newest verified report in the newest final list of who is second on it."""
    with runtime.reading() as connection:
        months = month_queries.read_months(connection, PROGRAMME_ID, present=month_of(last_day))
        final = [one.month for one in months if one.closed and one.closed.state is MonthState.FINAL]
        if not final:
            return None
        ranked = read_ranking(connection, PROGRAMME_ID, final[0], limit=2, after=None).items
        found = read_reports(
            connection,
            PROGRAMME_ID,
            narrowed_to=ReportFilter(state=ReportState.VERIFIED, rider_code=ranked[-1].rider_code),
            is_newest_first=True,
            limit=BATCH,
            after=None,
        )
    return next((case.report.code for case in found.items if case.award and case.award.month == final[0]), None)


def _found(stage: Stage, password: str, *, year: int) -> None:
    """The programme, the people who run it, the stations, the catalogue, the sponsors."""
    password_hash = stage.runtime.passwords.hash(password)
    found_programme(stage.runtime, password_hash=password_hash)
    heads = {name: (display_name, frozenset({Role.KEEPER})) for name, display_name, _ in catalog.keepers()}
    stage.play(
        create_operators,
        [
            CreateOperator(
                name=name, display_name=display_name, password_hash=password_hash, roles=roles, actor="operator/owner"
            )
            for name, (display_name, roles) in {**DEMO_OPERATORS, **heads}.items()
            if name != "owner"
        ],
    )
    stage.play(put_stations, catalog.put_stations())
    stage.play(put_items, catalog.put_items())
    stage.play(create_sponsors, catalog.create_sponsors())
    stage.play(fund_budgets, catalog.fund_budgets(year))


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
