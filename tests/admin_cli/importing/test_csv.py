"""CSV in every state of disrepair: one broken line costs one row."""

import io

import pytest

from admin_cli.importing.csv_file import (
    CELL_LENGTH_MAX,
    LINE_LENGTH_MAX,
    LINES_PER_ROW_MAX,
    SourceRow,
    open_csv,
    read_csv_rows,
)


def rows(text: str, delimiter: str = ",") -> list[SourceRow]:
    return list(read_csv_rows(io.StringIO(text, newline=""), delimiter))


def lines_and_codes(found: list[SourceRow]) -> list[tuple[int, list[str]]]:
    return [(row.line, [problem.code for problem in row.problems]) for row in found]


def test_rows_know_the_line_they_begin_at_when_cells_span_lines():
    found = rows('a,b\n1,"two\nlines\n"\n\n2,x\r\n3,y\r4,z')

    assert [(row.line, row.cells) for row in found] == [
        (1, ["a", "b"]),
        (2, ["1", "two\nlines\n"]),
        (6, ["2", "x"]),
        (7, ["3", "y"]),
        (8, ["4", "z"]),
    ]


def test_lines_without_anything_in_them_are_no_rows():
    assert [row.line for row in rows("a,b\n\n,\n1,2\n")] == [1, 4]


def test_a_quote_that_is_never_closed_costs_one_row():
    found = rows('a,b\n1,"oops\n2,x\n3,y\n')

    assert lines_and_codes(found) == [(1, []), (2, ["broken_quotes"]), (3, []), (4, [])]
    assert found[1].cells == ["1", '"oops']
    assert not found[1].is_aligned


def test_a_quote_closed_by_a_later_rows_quote_does_not_swallow_the_rows_between():
    found = rows('a,b\n1,"oops\n2,x\n3,"y"\n4,z\n')

    assert lines_and_codes(found) == [(1, []), (2, ["broken_quotes"]), (3, []), (4, []), (5, [])]
    assert found[3].cells == ["3", "y"]


def test_a_quote_open_for_too_many_lines_costs_one_row():
    found = rows('a,b\n1,"oops\n' + "2,x\n" * LINES_PER_ROW_MAX + '3,"\n')

    assert len(found) == LINES_PER_ROW_MAX + 3
    assert [row.line for row in found if row.problems] == [2, LINES_PER_ROW_MAX + 3]


def test_a_line_without_end_costs_one_row():
    found = rows("a,b\n" + "x" * (3 * LINE_LENGTH_MAX) + "\n1,2\n")

    assert lines_and_codes(found) == [(1, []), (2, ["line_too_long"]), (3, [])]
    assert len(found[1].cells[0]) <= CELL_LENGTH_MAX


@pytest.mark.parametrize("length", [CELL_LENGTH_MAX + 1, 200_000])
def test_a_huge_cell_costs_one_row(length):
    assert lines_and_codes(rows(f"a,b\n1,{'x' * length}\n2,y\n")) == [(1, []), (2, ["cell_too_long"]), (3, [])]


def test_a_nul_byte_is_named_with_its_column():
    found = rows("a,b\n1,x\0y\n2,z\n")

    assert lines_and_codes(found) == [(1, []), (2, ["nul_byte"]), (3, [])]
    assert "2" in found[1].problems[0].text
    assert found[1].is_aligned


ENCODED = [
    ("utf-8-sig", "a,b\n1,中\n".encode() + b"2,\xd6\xd0\n" + "3,文\n".encode(), "0xD6"),
    ("gb18030", "a,b\n1,中\n".encode("gb18030") + b"2,\xff\n" + "3,文\n".encode("gb18030"), "0xFF"),
    ("utf-16", "a,b\n1,中\n2,".encode("utf-16") + b"\x3d\xd8" + "\n3,文\n".encode("utf-16-le"), "0x3D"),
]


@pytest.mark.parametrize(("encoding", "raw", "byte"), ENCODED)
def test_a_byte_that_the_encoding_does_not_know_costs_one_row(tmp_path, encoding, raw, byte):
    path = tmp_path / "reports.csv"
    path.write_bytes(raw)

    with open_csv(path, encoding) as file:
        found = list(read_csv_rows(file, ","))

    assert lines_and_codes(found) == [(1, []), (2, []), (3, ["broken_encoding"]), (4, [])]
    assert byte in found[2].problems[0].text
    assert [row.cells[1] for row in found if not row.problems] == ["b", "中", "文"]


def test_the_replacement_character_is_a_character_like_others(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_text("a,b\n1,was \ufffd broken at the source\n", encoding="utf-8")

    with open_csv(path, "utf-8-sig") as file:
        assert lines_and_codes(list(read_csv_rows(file, ","))) == [(1, []), (2, [])]
