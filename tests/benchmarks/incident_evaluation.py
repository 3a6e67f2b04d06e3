"""How good the suggestion "one hazard with an earlier report" is, on real reports of which a city marked duplicates.

    python -m tests.benchmarks.incident_evaluation FILE.csv

The city says which reports were duplicates, but not of what. So a report counts as found when the rule points to any
earlier report, and precision is a lower bound: a report that the city did not mark may still be of the same hazard.
Deterministic: it only reads the file.
"""

import sys
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

from admin_cli.importing.mapping import read_mapping
from admin_cli.importing.rows import ImportItem, RowReader
from admin_cli.importing.source import open_source
from admin_cli.importing.times import TimeReader
from ledger.domain.places import E7, METRES_PER_DEGREE, Datum, Place, distance_m, read_place
from ledger.domain.rulebook import read_rulebook
from ledger.services.programmes import default_rulebook

RADII_M = (25, 50, 100)
SEED = Path(__file__).parents[2] / "seed"
ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ORIGINAL_STATES = frozenset({"verified", "submitted"})
"""What a report can be a duplicate of: not of one that was found invalid, nor of another duplicate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    radius_m: int
    reports: int
    duplicates: int
    suggested: int
    suggested_duplicates: int

    @property
    def precision(self) -> float:
        return self.suggested_duplicates / self.suggested if self.suggested else 0.0

    @property
    def recall(self) -> float:
        return self.suggested_duplicates / self.duplicates if self.duplicates else 0.0


def read_reports(file: Path) -> list[ImportItem]:
    mapping = read_mapping(SEED / "boston311.toml")
    with open_source(file, mapping) as source:
        reader = RowReader(mapping, source.header, TimeReader(mapping.time_formats, ZONE), now=NOW)
        items = [reader.read(row) for row in source.rows]
    return sorted((item for item in items if isinstance(item, ImportItem)), key=lambda item: item.submitted_at)


def evaluate(items: Sequence[ImportItem], radii_m: Sequence[int] = RADII_M) -> list[Evaluation]:
    """Per radius, the reports that the rule would have called a repetition beside those that the city did."""
    nearest = list(_nearest_originals(items, max(radii_m)))
    return [
        Evaluation(
            radius_m=radius,
            reports=len(nearest),
            duplicates=sum(is_duplicate for is_duplicate, _ in nearest),
            suggested=sum(metres <= radius for _, metres in nearest),
            suggested_duplicates=sum(is_duplicate and metres <= radius for is_duplicate, metres in nearest),
        )
        for radius in radii_m
    ]


def _nearest_originals(items: Sequence[ImportItem], radius_max_m: int) -> Iterator[tuple[bool, float]]:
    """Per report with a place: whether the city called it a duplicate, and how far the nearest earlier report of its
    category is, inside the re-report interval; infinite without one in the radius."""
    categories = read_rulebook(1, default_rulebook()).categories
    band = radius_max_m / METRES_PER_DEGREE
    before: dict[str, deque[tuple[datetime, Place]]] = defaultdict(deque)
    for item in items:
        days = categories[item.category_code].re_report_after_days
        if item.lat is None or item.lon is None or days is None:
            continue
        place = read_place(item.lat, item.lon, Datum.WGS_84)
        earlier = before[item.category_code]
        while earlier and item.submitted_at - earlier[0][0] > timedelta(days=days):
            earlier.popleft()
        near = (other for _, other in earlier if abs(other.lat_e7 - place.lat_e7) <= band * E7)
        yield item.state == "duplicate", min((distance_m(place, other) for other in near), default=inf)
        if item.state in ORIGINAL_STATES:
            earlier.append((item.submitted_at, place))


def main() -> None:
    for found in evaluate(read_reports(Path(sys.argv[1]))):
        print(
            f"{found.radius_m:4} m  reports {found.reports:,}  duplicates {found.duplicates:,}  "
            f"suggested {found.suggested:,}  of them duplicates {found.suggested_duplicates:,}  "
            f"precision {found.precision:.1%}  recall {found.recall:.1%}"
        )


if __name__ == "__main__":
    main()
