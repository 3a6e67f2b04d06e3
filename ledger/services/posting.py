"""The only door to a balance: open the books on the accounts you need, post, write.

`Books` decides in memory; `write_books` is the one caller of the journal store. A use-case that needs to move anything
goes through these two functions, so that floors, kinds and versions are checked in one place.
"""

from collections.abc import Collection
from uuid import UUID

from ledger.domain.journal import Books
from ledger.storage import journal
from ledger.storage.unit_of_work import UnitOfWork


def open_books(
    uow: UnitOfWork,
    *,
    owner_ids: Collection[UUID],
    commodities: Collection[str] = (),
    to_reverse: Collection[UUID] = (),
) -> Books:
    """Books on every account of the owners and every account of the commodities, locked in sorted order.

    `commodities` are items' units; `to_reverse` are transactions about to be reversed.
    """
    accounts = journal.lock_accounts_of(uow, owner_ids)
    if commodities:
        accounts += journal.lock_stock_of(uow, commodities)
    reversed_ids = journal.read_reversed(uow, to_reverse) if to_reverse else ()
    return Books(accounts, new_id=uow.new_id, reversed_ids=reversed_ids)


def write_books(uow: UnitOfWork, books: Books) -> None:
    """Writes everything the books accepted. Call it once, after the last decision of the batch."""
    journal.write_effects(uow, books.effects())
