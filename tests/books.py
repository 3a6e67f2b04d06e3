"""The invariants of hard-cases.md, checked by plain loops over what the tables hold; shares no code with the ledger.

`check_books` answers findings, one sentence each, all of them at once; right books have none.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, select

from ledger.queries.audit.findings import Finding, Severity
from ledger.queries.audit.run import audit
from ledger.storage import tables
from tests.lots import find_wrong_lots
from tests.scores import find_wrong_score_counts

Rows = list[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Everything a programme has written down."""

    programme_id: int
    accounts: Rows
    transactions: Rows
    entries: Rows
    awards: Rows
    reports: Rows
    redemptions: Rows
    items: Rows
    riders: Rows
    standings: Rows
    score_counts: Rows
    corrected_standings: Rows
    months: Rows
    corrections: Rows
    events: Rows
    last_event: int


def check_books(connection: Connection, programme_id: int) -> list[str]:
    """What this model finds, then what the product's own audit does. Lots that wait for the expiry are not wrong."""
    return check_by_model(connection, programme_id) + [
        f"{line.check}: {line.id} {line.problem.en}"
        for line in audit(connection, programme_id, today=date.max)
        if isinstance(line, Finding) and line.severity is Severity.ERROR and line.check != "lapsed_lots"
    ]


def check_by_model(connection: Connection, programme_id: int) -> list[str]:
    books = read_books(connection, programme_id)
    return [
        finding
        for check in (
            find_unbalanced,
            find_wrong_balances,
            find_broken_floors,
            find_overdrawn_budgets,
            find_wrong_awards,
            find_wrong_standings,
            find_wrong_score_counts,
            find_wrong_months,
            find_wrong_events,
            find_wrong_holds,
            find_wrong_stock,
            find_wrong_lots,
        )
        for finding in check(books)
    ]


def read_books(connection: Connection, programme_id: int) -> Books:
    def read(table: Table) -> Rows:
        return list(connection.execute(select(*table.c).where(table.c.programme_id == programme_id)))

    return Books(
        programme_id=programme_id,
        accounts=read(tables.accounts),
        transactions=read(tables.transactions),
        entries=read(tables.entries),
        awards=read(tables.awards),
        reports=read(tables.reports),
        redemptions=read(tables.redemptions),
        items=read(tables.items),
        riders=read(tables.riders),
        standings=read(tables.standings),
        score_counts=read(tables.score_counts),
        corrected_standings=read(tables.corrected_standings),
        months=read(tables.months),
        corrections=read(tables.corrections),
        events=sorted(read(tables.events), key=lambda row: row.number),
        last_event=read(tables.event_counters)[0].last_number,
    )


def find_unbalanced(books: Books) -> Iterator[str]:
    """1. Every transaction balances per commodity, leg by leg; so do all accounts together."""
    commodity = {account.id: account.commodity for account in books.accounts}
    sums: Counter[Any] = Counter()
    sides: Counter[Any] = Counter()
    for entry in books.entries:
        sums[entry.transaction_id, entry.leg, commodity[entry.account_id]] += entry.side * entry.amount
        sides[entry.transaction_id, entry.leg] += 1
    yield from (f"transaction {key[0]} does not balance: {total}" for key, total in sums.items() if total)
    yield from (f"leg {key} has {number} sides" for key, number in sides.items() if number != 2)
    without = {row.id for row in books.transactions} - {entry.transaction_id for entry in books.entries}
    yield from (f"transaction {found} has no entries" for found in without)
    totals: Counter[str] = Counter()
    for account in books.accounts:
        totals[account.commodity] += account.normal_side * account.balance
    yield from (f"all {name} accounts sum to {total}" for name, total in totals.items() if total)


def find_wrong_balances(books: Books) -> Iterator[str]:
    """2. A balance is the sum of its entries and the last one's balance after; versions have no gap."""
    history: dict[Any, Rows] = defaultdict(list)
    for entry in sorted(books.entries, key=lambda row: row.version):
        history[entry.account_id].append(entry)
    for account in books.accounts:
        running = 0
        lines = history[account.id]
        if [line.version for line in lines] != list(range(1, account.version + 1)):
            yield f"account {account.id} has a gap in its {account.version} versions"
        for line in lines:
            running += account.normal_side * line.side * line.amount
            if running != line.balance_after:
                yield f"account {account.id} says {line.balance_after} after version {line.version}, it is {running}"
        if running != account.balance:
            yield f"account {account.id} says {account.balance}, its entries {running}"


