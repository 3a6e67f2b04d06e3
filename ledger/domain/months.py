"""The life of a month: open → provisional (its list is published) → final (sealed), and the corrections beside it.

A month closes for new merit at the moment its list is published. Until then whatever is verified counts in the month
of its report, and the rulebook promises riders time for it; afterwards it counts in the first month that is still open.
Credits taken back after the publication never change the list: each is a numbered correction. The corrections of the
objection period go into the final list; later ones stay beside it for ever.
Source: programme.md, Honors; hard-cases.md, "a report is verified after its month was closed" and "a credit in a
closed month is reversed".
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.domain.awards import Award, Part
from ledger.domain.calendar import Month, MonthCalendar, following_month, local_day
from ledger.domain.errors import Kind, Refusal, Text

DIGEST_FORM = "city-partner-ledger/month/1"
"""First word of what is hashed, so that another form could never give the same digest by accident."""


class MonthState(StrEnum):
    OPEN = "open"
    PROVISIONAL = "provisional"
    FINAL = "final"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A list in one line: how many riders it has, their merit in all, and the SHA-256 of its canonical form, in hex."""

    riders: int
    merit: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """A month that was published. `final` is None while it is provisional.

    `corrections` is the number of the last one; the final list holds those up to `corrections_in_list`.
    """

    month: Month
    rulebook_version: int
    published: Seal
    published_at: datetime
    published_by: str
    objections_until: date
    corrections: int = 0
    corrections_in_list: int = 0
    final: Seal | None = None
    finalized_at: datetime | None = None
    finalized_by: str | None = None

    @property
    def state(self) -> MonthState:
        return MonthState.PROVISIONAL if self.final is None else MonthState.FINAL

    @property
    def seal(self) -> Seal:
        """Of the list as it stands now."""
        return self.final or self.published

    def as_of(self, at: datetime, *, corrections: int) -> "ClosedMonth | None":
        """The month as it was at an instant when so many corrections had been made; None while it was open."""
        if at < self.published_at:
            return None
        if self.finalized_at is not None and at < self.finalized_at:
            return replace(
                self, corrections=corrections, corrections_in_list=0, final=None, finalized_at=None, finalized_by=None
            )
        return replace(self, corrections=corrections)

    def finalization_due_at(self, zone: ZoneInfo) -> datetime:
        """The midnight that ends the last day for objections."""
        return datetime.combine(self.objections_until + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a credit that was taken back after the publication changes in its month: never more than zero."""

    month: Month
    number: int
    rider_id: UUID
    report_id: UUID
    part: Part
    merit: int
    verified_reports: int
    serious_points: int
    reason: str
    actor: str
    recorded_at: datetime
    transaction_id: UUID | None

    @property
    def name(self) -> str:
        """As people quote it: 2026-10/1."""
        return f"{self.month}/{self.number}"


@dataclass(frozen=True, slots=True)
class ListLine:
    """What a list says of a rider, without the name: people leave, and a digest must not change by it.

    `reached_at` is None only in a list that somebody has damaged, which must still be hashed to be found out.
    """

    rider_code: str
    merit: int
    verified_reports: int
    serious_points: int
    reached_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A rider whose standing is not what the awards give, both as `describe_counts` words them."""

    rider_code: str
    stored: str
    recomputed: str


def describe_counts(
    merit: int | None, verified_reports: int | None, serious_points: int | None, reached_at: datetime | None
) -> str:
    """The tie chain in one line, with the names that the API gives them; a dash where there is no standing."""
    if merit is None:
        return "–"
    reached = "–" if reached_at is None else reached_at.isoformat(timespec="microseconds")
    return f"merit {merit}, verified_reports {verified_reports}, serious_points {serious_points}, reached_at {reached}"


def first_open_month(month: Month, closed: Collection[Month]) -> Month:
    """The month itself, or the first after it that was not published yet: where its merit counts."""
    while month in closed:
        month = following_month(month)
    return month


def correction_of(award: Award, *, number: int, reason: str, actor: str, now: datetime) -> Correction:
    """The correction for an award that was reversed."""
    return Correction(
        month=award.month,
        number=number,
        rider_id=award.rider_id,
        report_id=award.report_id,
        part=award.part,
        merit=-award.merit,
        verified_reports=-(award.part is Part.REPORT),
        serious_points=-award.points_granted if award.is_serious else 0,
        reason=reason,
        actor=actor,
        recorded_at=now,
        transaction_id=award.reversal_id,
    )


def seal_list(programme_id: int, month: Month, lines: Iterable[ListLine]) -> Seal:
    """The seal of a list in the order of the tie chain; the lines may be a stream.

    Canonical form, UTF-8: the form's name, programme and month, then a line a rider, each ended by a line feed, the
    fields separated by tabs: rank, code, merit, verified reports, serious points, the moment reached (UTC, ISO 8601,
    microseconds). All of it is on the published list, so whoever holds a copy can hash it too.
    """
    hashed = hashlib.sha256(f"{DIGEST_FORM}\t{programme_id}\t{month}\n".encode())
    riders, merit, rank = 0, 0, 0
    last_chain: tuple[int, int, int, datetime | None] | None = None
    for line in lines:
        riders, merit = riders + 1, merit + line.merit
        chain = (line.merit, line.verified_reports, line.serious_points, line.reached_at)
        if chain != last_chain:
            rank, last_chain = riders, chain
        reached = "–" if line.reached_at is None else line.reached_at.isoformat(timespec="microseconds")
        hashed.update(
            f"{rank}\t{line.rider_code}\t{line.merit}\t{line.verified_reports}\t{line.serious_points}\t{reached}\n".encode()
        )
    return Seal(riders=riders, merit=merit, digest=hashed.hexdigest())


def decide_publication(
    month: Month, closed: ClosedMonth | None, calendar: MonthCalendar, *, zone: ZoneInfo, now: datetime
) -> Refusal | None:
    """In this order: published already, too early."""
    if closed is not None:
        return MonthAlreadyPublished(
            month=month, state=closed.state, published_by=closed.published_by, published_at=closed.published_at
        )
    due_at = calendar.publication_due_at(month, zone)
    return PublicationTooEarly(month=month, due_at=due_at) if now < due_at else None


def decide_finalization(
    month: Month, closed: ClosedMonth | None, *, actor: str, titles_under_review: int, zone: ZoneInfo, now: datetime
) -> ClosedMonth | Refusal:
    """The month as it was published, or in this order: not published, final already, the publisher's own, objections
    still heard, titles under review.

    There is no way around the objection period, not with a reason either: its end was announced with the list.
    """
    if closed is None:
        return MonthNotPublished(month=month)
    if closed.finalized_at is not None:
        return MonthAlreadyFinal(month=month, finalized_by=closed.finalized_by or "", finalized_at=closed.finalized_at)
    if closed.published_by == actor:
        return OwnPublication(month=month)
    if local_day(now, zone) <= closed.objections_until:
        return ObjectionsStillHeard(month=month, objections_until=closed.objections_until.isoformat())
    return TitlesUnderReview(month=month, titles=titles_under_review) if titles_under_review else closed


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class MonthAlreadyPublished(Refusal):
    month: str
    state: MonthState
    published_by: str
    published_at: datetime

    code: ClassVar[str] = "month_already_published"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这个月的榜单已经公布", "The month's list is published already")
    detail: ClassVar[Text] = Text(
        "{month} 的榜单已由 {published_by} 于 {published_at} 公布，现在是“{state}”；这次没有改动。",
        "{published_by} published the list of {month} at {published_at}; it is {state}. Nothing changed.",
    )


@dataclass(eq=False)
class PublicationTooEarly(Refusal):
    month: str
    due_at: datetime

    code: ClassVar[str] = "publication_too_early"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("还没到公布榜单的时候", "It is too early to publish the list")
    detail: ClassVar[Text] = Text(
        "{month} 的上报可以审核到 {due_at}，那以后再公布榜单；时间由规则的 [calendar] 决定。",
        "Reports of {month} are verified until {due_at}; publish its list after that (the rulebook's [calendar]).",
    )


@dataclass(eq=False)
class MonthNotPublished(Refusal):
    month: str

    code: ClassVar[str] = "month_not_published"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("这个月的榜单还没有公布", "The month's list is not published")
    detail: ClassVar[Text] = Text(
        "{month} 的榜单还没有公布；请先公布（points month publish {month}）。",
        "The list of {month} is not published. Publish it first: points month publish {month}.",
    )


@dataclass(eq=False)
class MonthAlreadyFinal(Refusal):
    month: str
    finalized_by: str
    finalized_at: datetime

    code: ClassVar[str] = "month_already_final"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这个月已经定榜", "The month is final already")
    detail: ClassVar[Text] = Text(
        "{month} 已由 {finalized_by} 于 {finalized_at} 定榜，不能再改；这次没有改动。",
        "{finalized_by} finalized {month} at {finalized_at}, for good. Nothing changed.",
    )


@dataclass(eq=False)
class OwnPublication(Refusal):
    month: str

    code: ClassVar[str] = "own_publication"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能给自己公布的榜单定榜", "Your own publication")
    detail: ClassVar[Text] = Text(
        "{month} 的榜单是您自己公布的，不能自己定榜；请另一位负责人来做。",
        "You published the list of {month} yourself and cannot finalize it. Have another manager do it.",
    )


@dataclass(eq=False)
class ObjectionsStillHeard(Refusal):
    month: str
    objections_until: str

    code: ClassVar[str] = "objections_still_heard"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("公示期还没有结束", "Objections are still heard")
    detail: ClassVar[Text] = Text(
        "{month} 的榜单公示到 {objections_until}，过了这一天再定榜。",
        "Objections to the list of {month} are heard until {objections_until}. Finalize it after that day.",
    )


@dataclass(eq=False)
class TitlesUnderReview(Refusal):
    month: str
    titles: int

    code: ClassVar[str] = "titles_under_review"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("还有荣誉待复核", "Titles are under review")
    detail: ClassVar[Text] = Text(
        "{month} 有 {titles} 个荣誉因更正待复核；请先逐个确认或取消（points honor titles --under-review），再定榜。",
        "{titles} titles of {month} are under review after corrections. Confirm or decline each first: "
        "points honor titles --under-review.",
    )


@dataclass(eq=False)
class StandingsDiffer(Refusal):
    """The first rider that differs, with what is stored and what the awards give."""

    month: str
    riders: int
    rider_code: str
    stored: str
    recomputed: str

    code: ClassVar[str] = "standings_differ"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("榜单和账目对不上", "The standings differ from the awards")
    detail: ClassVar[Text] = Text(
        "{month} 有 {riders} 名骑手的成绩和按奖励重算的不一样，所以没有定下来；例如 {rider_code}："
        "存的是 {stored}，重算是 {recomputed}。请让审计员查明（points month verify {month}）后再做。",
        "The standings of {riders} riders in {month} are not what their awards give, so nothing was closed. "
        "{rider_code}, for one, has {stored} stored and {recomputed} recomputed. Have an auditor find out why: "
        "points month verify {month}.",
    )
