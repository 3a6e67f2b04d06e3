"""What handlers are given: the database to read from, the writer to hand commands to, and the secrets' keepers."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from threading import BoundedSemaphore
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ledger.domain.access import Principal
from ledger.domain.calendar import local_day
from ledger.domain.rulebook import Rulebook
from ledger.queries import access as access_queries
from ledger.queries import programmes as programme_queries
from ledger.services.credentials import Passwords, Vault, programme_of_token, token_sha256
from ledger.settings import Settings
from ledger.storage import schema
from ledger.storage.engine import Database, Failure, classify_failure
from ledger.storage.group_commit import GroupCommit, unavailable
from ledger.storage.schema import SchemaVersion

TOKEN_CACHE_SECONDS = 5.0
"""How long a token's holder is remembered. A revocation clears this process's memory at once, and reaches other
processes after this time."""
TOKEN_CACHE_SIZE_MAX = 10_000
RULEBOOK_CACHE_SECONDS = 1.0
"""How long a new rulebook may be missing from what is printed; what is booked goes by the one in force."""

EXPORTS_MAX = 2
"""Exports at a time. Each holds one of the few reading connections for minutes and half a processor."""


@contextmanager
def _storage_failures() -> Iterator[None]:
    """What the database did to us, in the words a client understands; a fault of our own passes."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        failure = classify_failure(error) if isinstance(error, DBAPIError) else Failure.DISCONNECTED
        if failure is Failure.PERMANENT:
            raise
        raise unavailable(failure) from error


@dataclass(slots=True)
class _KnownPrincipals:
    """Hash of a token → until when it is remembered, who holds it, when it expires.

    `cleared` counts: what was read before a revocation must not be remembered after it.
    """

    by_token: dict[bytes, tuple[float, Principal, datetime | None]] = field(default_factory=dict)
    cleared: int = 0

    def clear(self) -> None:
        self.by_token.clear()
        self.cleared += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """One server process's parts, put together in `ledger/app.py`. Frozen; the caches inside only save reads."""

    settings: Settings
    database: Database
    writer: GroupCommit
    vault: Vault
    passwords: Passwords
    clock: Callable[[], datetime]
    exports: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(EXPORTS_MAX), repr=False)
    audits: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(1), repr=False)
    _principals: _KnownPrincipals = field(default_factory=_KnownPrincipals, repr=False)
    _zones: dict[int, ZoneInfo] = field(default_factory=dict, repr=False)
    _rulebooks: dict[int, tuple[float, Rulebook]] = field(default_factory=dict, repr=False)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection whose statements all see one state. Raises StorageUnavailable when there is none to be had."""
        with _storage_failures(), self.database.reader.connect() as connection:
            yield connection

    def read_schema_version(self) -> SchemaVersion:
        """Raises StorageUnavailable."""
        with _storage_failures():
            return schema.read_version(self.database)

    async def principal_of(self, token: str) -> tuple[Principal, datetime | None] | None:
        """Who holds the token and until when; None when nobody does."""
        sha256 = token_sha256(token)
        now = time.monotonic()
        known = self._principals.by_token.get(sha256)
        if known is not None and known[0] > now and (known[2] is None or known[2] > self.clock()):
            return known[1], known[2]
        cleared = self._principals.cleared
        found = await asyncio.to_thread(self._read_principal, token, sha256)
        if found is not None and cleared == self._principals.cleared:
            if len(self._principals.by_token) >= TOKEN_CACHE_SIZE_MAX:
                self._principals.clear()
            self._principals.by_token[sha256] = (now + TOKEN_CACHE_SECONDS, *found)
        return found

    def read_programme_ids(self) -> list[int]:
        with self.reading() as connection:
            return programme_queries.read_programme_ids(connection)

    async def hash_password(self, password: str) -> str:
        """In a thread: Argon2 is slow on purpose, and the loop has others to serve."""
        return await asyncio.to_thread(self.passwords.hash, password)

    def forget_principals(self) -> None:
        """After a revocation: nobody is let in on memory."""
        self._principals.clear()

    def zone_of(self, programme_id: int) -> ZoneInfo:
        """A programme's zone never changes, so it is read once."""
        if programme_id not in self._zones:
            with self.reading() as connection:
                self._zones[programme_id] = programme_queries.read_zone(connection, programme_id)
        return self._zones[programme_id]

    async def rulebook_today(self, programme_id: int) -> Rulebook:
        """The rulebook in force today, for printing what a write did; of a moment ago at most."""
        known = self._rulebooks.get(programme_id)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        rulebook = await asyncio.to_thread(self._read_rulebook_today, programme_id)
        self._rulebooks[programme_id] = time.monotonic() + RULEBOOK_CACHE_SECONDS, rulebook
        return rulebook

    def _read_rulebook_today(self, programme_id: int) -> Rulebook:
        with self.reading() as connection:
            return programme_queries.read_rulebook_on(connection, programme_id, self.today(programme_id))

    def today(self, programme_id: int) -> date:
        return local_day(self.clock(), self.zone_of(programme_id))

    def _read_principal(self, token: str, sha256: bytes) -> tuple[Principal, datetime | None] | None:
        programme_id = programme_of_token(token)
        if programme_id is None:
            return None
        with self.reading() as connection:
            return access_queries.read_principal(connection, programme_id, token_sha256=sha256, now=self.clock())
