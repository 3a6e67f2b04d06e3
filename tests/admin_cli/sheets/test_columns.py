"""The columns of the three tables: no header is two of them, and both languages are known."""

import pytest

from admin_cli.sheets import catalog, redemptions, riders
from admin_cli.sheets.columns import Kind, list_titles, plain_name

TABLES = [riders.COLUMNS, catalog.COLUMNS, redemptions.COLUMNS, redemptions.EXPORT_COLUMNS]


@pytest.mark.parametrize("columns", TABLES)
def test_no_header_means_two_columns(columns):
    names = [name for column in columns for name in column.accepted_names]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("columns", TABLES)
def test_a_header_in_either_language_and_the_field_of_the_api_are_the_same_column(columns):
    for column in columns:
        assert {plain_name(column.zh), plain_name(column.en), plain_name(column.key)} <= column.accepted_names


@pytest.mark.parametrize("columns", TABLES)
def test_words_exist_in_both_languages_and_none_means_two_values(columns):
    for column in columns:
        if column.kind in (Kind.WORD, Kind.FLAG):
            words = [plain_name(word) for value, pair in column.words.items() for word in {value, *pair}]
            assert len(words) >= 2 * len(column.words)
            assert len({*words}) == len([*words])


@pytest.mark.parametrize(
    "header", ["limit_period", "Limit period", " LIMIT  PERIOD*", "ｌｉｍｉｔ　ｐｅｒｉｏｄ", "limit\nperiod"]
)
def test_headers_are_the_same_whatever_their_case_width_and_blanks(header):
    assert plain_name(header) == "limitperiod"


def test_what_must_be_there_is_marked_and_what_is_only_read_is_left_out():
    titles = list_titles(catalog.COLUMNS)

    assert "*" in titles
    assert catalog.COLUMNS[-1].title not in titles
