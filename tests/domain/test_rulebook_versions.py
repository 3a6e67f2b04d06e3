"""When a version may come into force, what it changes, and where a mistake in it stands."""

from dataclasses import replace
from datetime import date

import pytest

from ledger.domain.document_lines import find_line
from ledger.domain.documents import RulebookInvalid
from ledger.domain.errors import Language
from ledger.domain.rulebook import read_rulebook
from ledger.domain.rulebook_versions import check_version, compare_documents
from ledger.services.programmes import default_rulebook

DEFAULT = default_rulebook()
TODAY = date(2026, 3, 10)
TOMORROW = date(2026, 3, 11)


@pytest.mark.parametrize(
    ("newest", "newest_valid_from", "valid_from", "waiting", "expected"),
    [
        (3, date(2026, 5, 1), TODAY, {"NONE"}, "rulebook_superseded"),
        (1, date(2026, 1, 1), TODAY, {"NONE"}, "rulebook_too_early"),
        (1, date(2026, 5, 1), TOMORROW, set(), "rulebook_too_early"),
        (1, date(2026, 1, 1), TOMORROW, {"NONE", "FAC-01"}, "category_in_use"),
        (1, date(2026, 1, 1), TOMORROW, {"FAC-01"}, None),
        (1, date(2026, 5, 1), date(2026, 5, 1), set(), None),
    ],
)
def test_a_version_is_refused_in_this_order(
    newest: int, newest_valid_from: date, valid_from: date, waiting: set[str], expected: str | None
) -> None:
    refusal = check_version(
        replace(read_rulebook(2, DEFAULT), version=2),
        valid_from=valid_from,
        newest=newest,
        newest_valid_from=newest_valid_from,
        today=TODAY,
        waiting=waiting,
    )
    assert (refusal.code if refusal else None) == expected


def test_a_difference_is_named_by_its_key_and_in_words_and_codes_tell_tables_apart() -> None:
    changed = DEFAULT.replace("reports_per_day = 10", "reports_per_day = 12")
    first, second = changed.index('[[categories]]\ncode = "SAF-01"'), changed.index('[[categories]]\ncode = "SAF-02"')
    changed = changed[:first] + changed[second:].replace("points = 30", "points = 40", 1)
    found = {change.key: (change.before, change.after) for change in compare_documents(DEFAULT, changed)}
    assert found["caps.reports_per_day"] == ("10", "12")
    assert found["categories.SAF-02.points"] == ("30", "40")
    assert found["categories.SAF-01.points"] == ("20", None)
    assert not [key for key in found if key.startswith("categories.SAF-03")]
    [cap] = [change for change in compare_documents(DEFAULT, changed) if change.key == "caps.reports_per_day"]
    assert cap.label.in_language(Language.ZH) == "上限 · 每天条数"
    assert cap.label.in_language(Language.EN) == "caps · reports a day"


def test_the_same_rules_in_another_order_are_no_difference() -> None:
    head, *tables = DEFAULT.split("[[industries]]")
    shuffled = head + "".join(f"[[industries]]{table}" for table in reversed(tables[:-1]))
    straight = head + "".join(f"[[industries]]{table}" for table in tables[:-1])
    assert compare_documents(straight, shuffled) == []


def line_with(document: str, piece: str) -> int:
    return next(number for number, line in enumerate(document.splitlines(), 1) if piece in line)


@pytest.mark.parametrize(
    ("old", "new", "piece"),
    [
        ("reports_per_day = 10", 'reports_per_day = "ten"', '"ten"'),
        ("reports_per_day = 10", "reports_per_day = 0", "reports_per_day = 0"),
        ("points = 50", "points = -50", "points = -50"),
        ("funding_each = 0\n", "funding_each = true\n", "funding_each = true"),
        ("years_after = 1", "", "[lapse]"),
        ("max = 12", "max = 12\nmaximum = 3", "maximum = 3"),
        ("[photo]", "[photo", "[photo"),
    ],
)
def test_a_mistake_is_named_with_its_line_in_both_languages(old: str, new: str, piece: str) -> None:
    broken = DEFAULT.replace(old, new, 1)
    with pytest.raises(RulebookInvalid) as raised:
        read_rulebook(2, broken)
    line = line_with(broken, piece)
    assert raised.value.line == line
    assert f"第 {line} 行" in raised.value.sentence(Language.ZH)
    assert f"line {line}," in raised.value.sentence(Language.EN)


def test_what_is_not_there_at_all_has_no_line() -> None:
    assert find_line(DEFAULT, "nothing") is None
    assert find_line("", "caps.points_per_day") is None
