"""beancount's journal: opened accounts, each transaction with what we know of it as metadata, asserted balances.

Source: beancount, "Language Syntax"; tried with beancount 3.2. Debits are positive, so credit balances are negative.
"""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from ledger.api.exporting.journal import Journal
from ledger.api.exporting.names import beancount_commodity, beancount_name
from ledger.api.exporting.texts import escaped
from ledger.queries.journal_export import ExportedTransaction


def write_beancount(journal: Journal) -> Iterator[str]:
    yield f'option "title" {_text(journal.title())}\n\n'
    yield from _declarations(journal)
    if journal.is_continued:
        yield from _opening(journal)
    for transaction in journal.transactions():
        yield _transaction(transaction, journal.zone)
    yield from _assertions(journal)


def _declarations(journal: Journal) -> Iterator[str]:
    """Opened on the first day of the file: accounts are opened when it is recorded, which may be years after."""
    commodities: set[str] = set()
    for account in journal.accounts():
        symbol = beancount_commodity(account.name.commodity)
        if symbol not in commodities:
            commodities.add(symbol)
            yield f"{journal.first_day} commodity {symbol}\n"
        yield f"{journal.first_day} open {beancount_name(account.name)} {symbol}\n"
    yield "\n"


def _opening(journal: Journal) -> Iterator[str]:
    """One balanced transaction, unless nothing had happened yet."""
    is_begun = False
    for account in journal.accounts():
        if account.opening:
            if not is_begun:
                is_begun = True
                yield f'{journal.first_day} * "opening balances"\n'
            commodity = beancount_commodity(account.name.commodity)
            yield f"  {beancount_name(account.name)}  {account.opening} {commodity}\n"
    yield "\n" if is_begun else ""


def _transaction(transaction: ExportedTransaction, zone: ZoneInfo) -> str:
    """Kind and memo are payee and narration."""
    effective_at = transaction.effective_at.astimezone(zone)
    lines = [
        f'{effective_at.date()} * "{transaction.kind.value}" {_text(transaction.memo)}',
        f'  id: "{transaction.id}"',
        f'  time: "{effective_at.isoformat()}"',
        f'  recorded: "{transaction.recorded_at.astimezone(zone).isoformat()}"',
        f"  actor: {_text(transaction.actor)}",
        f"  rulebook: {transaction.rulebook_version}",
    ]
    if transaction.source_id is not None:
        lines.append(f'  source: "{transaction.source_id}"')
    if transaction.reverses is not None:
        lines.append(f'  reverses: "{transaction.reverses}"')
    lines += [
        f"  {beancount_name(entry.account)}  {-entry.side * entry.amount} "
        f"{beancount_commodity(entry.account.commodity)}"
        for entry in transaction.entries
    ]
    return "\n".join(lines) + "\n\n"


def _text(text: str) -> str:
    """A string: beancount has backslashes of its own, so ours are doubled and arrive as they were."""
    return '"' + escaped(text).replace("\\", "\\\\") + '"'


def _assertions(journal: Journal) -> Iterator[str]:
    """The balances that the ledger has; beancount compares at the beginning of a day, so it is the next one."""
    day = journal.last_day + timedelta(days=1)
    for account in journal.accounts():
        commodity = beancount_commodity(account.name.commodity)
        yield f"{day} balance {beancount_name(account.name)}  {account.closing} {commodity}\n"
