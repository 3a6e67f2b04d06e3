"""Standings: merit per rider and month, and the tie chain of the ranking. A projection of the awards, not of balances.

The chain is printed with every list: merit → verified reports → points from serious and urgent reports → the earlier
moment at which the score was reached → the same rank (1, 2, 2, 4). Source: programme.md, Honors.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ledger.domain.awards import Award, Part
from ledger.domain.calendar import Month

TIE_CHAIN = ("merit", "verified_reports", "serious_points", "reached_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`reached_at`: when the latest award that still counts took effect; None while nothing was granted.

    Defined by the awards alone and not by the order of posting, so that an audit recomputes the same instant.
    """

    rider_id: UUID
    month: Month
    merit: int = 0
    verified_reports: int = 0
    serious_points: int = 0
    reached_at: datetime | None = None

    def with_award(self, award: Award) -> "Standing":
        reached_at = self.reached_at
        if award.merit > 0:
            reached_at = max(filter(None, (reached_at, award.effective_at)))
        return Standing(
            rider_id=self.rider_id,
            month=self.month,
            merit=self.merit + award.merit,
            verified_reports=self.verified_reports + (award.part is Part.REPORT),
            serious_points=self.serious_points + (award.points_granted if award.is_serious else 0),
            reached_at=reached_at,
        )


def standing_of(rider_id: UUID, month: Month, awards: Iterable[Award]) -> Standing:
    """The standing that a rider's awards of one month give; reversed ones count nothing."""
    standing = Standing(rider_id=rider_id, month=month)
    for award in awards:
        if award.is_live:
            standing = standing.with_award(award)
    return standing
