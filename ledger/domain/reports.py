"""Reports: what may happen to one, and who was first.

submitted → verified | rejected | duplicate; verified → settled (the hazard is gone); verified or settled → revoked.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from ledger.domain import codes
from ledger.domain.errors import InvalidField, Kind, Refusal, Text
from ledger.domain.places import Place
from ledger.domain.rulebook import Category, Rulebook

TEXT_MAX = 500
"""Characters of an address, a description, a reason: what fits a phone's screen twice."""

CODE_LENGTH = 10

CLOCK_SKEW_MAX_MINUTES = 10
"""How far a phone's clock may run ahead of ours before we call the time wrong."""


class ReportState(StrEnum):
    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    SETTLED = "settled"
    REVOKED = "revoked"


CREDITED_STATES = frozenset({ReportState.VERIFIED, ReportState.SETTLED})
"""The report was credited, and the credit stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A hazard somebody saw. `code` is what people say and type; `external_id` is the other system's, per source."""

    id: UUID
    code: str
    rider_id: UUID
    category_code: str
    hours: int
    state: ReportState
    place: Place | None
    address: str
    subdistrict: str
    description: str
    photo_url: str | None
    photo_taken_at: datetime | None
    source: str
    external_id: str | None
    submitted_at: datetime
    recorded_at: datetime
    review_due_at: datetime
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str = ""
    duplicate_of: UUID | None = None
    settled_at: datetime | None = None
    settled_by: str | None = None
    after_photo_url: str | None = None

    def settled(self, *, by: str, at: datetime, after_photo_url: str | None) -> "Report":
        return replace(self, state=ReportState.SETTLED, settled_by=by, settled_at=at, after_photo_url=after_photo_url)

    def decided(
        self,
        state: ReportState,
        *,
        by: str,
        at: datetime,
        reason: str = "",
        duplicate_of: UUID | None = None,
    ) -> "Report":
        return replace(self, state=state, decided_by=by, decided_at=at, reason=reason, duplicate_of=duplicate_of)


@dataclass(eq=False)
class ReportAlreadySettled(Refusal):
    report_code: str
    settled_by: str | None
    settled_at: datetime | None

    code: ClassVar[str] = "report_already_settled"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这条上报已经办结", "The report is settled already")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 已由 {settled_by} 于 {settled_at} 办结；这次没有改动。",
        "Report {report_code} was settled by {settled_by} at {settled_at}. Nothing changed.",
    )


@dataclass(eq=False)
class ReportNotSettleable(Refusal):
    report_code: str
    state: ReportState

    code: ClassVar[str] = "report_not_settleable"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这条上报不能办结", "The report cannot be settled")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 现在是 {state}，只有已核实的才能办结；待审的请先核实。",
        "Report {report_code} is {state}; only a verified one can be settled. Verify a submitted one first.",
    )


@dataclass(eq=False)
class ReportAlreadyDecided(Refusal):
    """The second reviewer is told who was first, when, and what was decided."""

    report_code: str
    state: ReportState
    decided_by: str | None
    decided_at: datetime | None

    code: ClassVar[str] = "report_already_decided"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这条上报已经处理过了", "The report has been decided already")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 已由 {decided_by} 于 {decided_at} 处理为 {state}；这次没有改动，请刷新后看下一条。",
        "Report {report_code} was decided by {decided_by} at {decided_at}: {state}. Nothing changed; take the next.",
    )


@dataclass(eq=False)
class ReportNotVerified(Refusal):
    report_code: str
    state: ReportState

    code: ClassVar[str] = "report_not_verified"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("这条上报没有入账", "The report is not verified")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 现在是 {state}，只有已核实的才能撤销；待审的请直接驳回。",
        "Report {report_code} is {state}; only a verified one can be revoked. Reject a submitted one instead.",
    )


@dataclass(eq=False)
class DuplicateOfItself(Refusal):
    report_code: str

    code: ClassVar[str] = "duplicate_of_itself"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("不能与自己重复", "A report cannot be its own duplicate")
    detail: ClassVar[Text] = Text(
        "上报 {report_code} 指向的原件就是它自己，或者原件本身也是它的重复件；请填另一条更早的上报。",
        "Report {report_code} would be a duplicate of itself, directly or in a circle. Name another, earlier report.",
    )


