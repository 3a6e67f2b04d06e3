"""The rows of one import: checked against each other, made into items of the API, cut into batches.

A table has a natural key, and a row whose key stood in an earlier line is set aside: whichever of the two is meant, it
is not ours to choose.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from admin_cli.importing.batches import BATCH_SIZE_MAX
from admin_cli.importing.problems import RowProblem, row_problem, shown
from admin_cli.language import t
from admin_cli.sheets.columns import SheetColumn
from admin_cli.sheets.reading import ReadRow, Table, Values

Item = dict[str, object]

MakeItem = Callable[[Values], Item | list[RowProblem]]
"""A row's values → an item of the bulk request, or what is wrong with them taken together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What is imported, and how: filled in by each noun.

    `unique`: groups of columns whose values may stand once in a file. `once`: the same file is booked once, by keys
    made from its content; without it every run is a run of its own, and the API finds out what has changed.
    """

    path: str
    columns: tuple[SheetColumn, ...]
    unique: tuple[tuple[str, ...], ...]
    make_item: MakeItem
    once: bool


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """An item, the line it came from, and the window of the file it is sent in."""

    item: Item
    line: int
    window: int


@dataclass(slots=True, kw_only=True)
class RowSource:
    """Goes through an open table once. `rows_read` and `problems` grow as it does."""

    plan: ImportPlan
    table: Table
    problems: dict[int, list[RowProblem]]
    rows_read: int = 0
    _first_lines: dict[tuple[str, ...], dict[tuple[object, ...], int]] = field(default_factory=dict)

    def batches(self) -> Iterator[list[PreparedRow]]:
        """A batch holds what is good in a window of so many rows of the file.

        Windows and not rows are counted off, so that a row that is judged otherwise in another run moves no other row
        into another request.
        """
        batch: list[PreparedRow] = []
        for row in self.table.rows:
            window, place = divmod(self.rows_read, BATCH_SIZE_MAX)
            if place == 0 and batch:
                yield batch
                batch = []
            self.rows_read += 1
            prepared = self._prepare(row, window)
            if prepared is not None:
                batch.append(prepared)
        if batch:
            yield batch

    def _prepare(self, row: ReadRow, window: int) -> PreparedRow | None:
        problems = [*row.problems, *self._find_repeats(row)]
        made = problems or self.plan.make_item(row.values)
        if isinstance(made, dict):
            return PreparedRow(made, row.line, window)
        self.problems[row.line] = made
        return None

    def _find_repeats(self, row: ReadRow) -> Iterator[RowProblem]:
        """A row that is bad for other reasons counts as seen too: corrected, it would be there twice."""
        for keys in self.plan.unique:
            values = tuple(row.values.get(key) for key in keys)
            is_unread = any(key in self.table.headers and key not in row.values for key in keys)
            if is_unread or not any(values):
                continue
            first = self._first_lines.setdefault(keys, {}).setdefault(values, row.line)
            if first != row.line:
                yield _repeated(self.table.headers, keys, values, first)


def _repeated(headers: Mapping[str, str], keys: tuple[str, ...], values: tuple[object, ...], first: int) -> RowProblem:
    if len(keys) == 1:
        header, value = headers.get(keys[0], keys[0]), shown(str(values[0]))
        return row_problem(
            "repeated_row",
            f"「{header}」的「{value}」在第 {first} 行已出现；请只留一行。",
            f"{header}: {value!r} is in line {first} already; keep one of the two.",
        )
    return row_problem(
        "repeated_row",
        f"和第 {first} 行完全一样，为免重复没有提交；确实要再来一次，就把坏行文件也导入。",
        f"it is the same as line {first} and was kept back, in case it is there twice by mistake; if it is meant, "
        "import the bad-rows file too.",
    )


def with_values(values: Values) -> Item:
    """The cells that are filled in, as they are."""
    return {key: value for key, value in values.items() if value is not None}


def choice_problem(code: str, header: str, value: object, known: Mapping[str, str]) -> RowProblem:
    """The value is none of those known, code → name."""
    listed = t("、", ", ").join(f"{code} {name}" for code, name in known.items())
    return row_problem(
        code,
        f"没有{header}「{shown(str(value))}」；可填：{listed}。",
        f"there is no {header} {shown(str(value))!r}; write one of: {listed}.",
    )
