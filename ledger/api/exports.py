"""/v1/exports: the journal for other programs, streamed from one snapshot of the books."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from functools import partial
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter
from litestar.response import Stream
from sqlalchemy import Connection

from ledger.api.deadline import WHOLE_BOOKS_SECONDS_MAX
from ledger.api.exporting.beancount import write_beancount
from ledger.api.exporting.comma_separated import write_csv
from ledger.api.exporting.hledger import write_hledger
from ledger.api.exporting.journal import Journal
from ledger.api.exporting.parquet import can_write_parquet, write_parquet
from ledger.api.exporting.sending import Pieces, PieceStream
from ledger.api.runtime import EXPORTS_MAX, Runtime
from ledger.domain.access import Principal
from ledger.domain.calendar import local_day
from ledger.domain.exports import ExportRange, ExportsBusy, FormatNotInstalled, NothingToExport, decide_range
from ledger.queries import journal_export as queries
from ledger.queries import programmes as programme_queries

PIECE_BYTES = 128 * 1024
"""Of what goes out at once: a transaction at a time would spend more on threads than on the books."""

BUSY_RETRY_AFTER_SECONDS = 30


class ExportFormat(StrEnum):
    HLEDGER = "hledger"
    BEANCOUNT = "beancount"
    CSV = "csv"
    PARQUET = "parquet"


MEDIA_TYPES = {
    ExportFormat.HLEDGER: "text/plain",
    ExportFormat.BEANCOUNT: "text/plain",
    ExportFormat.CSV: "text/csv",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}
SUFFIXES = {ExportFormat.HLEDGER: "journal"}
"""Of the file's name, where it is not the format's own."""

WRITERS: dict[ExportFormat, Callable[[Journal], Iterator[str] | Iterator[bytes]]] = {
    ExportFormat.HLEDGER: write_hledger,
    ExportFormat.BEANCOUNT: write_beancount,
    ExportFormat.CSV: write_csv,
    ExportFormat.PARQUET: write_parquet,
}


@get(
    "/exports/journal",
    operation_id="get_journal_export",
    tags=["books"],
    summary="The journal as a file for hledger, beancount, a spreadsheet or a data frame",
    sync_to_thread=True,
    answer_seconds_max=WHOLE_BOOKS_SECONDS_MAX,
)
def get_journal_export(
    runtime: NamedDependency[Runtime],
    principal: NamedDependency[Principal],
    file_format: Annotated[ExportFormat, QueryParameter(name="format")],
    first_day: Annotated[
        date | None, QueryParameter(name="from", description="The first local day; none for the beginning.")
    ] = None,
    last_day: Annotated[
        date | None, QueryParameter(name="to", description="The last local day, included; none for today.")
    ] = None,
) -> Stream:
    """What took effect on these days, oldest first. An answer that breaks off before its end is no file."""
    programme_id = principal.programme_id
    zone = runtime.zone_of(programme_id)
    wanted = decide_range(first_day, last_day, today=runtime.today(programme_id), zone=zone)
    if file_format is ExportFormat.PARQUET and not can_write_parquet():
        raise FormatNotInstalled(format=file_format.value)
    days = f"{wanted.first_day or 'beginning'}-{wanted.last_day}"
    name = f"journal-{programme_id}-{days}.{SUFFIXES.get(file_format, file_format.value)}"
    return PieceStream(
        partial(_make_pieces, runtime, programme_id, wanted, WRITERS[file_format]),
        media_type=MEDIA_TYPES[file_format],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _make_pieces(
    runtime: Runtime,
    programme_id: int,
    wanted: ExportRange,
    write: Callable[[Journal], Iterator[str] | Iterator[bytes]],
) -> Pieces:
    """Raises ExportsBusy, StorageUnavailable or NothingToExport before the first piece."""
    with _one_of_the_exports(runtime), runtime.reading() as connection:
        yield from _gather(write(_open_journal(runtime, connection, programme_id, wanted)))


@contextmanager
def _one_of_the_exports(runtime: Runtime) -> Iterator[None]:
    if not runtime.exports.acquire(blocking=False):
        raise ExportsBusy(running=EXPORTS_MAX, retry_after_seconds=BUSY_RETRY_AFTER_SECONDS)
    try:
        yield
    finally:
        runtime.exports.release()


def _open_journal(runtime: Runtime, connection: Connection, programme_id: int, wanted: ExportRange) -> Journal:
    zone = runtime.zone_of(programme_id)
    first_at = queries.read_first_effect(connection, programme_id, begin=wanted.begin, end=wanted.end)
    if first_at is None:
        raise NothingToExport(first_day=wanted.first_day, last_day=wanted.last_day)
    return Journal(
        programme_id=programme_id,
        programme=programme_queries.read_programme(connection, programme_id).name,
        zone=zone,
        first_day=wanted.first_day or local_day(first_at, zone),
        last_day=wanted.last_day,
        is_continued=wanted.begin is not None,
        accounts=partial(queries.read_exported_accounts, connection, programme_id, begin=wanted.begin, end=wanted.end),
        transactions=partial(
            queries.read_exported_transactions, connection, programme_id, begin=wanted.begin, end=wanted.end
        ),
    )


def _gather(parts: Iterable[str] | Iterable[bytes]) -> Pieces:
    """Pieces of a size worth sending. The last is followed by nothing, and an empty one by nothing either."""
    waiting: list[bytes] = []
    size = 0
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        waiting.append(encoded)
        size += len(encoded)
        if size >= PIECE_BYTES:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)
