"""How much one person may propose and approve, and when it takes two: the section [proposals] of the rulebook.

The defaults hold for rulebooks that were written before there were proposals.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ledger.domain.access import Role
from ledger.domain.documents import Table

FUNDING_MAX = 1_000_000_000
"""Largest limit on a budget's funding: a hundred times a district's year. Budgets are larger than what riders get."""
LAPSE_DAYS_MAX = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLimits:
    """What somebody of a role may put their name to: in one proposal, and on one local day. 0: nothing at all.

    `each` and `per_day` are points given to or taken from riders, `funding_…` what goes into or out of budgets.
    """

    each: int = 0
    per_day: int = 0
    funding_each: int = 0
    funding_per_day: int = 0


def _default_limits() -> dict[Role, RoleLimits]:
    return {
        Role.APPROVER: RoleLimits(each=1_500, per_day=10_000),
        Role.MANAGER: RoleLimits(each=10_000, per_day=50_000, funding_each=5_000_000, funding_per_day=20_000_000),
        Role.OWNER: RoleLimits(each=50_000, per_day=200_000, funding_each=50_000_000, funding_per_day=200_000_000),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRules:
    """Above the `…one_approver_up_to_points` it takes two. `limits` has the roles that may propose and approve."""

    one_approver_up_to_points: int = 1_500
    funding_one_approver_up_to_points: int = 1_000_000
    lapse_after_days: int = 14
    limits: Mapping[Role, RoleLimits] = field(default_factory=_default_limits)

    def approvals_required(self, points: int, *, is_funding: bool) -> int:
        """1 or 2 people, for so many points."""
        alone = self.funding_one_approver_up_to_points if is_funding else self.one_approver_up_to_points
        return 1 if points <= alone else 2

    def limit_each(self, roles: Collection[Role], *, is_funding: bool) -> int:
        """Of the roles somebody has, the one that may do most counts."""
        found = [self.limits[role] for role in roles if role in self.limits]
        return max((one.funding_each if is_funding else one.each for one in found), default=0)

    def limit_per_day(self, roles: Collection[Role], *, is_funding: bool) -> int:
        found = [self.limits[role] for role in roles if role in self.limits]
        return max((one.funding_per_day if is_funding else one.per_day for one in found), default=0)


def read_proposal_rules(table: Table) -> ProposalRules:
    """Raises RulebookInvalid. A role whose table is left out has its default limits."""
    default = ProposalRules()
    limits = table.optional_table("limits")
    rules = ProposalRules(
        one_approver_up_to_points=table.whole(
            "one_approver_up_to_points", at_least=0, default=default.one_approver_up_to_points
        ),
        funding_one_approver_up_to_points=table.whole(
            "funding_one_approver_up_to_points",
            at_least=0,
            at_most=FUNDING_MAX,
            default=default.funding_one_approver_up_to_points,
        ),
        lapse_after_days=table.whole(
            "lapse_after_days", at_least=1, at_most=LAPSE_DAYS_MAX, default=default.lapse_after_days
        ),
        limits={role: _read_limits(limits.optional_table(role.value), one) for role, one in default.limits.items()},
    )
    table.refuse_unknown()
    limits.refuse_unknown()
    return rules


def _read_limits(table: Table, default: RoleLimits) -> RoleLimits:
    limits = RoleLimits(
        each=table.whole("each", at_least=0, default=default.each),
        per_day=table.whole("per_day", at_least=0, default=default.per_day),
        funding_each=table.whole("funding_each", at_least=0, at_most=FUNDING_MAX, default=default.funding_each),
        funding_per_day=table.whole(
            "funding_per_day", at_least=0, at_most=FUNDING_MAX, default=default.funding_per_day
        ),
    )
    table.refuse_unknown()
    return limits
