"""Findings: a measured figure beside a floor or a peer of the same run, the ratio the goal; as a table or JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.benchmarks.measuring import ratios


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What the ratio has to be: at least or at most `bound`."""

    bound: float
    is_at_least: bool

    def is_met_by(self, ratio: float) -> bool:
        return ratio >= self.bound if self.is_at_least else ratio <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.is_at_least else '≤'} {self.bound:g}"


def at_least(bound: float) -> Goal:
    return Goal(bound=bound, is_at_least=True)


def at_most(bound: float) -> Goal:
    return Goal(bound=bound, is_at_least=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line. `beside` names the floor or peer; without one, the goal is for the figure itself. Without a goal the
    line only informs."""

    benchmark: str
    engine: str
    what: str
    unit: str
    figures: Sequence[float]
    beside: str = ""
    beside_figures: Sequence[float] = ()
    goal: Goal | None = None

    @property
    def figure(self) -> float:
        return median(self.figures)

    @property
    def ratios(self) -> list[float]:
        return ratios(self.figures, self.beside_figures) if self.beside else []

    @property
    def is_met(self) -> bool | None:
        if self.goal is None:
            return None
        return self.goal.is_met_by(median(self.ratios) if self.beside else self.figure)

    def as_json(self) -> dict[str, Any]:
        return {
            "benchmark": self.benchmark,
            "engine": self.engine,
            "what": self.what,
            "unit": self.unit,
            "figure": self.figure,
            "figures": list(self.figures),
            "beside": self.beside or None,
            "beside_figure": median(self.beside_figures) if self.beside else None,
            "ratio": median(self.ratios) if self.beside else None,
            "ratios": self.ratios,
            "goal": str(self.goal) if self.goal else None,
            "is_met": self.is_met,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A benchmark, or a part of it, that could not be run here, and what to do about it."""

    benchmark: str
    engine: str
    reason: str

    def as_json(self) -> dict[str, Any]:
        return {"benchmark": self.benchmark, "engine": self.engine, "skipped": self.reason}


Line = Finding | Skipped

WIDTHS = (12, 11, 53, 20, 50, 23, 12)


def print_header() -> None:
    _print_row("benchmark", "engine", "what", "measured", "beside", "ratio", "goal")


def print_line(line: Line) -> None:
    if isinstance(line, Skipped):
        print(f"{line.benchmark:<{WIDTHS[0]}} {line.engine:<{WIDTHS[1]}} skipped: {line.reason}", flush=True)
        return
    beside = ratio = ""
    if line.beside:
        beside = f"{line.beside}: {_number(median(line.beside_figures))}"
        ratio = _spread(line.ratios)
    goal = f"{line.goal}  {'met' if line.is_met else 'MISSED'}" if line.goal else ""
    _print_row(line.benchmark, line.engine, line.what, f"{_number(line.figure)} {line.unit}", beside, ratio, goal)


def print_json(lines: Sequence[Line]) -> None:
    print(json.dumps({"findings": [line.as_json() for line in lines]}, ensure_ascii=False, indent=2))


def _print_row(*cells: str) -> None:
    print(" ".join(f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)).rstrip(), flush=True)


def _number(figure: float) -> str:
    if figure >= 100:
        return f"{figure:,.0f}"
    return f"{figure:.3g}"


def _spread(found: Sequence[float]) -> str:
    return f"{median(found):.2f} [{min(found):.2f}–{max(found):.2f}]"
