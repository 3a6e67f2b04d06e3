"""A table's columns: what they are called in both languages, what they hold, what is accepted when they come back.

Both languages are needed at once, because a file written in one may be read by somebody who works in the other.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from admin_cli.language import t
from admin_cli.printing.columns import pick

Words = Mapping[str, tuple[str, ...]]
"""The API's value → the word for it in Chinese and in English, then others that are understood."""

Item = Mapping[str, Any]

YES_OR_NO: Words = {"true": ("是", "yes"), "false": ("否", "no")}


class Kind(StrEnum):
    """TEXT is one line, PROSE may be several, a CODE has no blanks in it and is exact."""

    TEXT = "text"
    PROSE = "prose"
    CODE = "code"
    INTEGER = "integer"
    DAY = "day"
    MOMENT = "moment"
    FLAG = "flag"
    WORD = "word"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetColumn:
    """`key` is the API's field, a dotted path where it is read only; `value` what is shown instead, if not the field.

    Limits are the API's own: what breaks them is found in the row before a whole request is refused for it.
    """

    key: str
    zh: str
    en: str
    kind: Kind = Kind.TEXT
    aliases: tuple[str, ...] = ()
    words: Words = field(default_factory=dict)
    value: Callable[[Item], object] | None = None
    is_required: bool = False
    is_imported: bool = True
    length_max: int = 500
    least: int = 0
    greatest: int = 1_000_000

    @property
    def title(self) -> str:
        return t(self.zh, self.en)

    @property
    def accepted_names(self) -> set[str]:
        return set(map(plain_name, (self.key, self.zh, self.en, *self.aliases)))

    def read_from(self, item: Item) -> Any:
        return self.value(item) if self.value is not None else pick(item, self.key)


def plain_name(header: str) -> str:
    """A header without what people vary: case, width, blanks, underscores, a star for "required"."""
    plain = unicodedata.normalize("NFKC", header).casefold()
    return "".join(character for character in plain if not character.isspace() and character not in "_*·")


def spell(words: tuple[str, ...]) -> str:
    """The one of a value's words that is in the person's language."""
    zh, en, *_ = words
    return t(zh, en)


def code(key: str, zh: str, en: str, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.CODE, **more)


def text(key: str, zh: str, en: str, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, **more)


def prose(key: str, zh: str, en: str, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.PROSE, **more)


def integer(key: str, zh: str, en: str, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.INTEGER, **more)


def day(key: str, zh: str, en: str, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.DAY, **more)


def moment(key: str, zh: str, en: str) -> SheetColumn:
    """An instant, as the programme's clocks showed it. Never imported."""
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.MOMENT, is_imported=False)


def flag(key: str, zh: str, en: str, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.FLAG, words=YES_OR_NO, **more)


def word(key: str, zh: str, en: str, words: Words, **more: Any) -> SheetColumn:
    return SheetColumn(key=key, zh=zh, en=en, kind=Kind.WORD, words=words, **more)


def list_titles(columns: Sequence[SheetColumn]) -> str:
    """The headers that a file to be imported may have, those it must have marked with a star."""
    imported = [column for column in columns if column.is_imported]
    return t("、", ", ").join(f"{column.title}{'*' if column.is_required else ''}" for column in imported)
