"""Incidents: reports of one hazard, and what share of its points each reporter has.

The first reporter earns in full, a few later ones a little, the same rider once. Shares follow from who reported and
when, and from nothing else: so whoever joins, leaves, is merged in or split off, in whatever order, the same company
has the same shares, and what was merged by mistake can be split again. Source: programme.md, Value scale and rules.

A verified report that nobody else reported is an incident of one; it is stored only when a second comes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.domain.errors import Kind, Refusal, Text
from ledger.domain.reports import CREDITED_STATES, Report, ReportState
from ledger.domain.rulebook import IncidentRules

INCIDENT_REPORTS_MAX = 100
"""Reports in one incident: all of them are locked and decided anew whenever one joins."""


class Share(StrEnum):
    FULL = "full"
    LATER = "later"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareHeld:
    """What a report has of its incident: `number` is its place among the reporters; None for one that does not count,
    because its rider reported the hazard before or because it was revoked. `incident_code` is the first report's."""

    incident_code: str
    share: Share
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A report in an incident. `points_full` is what it would earn alone."""

    report: Report
    points_full: int
    share: Share = Share.FULL
    number: int | None = 1

    @property
    def is_counted(self) -> bool:
        return self.report.state in CREDITED_STATES

    def points(self, rules: IncidentRules) -> int:
        """What its share is worth, before the caps."""
        if self.share is Share.FULL:
            return self.points_full
        return min(rules.later_points, self.points_full) if self.share is Share.LATER else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """`members` in the order of submission; the first that counts gives the incident its code."""

    id: UUID
    category_code: str
    members: tuple[Member, ...]

    @property
    def first(self) -> Report:
        return next((member for member in self.members if member.is_counted), self.members[0]).report

    @property
    def code(self) -> str:
        return self.first.code

    def held_by(self, member: Member) -> ShareHeld:
        return ShareHeld(incident_code=self.code, share=member.share, number=member.number)

    def member(self, report_id: UUID) -> Member:
        return next(member for member in self.members if member.report.id == report_id)


def decide_shares(members: Iterable[Member], rules: IncidentRules) -> tuple[Member, ...]:
    """The members in the order of submission, each with its share."""
    decided: list[Member] = []
    riders: set[UUID] = set()
    for member in sorted(members, key=lambda member: (member.report.submitted_at, member.report.id)):
        if not member.is_counted or member.report.rider_id in riders:
            decided.append(replace(member, share=Share.NONE, number=None))
            continue
        riders.add(member.report.rider_id)
        number = len(riders)
        share = Share.FULL if number == 1 else Share.LATER if number <= 1 + rules.later_reporters else Share.NONE
        decided.append(replace(member, share=share, number=number))
    return tuple(decided)


def share_words(member: Member, points: int) -> str:
    """What a rider reads in the statement, in both languages: why it is so many points."""
    if not member.is_counted:
        return "已撤销，不计分 · revoked: no points"
    if member.number is None:
        return "本人已报过同一隐患，不重复计分 · you reported this hazard before: no points"
    if member.share is Share.NONE:
        return f"第 {member.number} 位报告人，不计分 · reporter no. {member.number}: no points"
    points_en = "1 point" if points == 1 else f"{points} points"
    return f"第 {member.number} 位报告人，{points} 分 · reporter no. {member.number}: {points_en}"


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class NotOneHazard(Refusal):
    report_code: str
    category_code: str
    other_code: str
    other_category_code: str

    code: ClassVar[str] = "not_one_hazard"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不是同一隐患", "Not one hazard")
    detail: ClassVar[Text] = Text(
        "上报 {report_code}（{category_code}）与 {other_code}（{other_category_code}）不能算同一隐患：类别须相同，"
        "且该类别有重报间隔；请核对编号。",
        "Reports {report_code} ({category_code}) and {other_code} ({other_category_code}) cannot be one hazard: the "
        "category must be the same, and one with a re-report interval. Check the codes.",
    )


@dataclass(eq=False)
class HazardNotVerified(Refusal):
    report_code: str
    state: ReportState

    code: ClassVar[str] = "hazard_not_verified"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这条上报还没有核实", "The report is not verified")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 现在是 {state}，只有已核实的才能归并为同一隐患；待审的请先核实。",
        "Report {report_code} is {state}; only verified ones can share an incident. Verify a submitted one first.",
    )


@dataclass(eq=False)
class HazardReportedBefore(Refusal):
    report_code: str
    rider_code: str
    other_code: str

    code: ClassVar[str] = "hazard_reported_before"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("同一人已报过这个隐患", "The same rider reported this hazard")
    detail: ClassVar[Text] = Text(
        "骑手 {rider_code} 已用 {other_code} 报过这个隐患，同一人只计一次；请把 {report_code} 记为它的重复。",
        "Rider {rider_code} reported this hazard as {other_code} and is paid for it once. Mark {report_code} as a "
        "duplicate of that.",
    )


@dataclass(eq=False)
class IncidentFull(Refusal):
    incident_code: str

    code: ClassVar[str] = "incident_full"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("这起隐患的上报太多", "The incident has too many reports")
    detail: ClassVar[Text] = Text(
        f"隐患 {{incident_code}} 最多 {INCIDENT_REPORTS_MAX} 条上报；后面的请记为重复。",
        f"Incident {{incident_code}} can hold {INCIDENT_REPORTS_MAX} reports. Mark further ones as duplicates.",
    )


@dataclass(eq=False)
class OneIncidentAlready(Refusal):
    report_code: str
    other_code: str

    code: ClassVar[str] = "one_incident_already"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("已经是同一起隐患", "They are one incident already")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 与 {other_code} 已经属于同一起隐患；这次没有改动。",
        "Reports {report_code} and {other_code} belong to one incident already. Nothing changed.",
    )


@dataclass(eq=False)
class NotInIncident(Refusal):
    report_code: str
    incident_code: str

    code: ClassVar[str] = "not_in_incident"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("上报不在这起隐患里", "The report is not in this incident")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 不在隐患 {incident_code} 里；这次没有改动，请先查看这起隐患有哪些上报。",
        "Report {report_code} is not in incident {incident_code}. Nothing changed; look at what the incident holds.",
    )


@dataclass(eq=False)
class NothingLeftToSplit(Refusal):
    incident_code: str

    code: ClassVar[str] = "nothing_left_to_split"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("拆分后什么也不剩", "A split must leave a report")
    detail: ClassVar[Text] = Text(
        "这样拆分后隐患 {incident_code} 里没有上报了；请至少留下一条。",
        "Nothing would be left in incident {incident_code}. Leave at least one report in it.",
    )


def check_one_hazard(report: Report, other: Report, *, has_interval: bool) -> NotOneHazard | None:
    if report.category_code == other.category_code and has_interval:
        return None
    return NotOneHazard(
        report_code=report.code,
        category_code=report.category_code,
        other_code=other.code,
        other_category_code=other.category_code,
    )


def check_verified(report: Report) -> HazardNotVerified | None:
    if report.state in CREDITED_STATES:
        return None
    return HazardNotVerified(report_code=report.code, state=report.state)


def check_size(code: str, members: Sequence[Member]) -> IncidentFull | None:
    return IncidentFull(incident_code=code) if len(members) > INCIDENT_REPORTS_MAX else None
