"""Text as data: harmless, measured in cells, cut and wrapped by cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from admin_cli.printing.text import fit, visible, width_of, wrap

HARMLESS = ["", "R00001", "王小明", "café", "a b", "[red]x[/red]", "全角　空格", "孙悟空🐒", "👩\u200d🚒"]

VISIBLE = [
    ("a\x1b[31mb", "a␛[31mb"),
    ("a\tb\nc", "a␉b␊c"),
    ("\x07\x00\x7f", "␇␀␡"),
    ("\x9b31m", "<U+009B>31m"),
    ("\u202eevil", "<U+202E>evil"),
    ("zero\u200bwidth", "zero<U+200B>width"),
    ("soft\u00adhyphen", "soft<U+00AD>hyphen"),
    ("line\u2028separator", "line<U+2028>separator"),
    ("lone \ud800", "lone <U+D800>"),
    ("tag \U000e0041", "tag <U+E0041>"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_text_stays_as_it_is(text) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(("text", "shown"), VISIBLE)
def test_a_character_that_would_act_on_the_terminal_is_shown_instead(text, shown) -> None:
    assert visible(text) == shown


def test_line_ends_stay_only_where_they_are_asked_for() -> None:
    assert visible("a\nb\x1b", keep_lines=True) == "a\nb␛"


@given(st.text())
def test_whatever_is_visible_can_be_printed_and_holds_no_control(text) -> None:
    shown = visible(text)

    shown.encode("utf-8")
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in shown)


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("王小明", 8, "王小明  "),
        ("王小明", 6, "王小明"),
        ("王小明", 5, "王小…"),
        ("王小明", 4, "王… "),
        ("abc", 2, "a…"),
    ],
)
def test_text_is_padded_or_cut_to_exactly_its_cells(text, width, fitted) -> None:
    assert fit(text, width) == fitted
    assert cell_len(fitted) == width


def test_numbers_are_padded_on_the_left() -> None:
    assert fit("10", 5, right=True) == "   10"


def test_chinese_wraps_between_characters_and_never_before_closing_punctuation() -> None:
    assert wrap("楼道里停了车，消防门打不开。", 12) == ["楼道里停了", "车，消防门打", "不开。"]


def test_words_wrap_at_blanks() -> None:
    assert wrap("one two three", 8) == ["one two", "three"]


def test_an_address_longer_than_a_line_is_broken_and_not_lost() -> None:
    lines = wrap("see https://photos.example.test/2026/11/24.jpg", 20)

    assert "".join(lines).replace(" ", "") == "seehttps://photos.example.test/2026/11/24.jpg"
    assert width_of("\n".join(lines)) <= 20


@given(st.text(alphabet=st.sampled_from("ab 王，。（）x-1"), max_size=60), st.integers(4, 30))
def test_no_wrapped_line_is_too_wide_and_no_character_is_lost(text, width) -> None:
    lines = wrap(text, width)

    assert all(cell_len(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
