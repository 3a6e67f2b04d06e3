"""Versions of the rulebook: when one may come into force, and what is different between two.

A version is never valid from the past, so no award ever has to be made anew; not even from today, so a day has one set
of rules. Source: hard-cases.md, "the rules change".
"""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from ledger.domain.errors import Kind, Refusal, Text
from ledger.domain.rulebook import Rulebook

DOCUMENT_LENGTH_MAX = 200_000
"""Characters of a document: twenty times the default one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key that differs. `before` or `after` None: it is not there. Values as they are written in TOML."""

    key: str
    label: Text
    before: str | None
    after: str | None


# --- refusals ----------------------------------------------------------------------------------------------------


@dataclass(eq=False)
class RulebookTooEarly(Refusal):
    valid_from: date
    earliest: date

    code: ClassVar[str] = "rulebook_too_early"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("生效日太早", "Valid from too early a day")
    detail: ClassVar[Text] = Text(
        "新规则不能从 {valid_from} 起生效，最早 {earliest}：过去和今天的规则不变，也不能早于已批准的版本；"
        "请换一天另提。",
        "A version cannot be valid from {valid_from}; the earliest day is {earliest}: not the past, not today, and not "
        "before a version that is approved. Propose it with another day.",
    )


@dataclass(eq=False)
class RulebookSuperseded(Refusal):
    version: int
    newest: int

    code: ClassVar[str] = "rulebook_superseded"
    kind: ClassVar[Kind] = Kind.CONFLICT
    title: ClassVar[Text] = Text("已有更新的版本", "A newer version is approved")
    detail: ClassVar[Text] = Text(
        "版本 {newest} 已经批准，版本 {version} 不会再生效；还需要就在版本 {newest} 的基础上另提。",
        "Version {newest} is approved, so version {version} would never be in force. Propose it anew, on top of it.",
    )


@dataclass(eq=False)
class CategoryInUse(Refusal):
    categories: str

    code: ClassVar[str] = "category_in_use"
    kind: ClassVar[Kind] = Kind.REFUSED
    title: ClassVar[Text] = Text("还有待审的上报", "Reports of it still wait")
    detail: ClassVar[Text] = Text(
        "还有待审的上报属于 {categories}，新规则里不能没有；请先审完，或保留这些类别。",
        "Reports of {categories} still wait for review, so the rulebook needs them. Decide those first, or keep them.",
    )


# --- checks ------------------------------------------------------------------------------------------------------


def earliest_day(*, newest_valid_from: date, today: date) -> date:
    """The first day from which the next version can be valid."""
    return max(today + timedelta(days=1), newest_valid_from)


def check_version(
    rulebook: Rulebook, *, valid_from: date, newest: int, newest_valid_from: date, today: date, waiting: Collection[str]
) -> Refusal | None:
    """In this order: a newer version is approved, too early, a category is missing of which reports wait."""
    if newest > rulebook.version:
        return RulebookSuperseded(version=rulebook.version, newest=newest)
    earliest = earliest_day(newest_valid_from=newest_valid_from, today=today)
    if valid_from < earliest:
        return RulebookTooEarly(valid_from=valid_from, earliest=earliest)
    if missing := sorted(set(waiting) - set(rulebook.categories)):
        return CategoryInUse(categories=", ".join(missing))
    return None


# --- differences -------------------------------------------------------------------------------------------------

_NAMES = {
    "caps": Text("上限", "caps"),
    "reports_per_day": Text("每天条数", "reports a day"),
    "points_per_day": Text("每天积分", "points a day"),
    "points_per_month": Text("每月积分", "points a month"),
    "photo": Text("照片", "photo"),
    "age_max_hours": Text("最早拍摄（小时前）", "oldest, in hours"),
    "service_hours": Text("服务时长", "hours of service"),
    "max": Text("最多", "at most"),
    "lapse": Text("到期", "lapse"),
    "policy": Text("到期办法", "policy"),
    "years_after": Text("几年后的年底", "years after"),
    "months_after": Text("几个月后的月底", "months after"),
    "clearing_day": Text("清零日", "clearing day"),
    "months_at_least": Text("至少几个月后", "months at least"),
    "grace_days": Text("宽限（天）", "days of grace"),
    "redemption": Text("兑换", "redemption"),
    "by_rule_up_to_points": Text("免审批积分", "points without approval"),
    "one_approver_up_to_points": Text("一人审批积分", "points with one approver"),
    "funding_one_approver_up_to_points": Text("拨付一人审批积分", "points of funding with one approver"),
    "decide_within_hours": Text("审批时限（小时）", "decided within hours"),
    "pick_up_within_days": Text("领取期限（天）", "picked up within days"),
    "proposals": Text("提案", "proposals"),
    "limits": Text("额度", "limits"),
    "each": Text("一次", "at a time"),
    "per_day": Text("一天", "a day"),
    "funding_each": Text("拨付一次", "funding at a time"),
    "funding_per_day": Text("拨付一天", "funding a day"),
    "lapse_after_days": Text("过期（天）", "lapse after days"),
    "approver": Text("审批员", "approver"),
    "manager": Text("项目经理", "manager"),
    "owner": Text("负责人", "owner"),
    "settlement": Text("办结", "settlement"),
    "bonus_points": Text("奖励积分", "bonus points"),
    "honors": Text("荣誉", "honor"),
    "industries": Text("行业", "industry"),
    "categories": Text("类别", "category"),
    "name": Text("名称", "name"),
    "title": Text("称号", "title"),
    "group": Text("分组", "group"),
    "grade": Text("等级", "grade"),
    "points": Text("积分", "points"),
    "is_hourly": Text("按小时", "by the hour"),
    "review_within_hours": Text("审核时限（小时）", "reviewed within hours"),
    "re_report_after_days": Text("再次上报间隔（天）", "reported again after days"),
    "rule": Text("评定规则", "rule"),
    "seats": Text("名额", "seats"),
    "verified_at_least": Text("至少核实条数", "verified at least"),
    "verified_percent_at_least": Text("至少核实率（%）", "verified percent at least"),
    "urgent_at_least": Text("至少紧急条数", "urgent at least"),
    "monthly_honors_at_least": Text("至少月度荣誉次数", "monthly honors at least"),
    "merit_at_least": Text("至少得分", "merit at least"),
}
"""The words a person reads for the keys; a key without one reads as it is."""


def compare_documents(before: str, after: str) -> list[Change]:
    """Every key that differs, in the order of the second document, what is gone at the end. Both are valid TOML.

    Tables of a list are told apart by their code, so that a new one in the middle does not shift the others.
    """
    old, new = dict(_flatten(tomllib.loads(before))), dict(_flatten(tomllib.loads(after)))
    keys = [*new, *(key for key in old if key not in new)]
    return [
        Change(key=".".join(key), label=_label(key), before=old.get(key), after=new.get(key))
        for key in keys
        if old.get(key) != new.get(key)
    ]


def _flatten(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flatten(item, (*path, key))
    elif isinstance(value, list) and all(isinstance(item, dict) and "code" in item for item in value):
        for item in value:
            yield from _flatten({key: one for key, one in item.items() if key != "code"}, (*path, str(item["code"])))
    else:
        yield path, _written(value)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _label(key: tuple[str, ...]) -> Text:
    names = [_NAMES.get(part, Text(part, part)) for part in key]
    return Text(" · ".join(name.zh for name in names), " · ".join(name.en for name in names))
