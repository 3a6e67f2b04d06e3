"""The tables. Every primary, unique and foreign key and every index begins with the programme: a programme is the unit
of distribution, and no statement crosses one (design.md section 8).

The migrations build exactly these; a test compares the two. Triggers (append-only, zero-sum) are in the migrations.
"""

from ledger.storage.tables.access import one_time_codes, operators, service_keys, tokens
from ledger.storage.tables.base import PROGRAMME_ID_MAX, metadata
from ledger.storage.tables.honors import titles
from ledger.storage.tables.incidents import incident_reports, incidents
from ledger.storage.tables.journal import accounts, entries, transactions
from ledger.storage.tables.months import corrected_standings, corrections, months
from ledger.storage.tables.programmes import event_counters, events, idempotency_keys, programmes, rulebooks, sponsors
from ledger.storage.tables.proposals import proposal_approvals, proposals, proposed_rulebooks
from ledger.storage.tables.reports import awards, reports, score_counts, standings
from ledger.storage.tables.rewards import items, redemption_approvals, redemptions, station_keepers, stations
from ledger.storage.tables.riders import appointments, persons, riders

__all__ = [
    "PROGRAMME_ID_MAX",
    "accounts",
    "appointments",
    "awards",
    "corrected_standings",
    "corrections",
    "entries",
    "event_counters",
    "events",
    "idempotency_keys",
    "incident_reports",
    "incidents",
    "items",
    "metadata",
    "months",
    "one_time_codes",
    "operators",
    "persons",
    "programmes",
    "proposal_approvals",
    "proposals",
    "proposed_rulebooks",
    "redemption_approvals",
    "redemptions",
    "reports",
    "riders",
    "rulebooks",
    "score_counts",
    "service_keys",
    "sponsors",
    "standings",
    "station_keepers",
    "stations",
    "titles",
    "tokens",
    "transactions",
]
