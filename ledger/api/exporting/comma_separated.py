"""CSV that Excel opens as it is meant: UTF-8 with its mark, line ends as RFC 4180 has them, no cell a formula."""

import csv
from collections.abc import Iterator
from datetime import datetime

from ledger.api.exporting.journal import Journal
from ledger.api.exporting.rows import ExportedRow, make_rows
from ledger.api.exporting.texts import guarded

MARK = "\ufeff"


class _Lines(list[str]):
    """What `csv` takes for a file."""

    def write(self, line: str) -> None:
        self.append(line)


def write_csv(journal: Journal) -> Iterator[str]:
    lines = _Lines([MARK])
    writer = csv.writer(lines)
    writer.writerow(ExportedRow._fields)
    for transaction in journal.transactions():
        for row in make_rows(transaction, journal.zone):
            writer.writerow(map(_cell, row))
        yield "".join(lines)
        lines.clear()


def _cell(value: object) -> object:
    """None becomes an empty cell, and numbers and days are what they are."""
    if isinstance(value, str):
        return guarded(value)
    return value.isoformat() if isinstance(value, datetime) else value
