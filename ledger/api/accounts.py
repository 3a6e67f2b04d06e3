"""/v1/accounts, /v1/trial_balance, /v1/budgets, /v1/waiting_credits: the books, for managers and auditors."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from ledger.api.forms import At, require_past
from ledger.api.pages import PAGE_SIZE_DEFAULT, Cursor, Cursors, Limit, Page
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.accounts import Purpose
from ledger.domain.awards import Part
from ledger.domain.cases import WaitingCredit
from ledger.queries import accounts as queries
from ledger.queries import programmes as programme_queries
from ledger.queries import waiting as waiting_queries
from ledger.queries.accounts import AccountBalance, AccountLine, AccountRecord, TrialBalance
from ledger.queries.programmes import BudgetRecord

SponsorCode = Annotated[str | None, QueryParameter(max_length=40, description="Only those of one sponsor's budget.")]


class WaitingCreditBody(msgspec.Struct, kw_only=True):
    """`points` will be booked for the report, or for its settlement, when the sponsor's budget holds them. `granted_by`
    verified it, or settled it."""

    sponsor: str
    report_code: str
    rider_code: str
    category_code: str
    part: Part
    points: int
    granted_at: datetime
    granted_by: str


class AccountsController(Controller):
    path = "/accounts"
    tags = ["books"]

    @get(operation_id="list_accounts", summary="Accounts, by purpose and age", sync_to_thread=True)
    def list_accounts(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        purpose: FromQuery[Purpose | None] = None,
        owner: Annotated[
            str | None, QueryParameter(max_length=40, description="A rider's or a sponsor's code.")
        ] = None,
        commodity: Annotated[str | None, QueryParameter(max_length=40)] = None,
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[AccountRecord]:
        cursors = Cursors(runtime.vault, principal.programme_id, f"accounts {purpose} {owner} {commodity}")
        with runtime.reading() as connection:
            found = queries.read_accounts(
                connection,
                principal.programme_id,
                purpose=purpose,
                owner=owner,
                commodity=commodity,
                limit=limit,
                after=cursors.read(cursor),
            )
        return cursors.page(found, lambda record: record)

    @get("/{account_id:uuid}", operation_id="get_account", summary="One account", sync_to_thread=True)
    def get_account(
        self, runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], account_id: FromPath[UUID]
    ) -> AccountRecord:
        with runtime.reading() as connection:
            return queries.read_account(connection, principal.programme_id, account_id)

    @get(
        "/{account_id:uuid}/balance",
        operation_id="get_account_balance",
        summary="An account's balance, now or at a past instant",
        sync_to_thread=True,
    )
    def get_account_balance(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        account_id: FromPath[UUID],
        at: At = None,
    ) -> AccountBalance:
        """At a past instant, what had taken effect by then counts, whenever it was recorded."""
        require_past(at, now=runtime.clock())
        with runtime.reading() as connection:
            return queries.read_account_balance(connection, principal.programme_id, account_id, at=at)

    @get(
        "/{account_id:uuid}/statement",
        operation_id="get_account_statement",
        summary="An account's entries, newest first",
        sync_to_thread=True,
    )
    def get_account_statement(
        self,
        runtime: NamedDependency[Runtime],
        principal: NamedDependency[Principal],
        account_id: FromPath[UUID],
        limit: Limit = PAGE_SIZE_DEFAULT,
        cursor: Cursor = None,
    ) -> Page[AccountLine]:
        cursors = Cursors(runtime.vault, principal.programme_id, f"entries {account_id}")
        with runtime.reading() as connection:
            found = queries.read_account_statement(
                connection, principal.programme_id, account_id, limit=limit, after=cursors.read(cursor)
            )
        return cursors.page(found, lambda line: line)


@get(
    "/trial_balance",
    operation_id="get_trial_balance",
    tags=["books"],
    summary="Debits and credits by purpose; the difference is zero",
    sync_to_thread=True,
)
def get_trial_balance(
    runtime: NamedDependency[Runtime], principal: NamedDependency[Principal], at: At = None
) -> TrialBalance:
    require_past(at, now=runtime.clock())
    with runtime.reading() as connection:
        return queries.read_trial_balance(connection, principal.programme_id, at=at)


@get("/budgets", operation_id="list_budgets", tags=["books"], summary="Sponsors' budgets", sync_to_thread=True)
def list_budgets(
    runtime: NamedDependency[Runtime],
    principal: NamedDependency[Principal],
    limit: Limit = PAGE_SIZE_DEFAULT,
    cursor: Cursor = None,
) -> Page[BudgetRecord]:
    cursors = Cursors(runtime.vault, principal.programme_id, "budgets")
    with runtime.reading() as connection:
        found = programme_queries.read_budgets(
            connection, principal.programme_id, limit=limit, after=cursors.read(cursor)
        )
    return cursors.page(found, lambda record: record)


@get(
    "/waiting_credits",
    operation_id="list_waiting_credits",
    tags=["books"],
    summary="Verified credits that wait for their budget, in the order in which they will be booked",
    sync_to_thread=True,
)
def list_waiting_credits(
    runtime: NamedDependency[Runtime],
    principal: NamedDependency[Principal],
    sponsor: SponsorCode = None,
    limit: Limit = PAGE_SIZE_DEFAULT,
    cursor: Cursor = None,
) -> Page[WaitingCreditBody]:
    """Merit counts already; the points are booked as soon as the budget is funded, nobody overtakes anybody."""
    cursors = Cursors(runtime.vault, principal.programme_id, f"waiting_credits {sponsor}")
    with runtime.reading() as connection:
        found = waiting_queries.read_waiting(
            connection, principal.programme_id, sponsor=sponsor, limit=limit, after=cursors.read(cursor)
        )
    return cursors.page(found, _waiting_body)


def _waiting_body(credit: WaitingCredit) -> WaitingCreditBody:
    return WaitingCreditBody(
        sponsor=credit.sponsor,
        report_code=credit.report_code,
        rider_code=credit.rider_code,
        category_code=credit.category_code,
        part=credit.award.part,
        points=credit.award.points_granted,
        granted_at=credit.award.effective_at,
        granted_by=credit.decided_by,
    )
