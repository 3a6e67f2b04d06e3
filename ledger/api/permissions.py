"""Who may do what: one table, operation by operation. `auth.py` enforces it; a test walks it over every endpoint.

An operation that is not in the table is closed to everybody.
"""

from dataclasses import dataclass

from ledger.domain.access import Principal, PrincipalKind, Role, Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Operators with one of the roles, service keys with one of the scopes, riders, the platform. The owner always."""

    roles: frozenset[Role] = frozenset()
    scopes: frozenset[Scope] = frozenset()
    riders: bool = False
    platform: bool = False

    def admits(self, principal: Principal) -> bool:
        if principal.kind is PrincipalKind.RIDER:
            return self.riders
        if principal.kind is PrincipalKind.PLATFORM:
            return self.platform
        if principal.kind is PrincipalKind.SERVICE:
            return bool(self.scopes & principal.scopes)
        return bool(self.roles & principal.roles)

    def names(self) -> list[str]:
        """For the message to somebody who was turned away."""
        found = sorted(role.value for role in self.roles) + sorted(scope.value for scope in self.scopes)
        return found + ["rider"] * self.riders + ["platform"] * self.platform


def _roles(*roles: Role) -> frozenset[Role]:
    return frozenset({Role.OWNER, *roles})


REVIEWER, APPROVER, KEEPER, MANAGER, AUDITOR = (
    Role.REVIEWER,
    Role.APPROVER,
    Role.KEEPER,
    Role.MANAGER,
    Role.AUDITOR,
)
EVERY_ROLE = _roles(*Role)
READERS = _roles(REVIEWER, APPROVER, MANAGER, AUDITOR)
BOOKKEEPERS = _roles(MANAGER, AUDITOR)
READ, WRITE, IMPORT, EVENTS, EXPORTS = (
    frozenset({Scope.REPORTS_READ}),
    frozenset({Scope.REPORTS_WRITE}),
    frozenset({Scope.IMPORTS_WRITE}),
    frozenset({Scope.EVENTS_READ}),
    frozenset({Scope.EXPORTS_READ}),
)
EVERY_SCOPE = frozenset(Scope)

PUBLIC: frozenset[str] = frozenset({"create_session", "create_one_time_code"})
"""Operations that need no token."""

PERMISSIONS: dict[str, Allowed] = {
    # Programmes
    "create_programme": Allowed(platform=True),
    "list_programmes": Allowed(platform=True),
    "get_programme": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE),
    # Sign-in
    "get_principal": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE, platform=True),
    "delete_session": Allowed(roles=EVERY_ROLE, riders=True),
    "list_operators": Allowed(roles=_roles(AUDITOR)),
    "create_operator": Allowed(roles=_roles()),
    "deactivate_operator": Allowed(roles=_roles()),
    "list_service_keys": Allowed(roles=_roles(AUDITOR)),
    "create_service_key": Allowed(roles=_roles()),
    "revoke_service_key": Allowed(roles=_roles()),
    # Riders
    "list_riders": Allowed(roles=READERS),
    "create_rider": Allowed(roles=_roles(MANAGER)),
    "create_riders": Allowed(roles=_roles(MANAGER)),
    "get_rider": Allowed(roles=READERS),
    "get_rider_balance": Allowed(roles=READERS),
    "get_rider_statement": Allowed(roles=READERS),
    "list_rider_standings": Allowed(roles=READERS),
    # Reports
    "create_report": Allowed(roles=_roles(MANAGER), scopes=WRITE, riders=True),
    "create_reports": Allowed(roles=_roles(MANAGER), scopes=WRITE, riders=True),
    "list_reports": Allowed(roles=READERS, scopes=READ),
    "get_report": Allowed(roles=READERS, scopes=READ),
    "list_neighbours": Allowed(roles=READERS),
    "list_incident_suggestions": Allowed(roles=READERS),
    "verify_report": Allowed(roles=_roles(REVIEWER)),
    "verify_reports": Allowed(roles=_roles(REVIEWER)),
    "reject_report": Allowed(roles=_roles(REVIEWER)),
    "reject_reports": Allowed(roles=_roles(REVIEWER)),
    "mark_duplicate": Allowed(roles=_roles(REVIEWER)),
    "mark_duplicates": Allowed(roles=_roles(REVIEWER)),
    "revoke_report": Allowed(roles=_roles(MANAGER)),
    "revoke_reports": Allowed(roles=_roles(MANAGER)),
    "settle_report": Allowed(roles=_roles(REVIEWER, MANAGER)),
    "settle_reports": Allowed(roles=_roles(REVIEWER, MANAGER)),
    "import_reports": Allowed(roles=_roles(MANAGER), scopes=IMPORT),
    # Incidents: who merges or splits takes points from riders, as who revokes
    "list_incidents": Allowed(roles=READERS, scopes=READ),
    "get_incident": Allowed(roles=READERS, scopes=READ),
    "merge_incident": Allowed(roles=_roles(MANAGER)),
    "split_incident": Allowed(roles=_roles(MANAGER)),
    # Ranking: a public list, names masked
    "get_ranking": Allowed(roles=EVERY_ROLE, riders=True, scopes=READ),
    # Months: what is published is public; why an award was taken back is between the rider and the staff
    "list_months": Allowed(roles=EVERY_ROLE, riders=True, scopes=READ),
    "get_month": Allowed(roles=EVERY_ROLE, riders=True, scopes=READ),
    "list_corrections": Allowed(roles=EVERY_ROLE, scopes=READ),
    "publish_month": Allowed(roles=_roles(MANAGER)),
    "finalize_month": Allowed(roles=_roles(MANAGER)),
    "verify_month": Allowed(roles=BOOKKEEPERS),
    # Honors: public lists, names masked
    "list_honors": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE),
    "list_titles": Allowed(roles=EVERY_ROLE, riders=True, scopes=READ),
    "award_titles": Allowed(roles=_roles(MANAGER)),
    "confirm_title": Allowed(roles=_roles(MANAGER)),
    "decline_title": Allowed(roles=_roles(MANAGER)),
    "put_appointment": Allowed(roles=_roles(MANAGER)),
    "put_appointments": Allowed(roles=_roles(MANAGER)),
    # Catalogue and stations: everybody may look
    "list_items": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE),
    "get_item": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE),
    "put_item": Allowed(roles=_roles(MANAGER)),
    "put_items": Allowed(roles=_roles(MANAGER)),
    "change_item": Allowed(roles=_roles(MANAGER)),
    "restock_item": Allowed(roles=_roles(MANAGER)),
    "restock_items": Allowed(roles=_roles(MANAGER)),
    "list_stations": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE),
    "put_station": Allowed(roles=_roles(MANAGER)),
    "change_station": Allowed(roles=_roles(MANAGER)),
    # Redemptions
    "list_redemptions": Allowed(roles=_roles(APPROVER, KEEPER, MANAGER, AUDITOR)),
    "get_redemption": Allowed(roles=_roles(APPROVER, KEEPER, MANAGER, AUDITOR)),
    "get_redemption_evidence": Allowed(roles=_roles(APPROVER, MANAGER, AUDITOR)),
    "create_redemption": Allowed(roles=_roles(MANAGER)),
    "create_redemptions": Allowed(roles=_roles(MANAGER)),
    "approve_redemption": Allowed(roles=_roles(APPROVER, MANAGER)),
    "approve_redemptions": Allowed(roles=_roles(APPROVER, MANAGER)),
    "reject_redemption": Allowed(roles=_roles(APPROVER, MANAGER)),
    "reject_redemptions": Allowed(roles=_roles(APPROVER, MANAGER)),
    "cancel_redemption": Allowed(roles=_roles(MANAGER)),
    "cancel_redemptions": Allowed(roles=_roles(MANAGER)),
    "get_redemption_voucher": Allowed(roles=_roles(MANAGER)),
    "get_redemption_voucher_svg": Allowed(roles=_roles(MANAGER)),
    "fulfil_redemption": Allowed(roles=_roles(KEEPER, MANAGER)),
    "fulfil_redemptions": Allowed(roles=_roles(KEEPER, MANAGER)),
    "get_dashboard": Allowed(roles=READERS),
    # Books
    "list_accounts": Allowed(roles=BOOKKEEPERS),
    "get_account": Allowed(roles=BOOKKEEPERS),
    "get_account_balance": Allowed(roles=BOOKKEEPERS),
    "get_account_statement": Allowed(roles=BOOKKEEPERS),
    "get_trial_balance": Allowed(roles=BOOKKEEPERS),
    "list_transactions": Allowed(roles=BOOKKEEPERS),
    "get_transaction": Allowed(roles=BOOKKEEPERS),
    "list_budgets": Allowed(roles=BOOKKEEPERS),
    "list_waiting_credits": Allowed(roles=BOOKKEEPERS),
    "get_audit": Allowed(roles=BOOKKEEPERS),
    "get_journal_export": Allowed(roles=BOOKKEEPERS, scopes=EXPORTS),
    # Proposals
    "list_proposals": Allowed(roles=_roles(APPROVER, MANAGER, AUDITOR)),
    "get_proposal": Allowed(roles=_roles(APPROVER, MANAGER, AUDITOR)),
    "create_proposal": Allowed(roles=_roles(APPROVER, MANAGER)),
    "create_proposals": Allowed(roles=_roles(APPROVER, MANAGER)),
    "approve_proposal": Allowed(roles=_roles(APPROVER, MANAGER)),
    "approve_proposals": Allowed(roles=_roles(APPROVER, MANAGER)),
    "reject_proposal": Allowed(roles=_roles(APPROVER, MANAGER)),
    "reject_proposals": Allowed(roles=_roles(APPROVER, MANAGER)),
    "withdraw_proposal": Allowed(roles=_roles(APPROVER, MANAGER)),
    "withdraw_proposals": Allowed(roles=_roles(APPROVER, MANAGER)),
    # Rules
    "list_rulebooks": Allowed(roles=EVERY_ROLE),
    "get_rulebook": Allowed(roles=EVERY_ROLE),
    "list_rulebook_history": Allowed(roles=EVERY_ROLE),
    "list_rulebook_changes": Allowed(roles=EVERY_ROLE),
    "create_rulebook": Allowed(roles=_roles(MANAGER)),
    "simulate_rulebook": Allowed(roles=_roles(MANAGER)),
    "list_categories": Allowed(roles=EVERY_ROLE, riders=True, scopes=EVERY_SCOPE),
    # Events
    "list_events": Allowed(roles=BOOKKEEPERS, scopes=EVENTS),
    # A rider's own things
    "get_me": Allowed(riders=True),
    "get_my_balance": Allowed(riders=True),
    "get_my_statement": Allowed(riders=True),
    "list_my_reports": Allowed(riders=True),
    "get_my_report": Allowed(riders=True),
    "list_my_standings": Allowed(riders=True),
    "get_my_ranking": Allowed(riders=True),
    "list_my_titles": Allowed(riders=True),
    "list_my_catalog": Allowed(riders=True),
    "list_my_redemptions": Allowed(riders=True),
    "get_my_redemption": Allowed(riders=True),
    "create_my_redemption": Allowed(riders=True),
    "cancel_my_redemption": Allowed(riders=True),
    "get_my_voucher_svg": Allowed(riders=True),
}
