"""The rulebook: one TOML document a version, read into frozen records. Every award names the version it was made under.

Only rules that are in force stand here; the default document is `ledger/services/rulebook_1.toml`.
"""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ledger.domain.calendar import MonthCalendar
from ledger.domain.document_lines import find_line
from ledger.domain.documents import WHOLE_MAX, RulebookInvalid, Table
from ledger.domain.honors import Honor, HonorRule
from ledger.domain.lapses import LapseRules, read_lapse_rules
from ledger.domain.proposal_rules import ProposalRules, read_proposal_rules

LAST_DAY_OF_EVERY_MONTH = 28
OBJECTION_DAYS_MAX = 60
"""Working days: a quarter of a year, beyond which a list would be final after the next one."""
CALENDAR_DAYS_MAX = 400
"""Holidays named in one rulebook: those of ten years."""

_TOML_LINE = re.compile(r"at line (\d+)")

INCIDENT_DISTANCE_MAX_M = 1_000
"""Past this it is not the same hazard by any rule, and the search would no longer be one of neighbours."""
LATER_REPORTERS_MAX = 50


class Grade(StrEnum):
    """How bad a hazard is: 轻微, 一般, 较重, 紧急; service is work by the hour, not a hazard."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"
    URGENT = "urgent"
    SERVICE = "service"


SERIOUS_GRADES = frozenset({Grade.SERIOUS, Grade.URGENT})
"""Grades whose points count in the tie chain. Source: programme.md, Honors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """`points` is for one report, or for one hour where `is_hourly`."""

    code: str
    name: str
    group: str
    grade: Grade
    points: int
    is_hourly: bool
    review_within_hours: int
    re_report_after_days: int | None

    @property
    def is_urgent(self) -> bool:
        return self.grade is Grade.URGENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What a rider can be credited at most; urgent categories are exempt and not counted."""

    reports_per_day: int
    points_per_day: int
    points_per_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionRules:
    """Who has to approve how many points, and how long things may take. The defaults are programme.md's: they hold for
    rulebooks that were written before there were redemptions."""

    by_rule_up_to_points: int = 300
    one_approver_up_to_points: int = 1_500
    decide_within_hours: int = 48
    pick_up_within_days: int = 15

    def approvals_required(self, points: int) -> int:
        """0: approved by rule; 1 or 2: by so many people. Source: programme.md, Value scale and rules."""
        if points <= self.by_rule_up_to_points:
            return 0
        return 1 if points <= self.one_approver_up_to_points else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRules:
    """How near is one hazard, and what later reporters of it get. Source: programme.md, Value scale and rules."""

    distance_m: int = 50
    later_reporters: int = 5
    later_points: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    version: int
    categories: dict[str, Category]
    caps: Caps
    photo_age_max_hours: int
    hours_max: int
    lapse: LapseRules
    industries: dict[str, str]
    redemption: RedemptionRules = RedemptionRules()
    settlement_bonus_points: int = 5
    incident: IncidentRules = IncidentRules()
    honors: tuple[Honor, ...] = ()
    calendar: MonthCalendar = field(default_factory=MonthCalendar)
    proposals: ProposalRules = field(default_factory=ProposalRules)

    def lapse_day(self, earned_on: date) -> date:
        """The last day on which points earned on the day can be spent; the name of their lot."""
        return self.lapse.lapse_day(earned_on)


def read_rulebook(version: int, document: str) -> Rulebook:
    """Raises RulebookInvalid naming line, key and remedy; unknown keys are refused, so that a typo cannot hide."""
    try:
        tree = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        found = _TOML_LINE.search(str(error))
        raise RulebookInvalid(
            key="TOML",
            problem_zh=f"这里不是有效的 TOML（{error}）；请检查引号、等号和方括号。",
            problem_en=f"this is not TOML ({error}); check quotes, equal signs and brackets.",
            line=int(found[1]) if found else None,
        ) from None
    try:
        return _read_tree(version, Table("", tree))
    except RulebookInvalid as error:
        error.line = find_line(document, error.key)
        raise


def _read_tree(version: int, top: Table) -> Rulebook:
    caps, photo, hours = top.table("caps"), top.table("photo"), top.table("service_hours")
    settlement = top.optional_table("settlement")
    rulebook = Rulebook(
        version=version,
        categories={category.code: category for category in map(_read_category, top.tables("categories"))},
        caps=Caps(
            reports_per_day=caps.whole("reports_per_day", at_least=1),
            points_per_day=caps.whole("points_per_day", at_least=1),
            points_per_month=caps.whole("points_per_month", at_least=1),
        ),
        photo_age_max_hours=photo.whole("age_max_hours", at_least=1),
        hours_max=hours.whole("max", at_least=1),
        lapse=read_lapse_rules(top.table("lapse")),
        industries=dict(map(_read_industry, top.tables("industries"))),
        redemption=_read_redemption(top.optional_table("redemption")),
        settlement_bonus_points=settlement.whole("bonus_points", at_least=1, default=5),
        incident=_read_incident(top.optional_table("incident")),
        honors=tuple(map(_read_honor, top.tables("honors", is_optional=True))),
        calendar=_read_calendar(top.optional_table("calendar")),
        proposals=read_proposal_rules(top.optional_table("proposals")),
    )
    for table in (top, caps, photo, hours, settlement):
        table.refuse_unknown()
    return rulebook


def _read_redemption(table: Table) -> RedemptionRules:
    default = RedemptionRules()
    by_rule = table.whole("by_rule_up_to_points", at_least=0, default=default.by_rule_up_to_points)
    rules = RedemptionRules(
        by_rule_up_to_points=by_rule,
        one_approver_up_to_points=table.whole(
            "one_approver_up_to_points", at_least=by_rule, default=max(by_rule, default.one_approver_up_to_points)
        ),
        decide_within_hours=table.whole("decide_within_hours", at_least=1, default=default.decide_within_hours),
        pick_up_within_days=table.whole("pick_up_within_days", at_least=1, default=default.pick_up_within_days),
    )
    table.refuse_unknown()
    return rules


def _read_calendar(table: Table) -> MonthCalendar:
    default = MonthCalendar()
    calendar = MonthCalendar(
        verify_until_day=table.whole(
            "verify_until_day", at_least=1, at_most=LAST_DAY_OF_EVERY_MONTH, default=default.verify_until_day
        ),
        publish_at_hour=table.whole("publish_at_hour", at_least=0, at_most=23, default=default.publish_at_hour),
        publish_automatically=table.get("publish_automatically", bool, default=default.publish_automatically),
        objection_working_days=table.whole(
            "objection_working_days",
            at_least=0,
            at_most=OBJECTION_DAYS_MAX,
            default=default.objection_working_days,
        ),
        holidays=table.days("holidays", at_most=CALENDAR_DAYS_MAX),
        working_weekends=table.days("working_weekends", at_most=CALENDAR_DAYS_MAX),
    )
    table.refuse_unknown()
    return calendar


def _read_incident(table: Table) -> IncidentRules:
    default = IncidentRules()
    rules = IncidentRules(
        distance_m=table.whole("distance_m", at_least=1, at_most=INCIDENT_DISTANCE_MAX_M, default=default.distance_m),
        later_reporters=table.whole(
            "later_reporters", at_least=0, at_most=LATER_REPORTERS_MAX, default=default.later_reporters
        ),
        later_points=table.whole("later_points", at_least=1, default=default.later_points),
    )
    table.refuse_unknown()
    return rules


def _read_industry(table: Table) -> tuple[str, str]:
    industry = table.code(), table.text("name")
    table.refuse_unknown()
    return industry


_NUMBERS_OF_RULE = {
    HonorRule.FIRST_OF_MONTH: ("seats", "verified_at_least", "verified_percent_at_least"),
    HonorRule.FIRST_OF_INDUSTRY: ("verified_at_least", "verified_percent_at_least"),
    HonorRule.URGENT_REPORTS: ("urgent_at_least",),
    HonorRule.VERIFIED_IN_ALL: ("verified_at_least",),
    HonorRule.ON_THE_ROLL: (),
    HonorRule.PARTNER_OF_YEAR: (
        "seats",
        "monthly_honors_at_least",
        "merit_at_least",
        "verified_percent_at_least",
    ),
}
"""Which numbers an honor has to give; any other is refused, so that nobody believes it does something."""


def _read_honor(table: Table) -> Honor:
    rule = table.one_of("rule", list(HonorRule))
    numbers = {
        name: table.whole(name, at_least=int(name == "seats"), at_most=100 if "percent" in name else WHOLE_MAX)
        for name in _NUMBERS_OF_RULE[HonorRule(rule)]
    }
    honor = Honor(code=table.code(), title=table.text("title"), rule=HonorRule(rule), **numbers)
    table.refuse_unknown()
    return honor


def _read_category(table: Table) -> Category:
    grade = table.one_of("grade", list(Grade))
    category = Category(
        code=table.code(),
        name=table.text("name"),
        group=table.text("group"),
        grade=Grade(grade),
        points=table.whole("points", at_least=1),
        is_hourly=table.get("is_hourly", bool, default=False),
        review_within_hours=table.whole("review_within_hours", at_least=1),
        re_report_after_days=table.whole("re_report_after_days", at_least=1)
        if "re_report_after_days" in table.tree
        else None,
    )
    table.refuse_unknown()
    return category
