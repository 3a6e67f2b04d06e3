"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Dialect, LargeBinary, Uuid
from sqlalchemy.types import TypeDecorator, TypeEngine

from ledger.storage.packing import pack, unpack

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware, UTC. Refuses naive input: a time without a zone is a guess.

    PostgreSQL: timestamptz. SQLite: microseconds since 1970 as an integer, which sorts, compares and packs better than
    text and never comes back naive.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        moment = refuse_naive(value)
        if moment is None or dialect.name != "sqlite":
            return moment
        return (moment - EPOCH) // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return EPOCH + timedelta(microseconds=value)
        moment: datetime = value
        return moment.astimezone(UTC)


def refuse_naive(value: datetime | None) -> datetime | None:
    """The value itself. Raises ValueError for a time without a zone."""
    if value is not None and value.tzinfo is None:
        raise ValueError(f"naive time {value!r}: give it a zone")
    return value


class Id(TypeDecorator[UUID]):
    """A UUID. PostgreSQL: uuid. SQLite: its 16 bytes, half of what text takes, in the same order."""

    impl = Uuid(as_uuid=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(LargeBinary(16))
        return dialect.type_descriptor(Uuid(as_uuid=True))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> Any:
        if value is None or dialect.name != "sqlite":
            return value
        return value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        if value is None or isinstance(value, UUID):
            return value
        return UUID(bytes=value)


class Packed(TypeDecorator[bytes]):
    """Bytes, stored in fewer of them: see `ledger.storage.packing`. The same on both engines."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else unpack(value)
