"""The plain model's part about score counts: riders by score, counted from the standings."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # The model itself calls this part of it.
    from tests.books import Books


def find_wrong_score_counts(books: "Books") -> Iterator[str]:
    """10. Riders by score, counted from the standings, are those stored; finer where a count is crowded."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    crowded = {tuple(row[1:7]) for row in books.score_counts if row.is_crowded}
    expected: Counter[Any] = Counter()
    for row in books.standings:
        if not row.merit:
            continue
        merit = (row.month, "merit", row.merit, 0, 0, epoch)
        score = (row.month, "score", row.merit, row.verified_reports, row.serious_points, epoch)
        expected[row.month, "band", row.merit // 64 * 64, 0, 0, epoch] += 1
        expected[merit] += 1
        if merit in crowded:
            expected[score] += 1
        if score in crowded:
            for level, seconds in (("day", 86_400), ("slot", 300)):
                begin = datetime.fromtimestamp(row.reached_at.timestamp() // seconds * seconds, tz=UTC)
                expected[row.month, level, *score[2:5], begin] += 1
    stored = {tuple(row[1:7]): row.riders for row in books.score_counts}
    for key in expected.keys() | stored.keys():
        if expected[key] != stored.get(key, 0):
            yield f"score count {key} is {stored.get(key)}, the standings give {expected[key]}"
