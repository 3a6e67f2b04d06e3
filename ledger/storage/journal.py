"""Accounts, transactions and entries: reading them with locks, and writing the effects of the posting machine.

Only `ledger/services/posting.py` calls `write_effects`: one door changes balances.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from ledger.domain.accounts import Account, AccountKey, Purpose
from ledger.domain.transactions import Effects, Entry, Leg, Transaction
from ledger.storage.bulk import is_in
from ledger.storage.lookups import Lookup
from ledger.storage.tables import accounts, entries, transactions
from ledger.storage.tables.journal import IS_STOCK
from ledger.storage.unit_of_work import UnitOfWork

ACCOUNTS = select(
    accounts.c.id,
    accounts.c.owner_id,
    accounts.c.purpose,
    accounts.c.commodity,
    accounts.c.bucket,
    accounts.c.balance,
    accounts.c.version,
)
ACCOUNTS_OF_OWNERS = Lookup(ACCOUNTS, by=[accounts.c.owner_id], locked_in_order_of=[accounts.c.id])
ACCOUNTS_OF_STOCK = Lookup(ACCOUNTS.where(IS_STOCK), by=[accounts.c.commodity], locked_in_order_of=[accounts.c.id])


def lock_accounts_of(uow: UnitOfWork, owner_ids: Collection[UUID]) -> list[Account]:
    """Every account of the owners, locked until the unit of work ends.

    Locked in the order of their ids: in request order, 124 of 150 opposing moves died of deadlock; sorted, none.
    """
    return [to_account(row) for row in ACCOUNTS_OF_OWNERS.rows(uow, set(owner_ids))]


def lock_stock_of(uow: UnitOfWork, commodities: Collection[str]) -> list[Account]:
    """Every account of the items' units, wherever they are, locked in the order of their ids; after those of owners."""
    return [to_account(row) for row in ACCOUNTS_OF_STOCK.rows(uow, set(commodities))]


def to_account(row: Any) -> Account:
    return Account(id=row.id, key=_to_key(row), balance=row.balance, version=row.version)


def _to_key(row: Any) -> AccountKey:
    return AccountKey(owner_id=row.owner_id, purpose=Purpose(row.purpose), commodity=row.commodity, bucket=row.bucket)


def read_reversed(uow: UnitOfWork, transaction_ids: Collection[UUID]) -> list[UUID]:
    """Those of the transactions that have been reversed."""
    return list(
        uow.connection.scalars(
            select(transactions.c.reverses)
            .where(transactions.c.programme_id == uow.programme_id)
            .where(is_in(uow.connection, transactions.c.reverses, set(transaction_ids)))
        )
    )


def read_legs(uow: UnitOfWork, transaction_ids: Collection[UUID]) -> dict[UUID, list[Leg]]:
    """Transaction id → its legs in order, put together from its entries."""
    rows = uow.connection.execute(
        select(
            entries.c.transaction_id,
            entries.c.side,
            entries.c.amount,
            accounts.c.owner_id,
            accounts.c.purpose,
            accounts.c.commodity,
            accounts.c.bucket,
        )
        .join(accounts, (accounts.c.programme_id == uow.programme_id) & (accounts.c.id == entries.c.account_id))
        .where(entries.c.programme_id == uow.programme_id)
        .where(is_in(uow.connection, entries.c.transaction_id, set(transaction_ids)))
        .order_by(entries.c.transaction_id, entries.c.leg, entries.c.side)  # debit, −1, before credit, +1
    ).all()
    legs: dict[UUID, list[Leg]] = {}
    for debit, credit in zip(rows[::2], rows[1::2], strict=True):
        leg = Leg(debit_account=_to_key(debit), credit_account=_to_key(credit), amount=debit.amount)
        legs.setdefault(debit.transaction_id, []).append(leg)
    return legs


def write_effects(uow: UnitOfWork, effects: Effects) -> None:
    """Writes everything in four statements."""
    uow.insert(accounts, [_opened_row(uow, account) for account in effects.opened_accounts])
    uow.update(
        accounts,
        key=("programme_id", "id"),
        rows=[
            {
                "programme_id": uow.programme_id,
                "id": account.id,
                "balance": account.balance,
                "version": account.version,
            }
            for account in effects.changed_accounts
        ],
    )
    uow.insert(transactions, [_transaction_row(uow, item) for item in effects.transactions])
    uow.insert(entries, _entry_rows(uow, effects.entries))


def _opened_row(uow: UnitOfWork, account: Account) -> dict[str, Any]:
    key, rule = account.key, account.key.rule
    return {
        "programme_id": uow.programme_id,
        "id": account.id,
        "owner_id": key.owner_id,
        "purpose": key.purpose.value,
        "commodity": key.commodity,
        "bucket": key.bucket,
        "normal_side": int(rule.normal_side),
        "has_floor": rule.has_floor,
        "balance": account.balance,
        "version": account.version,
        "opened_at": uow.now,
    }


def _transaction_row(uow: UnitOfWork, transaction: Transaction) -> dict[str, Any]:
    return {
        "programme_id": uow.programme_id,
        "id": transaction.id,
        "kind": transaction.kind.value,
        "effective_at": transaction.effective_at,
        "recorded_at": transaction.recorded_at,
        "actor": transaction.actor,
        "source_id": transaction.source_id,
        "rulebook_version": transaction.rulebook_version,
        "memo": transaction.memo,
        "idempotency_key": transaction.idempotency_key,
        "reverses": transaction.reverses,
    }


def _entry_rows(uow: UnitOfWork, batch: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {
            "programme_id": uow.programme_id,
            "account_id": entry.account_id,
            "version": entry.version,
            "transaction_id": entry.transaction_id,
            "leg": entry.leg,
            "side": int(entry.side),
            "amount": entry.amount,
            "balance_after": entry.balance_after,
            "effective_at": entry.effective_at,
        }
        for entry in batch
    ]
