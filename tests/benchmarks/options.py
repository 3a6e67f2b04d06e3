"""What a run of the benchmarks was asked for."""

from dataclasses import dataclass
from pathlib import Path

RIDERS = 5_000
"""As many as report in a busy month of a district."""
ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`seconds` is the length of one slice, `rounds` how often each contender gets one. `sizes` are numbers of riders,
    `entries` those of the grown database. `cache` keeps filled databases from run to run."""

    engines: tuple[str, ...]
    clients: tuple[int, ...]
    seconds: float
    rounds: int
    sizes: tuple[int, ...]
    entries: int
    cache: Path

    @property
    def rider_count(self) -> int:
        """Of a benchmark that is not about the number of riders."""
        return min(RIDERS, max(self.sizes))
