"""`GET /v1/exports/journal`: files that hledger and beancount accept, with our balances, and what is refused."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from admin_cli.bridge import Bridge
from ledger.api import exports
from ledger.api.runtime import EXPORTS_MAX
from ledger.domain.access import Role
from ledger.queries import journal_export
from ledger.services.catalog import RestockItem, restock_items
from ledger.services.imports import import_reports
from ledger.storage.tables import accounts, entries, items, riders, sponsors, stations
from tests.api.exporting.test_formats import HOSTILE
from tests.bookkeepers import check_beancount, check_hledger, read_hledger_balances
from tests.services.test_imports import row
from tests.world import World, headers

PATH = "/v1/exports/journal"
Client = TestClient[Litestar]


@pytest.fixture
def lived(world: World) -> World:
    """Books with everything in them, some of it years ago and some today, and memos that nobody should write."""
    for code in ("R00001", "R00002", "X-9-"):
        world.enroll(code)
    world.run(import_reports, *(row(number, f"R0000{number % 2 + 1}") for number in range(8)))
    world.earn(100)
    report = world.award("X-9-").case.report.code
    world.redeem(world.put_item("G-ABCDEFGHIJKLMNOPQ-"))
    for memo in filter(str.strip, HOSTILE):
        restocking = RestockItem(
            sku="G-ABCDEFGHIJKLMNOPQ-",
            station="ZGM",
            quantity=1,
            memo=memo.replace("\x00", ""),
            actor="operator/manager",
        )
        world.do(restock_items, restocking)
    world.clock.pass_time(days=2)
    world.spend(world.balance().available)
    world.revoke(report)
    return world


def export(client: Client, world: World, file_format: str = "csv", **query: str) -> Any:
    return client.get(
        PATH, params={"format": file_format, **query}, headers=headers(world.token(Role.AUDITOR), language="en")
    )


def read_our_balances(world: World, *, until: datetime) -> dict[str, int]:
    """Debits less credits by hledger's names, from the tables alone, of every account that had moved by then."""
    with world.runtime.reading() as connection:
        codes = {
            row.id: f"{noun}:{row.code}"
            for noun, table in (("riders", riders), ("sponsors", sponsors), ("stations", stations))
            for row in connection.execute(select(table.c.id, table.c.code))
        }
        codes |= {row.id: f"items:{row.sku}" for row in connection.execute(select(items.c.id, items.c.sku))}
        sums: Counter[str] = Counter()
        for row in connection.execute(
            select(
                accounts.c.owner_id,
                accounts.c.purpose,
                accounts.c.bucket,
                accounts.c.commodity,
                entries.c.side,
                entries.c.amount,
            )
            .join(entries, entries.c.account_id == accounts.c.id)
            .where(entries.c.effective_at < until)
        ):
            name = f"{codes.get(row.owner_id, 'programme')}:{row.purpose}"
            name += f":{row.bucket}" if row.bucket else ""
            name += f":{row.commodity.removeprefix('ITEM:')}" if name.startswith("stations") else ""
            sums[name] -= row.side * row.amount
    return dict(sums)


RANGES = [
    ({}, 2),
    ({"from": "2026-03-11"}, 2),
    ({"from": "2026-03-10", "to": "2026-03-10"}, 0),
    ({"to": "2026-03-10"}, 0),
]


@pytest.mark.parametrize(("days", "days_after"), RANGES)
def test_hledger_finds_our_balance_for_every_account(
    client: Client, lived: World, tmp_path: Path, days: dict[str, str], days_after: int
) -> None:
    file = tmp_path / "books.journal"
    file.write_bytes(export(client, lived, "hledger", **days).content)

    check_hledger(file)
    midnight = datetime(2026, 3, 10, 16, tzinfo=UTC)
    assert read_hledger_balances(file) == read_our_balances(lived, until=midnight + timedelta(days=days_after))


@pytest.mark.parametrize(("days", "days_after"), RANGES)
def test_beancount_finds_our_balance_for_every_account(
    client: Client, lived: World, tmp_path: Path, days: dict[str, str], days_after: int
) -> None:
    """It compares each account with what the file asserts; that those are all of ours is seen here."""
    file = tmp_path / "books.beancount"
    file.write_bytes(export(client, lived, "beancount", **days).content)

    asserted = [line.split() for line in file.read_text("utf-8").splitlines() if line[10:19] == " balance "]
    midnight = datetime(2026, 3, 10, 16, tzinfo=UTC)
    ours = read_our_balances(lived, until=midnight + timedelta(days=days_after))
    assert sorted(int(amount) for _, _, _, amount, _ in asserted) == sorted(ours.values())
    assert len({account for _, _, account, _, _ in asserted}) == len(ours)
    check_beancount(file)


