"""The bad-rows file: every row that did not go in, with its line, its reasons and its own columns.

It is made to be corrected in a spreadsheet and imported again with the same mapping. The rows are read from the source
a second time instead of being kept: most files have no bad row, and one of a million rows must still fit in memory.
"""

import csv
import io
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from admin_cli.importing.guard import BAD_ROW_COLUMNS, with_guard
from admin_cli.importing.problems import RowProblem, file_problem, with_visible_bytes
from admin_cli.importing.source import TableForm, open_source
from admin_cli.importing.whole_file import whole_file

Problems = Mapping[int, list[RowProblem]]
"""Line → why its row did not go in, the reason that counts first."""


class BadRowsFile:
    """Where the bad rows of one source go. Made first, so that a wrong path is refused before anything is sent."""

    def __init__(self, path: Path, *, source: Path, form: TableForm) -> None:
        self.path = path
        self._source = source
        self._form = form
        self._source_state = _state_of(source)
        _check_path(path, source)

    def write(self, problems: Problems) -> None:
        """The file holds exactly these rows, in the order of their lines; without any there is no file at all."""
        if not problems:
            self.path.unlink(missing_ok=True)
            return
        try:
            _write_whole(self.path, self._form.delimiter, self._lines(problems))
        except OSError as error:
            raise file_problem(
                f"写不了 {self.path}（{error.strerror}）；请用 --bad-rows 换一个位置后重新导入，已入账的行不会重复。",
                f"cannot write {self.path} ({error.strerror}); name another place with --bad-rows and import again: "
                "rows that are booked are not booked twice.",
            ) from error

    def _lines(self, problems: Problems) -> Iterator[list[str]]:
        # A file that was changed meanwhile has other rows at these lines: better none than the wrong ones.
        if _state_of(self._source) != self._source_state:
            yield BAD_ROW_COLUMNS
            for line in sorted(problems):
                yield _reasons(line, problems[line])
            return
        with open_source(self._source, self._form) as source:
            yield [*BAD_ROW_COLUMNS, *map(_cell, source.header)]
            for row in source.rows:
                if row.line in problems:
                    yield [*_reasons(row.line, problems[row.line]), *map(_cell, row.cells)]


def default_bad_rows_path(source: Path) -> Path:
    """In the current folder: the source may lie where nobody may write, or where the next import would find it."""
    return Path(f"{source.stem}.bad-rows.csv")


def _check_path(path: Path, source: Path) -> None:
    if path.exists() and path.samefile(source):
        raise file_problem(
            f"坏行文件 {path} 就是要导入的文件；请用 --bad-rows 换一个名字。",
            f"the bad-rows file {path} is the file to be imported; name another one with --bad-rows.",
        )
    if path.exists() and not _is_bad_rows_file(path):
        raise file_problem(
            f"{path} 已存在，而且不是以前的坏行文件；请用 --bad-rows 换一个名字，免得覆盖。",
            f"{path} exists and is no earlier bad-rows file; name another one with --bad-rows, or it would be lost.",
        )
    if not os.access(path.parent, os.W_OK):
        raise file_problem(
            f"坏行文件不能写在 {path.parent} 里；请用 --bad-rows 换一个可写的文件夹。",
            f"the bad-rows file cannot be written in {path.parent}; name a folder you may write to with --bad-rows.",
        )


def _is_bad_rows_file(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        start = file.read(100).removeprefix(b"\xef\xbb\xbf")
    return start.startswith(b"line") and b"reason_code" in start.partition(b"\n")[0]


def _state_of(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_size, state.st_mtime_ns


def _reasons(line: int, problems: list[RowProblem]) -> list[str]:
    return [str(line), problems[0].code, _cell(" ".join(problem.text for problem in problems))]


def _cell(text: str) -> str:
    return with_guard(with_visible_bytes(text).replace("\0", "\\x00"))


def _write_whole(path: Path, delimiter: str, lines: Iterator[list[str]]) -> None:
    with whole_file(path) as file, io.TextIOWrapper(file, "utf-8-sig", newline="") as text:
        csv.writer(text, delimiter=delimiter).writerows(lines)
