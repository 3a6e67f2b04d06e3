"""One row an entry, each with all that is known of its transaction: what CSV and Parquet hold."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ledger.api.exporting.names import plain_name
from ledger.queries.accounts import side_name
from ledger.queries.journal_export import ExportedTransaction


class ExportedRow(NamedTuple):
    """`date` is the local day of `effective_at`; `balance_after` is on the account's normal side."""

    transaction_id: str
    kind: str
    date: date
    effective_at: datetime
    recorded_at: datetime
    actor: str
    source_id: str | None
    rulebook_version: int
    memo: str
    idempotency_key: str | None
    reverses: str | None
    leg: int
    side: str
    amount: int
    commodity: str
    account: str
    account_id: str
    owner: str
    purpose: str
    bucket: str
    version: int
    balance_after: int


def make_rows(transaction: ExportedTransaction, zone: ZoneInfo) -> Iterator[ExportedRow]:
    """Times in the zone."""
    effective_at = transaction.effective_at.astimezone(zone)
    head = (
        str(transaction.id),
        transaction.kind.value,
        effective_at.date(),
        effective_at,
        transaction.recorded_at.astimezone(zone),
        transaction.actor,
        None if transaction.source_id is None else str(transaction.source_id),
        transaction.rulebook_version,
        transaction.memo,
        transaction.idempotency_key,
        None if transaction.reverses is None else str(transaction.reverses),
    )
    for entry in transaction.entries:
        name = entry.account
        yield ExportedRow(
            *head,
            entry.leg,
            side_name(entry.side),
            entry.amount,
            name.commodity,
            plain_name(name),
            str(entry.account_id),
            name.owner,
            name.purpose.value,
            name.bucket,
            entry.version,
            entry.balance_after,
        )
