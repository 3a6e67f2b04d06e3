"""How the rows of a file are cut into requests. In a real run, simply in order; in a dry run, so that previews add up.

A preview is rolled back, so the next one knows nothing of it: points that a cap would refuse in the second request are
granted there. But caps bind one rider within one month. So a dry run sends each rider's rows in one request, still in
the order of time, and the sum of its previews is what the run will do. Only the budget is shared by all riders: if it
does not last, a dry run cannot tell which rows come too late.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from admin_cli.importing.rows import ImportItem

BATCH_SIZE_MAX = 1_000
"""The API's own maximum."""


@dataclass(frozen=True, slots=True)
class MappedRow:
    """An item and the line it came from, which a refusal is reported under."""

    item: ImportItem
    line: int


def sort_rows(rows: list[MappedRow]) -> None:
    """The order of crediting, whatever the order of the file: opening time, then id (as text)."""
    rows.sort(key=lambda row: (row.item.submitted_at, row.item.external_id))


def cut_in_order(rows: list[MappedRow]) -> Iterator[list[MappedRow]]:
    for start in range(0, len(rows), BATCH_SIZE_MAX):
        yield rows[start : start + BATCH_SIZE_MAX]


def cut_by_rider(rows: list[MappedRow], zone: tzinfo) -> Iterator[list[MappedRow]]:
    """Batches that hold a rider's rows together; those of a rider with more than a batch, month by month."""
    by_rider = sorted(rows, key=lambda row: row.item.rider_code)  # stable: within a rider the order of time stays
    batch: list[MappedRow] = []
    for _, group in groupby(by_rider, key=lambda row: row.item.rider_code):
        for part in _parts(list(group), zone):
            if len(batch) + len(part) > BATCH_SIZE_MAX:
                yield batch
                batch = []
            batch += part
    if batch:
        yield batch


def count_overfull_riders(rows: list[MappedRow], zone: tzinfo) -> int:
    """Riders with more rows in one month than a batch holds: the one case in which previews do not add up."""
    counts = Counter(row.item.rider_code for row in rows)
    suspects = {rider for rider, count in counts.items() if count > BATCH_SIZE_MAX}
    months = Counter((row.item.rider_code, _month(row, zone)) for row in rows if row.item.rider_code in suspects)
    return len({rider for (rider, _), count in months.items() if count > BATCH_SIZE_MAX})


def _parts(rows: list[MappedRow], zone: tzinfo) -> Iterator[list[MappedRow]]:
    if len(rows) <= BATCH_SIZE_MAX:
        yield rows
        return
    for _, month in groupby(rows, key=lambda row: _month(row, zone)):
        yield from cut_in_order(list(month))


def _month(row: MappedRow, zone: tzinfo) -> str:
    return f"{row.item.submitted_at.astimezone(zone):%Y-%m}"
