"""Large databases, filled by the driver alone: riders with a lot and a standing each, and the awards behind them.

The books are right by construction: versions without gaps, balances after each entry, a budget that paid for all of it.
Constraints and triggers are off while it is filled, for nothing in it could break them. All of it took effect in the
last month that is over.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg.sql import SQL, Identifier
from sqlalchemy import Table, select, update
from uuid_utils.compat import uuid7

from ledger.app import read_clock
from ledger.domain.calendar import Month, local_day, month_bounds, month_of
from ledger.domain.standings import Standing
from ledger.storage.engine import Database, open_database
from ledger.storage.packing import pack
from ledger.storage.standings import write_standings
from ledger.storage.tables import (
    accounts,
    awards,
    entries,
    event_counters,
    events,
    idempotency_keys,
    persons,
    reports,
    riders,
    sponsors,
    transactions,
)
from ledger.storage.types import EPOCH, MICROSECOND
from ledger.storage.unit_of_work import UnitOfWork
from seed.owner import PROGRAMME_ID, TIME_ZONE
from tests.benchmarks.databases import Place, connect_bare
from tests.benchmarks.programmes import CATEGORY, REVIEWER, found_programme

BUSY_RIDERS = 100
BUSY_AWARDS = 200
"""So many riders have so many awards more, so that a page of a statement has something to cut."""
POINTS_MAX = 2_000
ROWS_AT_ONCE = 50_000
RIDER, LOT, REPORT, TRANSACTION = range(4)
MEMO = "SAF-03 路面塌陷、大面积积水"
EVENT = '{{"rider":"{rider}","merit":{points},"by":"operator/reviewer","transaction":"{transaction}"}}'
# An answer takes some 260 bytes, packed.
BODY = b'{"report":{"id":"' + Random(1).randbytes(220).hex().encode() + b'"}}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """`rider_count` riders with `awards_each` awards, the busy ones with more. Outputs on request: events and stored
    answers, which only writes can notice."""

    rider_count: int
    awards_each: int = 1
    has_outputs: bool = False

    @property
    def name(self) -> str:
        return f"filled_{self.rider_count}_{self.awards_each}{'_outputs' if self.has_outputs else ''}"

    @property
    def award_count(self) -> int:
        return self.rider_count * self.awards_each + min(BUSY_RIDERS, self.rider_count) * BUSY_AWARDS

    def awards(self) -> Iterator[tuple[int, int, int]]:
        """(number of the award, of the rider, of the rider's award), in the order in which they took effect."""
        number = 0
        for turn in range(self.awards_each + BUSY_AWARDS):
            for rider in range(self.rider_count if turn < self.awards_each else min(BUSY_RIDERS, self.rider_count)):
                yield number, rider, turn
                number += 1

    def awards_of(self, rider: int) -> int:
        return self.awards_each + (BUSY_AWARDS if rider < BUSY_RIDERS else 0)

    def last_award_of(self, rider: int) -> int:
        """Its number."""
        if rider >= BUSY_RIDERS:
            return (self.awards_each - 1) * self.rider_count + rider
        return self.award_count - min(BUSY_RIDERS, self.rider_count) + rider


def _scattered(award: int) -> tuple[int, int]:
    """Latitude and longitude × 10^7: over some 20 km by 20 km, the same for the same award."""
    return 297_000_000 + award * 104_729 % 1_800_000, 1_214_000_000 + award * 1_299_709 % 2_000_000


def points_of(rider: int) -> int:
    """For each award of the rider: few earn much, many earn little, and ties are as frequent as in a district."""
    share = (rider * 2_654_435_761 % 2**32) / 2**32
    return 1 + int(POINTS_MAX * share**3)


def rider_code(rider: int) -> str:
    return f"R{rider:07d}"


def filled_database(place: Place, filling: Filling) -> str:
    """The URL of a database so filled; what the place kept of an earlier run is used again."""
    url, is_new = place.keep(filling.name)
    if is_new:
        found_programme(url)
        database = open_database(url)
        _Filler(database, filling).fill()
        database.dispose()
        place.seal(url)
    return url


def last_month_over(now: datetime) -> Month:
    today = local_day(now, ZoneInfo(TIME_ZONE))
    return month_of(today.replace(day=1) - timedelta(days=1))


class _Filler:
    """Table by table, each from a stream of rows, so that memory does not grow with the number of riders."""

    def __init__(self, database: Database, filling: Filling) -> None:
        self._database = database
        self._filling = filling
        self._month = last_month_over(read_clock())
        self._begin = (month_bounds(self._month, ZoneInfo(TIME_ZONE))[0].astimezone(UTC) - EPOCH) // MICROSECOND
        # One award after the other, the last of them a day or more before the month ends.
        self._step = timedelta(days=27) // MICROSECOND // filling.award_count
        self._lapses_on = f"{int(self._month[:4]) + 1}-12-31"
        with database.reader.connect() as connection:
            sponsor_id: UUID = connection.execute(select(sponsors.c.id)).scalar_one()
            budget = connection.execute(
                select(accounts.c.id, accounts.c.balance, accounts.c.version).where(accounts.c.owner_id == sponsor_id)
            ).one()
            self._event: int = connection.execute(select(event_counters.c.last_number)).scalar_one()
        self._sponsor = self._spell(sponsor_id.int)
        self._budget_id: UUID = budget.id
        self._budget = self._spell(self._budget_id.int)
        self._budget_balance: int = budget.balance
        self._budget_version: int = budget.version

    def fill(self) -> None:
        write = self._write_sqlite if self._database.is_sqlite else self._write_postgresql
        for table, names, rows in self._streams():
            write(table, names.split(), rows)
        self._write_standings()
        with self._database.writer.begin() as connection:
            connection.execute(
                update(accounts)
                .where(accounts.c.id == self._budget_id)
                .values(balance=self._budget_balance, version=self._budget_version)
            )
            connection.execute(update(event_counters).values(last_number=self._event))
        with self._database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")

    def _streams(self) -> Iterator[tuple[Table, str, Iterator[tuple[Any, ...]]]]:
        yield riders, "id code industry_code subdistrict status enrolled_at source", self._riders()
        yield persons, "rider_id name", ((self._rider(rider), f"骑手{rider}") for rider in self._all_riders())
        yield (
            accounts,
            "id owner_id purpose commodity bucket normal_side has_floor balance version opened_at",
            self._lots(),
        )
        yield (
            reports,
            "id code rider_id category_code hours state lat_e7 lon_e7 datum address subdistrict description source "
            "submitted_at recorded_at review_due_at decided_at decided_by reason",
            self._reports(),
        )
        yield (
            transactions,
            "id kind effective_at recorded_at actor source_id rulebook_version memo idempotency_key",
            self._transactions(),
        )
        yield (
            entries,
            "account_id version transaction_id leg side amount balance_after effective_at",
            self._entries(),
        )
        yield (
            awards,
            "report_id rider_id part transaction_id sponsor_id points_wanted points_granted is_cap_exempt is_serious "
            "merit day month lapses_on rulebook_version effective_at revision is_current",
            self._awards(),
        )
        if self._filling.has_outputs:
            yield events, "number kind subject recorded_at data", self._events()
            yield idempotency_keys, "actor key request_sha256 status body recorded_at", self._keys()

    def _all_riders(self) -> range:
        return range(self._filling.rider_count)

    def _riders(self) -> Iterator[tuple[Any, ...]]:
        enrolled_at = self._time(self._begin)
        for rider in self._all_riders():
            yield (
                self._rider(rider),
                rider_code(rider),
                f"{rider % 12 + 1:02d}",
                "钟公庙街道",
                "active",
                enrolled_at,
                "fill",
            )

    def _lots(self) -> Iterator[tuple[Any, ...]]:
        opened_at, lapses_on = self._time(self._begin), self._lapses_on
        for rider in self._all_riders():
            version = self._filling.awards_of(rider)
            balance = version * points_of(rider)
            owner = self._rider(rider)
            yield self._lot(rider), owner, "available", "POINTS", lapses_on, 1, 1, balance, version, opened_at

    def _standings(self) -> Iterator[Standing]:
        for rider in self._all_riders():
            awarded = self._filling.awards_of(rider)
            yield Standing(
                rider_id=UUID(int=self._id_number(RIDER, rider)),
                month=self._month,
                merit=awarded * points_of(rider),
                verified_reports=awarded,
                reached_at=EPOCH + self._at(self._filling.last_award_of(rider)) * MICROSECOND,
            )

    def _reports(self) -> Iterator[tuple[Any, ...]]:
        for award, rider, _ in self._filling.awards():
            at = self._time(self._at(award))
            place = (*_scattered(award), "GCJ-02", "鄞州大道 1 号", "钟公庙街道", "路面塌陷", "app")
            names = (self._id(REPORT, award), f"{award:010d}", self._rider(rider), CATEGORY, 1, "verified")
            yield (*names, *place, at, at, at, at, REVIEWER, "")

    def _transactions(self) -> Iterator[tuple[Any, ...]]:
        for award, _, _ in self._filling.awards():
            at, report = self._time(self._at(award)), self._id(REPORT, award)
            yield self._id(TRANSACTION, award), "award", at, at, REVIEWER, report, 1, MEMO, f"fill-{award}"

    def _entries(self) -> Iterator[tuple[Any, ...]]:
        for award, rider, turn in self._filling.awards():
            at, transaction, points = self._time(self._at(award)), self._id(TRANSACTION, award), points_of(rider)
            self._budget_version += 1
            self._budget_balance -= points
            yield self._budget, self._budget_version, transaction, 0, -1, points, self._budget_balance, at
            yield self._lot(rider), turn + 1, transaction, 0, 1, points, (turn + 1) * points, at

    def _awards(self) -> Iterator[tuple[Any, ...]]:
        for award, rider, _ in self._filling.awards():
            at, points = self._at(award), points_of(rider)
            day = local_day(EPOCH + at * MICROSECOND, ZoneInfo(TIME_ZONE)).isoformat()
            who = (self._id(REPORT, award), self._rider(rider), "report", self._id(TRANSACTION, award), self._sponsor)
            yield *who, points, points, 1, 0, points, day, self._month, self._lapses_on, 1, self._time(at), 0, 1

    def _events(self) -> Iterator[tuple[Any, ...]]:
        for award, rider, _ in self._filling.awards():
            self._event += 1
            transaction = UUID(int=self._id_number(TRANSACTION, award))
            data = EVENT.format(rider=rider_code(rider), points=points_of(rider), transaction=transaction)
            yield self._event, "report.verified", f"report/{award:010d}", self._time(self._at(award)), data

    def _keys(self) -> Iterator[tuple[Any, ...]]:
        packed = pack(BODY)
        body = packed if self._database.is_sqlite else f"\\\\x{packed.hex()}"
        sha256 = bytes(32) if self._database.is_sqlite else f"\\\\x{bytes(32).hex()}"
        for award, _, _ in self._filling.awards():
            yield REVIEWER, f"fill-{award}", sha256, 200, body, self._time(self._at(award))

    def _at(self, award: int) -> int:
        return self._begin + award * self._step

    def _rider(self, rider: int) -> Any:
        return self._id(RIDER, rider)

    def _lot(self, rider: int) -> Any:
        return self._id(LOT, rider)

    def _id(self, kind: int, number: int) -> Any:
        return self._spell(self._id_number(kind, number))

    def _id_number(self, kind: int, number: int) -> int:
        """A UUIDv7: the milliseconds, then what it is and its number, which keep it unique."""
        at = self._begin if kind in {RIDER, LOT} else self._at(number)
        return at // 1_000 << 80 | 7 << 76 | kind << 64 | 2 << 62 | number

    def _spell(self, value: int) -> Any:
        return value.to_bytes(16, "big") if self._database.is_sqlite else f"{value:032x}"

    def _time(self, microseconds: int) -> Any:
        return microseconds if self._database.is_sqlite else f"{EPOCH + microseconds * MICROSECOND}"

    def _write_standings(self) -> None:
        """As the product writes them: they are counted by score."""
        found = self._standings()
        while part := list(islice(found, ROWS_AT_ONCE)):
            with UnitOfWork(self._database.writer, programme_id=PROGRAMME_ID, clock=read_clock, new_id=uuid7) as uow:
                write_standings(uow, before={}, after=part)
                uow.commit()

    def _write_sqlite(self, table: Table, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        connection = self._database.writer.raw_connection()
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("PRAGMA synchronous=OFF")
        marks = ", ".join("?" * (len(names) + 1))
        statement = f"INSERT INTO {table.name} (programme_id, {', '.join(names)}) VALUES ({marks})"
        while part := list(islice(rows, ROWS_AT_ONCE)):
            cursor.execute("BEGIN")
            cursor.executemany(statement, [(PROGRAMME_ID, *row) for row in part])
            connection.commit()
        # The pragmas belong to the connection, which is not used again.
        connection.invalidate()

    def _write_postgresql(self, table: Table, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        with connect_bare(self._url()) as connection, connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            statement = SQL("COPY {} ({}) FROM STDIN").format(
                Identifier(table.name), SQL(", ").join(map(Identifier, ["programme_id", *names]))
            )
            with cursor.copy(statement) as copy:
                while part := list(islice(rows, ROWS_AT_ONCE)):
                    copy.write("".join(f"{PROGRAMME_ID}\t" + "\t".join(map(str, row)) + "\n" for row in part))

    def _url(self) -> str:
        return self._database.writer.url.render_as_string(hide_password=False)
