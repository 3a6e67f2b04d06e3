"""Cells that a spreadsheet could run as formulas."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_cli.importing.guard import with_guard, with_text_guard, without_guard


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\r=x", "＝1+1", "'=1"])
def test_a_cell_that_a_spreadsheet_could_run_gets_an_apostrophe(cell):
    assert with_guard(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-71.0944", "+5", "-3", "2015-06-01", "'quoted'", "R00001", "", "中河街道"])
def test_numbers_and_plain_text_stay_as_they_are(cell):
    assert with_guard(cell) == cell


@given(st.text(alphabet="'=+-@\t 1.a", max_size=6))
def test_the_apostrophe_is_taken_away_exactly_where_it_was_put(cell):
    assert without_guard(with_guard(cell)) == cell


@pytest.mark.parametrize("cell", ["-71.0944", "+5", "-3", "=1", "'=1"])
def test_of_a_cell_that_is_known_to_be_text_numbers_are_guarded_too(cell):
    assert with_text_guard(cell) == f"'{cell}"


@given(st.text(alphabet="'=+-@\t\r 1.a", max_size=6))
def test_a_guard_for_text_is_taken_away_by_the_same_hand(cell):
    assert without_guard(with_text_guard(cell)) == cell
