"""Items: what goes together, when they are on offer, how often a rider may have one."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from ledger.domain.catalog import (
    Item,
    ItemKind,
    ItemNotActive,
    LimitPeriod,
    LimitReached,
    check_item,
    check_limit,
    check_sku,
    limit_bounds,
    limit_left,
    limit_used,
)
from ledger.domain.errors import Language

NOW = datetime(2026, 3, 10, tzinfo=UTC)
ITEM = Item(
    id=UUID(int=1),
    sku="G-001",
    name="香皂",
    kind=ItemKind.GOODS,
    description="",
    price_points=50,
    is_stocked=True,
    reorder_point=None,
    limit_count=2,
    limit_period=LimitPeriod.MONTH,
    picture_url=None,
    active_from=None,
    active_until=None,
    created_at=NOW,
    changed_at=NOW,
)

BOUNDS = [
    (LimitPeriod.DAY, date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 1)),
    (LimitPeriod.WEEK, date(2026, 3, 15), date(2026, 3, 9), date(2026, 3, 16)),  # a Sunday
    (LimitPeriod.WEEK, date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 4)),
    (LimitPeriod.MONTH, date(2026, 12, 31), date(2026, 12, 1), date(2027, 1, 1)),
    (LimitPeriod.QUARTER, date(2026, 11, 30), date(2026, 10, 1), date(2027, 1, 1)),
    (LimitPeriod.QUARTER, date(2026, 3, 31), date(2026, 1, 1), date(2026, 4, 1)),
    (LimitPeriod.YEAR, date(2028, 2, 29), date(2028, 1, 1), date(2029, 1, 1)),
    (LimitPeriod.EVER, date(2026, 3, 10), None, None),
]


@pytest.mark.parametrize(("period", "day", "begin", "behind"), BOUNDS)
def test_a_period_begins_and_ends_on_local_days(
    period: LimitPeriod, day: date, begin: date | None, behind: date | None
) -> None:
    assert limit_bounds(period, day) == (begin, behind)


def test_a_limit_is_used_within_the_period_of_the_day_and_not_beside_it() -> None:
    had = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31), date(2026, 4, 1)]
    assert limit_used(ITEM, had, date(2026, 3, 10)) == 2
    assert limit_used(replace(ITEM, limit_count=None, limit_period=None), had, date(2026, 3, 10)) == 0


def test_what_was_had_in_an_earlier_period_does_not_count() -> None:
    today = date(2026, 3, 10)
    had = [date(2026, 2, 28), date(2026, 3, 1)]
    assert limit_left(ITEM, had, today) == 1
    assert check_limit(ITEM, had, today) is None
    assert check_limit(ITEM, [*had, today], today) is not None
    assert limit_left(replace(ITEM, limit_period=LimitPeriod.EVER), had, today) == 0
    assert limit_left(replace(ITEM, limit_count=None, limit_period=None), had * 99, today) is None


def test_the_window_includes_both_its_days() -> None:
    item = replace(ITEM, active_from=date(2026, 3, 1), active_until=date(2026, 3, 31))
    assert [item.is_active_on(day) for day in (date(2026, 3, 1), date(2026, 3, 31))] == [True, True]
    assert [item.is_active_on(day) for day in (date(2026, 2, 28), date(2026, 4, 1))] == [False, False]


WRONG = [
    ({"limit_period": None}, "limit_period"),
    ({"limit_count": None}, "limit_period"),
    ({"active_from": date(2026, 3, 2), "active_until": date(2026, 3, 1)}, "active_until"),
    ({"kind": ItemKind.DONATION}, "is_stocked"),
    ({"is_stocked": False, "reorder_point": 3}, "reorder_point"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG)
def test_what_does_not_go_together_is_named(changes: dict[str, object], field: str) -> None:
    refusal = check_item(replace(ITEM, **changes))  # type: ignore[arg-type]
    assert refusal is not None
    assert refusal.field == field


@pytest.mark.parametrize("sku", ["g-001", "", "1-A", "G" * 21, "G_1", "Ｇ-001", "G-001\n"])
def test_a_sku_is_plain_capitals_digits_and_hyphens(sku: str) -> None:
    assert check_sku("G-001") is None
    assert check_sku(sku) is not None


def test_refusals_say_until_when_in_both_languages() -> None:
    limit = LimitReached(sku="G-006", limit_count=1, limit_period=LimitPeriod.MONTH, resets_on=date(2026, 4, 1))
    assert "每月限兑 1 次" in limit.sentence(Language.ZH)
    assert "2026-04-01 起可以再兑" in limit.sentence(Language.ZH)
    assert "1 a month" in limit.sentence(Language.EN)
    ever = replace_period(limit)
    assert "in all" in ever.sentence(Language.EN) and "choose something else" in ever.sentence(Language.EN)
    for since, until in ((None, date(2026, 3, 1)), (date(2026, 3, 1), None), (date(2026, 3, 1), date(2026, 4, 1))):
        refusal = ItemNotActive(sku="G-006", active_from=since, active_until=until)
        assert "2026-" in refusal.sentence(Language.ZH) and "2026-" in refusal.sentence(Language.EN)


def replace_period(limit: LimitReached) -> LimitReached:
    return LimitReached(sku=limit.sku, limit_count=1, limit_period=LimitPeriod.EVER, resets_on=None)
