"""What people wrote, as it stands in a journal file: readable, on one line, and never taken for anything but text."""

import json
import re

MARKS = re.compile(r'[\\";]')
"""The escape's own sign, the end of a string in beancount, the beginning of a comment in hledger."""

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""A cell beginning so can be run by a spreadsheet. Source: OWASP, CSV Injection."""


def escaped(text: str) -> str:
    """Escaped as JSON does it: marks, what does not print, and blanks at the ends; `json.loads` gives it back.

    Nearly every memo stays as it is. Letters of every script and emoji print.
    """
    if text.isprintable() and not MARKS.search(text) and text == text.strip():
        return text
    last = len(text) - 1
    return "".join(
        _code(one) if MARKS.match(one) or not one.isprintable() or (one == " " and place in (0, last)) else one
        for place, one in enumerate(text)
    )


def _code(one: str) -> str:
    """One backslash and what JSON has after it: `\\n`, `\\u003b`."""
    return f"\\u{ord(one):04x}" if one in '"; ' else json.dumps(one)[1:-1]


def guarded(text: str) -> str:
    """For a cell of a CSV file: an apostrophe in front of what would be a formula."""
    return f"'{text}" if FORMULA.match(text) else text
