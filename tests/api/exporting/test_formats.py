"""What each format looks like, and that no memo can break one: the programs that read them are the judges."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ledger.api.exporting.beancount import write_beancount
from ledger.api.exporting.comma_separated import write_csv
from ledger.api.exporting.hledger import write_hledger
from ledger.api.exporting.journal import Journal
from ledger.api.exporting.names import beancount_name, plain_name
from ledger.api.exporting.parquet import write_parquet
from ledger.api.exporting.texts import escaped
from ledger.domain.accounts import Purpose
from ledger.domain.transactions import TransactionKind
from ledger.queries.journal_export import AccountName
from tests.api.exporting.journals import (
    BUDGET,
    LOT,
    journal_of_memos,
    make_account,
    make_entry,
    make_journal,
    make_transaction,
)
from tests.bookkeepers import check_beancount, check_hledger, read_hledger_transactions

GOLDEN = Path(__file__).parent / "golden"
SHELF = AccountName(Purpose.SHELF, "ZGM", "ITEM:G-001", "")
SUPPLY = AccountName(Purpose.SUPPLY, "G-001", "ITEM:G-001", "")

HOSTILE = [
    "",
    " ",
    '"',
    "\\",
    '\\" \\n',
    "; 注释",
    "a\n2026-01-01 open Assets:Mine\n",
    '"\n  Assets:Mine  1 POINTS\n',
    "\r\n    mine:all  9 POINTS\r\n",
    "\u2028行\u0085分\u3000隔\x00",
    "=HYPERLINK(1)",
    "'=1+1",
    "＝1+1",
    "\t=1",
    "kind | 井盖 | (x) * !",
    "actor: me, date: 2020-01-01, date2:2020-01-01",
    "[2020-01-01] 🛵 \U0001f468\u200d\U0001f469",
    "include /etc/passwd",
    "  两头 有 空格  ",
]
MEMOS = st.lists(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
    | st.text('"\\;|:,=@{}[]()*!#%~\n\r\t \u3000\u2028a中2026-01', max_size=30),
    min_size=1,
    max_size=40,
)


def test_hledger_reads_as_it_did() -> None:
    assert "".join(write_hledger(small_journal())) == (GOLDEN / "small.journal").read_text("utf-8")


def test_beancount_reads_as_it_did() -> None:
    assert "".join(write_beancount(small_journal())) == (GOLDEN / "small.beancount").read_text("utf-8")


def test_hledger_accepts_the_golden_file() -> None:
    check_hledger(GOLDEN / "small.journal")


def test_beancount_accepts_the_golden_file() -> None:
    check_beancount(GOLDEN / "small.beancount")


def small_journal() -> Journal:
    """One that begins in the middle: an award of a rider, taken back, and some goods."""
    undone = make_transaction(
        2,
        kind=TransactionKind.REVERSE,
        memo='造假; "图片" 重复',
        reverses=make_transaction().id,
        source_id=None,
        entries=[make_entry(LOT, -1, 50, 0), make_entry(BUDGET, 1, 50, 1_000)],
    )
    return make_journal(
        [make_transaction(), undone],
        [
            make_account(BUDGET, -1_000, opening=-1_000),
            make_account(AccountName(Purpose.ISSUANCE, "330212", "POINTS", ""), 1_000, opening=1_000),
            make_account(LOT, 0),
            make_account(SUPPLY, 12, opening=12),
            make_account(SHELF, -12, opening=-12),
        ],
        is_continued=True,
    )


@pytest.mark.parametrize("memo", HOSTILE)
def test_an_escaped_text_is_one_line_and_can_be_read_back(memo: str) -> None:
    line = escaped(memo)
    assert line.isprintable() and line == line.strip() and not {'"', ";"} & set(line.replace('\\"', ""))
    assert json.loads(f'"{line}"') == memo


@settings(max_examples=20)
@given(memos=MEMOS)
@example(memos=HOSTILE)
def test_hledger_takes_any_memo_for_text(memos: list[str], tmp_path: Path) -> None:
    file = tmp_path / "hostile.journal"
    file.write_text("".join(write_hledger(journal_of_memos(memos))), "utf-8")

    check_hledger(file)
    found = read_hledger_transactions(file)[:-1]
    assert [one["tdescription"] for one in found] == [f"award | {escaped(memo)}" if memo else "award" for memo in memos]
    assert {len(one["tpostings"]) for one in found} == {2}
    assert {tag for one in found for tag, _ in one["ttags"]} == {"time", "recorded", "actor", "rulebook", "source"}
    assert {one["tdate"] for one in found} == {"2026-03-10"}


@settings(max_examples=20)
@given(memos=MEMOS)
@example(memos=HOSTILE)
def test_beancount_takes_any_memo_for_text(memos: list[str], tmp_path: Path) -> None:
    file = tmp_path / "hostile.beancount"
    file.write_text("".join(write_beancount(journal_of_memos(memos))), "utf-8")

    check_beancount(file)


@given(memos=MEMOS)
@example(memos=HOSTILE)
def test_a_cell_is_never_a_formula_and_nothing_is_lost(memos: list[str]) -> None:
    text = "".join(write_csv(journal_of_memos(memos)))
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))

    for memo, row in zip(memos, rows[::2], strict=True):
        assert row["memo"] in {memo, f"'{memo}"}
        assert not row["memo"].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_parquet_holds_one_row_an_entry_with_types(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed (pip install pyarrow)")
    file = tmp_path / "small.parquet"
    file.write_bytes(b"".join(write_parquet(small_journal())))

    table = pyarrow.read_table(file)
    assert table.num_rows == 4
    row = table.to_pylist()[0]
    assert (row["amount"], row["side"], row["account"]) == (50, "debit", "sponsors:general:budget")
    assert row["date"].isoformat() == "2026-03-10"
    assert row["effective_at"] == datetime.fromisoformat("2026-03-10T00:30:00+08:00")
    assert table.column("reverses").null_count == 2


@pytest.mark.parametrize(
    ("name", "hledger", "beancount"),
    [
        (LOT, "riders:R00001:available:2027-12-31", "Liabilities:Riders:R00001:Available:2027-12-31"),
        (SHELF, "stations:ZGM:shelf:G-001", "Liabilities:Stations:ZGM:Shelf:G-001"),
        (AccountName(Purpose.OWED, "R-1", "POINTS", ""), "riders:R-1:owed", "Assets:Riders:R-1:Owed"),
        (
            AccountName(Purpose.BUDGET, "街道 a_b:c", "POINTS", ""),
            "sponsors:街道%20a_b%3Ac:budget",
            "Liabilities:Sponsors:街道-20-a-5F-b-3A-c:Budget",
        ),
    ],
)
def test_accounts_are_named_as_each_program_allows(name: AccountName, hledger: str, beancount: str) -> None:
    assert plain_name(name) == hledger
    assert beancount_name(name) == beancount
