"""/v1/audits: the books checked against every invariant, told line by line while it goes on."""

import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream

from ledger.api.deadline import WHOLE_BOOKS_SECONDS_MAX
from ledger.api.exporting.sending import Pieces, PieceStream
from ledger.api.languages import language_of
from ledger.api.runtime import Runtime
from ledger.domain.access import Principal
from ledger.domain.audits import AuditRunning
from ledger.domain.errors import Language
from ledger.queries.audit.findings import Finding, Progress, Summary
from ledger.queries.audit.run import FINDINGS_DEFAULT, FINDINGS_MAX, Line, audit

MEDIA_TYPE = "application/x-ndjson"
RETRY_AFTER_SECONDS = 30


@get(
    "/audits",
    operation_id="get_audit",
    tags=["books"],
    summary="Audit the books: progress, findings and a summary, a line of JSON each",
    sync_to_thread=True,
    answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
)
def get_audit(
    request: Request[Any, Any, Any],
    runtime: NamedDependency[Runtime],
    principal: NamedDependency[Principal],
    findings_max: Annotated[
        int,
        QueryParameter(
            name="findings", ge=1, le=FINDINGS_MAX, description="Findings told of each check; all are counted."
        ),
    ] = FINDINGS_DEFAULT,
) -> Stream:
    """All of it is one state of the books. The last line is of type `summary`; an answer that breaks off before it has
    proven nothing. Nothing is written, and writes go on meanwhile."""
    return PieceStream(
        partial(_make_pieces, runtime, principal.programme_id, findings_max, language_of(request)),
        media_type=MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="audit-{principal.programme_id}.ndjson"'},
    )


def _make_pieces(runtime: Runtime, programme_id: int, findings_max: int, language: Language) -> Pieces:
    """Raises AuditRunning or StorageUnavailable before the first line."""
    if not runtime.audits.acquire(blocking=False):
        raise AuditRunning(retry_after_seconds=RETRY_AFTER_SECONDS)
    begun_at = time.monotonic()
    try:
        with runtime.reading() as connection:
            today = runtime.today(programme_id)
            for line in audit(connection, programme_id, today=today, findings_max=findings_max):
                body = PRINTERS[type(line)](line, language)
                if isinstance(line, Summary):
                    body["duration_seconds"] = round(time.monotonic() - begun_at, 3)
                yield msgspec.json.encode(body) + b"\n"
    finally:
        runtime.audits.release()


def _progress_body(progress: Progress, language: Language) -> dict[str, Any]:
    return {
        "type": "progress",
        "check": progress.check,
        "title": progress.title.in_language(language),
        "number": progress.number,
        "checks": progress.checks,
        "done": progress.done,
        "total": progress.total,
    }


def _finding_body(finding: Finding, language: Language) -> dict[str, Any]:
    return {
        "type": "finding",
        "check": finding.check,
        "severity": finding.severity,
        "table": finding.table,
        "id": finding.id,
        "code": finding.code,
        "problem": finding.problem.in_language(language),
        "remedy": finding.remedy.in_language(language),
    }


def _summary_body(summary: Summary, _language: Language) -> dict[str, Any]:
    return {
        "type": "summary",
        "is_clean": not summary.errors,
        "errors": summary.errors,
        "warnings": summary.warnings,
        "checks": [{"check": one.check, "severity": one.severity, "found": one.found} for one in summary.checks],
        "accounts": summary.accounts,
        "transactions": summary.transactions,
        "entries": summary.entries,
        "events": summary.events,
    }


PRINTERS: dict[type[Line], Callable[[Any, Language], dict[str, Any]]] = {
    Progress: _progress_body,
    Finding: _finding_body,
    Summary: _summary_body,
}
