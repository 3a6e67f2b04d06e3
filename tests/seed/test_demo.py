"""The demo folder: filled once, kept, made anew when half-made, and never used by two at a time."""

import json
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.api.runtime import Runtime
from ledger.app import create_runtime
from ledger.queries import accounts as account_queries
from ledger.queries import programmes as programme_queries
from ledger.queries import riders as rider_queries
from seed.demo import FolderInUse, hold_folder, open_sign_ins, prepare_demo, write_sign_ins
from seed.owner import PROGRAMME_ID

RIDERS = 40
ADDRESS = "http://127.0.0.1:8000"


def silent(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def opened(folder: Path, *, fresh: bool = False) -> Iterator[Runtime]:
    runtime = create_runtime(prepare_demo(folder, riders=RIDERS, fresh=fresh, address=ADDRESS, progress=silent))
    runtime.writer.start()
    try:
        yield runtime
    finally:
        runtime.writer.stop()
        runtime.database.dispose()


def balances(runtime: Runtime) -> dict[str, int]:
    with runtime.reading() as connection:
        codes = [f"R{number:05d}" for number in range(1, RIDERS + 1)]
        found = [rider_queries.read_rider(connection, PROGRAMME_ID, code) for code in codes]
        return {rider.code: rider_queries.read_balance(connection, PROGRAMME_ID, rider).available for rider in found}


def test_two_demos_of_the_same_day_have_the_same_balances_and_books_that_balance(tmp_path: Path):
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with opened(tmp_path / "one") as one, opened(tmp_path / "other") as other:
        assert balances(one) == balances(other)
        assert sum(balances(one).values()) > 0
        with one.reading() as connection:
            trial = account_queries.read_trial_balance(connection, PROGRAMME_ID, at=None)
            summary = programme_queries.read_summary(connection, PROGRAMME_ID, today=one.today(PROGRAMME_ID))
    assert {total.difference for total in trial.totals} == {0}
    assert summary.riders == RIDERS
    assert summary.reports["submitted"] > 0, "some are left for the reviewers"


def test_a_demo_keeps_its_books_until_it_is_asked_to_begin_anew(tmp_path: Path):
    with opened(tmp_path) as runtime, runtime.reading() as connection:
        created_at = programme_queries.read_programme(connection, PROGRAMME_ID).created_at
        first = account_queries.read_accounts(
            connection, PROGRAMME_ID, purpose=None, owner=None, commodity=None, limit=1, after=None
        ).items[0]
    with opened(tmp_path) as runtime, runtime.reading() as connection:
        assert programme_queries.read_programme(connection, PROGRAMME_ID).created_at == created_at
        assert account_queries.read_account(connection, PROGRAMME_ID, first.id).id == first.id
    with opened(tmp_path, fresh=True) as runtime, runtime.reading() as connection:
        found = account_queries.read_accounts(
            connection, PROGRAMME_ID, purpose=None, owner=None, commodity=None, limit=1, after=None
        ).items[0]
        assert found.id != first.id


def test_a_half_made_demo_is_made_anew(tmp_path: Path):
    def stop_early(what: str, _done: int, _total: int) -> None:
        if what == "days":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_demo(tmp_path, riders=RIDERS, fresh=False, address=ADDRESS, progress=stop_early)
    with opened(tmp_path) as runtime, runtime.reading() as connection:
        summary = programme_queries.read_summary(connection, PROGRAMME_ID, today=runtime.today(PROGRAMME_ID))
    assert summary.reports["verified"] > 0


def test_one_folder_cannot_be_held_twice(tmp_path: Path):
    with hold_folder(tmp_path), pytest.raises(FolderInUse), hold_folder(tmp_path):
        pass
    with hold_folder(tmp_path):
        pass


def test_the_sign_ins_are_written_for_scripts_and_for_nobody_else(tmp_path: Path):
    with opened(tmp_path) as runtime:
        path = write_sign_ins(tmp_path, ADDRESS, open_sign_ins(runtime))
    document = json.loads(path.read_text("utf-8"))
    roles = sorted(sign_in["role"] for sign_in in document["sign_ins"])
    assert roles == ["approver", "approver", "auditor", "keeper", "manager", "owner", "reviewer", "rider"]
    assert set(document["sign_ins"][0]) == {"name", "role", "token"}
    assert document["address"] == ADDRESS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
