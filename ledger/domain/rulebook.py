"""The rulebook: one TOML document a version, read into frozen records. Every award names the version it was made under.

Only rules that are in force stand here; the default document is `ledger/services/rulebook_1.toml`.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

from ledger.domain.errors import Kind, Refusal, Text

CODE_LENGTH_MAX = 10
"""Characters of a category's or an industry's code: as wide as the columns that keep them."""

WHOLE_MAX = 1_000_000
"""Largest number in a rulebook: far above any sensible rule, far below what the ledger can add up."""

LAPSE_YEARS_MAX = 100


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
class Rulebook:
    version: int
    categories: dict[str, Category]
    caps: Caps
    photo_age_max_hours: int
    hours_max: int
    lapse_years_after: int
    industries: dict[str, str]
    redemption: RedemptionRules = RedemptionRules()
    settlement_bonus_points: int = 5

    def lapse_day(self, earned_on: date) -> date:
        """The last day of the year `lapse_years_after` years after the points were earned."""
        return date(earned_on.year + self.lapse_years_after, 12, 31)


@dataclass(eq=False)
class RulebookInvalid(Refusal):
    key: str
    problem_zh: str
    problem_en: str

    code: ClassVar[str] = "rulebook_invalid"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("规则文件有误", "The rulebook is not valid")
    detail: ClassVar[Text] = Text("规则文件 {key}：{problem_zh}", "Rulebook {key}: {problem_en}")


def read_rulebook(version: int, document: str) -> Rulebook:
    """Raises RulebookInvalid naming the key and the remedy; unknown keys are refused, so that a typo cannot hide."""
    try:
        tree = tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        raise RulebookInvalid(
            key="TOML", problem_zh=f"不是有效的 TOML（{error}）；请改正那一行。", problem_en=f"is not TOML: {error}."
        ) from None
    top = _Table("", tree)
    caps, photo, hours = top.table("caps"), top.table("photo"), top.table("service_hours")
    lapse, settlement = top.table("lapse"), top.optional_table("settlement")
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
        lapse_years_after=lapse.whole("years_after", at_least=0, at_most=LAPSE_YEARS_MAX),
        industries=dict(map(_read_industry, top.tables("industries"))),
        redemption=_read_redemption(top.optional_table("redemption")),
        settlement_bonus_points=settlement.whole("bonus_points", at_least=1, default=5),
    )
    for table in (top, caps, photo, hours, lapse, settlement):
        table.refuse_unknown()
    return rulebook


def _read_redemption(table: "_Table") -> RedemptionRules:
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


def _read_industry(table: "_Table") -> tuple[str, str]:
    industry = table.code(), table.text("name")
    table.refuse_unknown()
    return industry


def _read_category(table: "_Table") -> Category:
    grade = table.text("grade")
    if grade not in set(Grade):
        known = ", ".join(Grade)
        raise RulebookInvalid(
            key=table.path("grade"),
            problem_zh=f"没有等级「{grade}」，可用：{known}。",
            problem_en=f"there is no grade {grade!r}; use one of {known}.",
        )
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


class _Table:
    """A TOML table that remembers which keys were read, for messages that name the key."""

    def __init__(self, name: str, tree: dict[str, Any]) -> None:
        self.name, self.tree, self.known = name, tree, set[str]()

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def get(self, key: str, kind: type, *, default: Any = None) -> Any:
        self.known.add(key)
        value = self.tree.get(key, default)
        if type(value) is not kind:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"缺少，或不是 {kind.__name__}；请补上。",
                problem_en=f"is missing or not of type {kind.__name__}; add it.",
            )
        return value

    def text(self, key: str) -> str:
        value: str = self.get(key, str)
        if not value.strip():
            raise RulebookInvalid(key=self.path(key), problem_zh="是空的；请补上。", problem_en="is empty; fill it in.")
        return value

    def code(self) -> str:
        value = self.text("code")
        if len(value) > CODE_LENGTH_MAX:
            raise RulebookInvalid(
                key=self.path("code"),
                problem_zh=f"「{value}」太长，最多 {CODE_LENGTH_MAX} 个字符。",
                problem_en=f"{value!r} is too long: at most {CODE_LENGTH_MAX} characters.",
            )
        return value

    def whole(self, key: str, *, at_least: int, at_most: int = WHOLE_MAX, default: int | None = None) -> int:
        value: int = self.get(key, int, default=default)
        if not at_least <= value <= at_most:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"{value} 超出范围；请用 {at_least} 到 {at_most} 的整数。",
                problem_en=f"{value} is out of range: use a whole number from {at_least} to {at_most}.",
            )
        return value

    def table(self, key: str) -> "_Table":
        return _Table(self.path(key), self.get(key, dict))

    def optional_table(self, key: str) -> "_Table":
        return _Table(self.path(key), self.get(key, dict, default={}))

    def tables(self, key: str) -> list["_Table"]:
        rows = self.get(key, list)
        if not all(isinstance(row, dict) for row in rows):
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"要一个个写成 [[{key}]]。",
                problem_en=f"is a list of tables: write each as [[{key}]].",
            )
        tables = [_Table(f"{self.path(key)}[{number}]", row) for number, row in enumerate(rows, 1)]
        codes = [table.text("code") for table in tables]
        if repeated := {code for code in codes if codes.count(code) > 1}:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"代码重复：{', '.join(sorted(repeated))}；请保留一个。",
                problem_en=f"has codes twice: {', '.join(sorted(repeated))}; keep one of each.",
            )
        return tables

    def refuse_unknown(self) -> None:
        if unknown := sorted(set(self.tree) - self.known):
            raise RulebookInvalid(
                key=self.path(unknown[0]),
                problem_zh="不认识这个键；请检查拼写。",
                problem_en="is not a known key; check its spelling.",
            )
