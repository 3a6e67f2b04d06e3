"""Awarding the titles of a month or a year, and deciding about those that are only proposed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.domain.calendar import local_day, month_bounds, month_of, parse_month
from ledger.domain.errors import InvalidField, NotFound, Refusal
from ledger.domain.honors import (
    Candidate,
    Earned,
    Honor,
    HonorPeriod,
    HonorRule,
    OwnProposal,
    PeriodNotOver,
    SeatsTaken,
    Title,
    TitleAlreadyDecided,
    TitleCase,
    TitleState,
    decide_honors,
)
from ledger.domain.riders import mask_name
from ledger.domain.rulebook import Rulebook
from ledger.storage import honors as honor_store
from ledger.storage import programmes as programme_store
from ledger.storage import riders as rider_store
from ledger.storage.candidates import Span, stream_candidates
from ledger.storage.events import Event, append_events
from ledger.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardTitles:
    """`period`: a month such as 2026-11, or a year such as 2026."""

    period: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardedTitles:
    """`titles` are new, in the rulebook's order, best first; `unchanged` counts by honor those who had it already.

    `reports_waiting`: reports of the period that nobody has decided yet, and that could still change the picture.
    """

    period: str
    titles: list[TitleCase]
    unchanged: Counter[str]
    reports_waiting: int
    honors: tuple[Honor, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTitle:
    title_id: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineTitle:
    title_id: str
    reason: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Period:
    name: str
    span: Span

    @property
    def is_year(self) -> bool:
        return len(self.name) == len("2026")


def award_titles(uow: UnitOfWork, batch: Sequence[AwardTitles]) -> list[AwardedTitles | Refusal]:
    """Per item the titles that are new, or: no period, month not over (of a year: not begun).

    Whoever has a title keeps it, and gets no second one: awarding twice changes nothing.
    """
    zone = programme_store.read_zone_of(uow)
    today = local_day(uow.now, zone)
    rulebook = programme_store.read_rulebook_in_force(uow, today)
    outcomes: list[AwardedTitles | Refusal] = []
    for command in batch:
        period = _read_period(command.period, zone=zone, today=today)
        outcomes.append(period if isinstance(period, Refusal) else _award(uow, period, command.actor, rulebook))
    return outcomes


def confirm_titles(uow: UnitOfWork, batch: Sequence[ConfirmTitle]) -> list[TitleCase | Refusal]:
    """Per item the granted title, or: no such title, nothing to decide, proposed by the same person, no seat left.

    A granted title under review is kept: it has its seat, and whoever ran the awarding by rule proposed nothing.
    """
    found = honor_store.lock_titles(uow, [command.title_id for command in batch])
    rulebook = programme_store.read_rulebook_in_force(uow, local_day(uow.now, programme_store.read_zone_of(uow)))
    seats = {honor.code: honor.seats for honor in rulebook.honors}
    taken: dict[tuple[str, str], int] = {}
    decided: dict[UUID, Title] = {}
    outcomes: list[Title | Refusal] = []
    for command in batch:
        title = _current(found, decided, command.title_id)
        if isinstance(title, Refusal):
            outcomes.append(title)
            continue
        if title.state is TitleState.GRANTED:
            decided[title.id] = _decided(uow, title, command.actor)
            outcomes.append(decided[title.id])
            continue
        if title.awarded_by == command.actor:
            outcomes.append(OwnProposal(title_name=title.name))
            continue
        key = (title.honor_code, title.period)
        if key not in taken:
            taken[key] = honor_store.count_granted(uow, *key)
        if 0 < seats.get(title.honor_code, 0) <= taken[key]:
            outcomes.append(SeatsTaken(title_name=title.name, seats=seats[title.honor_code]))
            continue
        taken[key] += 1
        decided[title.id] = replace(_decided(uow, title, command.actor), state=TitleState.GRANTED)
        outcomes.append(decided[title.id])
    return _write_decisions(uow, outcomes)


def decline_titles(uow: UnitOfWork, batch: Sequence[DeclineTitle]) -> list[TitleCase | Refusal]:
    """Per item the declined title, or: no such title, neither proposed nor under review."""
    found = honor_store.lock_titles(uow, [command.title_id for command in batch])
    decided: dict[UUID, Title] = {}
    outcomes: list[Title | Refusal] = []
    for command in batch:
        title = _current(found, decided, command.title_id)
        if isinstance(title, Refusal):
            outcomes.append(title)
            continue
        decided[title.id] = replace(
            _decided(uow, title, command.actor), state=TitleState.DECLINED, reason=command.reason
        )
        outcomes.append(decided[title.id])
    return _write_decisions(uow, outcomes)


def _award(uow: UnitOfWork, period: _Period, actor: str, rulebook: Rulebook) -> AwardedTitles:
    wanted = {HonorPeriod.YEAR} if period.is_year else {HonorPeriod.MONTH, HonorPeriod.EVER}
    honors = tuple(honor for honor in rulebook.honors if honor.period in wanted)
    in_all = [honor.verified_at_least for honor in honors if honor.rule is HonorRule.VERIFIED_IN_ALL]
    candidates = stream_candidates(uow, period.span, verified_in_all_at_least=min(in_all, default=None))
    given = honor_store.read_given(uow, [period.name, ""])
    unchanged: Counter[str] = Counter()
    titles: list[tuple[Title, Candidate]] = []
    for earned in decide_honors(honors, candidates):
        title = _title(uow, earned, period, actor, rulebook)
        if (title.honor_code, title.rider_id, title.period) in given:
            unchanged[title.honor_code] += 1
        else:
            titles.append((title, earned.candidate))
    honor_store.insert_titles(uow, [title for title, _ in titles])
    cases = _cases(uow, [title for title, _ in titles])
    append_events(uow, [_event(case, actor) for case in cases])
    return AwardedTitles(
        period=period.name,
        titles=cases,
        unchanged=unchanged,
        reports_waiting=honor_store.count_waiting_reports(uow, period.span.begin, period.span.end),
        honors=honors,
    )


def _title(uow: UnitOfWork, earned: Earned, period: _Period, actor: str, rulebook: Rulebook) -> Title:
    honor = earned.honor
    return Title(
        id=uow.new_id(),
        honor_code=honor.code,
        name=honor.title,
        rider_id=earned.candidate.rider_id,
        period="" if honor.period is HonorPeriod.EVER else period.name,
        state=TitleState.PROPOSED if honor.is_proposed else TitleState.GRANTED,
        facts=earned.facts,
        rulebook_version=rulebook.version,
        awarded_at=uow.now,
        awarded_by=actor,
    )


def _read_period(name: str, *, zone: ZoneInfo, today: date) -> _Period | Refusal:
    """A month that is over, or a year that has begun: whoever qualifies in it already can be proposed."""
    is_year = len(name) == len("2026") and name.isascii() and name.isdigit()
    try:
        first, last = parse_month(f"{name}-01" if is_year else name), parse_month(f"{name}-12" if is_year else name)
    except InvalidField:
        return InvalidField(
            field="period",
            problem_zh=f"「{name}」不是月份或年份，请写成 2026-11 或 2026。",
            problem_en=f"{name!r} is neither a month nor a year; write 2026-11 or 2026.",
        )
    begin, end = month_bounds(first, zone)[0], month_bounds(last, zone)[1]
    last_day = local_day(end - timedelta(microseconds=1), zone)
    now_month = month_of(today)
    if first > now_month or (not is_year and last >= now_month):
        return PeriodNotOver(period=name, ends_on=last_day.isoformat())
    span = Span(first_month=first, last_month=last, begin=begin, end=end, last_day=min(last_day, today))
    return _Period(name=name, span=span)


def _current(found: dict[str, Title], decided: dict[UUID, Title], name: str) -> Title | Refusal:
    """The title as earlier items left it, if it is still to be decided."""
    if name not in found:
        return NotFound(noun="title", name=name)
    title = decided.get(found[name].id, found[name])
    if title.state is TitleState.PROPOSED or title.under_review is not None:
        return title
    return TitleAlreadyDecided(
        title_name=title.name, state=title.state, decided_by=title.decided_by, decided_at=title.decided_at
    )


def _decided(uow: UnitOfWork, title: Title, actor: str) -> Title:
    return replace(title, decided_at=uow.now, decided_by=actor, under_review=None)


def _write_decisions(uow: UnitOfWork, outcomes: Sequence[Title | Refusal]) -> list[TitleCase | Refusal]:
    decided = [outcome for outcome in outcomes if isinstance(outcome, Title)]
    honor_store.update_decisions(uow, decided)
    cases = {case.title.id: case for case in _cases(uow, decided)}
    append_events(uow, [_event(case, case.title.decided_by or "") for case in cases.values()])
    return [outcome if isinstance(outcome, Refusal) else cases[outcome.id] for outcome in outcomes]


def _cases(uow: UnitOfWork, titles: Sequence[Title]) -> list[TitleCase]:
    riders = rider_store.lock_riders(uow, {title.rider_id for title in titles})
    names = rider_store.read_names(uow, riders)
    return [
        TitleCase(
            title=title,
            rider_code=riders[title.rider_id].code,
            rider_name=mask_name(names.get(title.rider_id, "")),
            industry_code=riders[title.rider_id].industry_code,
        )
        for title in titles
    ]


def _event(case: TitleCase, actor: str) -> Event:
    title = case.title
    return Event(
        kind=f"title.{title.state.value}",
        subject=f"title/{title.id}",
        data={"honor": title.honor_code, "rider": case.rider_code, "period": title.period, "by": actor},
    )