def find_broken_floors(books: Books) -> Iterator[str]:
    """3. No account with a floor is ever below it, at any version."""
    floored = {account.id for account in books.accounts if account.has_floor}
    for entry in books.entries:
        if entry.account_id in floored and entry.balance_after < 0:
            yield f"account {entry.account_id} is below its floor at version {entry.version}"
    unfloored = {account.purpose for account in books.accounts if not account.has_floor}
    yield from (f"{purpose} lost its floor" for purpose in unfloored - {"issuance", "supply"})


def find_overdrawn_budgets(books: Books) -> Iterator[str]:
    """6. Awards from a budget never exceed it: what is left is what was funded less the live awards."""
    kinds = {row.id: row.kind for row in books.transactions}
    for budget in (account for account in books.accounts if account.purpose == "budget"):
        funded = sum(
            row.side * row.amount
            for row in books.entries
            if row.account_id == budget.id and kinds[row.transaction_id] in {"fund", "adjust"}
        )
        awarded = sum(
            row.points_granted
            for row in books.awards
            if row.sponsor_id == budget.owner_id and row.transaction_id and not row.reversed_at
        )
        if budget.balance != funded - awarded:
            yield f"budget {budget.id} holds {budget.balance}, funded {funded} less awarded {awarded}"


def find_wrong_awards(books: Books) -> Iterator[str]:
    """7. One live award a report and rider, as its report says; one reversal a transaction; each booked as it says."""
    live = Counter((row.report_id, row.rider_id, row.part) for row in books.awards if not row.reversed_at)
    yield from (f"{key} has {number} live awards" for key, number in live.items() if number > 1)
    reversals = Counter(row.reverses for row in books.transactions if row.reverses)
    yield from (f"transaction {key} is reversed {number} times" for key, number in reversals.items() if number > 1)

    awards = {
        (row.report_id, row.part): "reversed" if row.reversed_at else "live" for row in books.awards if row.is_current
    }
    for report in books.reports:
        found = awards.get((report.id, "report"))
        if found != {"verified": "live", "settled": "live", "revoked": "reversed"}.get(report.state):
            yield f"report {report.code} is {report.state} and its award is {found}"
        bonus = awards.get((report.id, "settlement"))
        is_shown = report.after_photo_url is not None
        if bonus != ({"settled": "live", "revoked": "reversed"}.get(report.state) if is_shown else None):
            yield f"report {report.code} is {report.state}, shown to be: {is_shown}, and its bonus is {bonus}"

    granted = _points_by_transaction(books, "award", "budget")
    taken_back = _points_by_transaction(books, "reverse", "budget")
    for award in books.awards:
        booked = award.points_granted if award.transaction_id else 0
        if booked != granted.pop(award.transaction_id, 0):
            yield f"award {award.report_id} grants {award.points_granted}, its transaction does not"
        wanted = booked if award.reversed_at else 0
        if wanted != taken_back.pop(award.reversal_id, 0):
            yield f"reversal of award {award.report_id} does not take back {wanted}"
    yield from (f"transaction {found} belongs to no award" for found in [*granted, *taken_back])


def _points_by_transaction(books: Books, kind: str, purpose: str) -> dict[Any, int]:
    """Points that left or reached accounts of the purpose, by transaction of the kind."""
    chosen = {row.id for row in books.transactions if row.kind == kind}
    owners = {account.id for account in books.accounts if account.purpose == purpose}
    points: Counter[Any] = Counter()
    for entry in books.entries:
        if entry.transaction_id in chosen and entry.account_id in owners:
            points[entry.transaction_id] += entry.amount
    return dict(points)


def find_wrong_standings(books: Books) -> Iterator[str]:
    """10. Standings recomputed from the awards are those stored; a list holds the corrections that it says it holds."""
    in_list = {row.month: row.corrections_in_list for row in books.months}
    stored = {(row.rider_id, row.month): _counts(row) for row in books.standings}
    yield from _compare("standing", stored, _standings(books, lambda number, month: number <= in_list[month]))
    now = {**stored, **{(row.rider_id, row.month): _counts(row) for row in books.corrected_standings}}
    yield from _compare("corrected standing", now, _standings(books, lambda number, month: True))


