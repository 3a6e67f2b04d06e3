"""The sample of real reports that the README's tour imports."""

import re
from collections import Counter
from pathlib import Path

from admin_cli.importing.mapping import read_mapping
from admin_cli.importing.rows import ImportItem, RowReader
from admin_cli.importing.source import open_source
from admin_cli.importing.times import TimeReader
from tests.admin_cli.importing.builders import NOW, SHANGHAI

SEED = Path(__file__).parents[3] / "seed"


def read_sample() -> list[ImportItem]:
    mapping = read_mapping(SEED / "boston311.toml")
    with open_source(SEED / "boston311-sample.csv", mapping) as source:
        reader = RowReader(mapping, source.header, TimeReader(mapping.time_formats, SHANGHAI), now=NOW)
        items = [reader.read(row) for row in source.rows]
    return [item for item in items if isinstance(item, ImportItem)]


def test_the_sample_is_three_hundred_good_rows_with_every_outcome():
    items = read_sample()

    assert len(items) == 300
    assert Counter(item.state for item in items) == {"verified": 229, "submitted": 37, "rejected": 21, "duplicate": 13}
    assert len({item.rider_code for item in items}) == 74


def test_one_rider_of_the_sample_goes_past_the_daily_cap():
    items = [item for item in read_sample() if item.state == "verified" and item.category_code != "SAF-05"]

    days = Counter((item.rider_code, item.submitted_at.astimezone(SHANGHAI).date()) for item in items)

    assert [(rider, str(day), count) for (rider, day), count in days.items() if count > 10] == [
        ("R20024", "2015-06-09", 11)
    ]


def test_no_closure_reason_of_the_sample_holds_a_way_to_reach_somebody():
    for item in read_sample():
        assert not re.search(r"@|\d{3}\D?\d{3}\D?\d{4}|https?:|www", item.reason), item.reason
