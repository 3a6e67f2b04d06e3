"""What writing and reading a CSV file must agree on: cells that cannot be run, and a bad-rows file's first columns.

A spreadsheet runs a cell that begins with = or the like as a formula, and the texts here come from strangers. Such
cells get an apostrophe in front when a file is written, and lose it when the file is imported. The two undo each other
exactly, also for a cell that had an apostrophe of its own.
"""

import re

BAD_ROW_COLUMNS = ["line", "reason_code", "reason"]
"""What stands before the columns of the file that the rows came from. A header that begins so is a bad-rows file's."""

FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
"""A cell beginning so can be run. Source: OWASP, CSV Injection."""

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
"""A longitude such as -71.09 begins like a formula, does no harm and must stay a number in a spreadsheet."""


def with_guard(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) and not NUMBER.fullmatch(cell) else cell


def with_text_guard(cell: str) -> str:
    """For a cell that is known to be text: a name "-1" must come back as it was and not as a number."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def without_guard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