def _standings(books: Books, is_in_list: Callable[[int, str], bool]) -> dict[Any, list[Any]]:
    """What the awards give; one taken back by a correction counts until that correction is in the list."""
    corrected = {(row.report_id, row.part, row.month, row.recorded_at): row.number for row in books.corrections}
    expected: dict[Any, list[Any]] = {}
    for award in books.awards:
        standing = expected.setdefault((award.rider_id, award.month), [0, 0, 0, None])
        number = corrected.get((award.report_id, award.part, award.month, award.reversed_at))
        if award.reversed_at and (number is None or is_in_list(number, award.month)):
            continue
        standing[0] += award.points_granted
        standing[1] += award.part == "report"
        standing[2] += award.points_granted if award.is_serious else 0
        if award.points_granted and (standing[3] is None or award.effective_at > standing[3]):
            standing[3] = award.effective_at
    return expected


def _is_among(last: int, number: int, _month: str) -> bool:
    return number <= last


def _counts(row: Any) -> list[Any]:
    return [row.merit, row.verified_reports, row.serious_points, row.reached_at]


def _compare(what: str, stored: dict[Any, list[Any]], expected: dict[Any, list[Any]]) -> Iterator[str]:
    for key in expected.keys() | stored.keys():
        if expected.get(key) != stored.get(key):
            yield f"{what} {key} is {stored.get(key)}, its awards give {expected.get(key)}"


def find_wrong_months(books: Books) -> Iterator[str]:
    """10. A closed month recomputes to the same digest, as published and as final; its corrections have no gap."""
    codes = {row.id: row.code for row in books.riders}
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in books.corrections:
        numbers[row.month].append(row.number)
    for month in books.months:
        if sorted(numbers[month.month]) != list(range(1, month.corrections + 1)):
            yield f"month {month.month} has the corrections {numbers[month.month]} and counts {month.corrections}"
        seals = [("published", 0, month.published_digest)]
        if month.final_digest is not None:
            seals.append(("final", month.corrections_in_list, month.final_digest))
        for what, last, digest in seals:
            standings = _standings(books, partial(_is_among, last))
            if digest != _digest(books.programme_id, month.month, standings, codes):
                yield f"the {what} list of {month.month} does not recompute to its digest"


def _digest(programme_id: int, month: str, standings: dict[Any, list[Any]], codes: dict[Any, str]) -> str:
    lines = [
        ((-merit, -reports, -serious, reached), rider_id)
        for (rider_id, of_month), (merit, reports, serious, reached) in standings.items()
        if of_month == month and merit
    ]
    text = f"city-partner-ledger/month/1\t{programme_id}\t{month}\n"
    for chain, rider_id in sorted(lines):
        rank = 1 + sum(other < chain for other, _ in lines)
        merit, reports, serious = (-count for count in chain[:3])
        reached = chain[3].strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
        text += f"{rank}\t{codes[rider_id]}\t{merit}\t{reports}\t{serious}\t{reached}\n"
    return sha256(text.encode()).hexdigest()


ONLY_BOOKED = {"report.rebooked", "credit.booked"}
"""Events of reports that leave their state as it is."""

EVENTS_BY_STATE = {
    "submitted": ["report.submitted"],
    "verified": ["report.submitted", "report.verified"],
    "settled": ["report.submitted", "report.verified", "report.settled"],
    "rejected": ["report.submitted", "report.rejected"],
    "duplicate": ["report.submitted", "report.duplicate"],
    "revoked": ["report.submitted", "report.verified", "report.revoked"],
}


def find_wrong_events(books: Books) -> Iterator[str]:
    """11. Numbers have no gap; every change of a report, a rider and a balance has its event, and no event is alone."""
    if [event.number for event in books.events] != list(range(1, books.last_event + 1)):
        yield f"the numbers of events are not 1 to {books.last_event}"

    by_subject: dict[str, list[str]] = defaultdict(list)
    told: Counter[str] = Counter()
    for event in books.events:
        by_subject[event.subject].append(event.kind)
        data = json.loads(event.data)
        told.update(filter(None, (data.get("transaction"), data.get("bonus_transaction"), data.get("reversal"))))

    moved = Counter(
        str(row.id)
        for row in books.transactions
        if row.kind in {"award", "reverse", "expire"} or (row.kind in {"fund", "adjust"} and row.source_id is not None)
    )
    if told != moved:
        yield f"events tell of transactions {told - moved} too often and of {moved - told} not at all"
    for report in books.reports:
        kinds = [kind for kind in by_subject.pop(f"report/{report.code}", []) if kind not in ONLY_BOOKED]
        if report.state == "revoked" and report.settled_at is not None:
            kinds = [kind for kind in kinds if kind != "report.settled"]
        expected = EVENTS_BY_STATE[report.state]
        if kinds and kinds[0] == "report.imported":
            last = f"report.{report.state}"
            expected = ["report.imported", *([last] if report.state in {"revoked", "settled"} else [])]
            if report.state == "settled":
                kinds = kinds[:1] + [kind for kind in kinds[1:] if kind != "report.verified"]
            elif report.state in {"verified", "rejected", "duplicate"}:
                kinds = kinds[:1] + [kind for kind in kinds[1:] if kind != f"report.{report.state}"]
            elif report.state == "revoked":
                kinds = kinds[:1] + [kind for kind in kinds[1:] if kind != "report.verified"]
        if kinds != expected:
            yield f"report {report.code} is {report.state} and its events are {kinds}"
    for rider in books.riders:
        kinds = [kind for kind in by_subject.pop(f"rider/{rider.code}", []) if not kind.startswith("points.")]
        if kinds != ["rider.enrolled"]:
            yield f"rider {rider.code} was not told of once"
    yield from _find_wrong_redemption_events(books, by_subject)
    alone = [subject for subject in by_subject if subject.startswith(("report/", "rider/", "redemption/"))]
    yield from (f"events tell of {subject}, which is not there" for subject in alone)


