"""hledger's journal: declared accounts and commodities, each transaction with what we know of it, asserted balances.

Source: hledger manual, "journal format"; tried with hledger 1.25. Debits are positive, so credit balances are negative.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from ledger.api.exporting.journal import Journal
from ledger.api.exporting.names import ROOTS, hledger_commodity, plain_name
from ledger.api.exporting.texts import escaped
from ledger.queries.journal_export import ExportedTransaction

TYPES = {"Assets": "A", "Liabilities": "L", "Equity": "E", "Income": "R"}


def write_hledger(journal: Journal) -> Iterator[str]:
    yield f"; {escaped(journal.title())}\ndecimal-mark .\n\n"
    yield from _declarations(journal)
    if journal.is_continued:
        yield from _opening(journal)
    for transaction in journal.transactions():
        yield _transaction(transaction, journal.zone)
    yield from _assertions(journal)


def _declarations(journal: Journal) -> Iterator[str]:
    commodities: set[str] = set()
    for account in journal.accounts():
        name = account.name
        if name.commodity not in commodities:
            commodities.add(name.commodity)
            yield f"commodity 1,000. {hledger_commodity(name.commodity)}\n"
        yield f"account {plain_name(name)}  ; type: {TYPES[ROOTS[name.purpose]]}\n"
    yield "\n"


def _opening(journal: Journal) -> Iterator[str]:
    """One balanced transaction, unless nothing had happened yet."""
    is_begun = False
    for account in journal.accounts():
        if account.opening:
            if not is_begun:
                is_begun = True
                yield f"{journal.first_day} * opening balances\n"
            commodity = hledger_commodity(account.name.commodity)
            yield f"    {plain_name(account.name)}  {account.opening} {commodity}\n"
    yield "\n" if is_begun else ""


def _transaction(transaction: ExportedTransaction, zone: ZoneInfo) -> str:
    """Kind and memo are payee and note; the rest are tags, of which a comma ends the value."""
    effective_at = transaction.effective_at.astimezone(zone)
    memo = f" | {escaped(transaction.memo)}" if transaction.memo else ""
    tags = [
        f"time: {effective_at.isoformat()}",
        f"recorded: {transaction.recorded_at.astimezone(zone).isoformat()}",
        f"actor: {_tag(transaction.actor)}",
        f"rulebook: {transaction.rulebook_version}",
    ]
    if transaction.source_id is not None:
        tags.append(f"source: {transaction.source_id}")
    if transaction.reverses is not None:
        tags.append(f"reverses: {transaction.reverses}")
    lines = [
        f"{effective_at.date()} * ({transaction.id}) {transaction.kind.value}{memo}",
        f"    ; {', '.join(tags)}",
        *(
            f"    {plain_name(entry.account)}  {-entry.side * entry.amount} "
            f"{hledger_commodity(entry.account.commodity)}"
            for entry in transaction.entries
        ),
    ]
    return "\n".join(lines) + "\n\n"


def _tag(text: str) -> str:
    return escaped(text).replace(",", "\\u002c")


def _assertions(journal: Journal) -> Iterator[str]:
    """A transaction that moves nothing: behind each account the balance that the ledger has for it."""
    yield f"{journal.last_day} * closing balances as the ledger has them\n"
    for account in journal.accounts():
        commodity = hledger_commodity(account.name.commodity)
        yield f"    {plain_name(account.name)}  0 {commodity} == {account.closing} {commodity}\n"
