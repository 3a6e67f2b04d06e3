"""What becomes of a single row: an item of the contract, or all the reasons why not."""

from datetime import UTC, datetime

import pytest

from admin_cli.importing.csv_file import SourceRow
from admin_cli.importing.mapping import read_mapping
from admin_cli.importing.rows import ImportItem, RowReader
from admin_cli.importing.times import TimeReader
from tests.admin_cli.importing.builders import HEADER, MAPPING, NOW, SHANGHAI, row, write_mapping


@pytest.fixture
def reader(tmp_path):
    return make_reader(tmp_path)


def make_reader(folder, mapping: str = MAPPING) -> RowReader:
    found = read_mapping(write_mapping(folder, mapping))
    return RowReader(found, HEADER, TimeReader(found.time_formats, SHANGHAI), now=NOW)


def source_row(line: int = 2, **cells: str) -> SourceRow:
    return SourceRow(line=line, cells=list(row(**cells).values()))


def codes(reader: RowReader, found: SourceRow) -> list[str]:
    result = reader.read(found)
    return [] if isinstance(result, ImportItem) else [problem.code for problem in result]


def test_a_row_becomes_an_item_of_the_contract(reader):
    assert reader.read(source_row(why="repaired", photo="https://photos.example/1.jpg")) == ImportItem(
        external_id="1",
        rider_code="R00001",
        category_code="FAC-01",
        state="verified",
        submitted_at=datetime(2015, 6, 1, tzinfo=UTC),
        decided_at=datetime(2015, 6, 2, 1, tzinfo=UTC),
        reason="repaired",
        lat=29.8,
        lon=121.5,
        datum="WGS-84",
        address="中河街道",
        photo_url="https://photos.example/1.jpg",
    )


OUTCOMES = [
    # closure reason, status → state: the first rule that applies, letter for letter
    ("", "Closed", "verified"),
    ("Case Invalid", "Closed", "rejected"),
    ("Duplicate of an Invalid case", "Closed", "duplicate"),
    ("Duplicate", "Open", "duplicate"),
    ('This was not an "invalid" case, no duplicate.', "Closed", "verified"),
    ("", "Open", "submitted"),
    ("", " Open ", "submitted"),
    ("", "Opened", "verified"),
]


@pytest.mark.parametrize(("why", "status", "state"), OUTCOMES)
def test_the_first_outcome_rule_that_applies_decides(reader, why, status, state):
    item = reader.read(source_row(why=why, status=status))

    assert isinstance(item, ImportItem)
    assert item.state == state


def test_an_open_report_has_no_time_of_decision(reader):
    item = reader.read(source_row(status="Open", closed="not yet"))

    assert isinstance(item, ImportItem)
    assert item.decided_at is None


BAD = [
    ({"id": ""}, ["missing_id"]),
    ({"id": "x" * 81}, ["id_too_long"]),
    ({"id": "1.01001E+11"}, ["rounded_id"]),
    ({"rider": "  "}, ["missing_reporter"]),
    ({"rider": "R" * 17}, ["reporter_too_long"]),
    ({"type": ""}, ["unknown_type"]),
    ({"type": "Lamp"}, ["unknown_type"]),
    ({"opened": ""}, ["missing_opening_time"]),
    ({"opened": "06/01/2015"}, ["wrong_time"]),
    ({"opened": "2015-02-29 08:00:00"}, ["wrong_time"]),
    ({"opened": "1986-05-04 02:30:00"}, ["time_does_not_exist"]),
    ({"opened": "2026-01-01 08:00:01", "closed": "2026-01-01 08:00:00"}, ["time_in_future"]),
    ({"closed": ""}, ["missing_closing_time"]),
    ({"closed": "", "why": "Invalid"}, ["missing_closing_time"]),
    ({"closed": "", "why": "Duplicate", "status": "Open"}, ["missing_closing_time"]),
    ({"closed": "tomorrow"}, ["wrong_time"]),
    ({"closed": "2026-01-02 00:00:00"}, ["time_in_future"]),
    ({"lat": "", "lon": "121.5"}, ["wrong_place"]),
    ({"lat": "29,8"}, ["wrong_place"]),
    ({"lat": "nan", "lon": "inf"}, ["wrong_place"]),
    ({"lat": "2_9", "lon": "121.5"}, ["wrong_place"]),
    ({"lat": "121.5", "lon": "29.8"}, ["place_swapped"]),
    ({"lat": "0", "lon": "0"}, ["place_out_of_range"]),
    ({"lat": "95.0"}, ["place_out_of_range"]),
    (
        {"rider": "", "type": "?", "opened": "?", "lat": "?"},
        ["missing_reporter", "unknown_type", "wrong_time", "wrong_place"],
    ),
]


