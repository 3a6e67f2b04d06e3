"""Which line of a TOML document a key stands in: tomllib keeps no positions, and who corrects a file wants one.

By the plain way people write such files: a header line, then one key a line. A key written otherwise has the line of
the table around it, or none.
"""

import re
from collections import Counter

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?")
_ASSIGNMENT = re.compile(r"""\s*["']?([^"'=#\s]+)["']?\s*=""")


def find_line(document: str, key: str) -> int | None:
    """`key` as messages name it: `caps.points_per_day`, `categories[3].points`."""
    lines = _read_lines(document)
    while key:
        if key in lines:
            return lines[key]
        key = key.rpartition(".")[0]
    return None


def _read_lines(document: str) -> dict[str, int]:
    """Every key and every table → the first line it stands in."""
    lines: dict[str, int] = {}
    seen: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(document.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header[2]
            if header[1] == "[[":
                lines.setdefault(table, number)
                seen[table] += 1
                table = f"{table}[{seen[table]}]"
            lines.setdefault(table, number)
        elif assignment := _ASSIGNMENT.match(line):
            lines.setdefault(f"{table}.{assignment[1]}" if table else assignment[1], number)
    return lines
