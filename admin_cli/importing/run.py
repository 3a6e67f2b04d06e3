"""One import from end to end: read the whole file, sort it, send it, write down what did not go in.

The whole file is read before the first row is sent: rows are credited in the order of their opening times, and caps
depend on that order, so a file in another order must give the same books.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from admin_cli.client import Client
from admin_cli.failures import Failure
from admin_cli.importing.bad_rows import BadRowsFile
from admin_cli.importing.batches import MappedRow, count_overfull_riders, cut_by_rider, cut_in_order, sort_rows
from admin_cli.importing.mapping import Mapping, read_mapping
from admin_cli.importing.problems import file_problem
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.rows import ImportItem, RowReader
from admin_cli.importing.sending import Sender
from admin_cli.importing.source import Source, open_source
from admin_cli.importing.stop import StopRequest
from admin_cli.importing.summary import ImportSummary
from admin_cli.importing.times import TimeReader
from admin_cli.language import t

PROGRESS_EVERY_ROWS = 1_000
"""Reading takes some 25 microseconds a row; drawing more often would cost more than it shows."""


def run_import(
    client: Client,
    *,
    file: Path,
    mapping_path: Path,
    bad_rows_path: Path,
    is_dry_run: bool,
    progress: ImportProgress,
    now: datetime,
    clock: Callable[[], float] = time.monotonic,
) -> ImportSummary:
    """What came of it, also when the server failed or the person stopped it half-way (`failure`, `is_interrupted`).

    Raises Failure for what is found before the first row is sent: mapping, file, rights.
    """
    began_at = clock()
    mapping = read_mapping(mapping_path)
    summary = ImportSummary(file=str(file), source=mapping.source, is_dry_run=is_dry_run)
    with open_source(file, mapping) as source:
        bad_rows = BadRowsFile(bad_rows_path, source=file, form=mapping)
        _check_categories(client, mapping, mapping_path)
        zone = ZoneInfo(client.get("/v1/programme").body["time_zone"])
        progress.begin(t("读取", "reading"), None)
        rows = _read_rows(source, mapping, zone, now=now, summary=summary, progress=progress)
    sort_rows(rows)
    try:
        _send(client, rows, zone, summary=summary, progress=progress)
    finally:
        bad_rows.write(summary.problems)
    summary.bad_rows_file = str(bad_rows.path) if summary.problems else None
    summary.seconds = clock() - began_at
    return summary


def _read_rows(
    source: Source,
    mapping: Mapping,
    zone: ZoneInfo,
    *,
    now: datetime,
    summary: ImportSummary,
    progress: ImportProgress,
) -> list[MappedRow]:
    times = TimeReader(mapping.time_formats, mapping.zone or zone, source.serial_epoch)
    reader = RowReader(mapping, source.header, times, now=now)
    rows: list[MappedRow] = []
    for row in source.rows:
        result = reader.read(row)
        if isinstance(result, ImportItem):
            rows.append(MappedRow(result, row.line))
        else:
            summary.problems[row.line] = result
        summary.rows_read += 1
        if summary.rows_read % PROGRESS_EVERY_ROWS == 0:
            progress.advance(PROGRESS_EVERY_ROWS)
    summary.warnings.update(reader.warnings)
    return rows


def _send(
    client: Client, rows: list[MappedRow], zone: ZoneInfo, *, summary: ImportSummary, progress: ImportProgress
) -> None:
    is_dry_run = summary.is_dry_run
    batches = list(cut_by_rider(rows, zone) if is_dry_run else cut_in_order(rows))
    if is_dry_run:
        summary.warnings["overfull_riders"] = count_overfull_riders(rows, zone)
    progress.begin(t("预演", "previewing") if is_dry_run else t("入账", "booking"), len(rows))
    with StopRequest() as stop:
        sender = Sender(client, summary=summary, progress=progress, stop=stop)
        try:
            summary.is_complete = sender.send(batches)
            if is_dry_run and summary.is_complete:
                sender.correct_enrolments(batches)
        except Failure as failure:
            summary.is_complete = False
            summary.failure = failure
        summary.is_interrupted = stop.is_asked


def _check_categories(client: Client, mapping: Mapping, mapping_path: Path) -> None:
    """A category that the rulebook does not have is a slip in the mapping: better said once than once a row."""
    known = {item["code"] for item in client.get("/v1/categories").body["items"]}
    unknown = sorted(set(mapping.categories.values()) - known)
    if unknown:
        raise file_problem(
            f"{mapping_path.name} [types]：规则里没有类别 {'、'.join(unknown)}；现有：{'、'.join(sorted(known))}。",
            f"{mapping_path.name}, [types]: the rulebook has no category {', '.join(unknown)}; known: "
            f"{', '.join(sorted(known))}.",
        )
