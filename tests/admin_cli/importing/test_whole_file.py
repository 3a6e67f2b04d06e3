"""A file appears whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from admin_cli.importing.whole_file import whole_file


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")

    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_text() == "old"

    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.csv"
    path.write_text("old")

    with pytest.raises(error), whole_file(path) as file:
        file.write(b"half")
        raise error

    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_a_new_file_may_be_read_by_whom_the_person_lets_read(tmp_path):
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "a.csv"):
            pass
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640


def test_a_link_is_written_through(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("real.csv")

    with whole_file(tmp_path / "link.csv") as file:
        file.write(b"new")

    assert (tmp_path / "real.csv").read_text() == "new"
    assert (tmp_path / "link.csv").is_symlink()
