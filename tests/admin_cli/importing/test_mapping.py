"""The mapping file, and what is said about each mistake in it."""

import re
from pathlib import Path

import pytest

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.importing.mapping import OutcomeRule, read_mapping
from tests.admin_cli.importing.builders import MAPPING, write_mapping

SEED_MAPPING = Path(__file__).parents[3] / "seed" / "boston311.toml"


def test_the_mapping_of_the_seed_is_valid():
    mapping = read_mapping(SEED_MAPPING)

    assert mapping.source == "boston311"
    assert len(mapping.categories) == 22
    assert mapping.categories["Needle Pickup"] == "ENV-01"
    assert mapping.zone is None


def test_outcome_rules_keep_the_order_of_the_document(tmp_path):
    mapping = read_mapping(write_mapping(tmp_path))

    assert mapping.outcomes == (
        OutcomeRule(state="duplicate", column="why", contains="Duplicate"),
        OutcomeRule(state="rejected", column="why", contains="Invalid"),
        OutcomeRule(state="submitted", column="status", equals="Open"),
        OutcomeRule(state="verified"),
    )


def test_what_a_mapping_leaves_out_has_a_default(tmp_path):
    mapping = read_mapping(write_mapping(tmp_path))

    assert (mapping.encoding, mapping.delimiter, mapping.sheet, mapping.datum) == ("utf-8-sig", ",", None, "WGS-84")


def test_needed_columns_are_those_of_the_roles_and_of_the_rules(tmp_path):
    assert read_mapping(write_mapping(tmp_path)).needed_columns == [
        "id",
        "rider",
        "type",
        "opened",
        "closed",
        "why",
        "where",
        "lat",
        "lon",
        "photo",
        "status",
    ]


MISTAKES = [
    # what is written wrong, what instead, the line named, the words named
    ('source = "city"', 'source = "Big City"', 2, ["source", "Big City"]),
    ('source = "city"', "", None, ["source"]),
    ('rider_code = "rider"', 'rider = "rider"', 6, ["[columns]", "rider", "rider_code"]),
    ('rider_code = "rider"', "", 4, ["[columns]", "rider_code"]),
    ('rider_code = "rider"', "rider_code = 7", 6, ["[columns]", "rider_code"]),
    ('lat = "lat"', "", 13, ["[columns]", "lon"]),
    ('["%Y-%m-%d %H:%M:%S"]', '["%Y-%m-%d %I:%M:%S"]', 17, ["[times]", "%I:%M:%S"]),
    ('["%Y-%m-%d %H:%M:%S"]', '["%d.%m."]', 17, ["[times]", "%d.%m."]),
    ('["%Y-%m-%d %H:%M:%S"]', "[]", 17, ["[times]", "formats"]),
    ("[times]", '[times]\nzone = "Ningbo"', 17, ["[times]", "zone", "Ningbo"]),
    ("[place]", '[place]\ndatum = "BD-09"', 20, ["[place]", "BD-09", "GCJ-02"]),
    ("lat_max = 30.5", "", 20, ["[place]", "lat_max"]),
    ("lat_max = 30.5", "lat_max = 20", 20, ["[place]", "lat_min"]),
    ("lat_max = 30.5", 'lat_max = "30"', 21, ["[place]", "lat_max"]),
    ('lamp = "FAC-01"', "lamp = 1", 26, ["[types]", "lamp"]),
    ('state = "rejected"', 'state = "Rejected"', 37, ["[outcomes]", "Rejected", "duplicate"]),
    ('contains = "Invalid"', "", 35, ["[outcomes]", "contains"]),
    ('contains = "Invalid"', 'contains = "Invalid"\nequals = "x"', 35, ["[outcomes]", "equals"]),
    ('column = "status"\nequals = "Open"', "", 39, ["[outcomes]"]),
    ('[[outcomes]]\nstate = "verified"', "", 39, ["[outcomes]"]),
    ("[columns]", '[file]\nencoding = "latin99"\n[columns]', 5, ["[file]", "latin99"]),
    ("[columns]", '[file]\nencoding = "base64"\n[columns]', 5, ["[file]", "base64"]),
    ("[columns]", '[file]\ndelimiter = "::"\n[columns]', 5, ["[file]", "::"]),
    ("[columns]", '[files]\nencoding = "utf-8"\n[columns]', None, ["files", "file"]),
]


@pytest.mark.parametrize(("right", "wrong", "line", "words"), MISTAKES)
def test_a_mistake_is_named_with_its_line_its_key_and_its_value(tmp_path, right, wrong, line, words):
    assert right in MAPPING
    path = write_mapping(tmp_path, MAPPING.replace(right, wrong, 1))

    with pytest.raises(Failure) as caught:
        read_mapping(path)

    assert caught.value.exit_code is ExitCode.USAGE
    for word in ["mapping.toml", *words]:
        assert word in str(caught.value)
    named = re.search(r"(?:line|第) (\d+)", str(caught.value))
    assert (int(named[1]) if named else None) == line


def test_a_mapping_that_is_no_toml_is_named_with_the_parsers_own_line(tmp_path):
    with pytest.raises(Failure, match="line 2"):
        read_mapping(write_mapping(tmp_path, 'source = "city"\ntarget = town'))


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Failure, match=r"missing\.toml.*--mapping"):
        read_mapping(tmp_path / "missing.toml")


def test_a_data_file_in_place_of_a_mapping_is_refused_by_its_size(tmp_path):
    with pytest.raises(Failure, match="1,000,000"):
        read_mapping(write_mapping(tmp_path, "#" * 1_000_001))
