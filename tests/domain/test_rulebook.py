"""Reading a rulebook: the default is what programme.md says, and every mistake is named by its key."""

import re
from datetime import date

import pytest

from ledger.domain.documents import RulebookInvalid
from ledger.domain.rulebook import Grade, Rulebook, read_rulebook
from ledger.services.programmes import default_rulebook

DOCUMENT = """
[caps]
reports_per_day = 10
points_per_day = 150
points_per_month = 2000

[photo]
age_max_hours = 24

[service_hours]
max = 12

[lapse]
years_after = 1

[[industries]]
code = "01"
name = "外卖配送"

[[categories]]
code = "FAC-01"
name = "路灯不亮"
group = "设施破损"
grade = "ordinary"
points = 10
review_within_hours = 48
re_report_after_days = 7
"""


@pytest.fixture
def default() -> Rulebook:
    return read_rulebook(1, default_rulebook())


# Source: programme.md, Report categories: code, grade, points, review within hours, re-report after days.
CATEGORIES = """
SAF-01 serious 20 24 7
SAF-02 urgent 30 2 3
SAF-03 urgent 50 1 1
SAF-04 serious 20 24 7
SAF-05 urgent 50 1 3
SAF-06 serious 20 2 3
SAF-07 urgent 30 2 3
SAF-08 ordinary 10 24 3
ENV-01 ordinary 10 24 3
ENV-02 minor 5 24 1
ENV-03 ordinary 10 24 7
ENV-04 ordinary 10 24 7
ENV-05 ordinary 10 24 3
ENV-06 minor 5 48 7
ENV-07 minor 5 24 1
FAC-01 ordinary 10 48 7
FAC-02 ordinary 10 24 7
FAC-03 ordinary 10 48 14
FAC-04 serious 20 24 7
FAC-05 ordinary 10 48 14
FAC-06 minor 5 48 3
CIV-01 service 20 72 None
CIV-02 urgent 50 24 None
"""


def test_the_default_rulebook_has_the_categories_of_the_programme(default: Rulebook) -> None:
    found = [
        f"{c.code} {c.grade} {c.points} {c.review_within_hours} {c.re_report_after_days}"
        for c in default.categories.values()
    ]
    assert sorted(found) == sorted(CATEGORIES.split("\n")[1:-1])
    assert [c.code for c in default.categories.values() if c.is_hourly] == ["CIV-01"]


def test_the_default_rulebook_has_the_caps_and_industries_of_the_programme(default: Rulebook) -> None:
    caps = default.caps
    assert (caps.reports_per_day, caps.points_per_day, caps.points_per_month) == (10, 150, 2_000)
    assert (default.photo_age_max_hours, len(default.industries)) == (24, 12)


def test_points_lapse_on_the_last_day_of_the_year_after_they_were_earned(default: Rulebook) -> None:
    assert default.lapse_day(date(2026, 1, 1)) == default.lapse_day(date(2026, 12, 31)) == date(2027, 12, 31)


def test_the_small_document_reads() -> None:
    category = read_rulebook(3, DOCUMENT).categories["FAC-01"]
    assert (category.grade, category.is_urgent, category.is_hourly) == (Grade.ORDINARY, False, False)


MISTAKES = [
    ("[caps", "[caps\n", "TOML"),
    ("reports_per_day = 10", "", "caps.reports_per_day"),
    ("reports_per_day = 10", "reports_per_day = 0", "caps.reports_per_day"),
    ("reports_per_day = 10", 'reports_per_day = "10"', "caps.reports_per_day"),
    ("reports_per_day = 10", "reports_per_day = 10.0", "caps.reports_per_day"),
    ("reports_per_day = 10", "reports_per_day = true", "caps.reports_per_day"),
    ("points_per_day = 150", "points_per_day = 99999999999999999999", "caps.points_per_day"),
    ("points_per_day = 150", "points_per_day = 150\npoints_per_week = 1", "caps.points_per_week"),
    ("[photo]\nage_max_hours = 24", "photo = 24", "photo"),
    ("[lapse]", "[laps]", "lapse"),
    ("years_after = 1", "years_after = -1", "lapse.years_after"),
    ("years_after = 1", "years_after = 9000", "lapse.years_after"),
    ("years_after = 1", 'policy = "never"', "lapse.policy"),
    ("years_after = 1", "years_after = 1\nmonths_after = 6", "lapse.months_after"),
    ("years_after = 1", 'policy = "months"', "lapse.months_after"),
    ("years_after = 1", 'policy = "months"\nmonths_after = -1', "lapse.months_after"),
    ("years_after = 1", 'policy = "months"\nmonths_after = 6\nyears_after = 1', "lapse.years_after"),
    ("years_after = 1", 'policy = "clearing_day"\nclearing_day = "02-29"\nmonths_at_least = 3', "lapse.clearing_day"),
    ("years_after = 1", 'policy = "clearing_day"\nclearing_day = "6-30"\nmonths_at_least = 3', "lapse.clearing_day"),
    ("years_after = 1", 'policy = "clearing_day"\nclearing_day = "06-30"', "lapse.months_at_least"),
    ("years_after = 1", "years_after = 1\ngrace_days = 367", "lapse.grace_days"),
    ("years_after = 1", "years_after = 1\ngrace = 3", "lapse.grace"),
    ("[service_hours]", "[extra]\n[service_hours]", "extra"),
    ('name = "外卖配送"', 'name = "外卖配送"\nhead_count = 3', "industries[1].head_count"),
    ('name = "外卖配送"', 'name = " "', "industries[1].name"),
    ('code = "01"', "code = 1", "industries[1].code"),
    ('code = "01"', 'code = "01"\nname = "a"\n[[industries]]\ncode = "01"', "industries"),
    ('code = "FAC-01"', 'code = "FAC-0123456789"', "categories[1].code"),
    ('grade = "ordinary"', 'grade = "bad"', "categories[1].grade"),
    ("points = 10", "points = 0", "categories[1].points"),
    ("points = 10", "points = 10\nis_hourly = 1", "categories[1].is_hourly"),
    ("re_report_after_days = 7", "re_report_after_days = 0", "categories[1].re_report_after_days"),
    ("re_report_after_days = 7", "rereport_after_days = 7", "categories[1].rereport_after_days"),
]


@pytest.mark.parametrize(("old", "new", "key"), MISTAKES, ids=[f"{key}-{n}" for n, (_, _, key) in enumerate(MISTAKES)])
def test_a_mistake_is_refused_by_the_name_of_its_key(old: str, new: str, key: str) -> None:
    broken = DOCUMENT.replace(old, new, 1)
    assert broken != DOCUMENT
    with pytest.raises(RulebookInvalid) as refused:
        read_rulebook(1, broken)
    assert refused.value.key == key


def test_an_honor_has_at_least_one_seat(default: Rulebook) -> None:
    assert default.honors[0].seats == 10
    document = default_rulebook().replace("seats = 10", "seats = 0", 1)
    with pytest.raises(RulebookInvalid) as refused:
        read_rulebook(1, document)
    assert refused.value.key == "honors[1].seats"


def test_a_list_of_plain_values_in_place_of_tables_is_refused() -> None:
    flat = re.sub(r"\[\[industries\]\][^\[]*", "", DOCUMENT)
    with pytest.raises(RulebookInvalid, match=r"\[\[industries\]\]"):
        read_rulebook(1, 'industries = ["01", "02"]\n' + flat)
