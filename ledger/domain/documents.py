"""Reading a TOML document strictly: every key is known, of its type and in its range, or the message names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from ledger.domain.errors import Kind, Refusal, Text

CODE_LENGTH_MAX = 10
"""Characters of a category's or an industry's code: as wide as the columns that keep them."""

WHOLE_MAX = 1_000_000
"""Largest number in a rulebook: far above any sensible rule, far below what the ledger can add up."""


@dataclass(eq=False)
class RulebookInvalid(Refusal):
    key: str
    problem_zh: str
    problem_en: str
    line: int | None = None

    code: ClassVar[str] = "rulebook_invalid"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("规则文件有误", "The rulebook is not valid")
    detail: ClassVar[Text] = Text("规则文件{where} {key}：{problem}", "Rulebook{where} {key}: {problem}")

    def data(self) -> dict[str, object]:
        return {"key": self.key, "line": self.line}

    def wordings(self) -> dict[str, Text]:
        where = Text("", "") if self.line is None else Text(f"第 {self.line} 行", f", line {self.line},")
        return {"where": where, "problem": Text(self.problem_zh, self.problem_en)}


_TYPES: dict[type, Text] = {
    str: Text("带引号的文字", "text in quotes"),
    int: Text("整数", "a whole number"),
    bool: Text("true 或 false", "true or false"),
    dict: Text("一节", "a table"),
    list: Text("一个列表", "a list"),
}


class Table:
    """A TOML table that remembers which keys were read, for messages that name the key."""

    def __init__(self, name: str, tree: dict[str, Any]) -> None:
        self.name, self.tree, self.known = name, tree, set[str]()

    def path(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def get(self, key: str, kind: type, *, default: Any = None) -> Any:
        self.known.add(key)
        value = self.tree.get(key, default)
        if type(value) is not kind:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"缺少，或者不是{_TYPES[kind].zh}；请补上。",
                problem_en=f"is missing, or is not {_TYPES[kind].en}; add it.",
            )
        return value

    def text(self, key: str) -> str:
        value: str = self.get(key, str)
        if not value.strip():
            raise RulebookInvalid(key=self.path(key), problem_zh="是空的；请补上。", problem_en="is empty; fill it in.")
        return value

    def code(self) -> str:
        value = self.text("code")
        if len(value) > CODE_LENGTH_MAX:
            raise RulebookInvalid(
                key=self.path("code"),
                problem_zh=f"「{value}」太长，最多 {CODE_LENGTH_MAX} 个字符。",
                problem_en=f"{value!r} is too long: at most {CODE_LENGTH_MAX} characters.",
            )
        return value

    def whole(self, key: str, *, at_least: int, at_most: int = WHOLE_MAX, default: int | None = None) -> int:
        value: int = self.get(key, int, default=default)
        if not at_least <= value <= at_most:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"{value} 超出范围；请用 {at_least} 到 {at_most} 的整数。",
                problem_en=f"{value} is out of range: use a whole number from {at_least} to {at_most}.",
            )
        return value

    def table(self, key: str) -> "Table":
        return Table(self.path(key), self.get(key, dict))

    def optional_table(self, key: str) -> "Table":
        return Table(self.path(key), self.get(key, dict, default={}))

    def one_of(self, key: str, values: Sequence[str]) -> str:
        value = self.text(key)
        if value not in values:
            known = ", ".join(values)
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"没有「{value}」，可用：{known}。",
                problem_en=f"there is no {value!r}; use one of {known}.",
            )
        return value

    def tables(self, key: str, *, is_optional: bool = False) -> list["Table"]:
        rows = self.get(key, list, default=[] if is_optional else None)
        if not all(isinstance(row, dict) for row in rows):
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"要一个个写成 [[{key}]]。",
                problem_en=f"is a list of tables: write each as [[{key}]].",
            )
        tables = [Table(f"{self.path(key)}[{number}]", row) for number, row in enumerate(rows, 1)]
        codes = [table.text("code") for table in tables]
        if repeated := {code for code in codes if codes.count(code) > 1}:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"代码重复：{', '.join(sorted(repeated))}；请保留一个。",
                problem_en=f"has codes twice: {', '.join(sorted(repeated))}; keep one of each.",
            )
        return tables

    def days(self, key: str, *, at_most: int) -> frozenset[date]:
        """Dates as TOML writes them, such as [2026-10-01, 2026-10-02]; none where the key is left out."""
        values: list[Any] = self.get(key, list, default=[])
        if wrong := [value for value in values if type(value) is not date]:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"{wrong[0]!r} 不是日期；请写成 [2026-10-01, 2026-10-02]，不加引号。",
                problem_en=f"{wrong[0]!r} is no date: write them as [2026-10-01, 2026-10-02], without quotes.",
            )
        if len(values) > at_most:
            raise RulebookInvalid(
                key=self.path(key),
                problem_zh=f"有 {len(values)} 天，最多 {at_most} 天；请去掉过去的。",
                problem_en=f"has {len(values)} days, at most {at_most}: leave out those that are over.",
            )
        return frozenset(values)

    def refuse_unknown(self) -> None:
        if unknown := sorted(set(self.tree) - self.known):
            raise RulebookInvalid(
                key=self.path(unknown[0]),
                problem_zh="不认识这个键；请检查拼写。",
                problem_en="is not a known key; check its spelling.",
            )
