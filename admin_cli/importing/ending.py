"""How an import ends: its counts on stdout, and an exit code that says whether all rows are in."""

import json
import sys
from typing import Protocol

import typer

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import t


class Summary(Protocol):
    """What came of an import, whatever was imported. `bad` counts the rows that did not go in."""

    is_interrupted: bool
    failure: Failure | None

    @property
    def bad(self) -> int: ...
    def as_json(self) -> dict[str, object]: ...
    def facts(self) -> list[tuple[str, str]]: ...


def show_summary(summary: Summary, *, is_json: bool) -> None:
    """Its facts as a person reads them, as lines of a pipe, or as one JSON object."""
    from admin_cli.output import write_fields

    if is_json:
        print(json.dumps(summary.as_json(), ensure_ascii=False))
    elif not sys.stdout.isatty():
        write_fields(summary.as_json())
    else:
        for label, value in summary.facts():
            print(t(f"{label}：{value}", f"{label}: {value}"))


def end_import(summary: Summary) -> None:
    """Returns when all rows are in; otherwise the exit code says what is missing."""
    if summary.is_interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if summary.failure is not None:
        if summary.failure.exit_code is not ExitCode.UNAVAILABLE:
            raise summary.failure
        # The client's own remedy speaks of repeating the request; here the whole command is what is repeated.
        reason = summary.failure.message.partition("\n")[0]
        raise Failure(reason, summary.failure.exit_code, summary.failure.code)
    if summary.bad:
        raise typer.Exit(ExitCode.REFUSED)