def _find_wrong_redemption_events(books: Books, by_subject: dict[str, list[str]]) -> Iterator[str]:
    """Takes what it knows out of the subjects."""
    for row in books.redemptions:
        kinds = [kind for kind in by_subject.pop(f"redemption/{row.code}", []) if kind != "redemption.approved"]
        last = [] if row.state in {"requested", "ready"} else [f"redemption.{row.state}"]
        if kinds != ["redemption.requested", *(["redemption.ready"] if row.ready_at else []), *last]:
            yield f"redemption {row.code} is {row.state} and its events are {kinds}"


def find_wrong_holds(books: Books) -> Iterator[str]:
    """4. A redemption's points and unit are held once, and captured or released once, in full, as its state says."""
    points: dict[Any, Counter[str]] = defaultdict(Counter)
    accounts = {account.id: account for account in books.accounts}
    for entry in books.entries:
        account = accounts[entry.account_id]
        points[entry.transaction_id][account.purpose] += account.normal_side * entry.side * entry.amount
    kinds = {row.id: row.kind for row in books.transactions}
    used = Counter(number for row in books.redemptions for number in (row.hold_id, row.closing_id) if number)
    yield from (f"transaction {found} belongs to {number} redemptions" for found, number in used.items() if number > 1)
    for row in books.redemptions:
        units = 0 if row.station_id is None else 1
        held = {"available": -row.points, "held": row.points, "shelf": -units, "reserved": units}
        if kinds.get(row.hold_id) != "hold" or not _moves(points[row.hold_id], held):
            yield f"redemption {row.code} is not held by its hold"
        is_captured = row.state == "fulfilled"
        back = {"available": row.points, "held": -row.points, "shelf": units, "reserved": -units}
        on = {"redeemed": row.points, "held": -row.points, "delivered": units, "reserved": -units}
        if row.state in {"requested", "ready"}:
            if row.closing_id is not None:
                yield f"redemption {row.code} is {row.state} and closed"
        elif kinds.get(row.closing_id) != ("capture" if is_captured else "release") or not _moves(
            points[row.closing_id], on if is_captured else back
        ):
            yield f"redemption {row.code} is {row.state} and its closing says otherwise"
    for number, kind in kinds.items():
        if kind in {"hold", "capture", "release"} and number not in used:
            yield f"{kind} {number} belongs to no redemption"


def _moves(found: Counter[str], expected: dict[str, int]) -> bool:
    return {purpose: amount for purpose, amount in found.items() if amount} == {
        purpose: amount for purpose, amount in expected.items() if amount
    }


def find_wrong_stock(books: Books) -> Iterator[str]:
    """5. Per item: supplied = shelf + reserved + delivered; delivered units are those of fulfilled redemptions."""
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for account in books.accounts:
        units[account.commodity][account.purpose] += account.balance
    for item in books.items:
        found = units[f"ITEM:{item.sku}"]
        if found["supply"] != found["shelf"] + found["reserved"] + found["delivered"]:
            yield f"item {item.sku} has {dict(found)}: units appeared or went missing"
        mine = [row for row in books.redemptions if row.item_id == item.id and row.station_id is not None]
        if found["delivered"] != sum(row.state == "fulfilled" for row in mine):
            yield f"item {item.sku} has delivered {found['delivered']}, its redemptions say otherwise"
        if found["reserved"] != sum(row.state in {"requested", "ready"} for row in mine):
            yield f"item {item.sku} has reserved {found['reserved']}, its redemptions say otherwise"
