"""A TOML document whose values are asked for by name, and whose complaints name file, line and key.

tomllib keeps no positions, so a key's line is looked up in the text when a complaint needs it: by the plain way people
write such files (a header line, then one key a line). A key written differently is named without a line.
"""

import difflib
import tomllib
from pathlib import Path

from admin_cli.failures import Failure
from admin_cli.importing.problems import file_problem, shown
from admin_cli.language import t

DOCUMENT_BYTES_MAX = 1_000_000
"""A mapping is some hundred lines; a megabyte is a data file given in its place."""


class Section:
    """One table of the document. Every getter either gives a value of the right kind or raises Failure."""

    def __init__(self, document: "Document", name: str, values: dict[str, object], number: int = 0) -> None:
        self._document = document
        self._name = name
        self._values = values
        self._number = number

    @property
    def names(self) -> list[str]:
        return list(self._values)

    def text(self, key: str) -> str:
        value = self.optional_text(key)
        if value is None:
            raise self.problem(key, "缺少这一项；请补上。", "it is missing; add it.")
        return value

    def optional_text(self, key: str) -> str | None:
        value = self._values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip(" "):
            raise self.problem(key, "要填带引号的文字，不能为空。", "it must be text in quotes, and not empty.")
        return value

    def texts(self, key: str) -> list[str]:
        values = self._values.get(key)
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            raise self.problem(
                key,
                '要填一个不为空的文字列表，例如 ["…"]。',
                'it must be a list of texts with at least one, as in ["…"].',
            )
        return values

    def optional_number(self, key: str) -> float | None:
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.problem(key, "要填不带引号的数字。", "it must be a number without quotes.")
        return float(value)

    def refuse_unknown(self, known: tuple[str, ...]) -> None:
        """A misspelt key would otherwise be ignored in silence, and with it what it was meant to say."""
        for key in self._values:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                raise self.problem(
                    key,
                    f"没有这一项{f'，是不是 {near[0]}？' if near else ''}；可用的有：{'、'.join(known)}。",
                    f"there is no such key{f'; is it {near[0]}?' if near else ''} Known: {', '.join(known)}.",
                )

    def problem(self, key: str | None, zh: str, en: str) -> Failure:
        line = self._document.find_line(self._name, self._number, key)
        place = " ".join(part for part in (f"[{self._name}]" if self._name else "", shown(key) if key else "") if part)
        start = f"{self._document.path.name}" + (t(f" 第 {line} 行", f", line {line}") if line else "")
        return file_problem(f"{start} {place}：{zh}", f"{start}, {place}: {en}")


class Document:
    def __init__(self, path: Path, text: str, values: dict[str, object]) -> None:
        self.path = path
        self._lines = text.splitlines()
        self._values = values
        self.top = Section(self, "", values)

    def section(self, name: str) -> Section:
        """The table of that name; a missing one is empty, so that its first needed key is what is complained of."""
        values = self._values.get(name, {})
        if not isinstance(values, dict):
            raise self.top.problem(name, f"要写成一节：[{name}]。", f"it must be a section: [{name}].")
        return Section(self, name, values)

    def sections(self, name: str) -> list[Section]:
        """The tables of an array `[[name]]`, at least one."""
        tables = self._values.get(name)
        if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
            raise self.top.problem(
                name,
                f"至少要有一节 [[{name}]]（双方括号）。",
                f"it needs at least one section [[{name}]] (two brackets).",
            )
        return [Section(self, name, table, number) for number, table in enumerate(tables)]

    def find_line(self, section: str, number: int, key: str | None) -> int | None:
        """Where the key stands; else where its section begins; None when the text is written in another way."""
        current, seen, header_line = "", -1 if section else 0, None
        for line_number, line in enumerate(self._lines, start=1):
            words = line.strip()
            if words.startswith("["):
                current = words.partition("#")[0].strip().strip("[]").strip()
                seen += current == section
                if current == section and seen == number:
                    header_line = line_number
            elif current == section and seen == number and words.partition("=")[0].strip().strip("\"'") == key:
                return line_number
        return header_line


def parse_document(path: Path) -> Document:
    try:
        with path.open("rb") as file:
            raw = file.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        raise file_problem(
            f"读不了对应表 {path}（{error.strerror}）；请检查 --mapping 的路径。",
            f"cannot read the mapping {path} ({error.strerror}); check the path given with --mapping.",
        ) from error
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise file_problem(
            f"对应表 {path} 超过 {DOCUMENT_BYTES_MAX:,} 字节；是不是把数据文件当成了对应表？",
            f"the mapping {path} has more than {DOCUMENT_BYTES_MAX:,} bytes; was a data file given in its place?",
        )
    try:
        text = raw.decode("utf-8-sig")
        return Document(path, text, tomllib.loads(text))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise file_problem(
            f"对应表 {path} 不是有效的 TOML（UTF-8）：{error}；请改正后重试。",
            f"the mapping {path} is not valid TOML (UTF-8): {error}. Correct it and try again.",
        ) from error
