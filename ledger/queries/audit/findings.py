"""What an audit says: findings, how far it is, and the sum of it. Records only."""

from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.errors import Text


class Severity(StrEnum):
    """An error means that the books are wrong. A warning wants somebody's attention, and the books are right."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one check says about one row. `code` is what a person can look up, such as a report's; None: the id is all
    there is. `table` where it is another one than the check's own."""

    id: str
    problem: Text
    code: str | None = None
    table: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not so: which check says it, where it is, what is wrong with the numbers, how to mend it."""

    check: str
    severity: Severity
    table: str
    id: str
    code: str | None
    problem: Text
    remedy: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """`done` of `total` rows that this check goes over; `number` of `checks` it is."""

    check: str
    title: Text
    number: int
    checks: int
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A check that is done: how many findings it has, also those beyond the limit that were not told."""

    check: str
    severity: Severity
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The last thing an audit says. `checks` in their order; the counts are of rows in the state that was read."""

    checks: tuple[Checked, ...]
    accounts: int
    transactions: int
    entries: int
    events: int

    @property
    def errors(self) -> int:
        return self._count(Severity.ERROR)

    @property
    def warnings(self) -> int:
        return self._count(Severity.WARNING)

    def _count(self, severity: Severity) -> int:
        return sum(done.found for done in self.checks if done.severity is severity)
