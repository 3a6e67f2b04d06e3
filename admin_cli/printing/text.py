"""Text as data: made harmless before it is printed, measured in terminal cells, cut, padded and wrapped by cells.

A Chinese character takes two cells, so `len` is the wrong measure everywhere here. Pure functions, no terminal.
"""

import re
import unicodedata

from rich.cells import cell_len, chop_cells, set_cell_size

JOINER = "\u200d"
"""Zero width joiner: the one format character that stays, because families and professions among emoji need it."""

ELLIPSIS = "…"

OPENING = "（《「『【“‘〔"
CLOSING = "，。、；：！？）》」』】”’〕…％"
WIDE = "\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"

TOKEN = re.compile(rf"\s+|[{OPENING}]*(?:[{WIDE}]|[^\s{WIDE}{OPENING}]+|[{OPENING}])[{CLOSING}]*")
"""Blanks, a run of narrow characters, or one wide character; punctuation stays with what it closes or opens."""


def visible(text: str, *, keep_lines: bool = False) -> str:
    """The text with every character that could act on the terminal shown instead of done.

    ESC becomes ␛, other controls likewise; direction overrides, invisible characters and the like become `<U+202E>`.
    Data is a stranger's: a rider's name must not be able to move the cursor or turn a line of the ledger around.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character == "\n" and keep_lines else _visible_character(character) for character in text
    )


def _visible_character(character: str) -> str:
    number = ord(character)
    match unicodedata.category(character):
        case "Cc" if number < 0x20:
            return chr(0x2400 + number)
        case "Cc" if number == 0x7F:
            return "␡"
        case "Cc" | "Cs" | "Co" | "Zl" | "Zp":
            return f"<U+{number:04X}>"
        case "Cf" if character != JOINER:
            return f"<U+{number:04X}>"
        case _:
            return character


def width_of(text: str) -> int:
    """Cells that the widest line of the text takes."""
    return max(map(cell_len, text.split("\n")))


def fit(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` cells: cut with an ellipsis or padded, on the left for numbers."""
    size = cell_len(text)
    if size > width:
        # Cutting in the middle of a wide character leaves a blank cell, which set_cell_size fills.
        return set_cell_size(set_cell_size(text, max(0, width - 1)).rstrip() + ELLIPSIS, width)
    padding = " " * (width - size)
    return padding + text if right else text + padding


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` cells, broken at blanks and between Chinese characters; at least one line."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for token in TOKEN.findall(paragraph):
            if cell_len(line) + cell_len(token.rstrip()) <= width:
                line += token
                continue
            if line.strip():
                lines.append(line.rstrip())
            # A word longer than a line, such as an address of a photo, is broken wherever the line ends.
            *full, line = chop_cells(token.lstrip(), max(2, width)) or [""]
            lines.extend(full)
        lines.append(line.rstrip())
    return lines
