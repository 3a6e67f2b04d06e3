"""Tables on a narrow screen: what gives way, and what never does."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_cli import (
    account,
    budget,
    catalog,
    category,
    event,
    fulfilment,
    key,
    me,
    me_redemptions,
    operator,
    programme,
    ranking,
    redemption,
    redemption_decisions,
    report,
    rider,
    rulebook,
    station,
    transaction,
)
from admin_cli.printing.columns import Column, code, flag, number, phrase, piped, text, word
from admin_cli.printing.tables import GAP, lay_out, record_lines, table_lines

UTC = ZoneInfo("UTC")

CODE = code("code", "Code")
POINTS = number("points", "Points")
NAME = text("name", "Name", rank=2)
MINOR = code("source", "Source", rank=6)
COLUMNS = [CODE, NAME, POINTS, MINOR]

LISTS = {
    "accounts": account.COLUMNS,
    "account statement": account.STATEMENT_COLUMNS,
    "trial balance": account.TRIAL_COLUMNS,
    "budgets": budget.COLUMNS,
    "catalogue": catalog.COLUMNS,
    "stock of stations": catalog.STATION_COLUMNS,
    "categories": category.COLUMNS,
    "events": event.COLUMNS,
    "keys": key.COLUMNS,
    "operators": operator.COLUMNS,
    "programmes": programme.LIST_COLUMNS,
    "ranking": ranking.COLUMNS,
    "my catalogue": me_redemptions.OFFER_COLUMNS,
    "my redemptions": me_redemptions.LIST_COLUMNS,
    "redemptions": redemption.COLUMNS,
    "decided redemptions": redemption_decisions.REDEMPTION_OUTCOME_COLUMNS,
    "decided redemptions by item": redemption_decisions.BY_ITEM_COLUMNS,
    "vouchers": fulfilment.COLUMNS,
    "stations": station.COLUMNS,
    "reports": report.LIST_COLUMNS,
    "nearby": report.NEARBY_COLUMNS,
    "riders": rider.COLUMNS,
    "lots": rider.LOT_COLUMNS,
    "statement": rider.STATEMENT_COLUMNS,
    "standings": rider.STANDING_COLUMNS,
    "me": me.COLUMNS,
    "rulebooks": rulebook.COLUMNS,
    "transactions": transaction.COLUMNS,
    "legs": transaction.LEG_COLUMNS,
}


def lines_of(columns: list[Column], items: list[dict[str, object]], width: int = 80) -> list[str]:
    return [line.plain for line in table_lines(columns, items, UTC, width)[0]]


def test_a_minor_column_leaves_before_a_name_is_cut() -> None:
    layout = lay_out(COLUMNS, [10, 30, 6, 20], 52)

    assert layout is not None
    assert [(column.key, width) for column, width in layout.columns] == [("code", 10), ("name", 30), ("points", 6)]
    assert layout.left_out_count == 1


def test_text_is_cut_before_a_code_or_a_number_is() -> None:
    layout = lay_out(COLUMNS, [10, 60, 6, 20], 45)

    assert layout is not None
    assert {column.key: width for column, width in layout.columns} == {"code": 10, "name": 25, "points": 6}


def test_when_not_even_the_codes_fit_there_is_no_table_but_a_record_a_row() -> None:
    items: list[dict[str, object]] = [{"code": "A" * 20, "points": 1_000_000}, {"code": "B" * 20, "points": 2}]

    assert lay_out([CODE, POINTS], [20, 9], 24) is None
    assert lines_of([CODE, POINTS], items, 24) == [
        "Code    " + "A" * 16,
        "        AAAA",
        "Points  1,000,000",
        "",
        "Code    " + "B" * 16,
        "        BBBB",
        "Points  2",
    ]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.integers(4, 40)), min_size=1, max_size=10),
    st.integers(20, 200),
)
def test_a_layout_never_exceeds_the_screen_nor_cuts_what_is_exact(shapes, total) -> None:
    columns = [
        (text if is_text and rank > 1 else code)(str(place), "Head", rank=rank)
        for place, (rank, is_text, _) in enumerate(shapes)
    ]
    likes = {column.key: shape[2] for column, shape in zip(columns, shapes, strict=True)}

    layout = lay_out(columns, list(likes.values()), total)

    if layout is None:
        return
    assert sum(width for _, width in layout.columns) + GAP * (len(layout.columns) - 1) <= total
    assert all(width == likes[column.key] for column, width in layout.columns if not column.can_be_cut)
    assert {column.key for column in columns if column.rank == 1} <= {column.key for column, _ in layout.columns}


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_something_that_is_always_shown_and_cuts_only_text(name) -> None:
    columns = LISTS[name]

    assert any(column.rank == 1 for column in columns)
    assert len({column.key for column in columns}) == len(columns)
    # What can be cut is never of rank 1 in a list: rank 1 is what must stay whole. A record shows everything anyway.
    if name != "me":
        assert not [column.key for column in columns if column.rank == 1 and column.can_be_cut]


def test_names_are_data_and_never_markup() -> None:
    lines = lines_of([CODE, NAME], [{"code": "R1", "name": "[red]x[/red] :smile: \x1b[31m"}])

    assert lines[2] == "R1    [red]x[/red] :smile: ␛[31m"


def test_wide_characters_align() -> None:
    lines = lines_of([NAME, CODE], [{"name": "王小明", "code": "R1"}, {"name": "Anna", "code": "R2"}])

    assert lines[2:] == ["王小明  R1", "Anna    R2"]


def test_numbers_are_grouped_and_stand_right() -> None:
    lines = lines_of([POINTS, CODE], [{"points": 1234567, "code": "a"}, {"points": -5, "code": "b"}])

    assert lines[2:] == ["1,234,567  a", "       -5  b"]


def test_a_column_of_nothing_but_null_is_not_shown_unless_it_matters() -> None:
    lines = lines_of(
        [CODE, number("points", "Points"), code("source", "Source", rank=3)], [{"code": "R1", "source": None}]
    )

    assert lines[0] == "Code  Points"
    assert lines[2] == "R1         –"


def test_a_value_that_no_word_is_known_for_is_shown_as_it_is() -> None:
    assert lines_of([word("state", "State", {"a": "Aye"}), flag("ok", "Ok")], [{"state": "b\n", "ok": True}])[
        2
    ].startswith("b␊")


def test_a_phrase_speaks_of_the_object_that_its_key_stands_in_and_acts_on_no_terminal() -> None:
    often = phrase("item.often", "Often", lambda item: f"{item['n']}\t{item['per']}", lambda item: f"{item['n']}\t")

    item: dict[str, object] = {"code": "R1", "item": {"n": 4, "per": "month"}}
    assert lines_of([CODE, often], [item])[2] == "R1    4␉month"
    assert often.raw_text(item, UTC) == "4␉"
    assert often.raw_text({"code": "R1"}, UTC) == ""


def test_what_a_table_says_in_other_words_only_a_pipe_shows() -> None:
    column = piped("needed", "Needed")

    assert lines_of([CODE, column], [{"code": "R1", "needed": 2}])[0] == "Code"
    assert column.raw_text({"needed": 2}, UTC) == "2"


def test_a_record_leaves_out_what_is_empty() -> None:
    lines = record_lines([CODE, NAME, POINTS], {"code": "R1", "name": "", "points": 0}, UTC, 80)

    assert [line.plain for line in lines] == ["Code    R1", "Points  0"]