@pytest.mark.parametrize(("cells", "expected"), BAD)
def test_a_bad_row_has_all_its_reasons(reader, cells, expected):
    assert codes(reader, source_row(**cells)) == expected


def test_the_reason_names_the_column_and_the_value(reader):
    (problem,) = reader.read(source_row(type="Meteor"))

    assert "type" in problem.text
    assert "Meteor" in problem.text


def test_without_bounds_a_place_can_be_anywhere_on_earth(tmp_path):
    bounds = "lat_min = 29.0\nlat_max = 30.5\nlon_min = 120.5\nlon_max = 122.5\n"
    reader = make_reader(tmp_path, MAPPING.replace(bounds, ""))

    assert codes(reader, source_row(id="1", lat="-71.09", lon="42.3")) == []
    assert codes(reader, source_row(id="2", lat="121.5", lon="29.8")) == ["place_swapped"]


def test_a_report_may_have_no_place(reader):
    item = reader.read(source_row(lat="", lon=""))

    assert isinstance(item, ImportItem)
    assert (item.lat, item.lon, item.datum) == (None, None, None)


def test_the_second_row_with_an_id_is_bad_and_names_the_first(reader):
    assert codes(reader, source_row(line=2, id="7")) == []

    (problem,) = reader.read(source_row(line=9, id=" 7 "))

    assert problem.code == "duplicate_id"
    assert "2" in problem.text


def test_an_id_counts_as_seen_even_in_a_bad_row(reader):
    assert codes(reader, source_row(line=2, id="7", opened="?")) == ["wrong_time"]
    assert codes(reader, source_row(line=9, id="7")) == ["duplicate_id"]


def test_a_long_text_is_cut_with_an_ellipsis_and_counted(reader):
    item = reader.read(source_row(why="x" * 501, where="y" * 500))

    assert isinstance(item, ImportItem)
    assert item.reason == "x" * 499 + "…"
    assert item.address == "y" * 500
    assert reader.warnings["texts_cut"] == 1


@pytest.mark.parametrize(
    "photo",
    [
        "photo",
        "HTTP://PHOTOS.EXAMPLE/1",
        "ftp://photos.example/1",
        "https://photos.example/1 2",
        "https://" + "x" * 500,
    ],
)
def test_only_an_http_address_is_a_photo(reader, photo):
    item = reader.read(source_row(photo=photo))

    assert isinstance(item, ImportItem)
    assert item.photo_url is None
    assert reader.warnings["photos_without_address"] == 1


def test_a_closing_before_the_opening_is_accepted_as_it_stands_and_counted(reader):
    item = reader.read(source_row(opened="2015-06-01 08:00:05", closed="2015-06-01 08:00:00"))

    assert isinstance(item, ImportItem)
    assert item.decided_at == datetime(2015, 6, 1, tzinfo=UTC)
    assert reader.warnings["closed_before_opened"] == 1


def test_the_mappings_zone_wins_over_the_programmes(tmp_path):
    mapping = read_mapping(write_mapping(tmp_path, MAPPING.replace("[times]", '[times]\nzone = "America/New_York"')))
    assert mapping.zone is not None
    reader = RowReader(mapping, HEADER, TimeReader(mapping.time_formats, mapping.zone), now=NOW)

    item = reader.read(source_row())

    assert isinstance(item, ImportItem)
    assert item.submitted_at == datetime(2015, 6, 1, 12, tzinfo=UTC)
