"""Slices of time, one contender after the other: A B A B …, so that a noisy minute hits both.

A figure is the median over the rounds. A ratio is taken between neighbours, and then the median of the ratios: what the
machine did to one minute it did to both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median, quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What one contender did in one slice: how many, in how many seconds, and how long each took, in seconds.

    `own_seconds` is the processor time of this process, `server_seconds` that of the database server, where known.
    """

    done: int
    seconds: float
    latencies: Sequence[float] = ()
    own_seconds: float = 0.0
    server_seconds: float | None = None

    @property
    def rate(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    def with_server_seconds(self, server_seconds: float) -> "Slice":
        return replace(self, server_seconds=server_seconds)

    def latency(self, percent: int) -> float:
        """In seconds; the median for 50, the 99th percentile for 99."""
        if len(self.latencies) < 2:
            return self.latencies[0] if self.latencies else 0.0
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


@dataclass(slots=True, kw_only=True)
class Series:
    """The slices of one contender, in order."""

    name: str
    slices: list[Slice] = field(default_factory=list)

    def figures(self, of: Callable[[Slice], float]) -> list[float]:
        return [of(found) for found in self.slices]

    @property
    def rates(self) -> list[float]:
        return self.figures(lambda found: found.rate)

    @property
    def rate(self) -> float:
        return median(self.rates)

    def server_seconds_each(self) -> list[float]:
        """Processor time of the database server, in seconds for each one done; empty where it is not known."""
        return [found.server_seconds / found.done for found in self.slices if found.server_seconds and found.done]

    def seconds_each(self) -> list[float]:
        """Processor time of this process and the server together, in seconds for each one done."""
        return [(found.own_seconds + (found.server_seconds or 0)) / found.done for found in self.slices if found.done]


Contender = Callable[[], Slice]


def take_turns(contenders: dict[str, Contender], *, rounds: int) -> dict[str, Series]:
    """Each contender ran once to warm up, which is thrown away, and then once in each round, in turn."""
    series = {name: Series(name=name) for name in contenders}
    for run in contenders.values():
        run()
    for _ in range(rounds):
        for name, run in contenders.items():
            series[name].slices.append(run())
    return series


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Round by round."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True) if other]
