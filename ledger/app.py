"""The composition root: the only place where all parts meet. `create_app(settings)` gives one ASGI application."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog
from litestar import Litestar, Router
from litestar.datastructures import State
from litestar.di import Provide
from litestar.plugins.prometheus import PrometheusConfig
from litestar.static_files import create_static_files_router
from litestar.types import ControllerRouterHandler, Guard
from uuid_utils.compat import uuid7

from ledger.api import (
    accounts,
    appointments,
    audits,
    catalog,
    dashboard,
    decisions,
    events,
    exports,
    health,
    honors,
    imports,
    incidents,
    me,
    months,
    my_redemptions,
    operators,
    problems,
    programmes,
    proposal_decisions,
    proposals,
    rankings,
    redemption_decisions,
    redemption_evidence,
    redemptions,
    reports,
    riders,
    rulebooks,
    service_keys,
    sessions,
    settlements,
    simulations,
    stations,
    transactions,
)
from ledger.api.auth import authorize, provide_principal
from ledger.api.bodies import check_body
from ledger.api.deadline import answer_in_time
from ledger.api.errors import EXCEPTION_HANDLERS
from ledger.api.headers import add_headers
from ledger.api.openapi import create_config
from ledger.api.parameters import refuse_control_characters, refuse_unknown_parameters
from ledger.api.runtime import Runtime
from ledger.api.writes import provide_write
from ledger.jobs import run_jobs
from ledger.services.credentials import Passwords, Vault
from ledger.settings import Settings
from ledger.storage.engine import open_database
from ledger.storage.group_commit import GroupCommit

VERSION = "0.1.0"
STATIC = Path(__file__).parent / "api" / "static"
METRICS = PrometheusConfig(app_name="ledger", prefix="ledger", group_path=True)

V1: list[ControllerRouterHandler] = [
    programmes.ProgrammesController,
    programmes.get_programme,
    sessions.SessionsController,
    sessions.create_one_time_code,
    sessions.get_principal,
    operators.OperatorsController,
    service_keys.ServiceKeysController,
    riders.RidersController,
    appointments.AppointmentsController,
    reports.ReportsController,
    decisions.DecisionsController,
    decisions.BulkDecisionsController,
    settlements.SettlementsController,
    incidents.IncidentsController,
    incidents.SuggestionsController,
    imports.ImportsController,
    rankings.RankingsController,
    months.MonthsController,
    honors.list_honors,
    honors.TitlesController,
    honors.list_my_titles,
    catalog.CatalogController,
    stations.StationsController,
    redemptions.RedemptionsController,
    redemption_decisions.RedemptionDecisionsController,
    redemption_decisions.FulfilmentsController,
    redemption_evidence.RedemptionEvidenceController,
    proposals.ProposalsController,
    proposal_decisions.ProposalDecisionsController,
    accounts.AccountsController,
    accounts.get_trial_balance,
    accounts.list_budgets,
    accounts.list_waiting_credits,
    transactions.TransactionsController,
    exports.get_journal_export,
    audits.get_audit,
    rulebooks.RulebooksController,
    simulations.simulate_rulebook,
    rulebooks.list_categories,
    events.list_events,
    dashboard.get_dashboard,
    me.MeController,
    my_redemptions.MyCatalogController,
    my_redemptions.MyRedemptionsController,
]


# Coroutines all: Litestar runs a plain function in a thread, and threads wait for each other.
GUARDS: list[Guard] = [authorize, refuse_control_characters, refuse_unknown_parameters, check_body]
"""In this order: who it is and whether they may, then the path, the query and the body."""


def read_clock() -> datetime:
    return datetime.now(UTC)


def create_runtime(
    settings: Settings, *, clock: Callable[[], datetime] = read_clock, new_id: Callable[[], UUID] = uuid7
) -> Runtime:
    """The parts of one server process, wired. The writer is not started: `create_app` does that with its lifespan."""
    database = open_database(settings.database_url)
    return Runtime(
        settings=settings,
        database=database,
        writer=GroupCommit(database, clock=clock, new_id=new_id),
        vault=Vault.from_secret(settings.secret),
        passwords=Passwords(time_cost=settings.argon2_time_cost, memory_kib=settings.argon2_memory_kib),
        clock=clock,
    )


def create_app(settings: Settings, *, runtime: Runtime | None = None, runs_jobs: bool = False) -> Litestar:
    """The service. With a `runtime` given, its owner has started the writer and stops it.

    `runs_jobs` for what serves until it is told to stop; an app inside one command of the terminal does not live long
    enough.
    """
    configure_logs()
    parts = runtime or create_runtime(settings)

    @asynccontextmanager
    async def own_the_writer(_app: Litestar) -> AsyncIterator[None]:
        if runtime is not None:
            yield
            return
        parts.writer.start()
        try:
            yield
        finally:
            parts.writer.stop()
            parts.database.dispose()

    @asynccontextmanager
    async def run_the_jobs(_app: Litestar) -> AsyncIterator[None]:
        jobs = asyncio.create_task(run_jobs(parts.writer, parts.read_programme_ids)) if runs_jobs else None
        try:
            yield
        finally:
            if jobs is not None:
                jobs.cancel()

    return Litestar(
        route_handlers=[
            Router(
                "/v1",
                route_handlers=V1,
                guards=GUARDS,
            ),
            health.get_health,
            health.head_health,
            health.get_readiness,
            health.head_readiness,
            health.MetricsController,
            problems.get_problem,
            create_static_files_router("/static", directories=[STATIC], include_in_schema=False),
        ],
        dependencies={
            "runtime": Provide(lambda: parts, sync_to_thread=False),
            "principal": Provide(provide_principal, sync_to_thread=False),
            "write": Provide(provide_write, sync_to_thread=False),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        before_send=[add_headers],
        lifespan=[own_the_writer, run_the_jobs],
        state=State({"runtime": parts}),
        openapi_config=create_config(version=VERSION),
        middleware=[METRICS.middleware, answer_in_time],
        logging_config=None,
        debug=False,
    )


def configure_logs() -> None:
    """One line of JSON per event on standard error, unless whoever runs us has chosen otherwise.

    Tracebacks without local variables: structlog's default prints them, and a request's would hold passwords.
    """
    if structlog.is_configured():
        return
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Looked up for each logger, so that redirecting standard error works at any time.
        logger_factory=lambda *_names: structlog.WriteLogger(sys.stderr),
    )


def create_app_from_environment() -> Litestar:
    """For an ASGI server's factory option."""
    return create_app(Settings.from_environment(), runs_jobs=True)
