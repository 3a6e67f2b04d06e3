"""Going through the checks: one state of the database, check after check, window after window."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Table, text

from ledger.queries.audit.books import WINDOW_IDS, Books, Check, Window, count_rows, list_windows
from ledger.queries.audit.checks import CHECKS
from ledger.queries.audit.findings import Checked, Finding, Found, Progress, Summary
from ledger.storage.tables import accounts, entries, events, transactions

FINDINGS_DEFAULT = 20
"""Findings of one check that are told; all are counted. A person mends the first few and the cause, and asks again."""

FINDINGS_MAX = 1_000

Line = Progress | Finding | Summary

# Statements see whole tables, which takes longer than a request may. A cursor's rows are all wanted, not the first few.
POSTGRESQL_SETTINGS = ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0", "cursor_tuple_fraction = 1")


def audit(
    connection: Connection,
    programme_id: int,
    *,
    today: date,
    findings_max: int = FINDINGS_DEFAULT,
    checks: Sequence[Check] = CHECKS,
) -> Iterator[Line]:
    """Progress and findings as they come, at last the summary. `findings_max` are told of each check.

    The connection is inside a read transaction: all of it is one state, whatever is written meanwhile.
    """
    _take_time(connection)
    books = Books(connection=connection, programme_id=programme_id, today=today)
    windows: dict[Column[Any], list[Window]] = {}
    counts: dict[Table, int] = {}
    done: list[Checked] = []
    for number, check in enumerate(checks, 1):
        total = counts.setdefault(check.counted, 0) or count_rows(books, check.counted)
        counts[check.counted] = total
        progress = Progress(check=check.name, title=check.title, number=number, checks=len(checks), done=0, total=total)
        yield progress
        if check.over is not None and check.over not in windows:
            windows[check.over] = list(list_windows(books, check.over))
        found = 0
        for place, window in enumerate(windows[check.over] if check.over is not None else [Window()], 1):
            for one in check.validate(replace(books, window=window)):
                found += 1
                if found <= findings_max:
                    yield _finding(check, one)
            yield replace(progress, done=min(total, place * WINDOW_IDS))
        done.append(Checked(check=check.name, severity=check.severity, found=found))
        yield replace(progress, done=total)
    yield Summary(
        checks=tuple(done),
        accounts=count_rows(books, accounts),
        transactions=count_rows(books, transactions),
        entries=count_rows(books, entries),
        events=count_rows(books, events),
    )


def _finding(check: Check, found: Found) -> Finding:
    return Finding(
        check=check.name,
        severity=check.severity,
        table=str(found.table or check.table),  # a table's name is a string of SQLAlchemy's own
        id=found.id,
        code=found.code,
        problem=found.problem,
        remedy=check.remedy,
    )


def _take_time(connection: Connection) -> None:
    """Nobody waits for an audit, and nothing waits behind it: the limits of a request are not meant for it."""
    if connection.dialect.name == "postgresql":
        for setting in POSTGRESQL_SETTINGS:
            connection.execute(text(f"SET LOCAL {setting}"))