def test_a_csv_row_has_its_local_day_and_its_own_balance(client: Client, lived: World) -> None:
    answer = export(client, lived, "csv", **{"from": "2026-03-10", "to": "2026-03-10"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))

    assert {row["date"] for row in rows} == {"2026-03-10"}
    assert sum(int(row["amount"]) * (1 if row["side"] == "debit" else -1) for row in rows) == 0
    assert "'=HYPERLINK(1)" in {row["memo"] for row in rows}


def test_the_same_books_are_the_same_file(client: Client, lived: World) -> None:
    assert export(client, lived, "hledger").content == export(client, lived, "hledger").content


@pytest.mark.parametrize(
    ("query", "status", "code", "words"),
    [
        ({"format": "xml"}, 400, "invalid_request", "format"),
        ({"format": "csv", "from": "2026-03-12", "to": "2026-03-11"}, 400, "invalid_field", "swap them"),
        ({"format": "csv", "to": "2026-03-13"}, 400, "invalid_field", "still to come"),
        ({"format": "csv", "from": "2026-03-11", "to": "2026-03-11"}, 422, "nothing_to_export", "from 2026-03-11"),
        ({"format": "csv", "to": "2001-01-01"}, 422, "nothing_to_export", "up to 2001-01-01"),
        ({"format": "csv", "from": "yesterday"}, 400, "invalid_request", "from"),
    ],
)
def test_what_cannot_be_exported_is_refused_before_a_file_begins(
    client: Client, lived: World, query: dict[str, str], status: int, code: str, words: str
) -> None:
    answer = client.get(PATH, params=query, headers=headers(lived.token(Role.AUDITOR), language="en"))
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert words in answer.text


def test_parquet_that_is_not_installed_names_the_remedy(
    client: Client, lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "can_write_parquet", lambda: False)
    answer = export(client, lived, "parquet")
    assert (answer.status_code, answer.json()["code"]) == (422, "format_not_installed")
    assert "pip install 'city-partner-ledger[parquet]'" in answer.json()["detail"]


@contextmanager
def streaming(app: Litestar, world: World) -> Iterator[httpx2.Client]:
    """A client that takes an answer piece by piece, as one over a socket does."""
    bridge = Bridge(app)
    token = world.token(Role.AUDITOR)
    with httpx2.Client(base_url="http://ledger.test", transport=bridge, headers=headers(token)) as found:
        yield found


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "PIECE_BYTES", 1)
    monkeypatch.setattr(journal_export, "TRANSACTIONS_A_PIECE", 1)


@pytest.mark.usefixtures("small_pieces")
def test_a_client_that_goes_away_gives_the_connection_back(app: Litestar, lived: World) -> None:
    pool = lived.runtime.database.reader.pool
    with streaming(app, lived) as client:
        with client.stream("GET", PATH, params={"format": "csv"}) as answer:
            pieces = answer.iter_raw()
            assert next(pieces)
            assert pool.checkedout() == 1  # type: ignore[attr-defined]
        assert pool.checkedout() == 0  # type: ignore[attr-defined]
        assert client.get(PATH, params={"format": "csv"}).status_code == 200


@pytest.mark.usefixtures("small_pieces")
def test_others_go_on_while_exports_run_and_one_too_many_is_told_to_wait(app: Litestar, lived: World) -> None:
    with streaming(app, lived) as client:
        with ExitStack() as running:
            walks = [
                running.enter_context(client.stream("GET", PATH, params={"format": "csv"})).iter_raw()
                for _ in range(EXPORTS_MAX)
            ]
            assert all(next(walk) for walk in walks)
            lived.award()
            assert client.get("/v1/programme").status_code == 200
            busy = client.get(PATH, params={"format": "csv"})
        assert (busy.status_code, busy.json()["code"]) == (503, "exports_busy")
        assert int(busy.headers["retry-after"]) > 0
        assert client.get(PATH, params={"format": "csv"}).status_code == 200