@dataclass(eq=False)
class PhotoTooOld(Refusal):
    age_hours: int
    age_max_hours: int

    code: ClassVar[str] = "photo_too_old"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("照片太旧", "The photo is too old")
    detail: ClassVar[Text] = Text(
        "照片是 {age_hours} 小时前拍的，最多 {age_max_hours} 小时；请到现场重新拍一张。",
        "The photo was taken {age_hours} h ago, {age_max_hours} h at most. Take a new one on the spot.",
    )


@dataclass(eq=False)
class UnknownCategory(Refusal):
    category_code: str
    known: str

    code: ClassVar[str] = "unknown_category"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("没有这个类别", "Unknown category")
    detail: ClassVar[Text] = Text(
        "没有类别「{category_code}」；可用的有：{known}。", "There is no category {category_code!r}. Known: {known}."
    )


@dataclass(eq=False)
class RiderNotActive(Refusal):
    rider_code: str
    rider_status: str

    code: ClassVar[str] = "rider_not_active"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("骑手状态不允许", "The rider is not active")
    detail: ClassVar[Text] = Text(
        "骑手 {rider_code} 的状态是 {rider_status}，不能上报、得分或兑换；请先由负责人恢复。",
        "Rider {rider_code} is {rider_status} and cannot report, earn or redeem. Have the manager restore them first.",
    )


def report_code(report_id: UUID) -> str:
    """Ten characters from the random end of a UUIDv7: a million reports collide with a chance of 1 in 2,000.

    A collision violates a unique key, and the unit of work is run again with new ids.
    """
    return codes.spell(report_id.int, CODE_LENGTH)


def read_report_code(name: str) -> str | None:
    """The code somebody meant; None: it cannot be one."""
    return codes.read(name, CODE_LENGTH)


def find_category(rulebook: Rulebook, code: str) -> Category | UnknownCategory:
    category = rulebook.categories.get(code)
    return category or UnknownCategory(category_code=code, known=", ".join(sorted(rulebook.categories)))


def check_photo_age(
    rulebook: Rulebook, *, photo_taken_at: datetime | None, submitted_at: datetime
) -> PhotoTooOld | InvalidField | None:
    """The photo was taken at most so many hours before the report, and not after it."""
    if photo_taken_at is None:
        return None
    age = submitted_at - photo_taken_at
    if age < -timedelta(minutes=CLOCK_SKEW_MAX_MINUTES):
        return InvalidField(
            field="photo_taken_at",
            problem_zh="拍摄时间晚于上报时间；请检查手机时钟。",
            problem_en="the photo is later than the report; check the phone's clock.",
        )
    if age > timedelta(hours=rulebook.photo_age_max_hours):
        return PhotoTooOld(age_hours=int(age.total_seconds() // 3600) + 1, age_max_hours=rulebook.photo_age_max_hours)
    return None


def check_hours(category: Category, hours: int | None, rulebook: Rulebook) -> InvalidField | None:
    """Hourly categories need their hours, the others must not have any."""
    if category.is_hourly and (hours is None or not 1 <= hours <= rulebook.hours_max):
        return InvalidField(
            field="hours",
            problem_zh=f"{category.code} 按小时计分，请填 1 到 {rulebook.hours_max} 的整数小时。",
            problem_en=f"{category.code} is paid by the hour: give 1 to {rulebook.hours_max} whole hours.",
        )
    if not category.is_hourly and hours is not None:
        return InvalidField(
            field="hours",
            problem_zh=f"{category.code} 不按小时计分，请去掉 hours。",
            problem_en=f"{category.code} is not paid by the hour: leave `hours` out.",
        )
    return None


def check_settleable(report: Report) -> ReportAlreadySettled | ReportNotSettleable | None:
    if report.state is ReportState.SETTLED:
        return ReportAlreadySettled(report_code=report.code, settled_by=report.settled_by, settled_at=report.settled_at)
    if report.state is not ReportState.VERIFIED:
        return ReportNotSettleable(report_code=report.code, state=report.state)
    return None


def check_undecided(report: Report) -> ReportAlreadyDecided | None:
    if report.state is ReportState.SUBMITTED:
        return None
    return ReportAlreadyDecided(
        report_code=report.code, state=report.state, decided_by=report.decided_by, decided_at=report.decided_at
    )
