"""Parquet, a row group at a time. pyarrow takes longer to import than the rest of the service, so it is by use."""

import io
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain, islice
from typing import TYPE_CHECKING

from ledger.api.exporting.journal import Journal
from ledger.api.exporting.rows import ExportedRow, make_rows

if TYPE_CHECKING:
    import pyarrow

ROWS_A_GROUP = 25_000
"""Readers like large groups; this many rows are some 30 MB while they wait to be written."""


def can_write_parquet() -> bool:
    """False where the service was installed without its extra `parquet`."""
    return find_spec("pyarrow") is not None


def write_parquet(journal: Journal) -> Iterator[bytes]:
    import pyarrow  # noqa: PLC0415 - see above
    from pyarrow.parquet import ParquetWriter  # noqa: PLC0415

    schema = _schema(journal)
    rows = chain.from_iterable(make_rows(transaction, journal.zone) for transaction in journal.transactions())
    file = _Pieces()
    with ParquetWriter(file, schema, compression="zstd") as writer:
        while group := list(islice(rows, ROWS_A_GROUP)):
            columns = dict(zip(ExportedRow._fields, zip(*group, strict=True), strict=True))
            writer.write_table(pyarrow.table(columns, schema=schema), row_group_size=ROWS_A_GROUP)
            yield file.take()
    yield file.take()


class _Pieces(io.RawIOBase):
    """A file that is only written on, and handed over in pieces."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _schema(journal: Journal) -> "pyarrow.Schema":
    import pyarrow  # noqa: PLC0415

    moment = pyarrow.timestamp("us", tz=journal.zone.key)
    others = {
        "date": pyarrow.date32(),
        "effective_at": moment,
        "recorded_at": moment,
        "rulebook_version": pyarrow.int32(),
        "leg": pyarrow.int16(),
        "amount": pyarrow.int64(),
        "version": pyarrow.int64(),
        "balance_after": pyarrow.int64(),
    }
    fields = [pyarrow.field(name, others.get(name, pyarrow.string())) for name in ExportedRow._fields]
    return pyarrow.schema(fields, metadata={"title": journal.title()})
