"""Files that are refused as a whole, and what is read in spite of their oddities."""

from pathlib import Path

import pytest

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.importing.csv_file import SourceRow
from admin_cli.importing.mapping import read_mapping
from admin_cli.importing.source import open_source
from tests.admin_cli.importing.builders import HEADER, MAPPING, csv_text, numbered, row, write_mapping

GOOD = csv_text([row()])


def read(path: Path, folder: Path, mapping: str = MAPPING) -> list[SourceRow]:
    with open_source(path, read_mapping(write_mapping(folder, mapping))) as source:
        return list(source.rows)


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "reports.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


UNREADABLE = [
    # what the file holds, the words that say what is wrong and what to do
    (b"", ["reports.csv"]),
    (b"\n\n", ["reports.csv"]),
    (GOOD.encode("utf-16"), ["UTF-16", 'encoding = "utf-16"']),
    (GOOD.encode("utf-16-le"), ["CSV", "XLSX"]),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", ["reports.csv"]),
    (b"\x7fELF\0\0\0\n", ["CSV", "XLSX"]),
    (b"\x1f\x8b\x08packed", ["CSV", "XLSX"]),
    (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, [".xls", ".xlsx"]),
    (b"PK\x03\x04garbage", ["XLSX"]),
    (GOOD.replace("rider", "fahrer").encode(), ["rider", "fahrer", "opened"]),
    (GOOD.replace("lat,lon", "lat,lat").encode(), ["lat", "2"]),
    (GOOD.replace(",", ";").encode(), ['delimiter = ";"']),
    (GOOD.replace(",", "\t").encode(), ['delimiter = "\\t"']),
    (GOOD.replace("where", "何处").encode("gb18030"), ["gb18030", "encoding", "utf-8-sig"]),
    (GOOD.replace("id", '"id', 1).encode(), ["reports.csv", "1"]),
]


@pytest.mark.parametrize(("content", "words"), UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(tmp_path, content, words):
    with pytest.raises(Failure) as caught:
        read(written(tmp_path, content), tmp_path)

    assert caught.value.exit_code is ExitCode.USAGE
    for word in words:
        assert word in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(Failure, match=path.name):
            read(path, tmp_path)


def test_a_file_beyond_the_limit_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr("admin_cli.importing.source.FILE_BYTES_MAX", 20)

    with pytest.raises(Failure, match="20"):
        read(written(tmp_path, GOOD), tmp_path)


def test_rows_beyond_the_limit_stop_the_import(tmp_path, monkeypatch):
    monkeypatch.setattr("admin_cli.importing.source.ROWS_MAX", 2)

    with pytest.raises(Failure, match="2"):
        read(written(tmp_path, csv_text(numbered(3))), tmp_path)


def test_an_encoding_and_a_delimiter_can_be_named_in_the_mapping(tmp_path):
    mapping = MAPPING.replace("[columns]", '[file]\nencoding = "gb18030"\ndelimiter = ";"\n\n[columns]')

    (found,) = read(written(tmp_path, csv_text([row()], ";").encode("gb18030")), tmp_path, mapping)

    assert "中河街道" in found.cells


def test_utf_16_is_read_when_the_mapping_says_so(tmp_path):
    mapping = MAPPING.replace("[columns]", '[file]\nencoding = "utf-16"\n\n[columns]')

    (found,) = read(written(tmp_path, GOOD.encode("utf-16")), tmp_path, mapping)

    assert "中河街道" in found.cells


def test_the_mark_of_utf_8_is_stronger_than_the_mapping(tmp_path):
    mapping = MAPPING.replace("[columns]", '[file]\nencoding = "gb18030"\n\n[columns]')

    (found,) = read(written(tmp_path, GOOD.encode("utf-8-sig")), tmp_path, mapping)

    assert "中河街道" in found.cells


def test_columns_that_the_mapping_does_not_need_are_ignored_even_twice(tmp_path):
    header, line, _ = GOOD.split("\n")

    (found,) = read(written(tmp_path, f"{header},note,note\n{line},x,y\n"), tmp_path)

    assert found.is_aligned


def test_a_row_with_fewer_or_more_cells_than_the_header_is_marked(tmp_path):
    header, line, _ = GOOD.split("\n")

    short, long, trailing = read(written(tmp_path, f"{header}\n{line[:-1]}\n{line},x\n{line},,\n"), tmp_path)

    assert [problem.code for problem in short.problems] == ["row_too_short"]
    assert [problem.code for problem in long.problems] == ["row_too_long"]
    assert trailing.problems == ()
    assert len(trailing.cells) == len(HEADER)


def test_a_corrected_bad_rows_file_reads_like_the_file_it_came_from(tmp_path):
    header, line, _ = GOOD.split("\n")
    content = f"line,reason_code,reason,{header}\n7,wrong_time,because,{line}\n".encode("utf-8-sig")

    (found,) = read(written(tmp_path, content), tmp_path)

    assert found.cells == list(row().values())
    assert found.line == 2
