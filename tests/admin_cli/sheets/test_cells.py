"""The text of a cell: what is understood, and what is refused rather than guessed at."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_cli.importing.times import SERIAL_EPOCH_1904
from admin_cli.sheets.catalog import COLUMNS as CATALOG
from admin_cli.sheets.cells import Value, WrongCell, read_cell
from admin_cli.sheets.columns import SheetColumn, code, day, flag, integer, prose, text, word

PRICE = integer("price", "积分", "Points", least=1)
DAY = day("from", "开始日期", "From")
FLAG = flag("is_stocked", "计库存", "Stocked")
KIND = word("kind", "类别", "Kind", {"goods": ("实物", "goods"), "donation": ("捐赠", "donation")})
PERIOD = next(column for column in CATALOG if column.key == "limit_period")
CODE = code("sku", "货号", "SKU", length_max=20)
NAME = text("name", "名称", "Name", length_max=6)
NOTE = prose("note", "说明", "Note")


def read(cell: str, column: SheetColumn, serial_epoch: datetime | None = None) -> Value | None:
    return read_cell(cell, column, header=column.title, serial_epoch=serial_epoch)


UNDERSTOOD = [
    (PRICE, "50", 50),
    (PRICE, " 1,500 ", 1500),
    (PRICE, "1,500.00", 1500),
    (PRICE, "５０", 50),
    (PRICE, "007", 7),
    (PRICE, "1000000", 1_000_000),
    (DAY, "2026-03-01", "2026-03-01"),
    (DAY, "2026/3/1", "2026-03-01"),
    (DAY, "2026.3.1", "2026-03-01"),
    (DAY, "2026年3月1日", "2026-03-01"),
    (DAY, "20260301", "2026-03-01"),
    (DAY, "2026-03-01T00:00:00", "2026-03-01"),
    (DAY, "2026/3/1 0:00", "2026-03-01"),
    (DAY, "46082", "2026-03-01"),
    (FLAG, "是", True),
    (FLAG, "Yes", True),
    (FLAG, "TRUE", True),
    (FLAG, "1", True),
    (FLAG, "否", False),
    (FLAG, "no", False),
    (FLAG, "0", False),
    (KIND, "实物", "goods"),
    (KIND, "Goods", "goods"),
    (KIND, "捐赠", "donation"),
    (PERIOD, "每月", "month"),
    (PERIOD, "月", "month"),
    (CODE, "Ｇ－００１", "G-001"),
    (CODE, "007", "007"),
    (NAME, " 香皂 ", "香皂"),
    (NAME, "=1+1", "=1+1"),
    (NOTE, "一\n二", "一\n二"),
    *((column, "  ", None) for column in (PRICE, DAY, FLAG, KIND, CODE, NAME)),
]


@pytest.mark.parametrize(("column", "cell", "value"), UNDERSTOOD)
def test_a_cell_is_understood_as_people_and_spreadsheets_write_it(column, cell, value):
    assert read(cell, column) == value


REFUSED = [
    (PRICE, "abc", "wrong_number"),
    (PRICE, "50.5", "wrong_number"),
    (PRICE, "1,50", "wrong_number"),
    (PRICE, "1e3", "rounded_number"),
    (PRICE, "0", "number_out_of_range"),
    (PRICE, "-5", "number_out_of_range"),
    (PRICE, "9" * 5_000, "number_out_of_range"),
    (PRICE, "TRUE", "wrong_number"),
    (DAY, "3/1/2026", "wrong_date"),
    (DAY, "2026-02-30", "wrong_date"),
    (DAY, "2026-03-01T08:00:00", "wrong_date"),
    (DAY, "soon", "wrong_date"),
    (FLAG, "maybe", "wrong_choice"),
    (KIND, "食品", "wrong_choice"),
    (CODE, "1.38E+10", "rounded_number"),
    (CODE, "A" * 21, "text_too_long"),
    (NAME, "1234567", "text_too_long"),
    (NAME, "一\n二", "control_character"),
    (NAME, "a\x1b[2J", "control_character"),
    (NOTE, "a\x07", "control_character"),
    *((column, cell, "error_cell") for column in (PRICE, NAME, CODE) for cell in ("#N/A", "#REF!", "#DIV/0!", "####")),
]


@pytest.mark.parametrize(("column", "cell", "code"), REFUSED)
def test_a_cell_that_could_be_misread_is_refused_under_its_header(column, cell, code):
    with pytest.raises(WrongCell) as caught:
        read(cell, column)

    assert caught.value.problem.code == code
    assert column.title in caught.value.problem.text


def test_a_workbook_of_the_other_epoch_counts_its_days_from_there():
    assert read("44620", DAY, SERIAL_EPOCH_1904) == "2026-03-01"


@given(st.text(max_size=40), st.sampled_from([PRICE, DAY, FLAG, KIND, CODE, NAME, NOTE]))
def test_no_text_breaks_the_reader(cell, column):
    try:
        read(cell, column)
    except WrongCell as wrong:
        assert wrong.problem.code
