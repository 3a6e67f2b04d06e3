"""A saved table → rows of values under our own names, whatever its headers are called and wherever they stand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from admin_cli.importing.csv_file import SourceRow
from admin_cli.importing.problems import RowProblem, file_problem, row_problem, shown
from admin_cli.importing.source import open_source
from admin_cli.language import t
from admin_cli.sheets.cells import Value, WrongCell, read_cell
from admin_cli.sheets.columns import SheetColumn, list_titles, plain_name
from admin_cli.sheets.finding import SheetForm

Values = dict[str, Value | None]
"""What stands in a row, by the column's key; None for an empty cell. A column that the file lacks is not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """`problems` is empty, or `values` lacks what they are about."""

    line: int
    values: Values
    problems: list[RowProblem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An open table. `headers`: the file's own name of each column that it has, also of those that are not imported.

    `rows` can be gone through once.
    """

    headers: dict[str, str]
    rows: Iterator[ReadRow]


@contextmanager
def open_table(path: Path, form: SheetForm, columns: Sequence[SheetColumn]) -> Iterator[Table]:
    """Raises Failure for the file as a whole: unreadable, a header unknown, there twice or missing."""
    with open_source(path, form) as source:
        placed = _place_columns(path, source.header, columns)
        headers = {column.key: shown(source.header[place]) for place, column in placed.items()}
        placed = {place: column for place, column in placed.items() if column.is_imported}
        rows = _read_rows(source.rows, source.header, placed, source.serial_epoch)
        yield Table(headers=headers, rows=rows)


def _place_columns(path: Path, header: Sequence[str], columns: Sequence[SheetColumn]) -> dict[int, SheetColumn]:
    """Place in the row → column."""
    by_name = {name: column for column in columns for name in column.accepted_names}
    placed: dict[int, SheetColumn] = {}
    for place, name in enumerate(header):
        if not name:
            continue
        column = by_name.get(plain_name(name))
        if column is None:
            raise file_problem(*_unknown_header(path, name, is_first=not placed, columns=columns))
        if column in placed.values():
            first = next(header[other] for other, one in placed.items() if one is column)
            raise file_problem(
                f"{path} 的表头里「{shown(first)}」和「{shown(name)}」是同一列；请只留一列。",
                f"in the header of {path}, {shown(first)!r} and {shown(name)!r} are the same column; keep one.",
            )
        placed[place] = column
    missing = [column for column in columns if column.is_required and column not in placed.values()]
    if missing:
        there = t("、", ", ").join(shown(name) for name in header if name) or t("（空）", "(nothing)")
        raise file_problem(
            f"{path} 的表头缺少「{'」「'.join(column.title for column in missing)}」，有：{there}。请补上这一列。",
            f"the header of {path} lacks {', '.join(column.title for column in missing)}; it has: {there}. Add it.",
        )
    return placed


def _unknown_header(path: Path, name: str, *, is_first: bool, columns: Sequence[SheetColumn]) -> tuple[str, str]:
    titles = {plain_name(column.title): column.title for column in columns if column.is_imported}
    near = get_close_matches(plain_name(name), titles, n=1)
    known = list_titles(columns)
    guess_zh = f"是不是「{titles[near[0]]}」？" if near else ""
    guess_en = f" Is it {titles[near[0]]}?" if near else ""
    if is_first:
        # A title or a remark above the header is how many such tables begin.
        guess_zh += "表头要在第一行。"
        guess_en += " The header must be in the first row."
    return (
        f"{path} 的表头里「{shown(name)}」不是已知的列。{guess_zh}可用的列（* 必填）：{known}。",
        f"in the header of {path}, {shown(name)!r} is no known column.{guess_en} Known (* required): {known}.",
    )


def _read_rows(
    rows: Iterator[SourceRow], header: Sequence[str], placed: dict[int, SheetColumn], serial_epoch: datetime | None
) -> Iterator[ReadRow]:
    headers = {place: shown(header[place]) for place in placed}
    nameless = [place for place, name in enumerate(header) if not name]
    for row in rows:
        if not any(cell.strip() for cell in row.cells) and not row.problems:
            continue
        problems, values = list(row.problems), Values()
        if row.is_aligned and not problems:
            for place, column in placed.items():
                cell, name = row.cells[place], headers[place]
                try:
                    values[column.key] = read_cell(cell, column, header=name, serial_epoch=serial_epoch)
                except WrongCell as wrong:
                    problems.append(wrong.problem)
                    continue
                if column.is_required and values[column.key] is None:
                    problems.append(_empty(name))
            problems.extend(_nameless(place) for place in nameless if row.cells[place].strip())
        yield ReadRow(line=row.line, values=values, problems=problems)


def _empty(header: str) -> RowProblem:
    return row_problem("missing_value", f"「{header}」是空的；请补上。", f"{header} is empty; fill it in.")


def _nameless(place: int) -> RowProblem:
    return row_problem(
        "column_without_name",
        f"第 {place + 1} 列有内容但没有列名；请在第一行补上列名，或清空这一格。",
        f"column {place + 1} holds something but has no header; name it in the first row, or empty the cell.",
    )
