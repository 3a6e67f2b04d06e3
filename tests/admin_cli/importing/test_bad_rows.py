"""The bad-rows file: what is in it, when there is none, and the way back in."""

import csv
from pathlib import Path

import pytest

from admin_cli.failures import Failure
from admin_cli.importing.bad_rows import BadRowsFile, default_bad_rows_path
from admin_cli.importing.mapping import read_mapping
from tests.admin_cli.importing.builders import (
    HEADER,
    MAPPING,
    FakeService,
    csv_text,
    row,
    run,
    write_csv,
    write_mapping,
)

BAD_NAME = "reports.bad-rows.csv"


def read_bad_rows(folder: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with (folder / BAD_NAME).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_bad_rows_stand_in_the_order_of_their_lines_with_reasons_and_their_own_columns(tmp_path):
    service = FakeService()
    service.refused_ids = {"2"}
    rows = [row(id="1", opened="?"), row(id="2"), row(id="3"), row(id="4", type="?", rider="")]

    run(service, write_csv(tmp_path, rows), tmp_path)

    found = read_bad_rows(tmp_path)
    assert list(found[0]) == ["line", "reason_code", "reason", *HEADER]
    assert [(bad["line"], bad["reason_code"], bad["id"]) for bad in found] == [
        ("2", "wrong_time", "1"),
        ("3", "rider_not_active", "2"),
        ("5", "missing_reporter", "4"),
    ]
    assert all(word in found[2]["reason"] for word in ("rider", "type"))


def test_a_corrected_file_goes_in_with_the_same_mapping(tmp_path):
    service = FakeService()
    rows = [row(id="1", opened="?", why="=HYPERLINK(1)", where="-3 号"), row(id="2")]
    run(service, write_csv(tmp_path, rows), tmp_path)
    bad = tmp_path / BAD_NAME
    assert "'=HYPERLINK(1)" in bad.read_text(encoding="utf-8-sig")
    corrected = tmp_path / "corrected.csv"
    corrected.write_bytes(bad.read_bytes().replace(b"?", b"2015-06-01 08:00:00"))

    summary = run(service, corrected, tmp_path)

    assert (summary.rows_read, summary.booked, summary.bad) == (1, 1, 0)
    assert service.reports["1"]["reason"] == "=HYPERLINK(1)"
    assert service.reports["1"]["address"] == "-3 号"


def test_what_is_still_bad_in_a_corrected_file_gets_a_file_of_the_same_form(tmp_path):
    service = FakeService()
    run(service, write_csv(tmp_path, [row(id="1", opened="?"), row(id="2", rider="")]), tmp_path)
    corrected = tmp_path / "corrected.csv"
    (tmp_path / BAD_NAME).rename(corrected)

    run(service, corrected, tmp_path)

    second = (tmp_path / "corrected.bad-rows.csv").read_text(encoding="utf-8-sig").splitlines()
    assert second[0].split(",") == ["line", "reason_code", "reason", *HEADER]
    assert [line.split(",")[0] for line in second[1:]] == ["2", "3"]


def test_rows_of_the_wrong_width_or_with_broken_bytes_are_written_so_that_they_can_be_read(tmp_path):
    head, line, _ = csv_text([row(id="1")]).split("\n")
    source = tmp_path / "reports.csv"
    source.write_bytes(
        f"{head}\n{line},more\n".encode() + line.replace("中河", "?").encode().replace(b"?", b"\xe9\x00")
    )

    run(FakeService(), source, tmp_path)

    long, broken = read_bad_rows(tmp_path)
    assert long["reason_code"] == "row_too_long"
    assert "more" in str(long)
    assert broken["reason_code"] == "broken_encoding"
    assert broken["where"] == "\\xe9\\x00街道"


def test_the_file_has_the_delimiter_of_the_mapping(tmp_path):
    write_mapping(tmp_path, MAPPING.replace("[columns]", '[file]\ndelimiter = ";"\n\n[columns]'))
    source = tmp_path / "reports.csv"
    source.write_text(csv_text([row(opened="?")], ";"), encoding="utf-8")

    run(FakeService(), source, tmp_path)

    assert read_bad_rows(tmp_path, ";")[0]["reason_code"] == "wrong_time"


def test_without_bad_rows_there_is_no_file_and_an_old_one_goes(tmp_path):
    run(FakeService(), write_csv(tmp_path, [row(opened="?")]), tmp_path)
    assert (tmp_path / BAD_NAME).exists()

    summary = run(FakeService(), write_csv(tmp_path, [row()]), tmp_path)

    assert not (tmp_path / BAD_NAME).exists()
    assert summary.bad_rows_file is None


def test_a_file_that_is_no_bad_rows_file_is_never_overwritten(tmp_path):
    (tmp_path / BAD_NAME).write_text("my notes", encoding="utf-8")
    service = FakeService()

    with pytest.raises(Failure, match="--bad-rows"):
        run(service, write_csv(tmp_path, [row(opened="?")]), tmp_path)

    assert (tmp_path / BAD_NAME).read_text(encoding="utf-8") == "my notes"
    assert service.requests == []


def test_the_source_itself_cannot_be_its_bad_rows_file(tmp_path):
    source = write_csv(tmp_path, [row()])

    with pytest.raises(Failure, match="--bad-rows"):
        BadRowsFile(source, source=source, form=read_mapping(write_mapping(tmp_path)))


def test_a_folder_that_is_not_there_is_refused_before_anything_is_sent(tmp_path):
    source = write_csv(tmp_path, [row()])

    with pytest.raises(Failure, match="--bad-rows"):
        BadRowsFile(tmp_path / "no" / "bad.csv", source=source, form=read_mapping(write_mapping(tmp_path)))


def test_a_source_that_changed_meanwhile_gives_reasons_without_the_wrong_rows(tmp_path):
    service = FakeService()
    source = write_csv(tmp_path, [row(id="1", opened="?"), row(id="2")])

    def change() -> None:
        source.write_text("something else\n", encoding="utf-8")

    service.before_answer = change

    run(service, source, tmp_path)

    assert [list(bad.values())[:2] for bad in read_bad_rows(tmp_path)] == [["2", "wrong_time"]]


def test_the_default_place_is_the_current_folder():
    assert default_bad_rows_path(Path("/data/2015/reports.csv")) == Path("reports.bad-rows.csv")
