"""/v1/transactions: the journal."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from ledger.api.forms import require_instants
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.transactions import TransactionKind
from ledger.queries import transactions as queries
from ledger.queries.transactions import TransactionRecord


class TransactionsController(Controller):
    path = "/transactions"
    tags = ["books"]

    @get(operation_id="list_transactions", summary="Transactions, latest in effect first", sync_to_thread=True)
    def list_transactions(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        kind: FromQuery[TransactionKind | None] = None,
        account: FromQuery[UUID | None] = None,
        since: Annotated[
            datetime | None, QueryParameter(name="from", description="In effect at or after this instant.")
        ] = None,
        until: Annotated[
            datetime | None, QueryParameter(name="to", description="In effect before this instant.")
        ] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[TransactionRecord]:
        require_instants(**{"from": since, "to": until})
        cursors = Cursors(runtime.vault, principal.programme_id, f"transactions {kind} {account} {since} {until}")
        with runtime.reading() as connection:
            found = queries.read_transactions(
                connection,
                principal.programme_id,
                kind=kind,
                account_id=account,
                since=since,
                until=until,
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, lambda record: record)

    @get("/{transaction_id:uuid}", operation_id="get_transaction", summary="One transaction", sync_to_thread=True)
    def get_transaction(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        transaction_id: FromPath[UUID],
    ) -> TransactionRecord:
        with runtime.reading() as connection:
            return queries.read_transaction(connection, principal.programme_id, transaction_id)
