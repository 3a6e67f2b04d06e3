"""A report with what belongs to it: what the services answer, the queries read and the API prints."""

from dataclasses import dataclass

from ledger.domain.awards import Award
from ledger.domain.incidents import ShareHeld
from ledger.domain.reports import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportCase:
    """`award` is None until the report was verified; it stays, marked reversed, when the report is revoked.

    `bonus` is the award for a hazard that was settled and shown to be. `share` is its share of its incident, when
    others reported the same hazard.
    """

    report: Report
    rider_code: str
    award: Award | None = None
    bonus: Award | None = None
    duplicate_of_code: str | None = None
    share: ShareHeld | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCredit:
    """An award that waits for its sponsor's budget, and what its transaction and its rider are told by. `decided_by`
    verified the report, or settled it if the award is the bonus."""

    award: Award
    report_code: str
    rider_code: str
    category_code: str
    decided_by: str
    sponsor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancesAfter:
    """What a posting left behind, in points: the rider's available and owed, the sponsor's budget."""

    available: int
    owed: int
    budget: int
