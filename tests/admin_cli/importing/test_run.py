"""Whole imports against a service in memory: order, counts, outages, interruptions."""

import random
import signal
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.importing.batch_sending import OUTAGE_WAITS_SECONDS
from admin_cli.importing.batches import BATCH_SIZE_MAX
from admin_cli.importing.stop import StopRequest
from tests.admin_cli.importing.builders import (
    MAPPING,
    FakeService,
    numbered,
    problem,
    row,
    run,
    write_csv,
    write_mapping,
)


def many_rows(count: int) -> list[dict[str, str]]:
    """Reports of a few busy riders over some weeks, so that days beyond the cap fall on both sides of a batch's end."""
    start = datetime(2015, 6, 1)  # noqa: DTZ001 - a wall clock of the file
    return [
        row(id=f"{number:05}", rider=f"R{number % 9:05}", opened=str(start + timedelta(minutes=12 * number)))
        for number in range(count)
    ]


def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits: list[float] = []

    def wait(stop: StopRequest, seconds: float) -> bool:
        waits.append(seconds)
        return stop.is_asked

    monkeypatch.setattr(StopRequest, "wait", wait)
    return waits


def test_the_whole_file_is_sent_in_the_order_of_opening_time_and_id(tmp_path):
    service = FakeService()
    rows = many_rows(2_500)
    random.Random(1).shuffle(rows)

    run(service, write_csv(tmp_path, rows), tmp_path)

    sent = [item for items in service.requests for item in items]
    assert [len(items) for items in service.requests] == [BATCH_SIZE_MAX, BATCH_SIZE_MAX, 500]
    assert [item["external_id"] for item in sent] == sorted(item["external_id"] for item in sent)


def test_the_summary_counts_what_became_of_every_row(tmp_path):
    service = FakeService()
    service.reports["4"] = {}
    service.refused_ids = {"5"}
    rows = [
        row(id="1"),
        row(id="2", why="Invalid"),
        row(id="3", status="Open"),
        row(id="4"),
        row(id="5"),
        row(id="6", type="?"),
    ]

    summary = run(service, write_csv(tmp_path, rows), tmp_path)

    assert (summary.rows_read, summary.booked, summary.unchanged, summary.bad) == (6, 3, 1, 2)
    assert summary.reasons == {"rider_not_active": 1, "unknown_type": 1}
    assert summary.states == {"verified": 2, "rejected": 1, "submitted": 1}
    assert (summary.riders_enrolled, summary.points_wanted, summary.points_granted) == (1, 10, 10)
    assert summary.is_complete


def test_the_same_file_again_changes_nothing(tmp_path):
    service = FakeService()
    source = write_csv(tmp_path, many_rows(1_200))
    run(service, source, tmp_path)
    before = dict(service.reports)

    summary = run(service, source, tmp_path)

    assert (summary.booked, summary.unchanged, summary.points_granted) == (0, 1_200, 0)
    assert service.reports == before


def test_a_dry_run_stores_nothing_and_gives_the_sums_of_the_run(tmp_path):
    service = FakeService()
    source = write_csv(tmp_path, many_rows(2_500))

    preview = run(service, source, tmp_path, is_dry_run=True)
    assert service.reports == {}
    real = run(service, source, tmp_path)

    assert preview.points_granted < preview.points_wanted
    for name in ("booked", "points_wanted", "points_granted", "riders_enrolled", "states"):
        assert getattr(preview, name) == getattr(real, name)


def test_a_dry_run_counts_a_rider_once_whose_rows_fill_several_requests(tmp_path):
    rows = [
        row(id=f"{number:05}", opened=f"2015-{number % 12 + 1:02}-01 08:00:00", closed="2016-01-01 00:00:00")
        for number in range(1_500)
    ]

    preview = run(FakeService(), write_csv(tmp_path, rows), tmp_path, is_dry_run=True)

    assert preview.riders_enrolled == 1
    assert preview.points_granted == 12 * 10 * 10
    assert preview.warnings["overfull_riders"] == 0


def test_an_outage_is_waited_for_and_the_same_request_is_sent_again(tmp_path, monkeypatch):
    waits = no_waiting(monkeypatch)
    service = FakeService()
    service.faults = [lambda: problem(503, "storage_unavailable")] * 5

    summary = run(service, write_csv(tmp_path, numbered(3)), tmp_path)

    assert waits == list(OUTAGE_WAITS_SECONDS[:1])
    assert (summary.booked, summary.is_complete) == (3, True)


def test_a_lost_connection_ends_the_import_after_bounded_retries_with_what_is_booked(tmp_path, monkeypatch):
    waits = no_waiting(monkeypatch)
    service = FakeService()

    def lose() -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    def lose_from_now_on() -> None:
        service.faults = [lose] * 100

    service.before_answer = lose_from_now_on
    source = write_csv(tmp_path, [*many_rows(1_500), row(id="bad", type="?")])

    summary = run(service, source, tmp_path)

    assert waits == list(OUTAGE_WAITS_SECONDS)
    assert summary.failure is not None
    assert summary.failure.exit_code is ExitCode.UNAVAILABLE
    assert (summary.booked, summary.is_complete, summary.bad) == (1_000, False, 1)
    assert summary.bad_rows_file is not None
    assert Path(summary.bad_rows_file).exists()


def test_an_import_that_stopped_half_way_ends_with_the_same_books_as_one_run(tmp_path, monkeypatch):
    no_waiting(monkeypatch)
    source = write_csv(tmp_path, many_rows(2_500))
    whole, halted = FakeService(), FakeService()
    run(whole, source, tmp_path)
    halted.before_answer = lambda: halted.faults.extend([lambda: problem(503, "storage_unavailable")] * 100)

    first = run(halted, source, tmp_path)
    halted.before_answer, halted.faults = lambda: None, []
    second = run(halted, source, tmp_path)

    assert not first.is_complete
    assert (second.unchanged, second.booked) == (1_000, 1_500)
    assert halted.reports == whole.reports


def test_an_answer_that_was_lost_is_not_booked_twice(tmp_path, monkeypatch):
    service = FakeService()
    answered: list[int] = []

    def lose_the_first() -> None:
        answered.append(1)
        if len(answered) == 1:
            raise httpx2.ReadError("reset")

    service.before_answer = lose_the_first

    summary = run(service, write_csv(tmp_path, numbered(3)), tmp_path)

    assert len(service.reports) == 3
    assert summary.booked + summary.unchanged == 3


def test_ctrl_c_lets_the_running_request_finish_and_stops(tmp_path):
    service = FakeService()
    service.before_answer = lambda: signal.raise_signal(signal.SIGINT)
    source = write_csv(tmp_path, many_rows(2_500))

    summary = run(service, source, tmp_path)

    assert summary.is_interrupted
    assert (summary.booked, summary.is_complete) == (1_000, False)
    assert len(service.reports) == 1_000
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_twice_stops_at_once(tmp_path):
    service = FakeService()

    def interrupt_twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    service.before_answer = interrupt_twice

    with pytest.raises(KeyboardInterrupt):
        run(service, write_csv(tmp_path, many_rows(2_500)), tmp_path)


def test_a_malformed_row_that_only_the_server_finds_does_not_stop_the_rest(tmp_path):
    service = FakeService()
    service.malformed_ids = {"00007", "01234"}

    summary = run(service, write_csv(tmp_path, many_rows(1_500)), tmp_path)

    assert (summary.booked, summary.bad) == (1_498, 2)
    assert summary.reasons == {"invalid_request": 2}
    assert list(service.reports) == sorted(service.reports)


def test_a_server_that_finds_every_row_malformed_ends_the_import(tmp_path, monkeypatch):
    monkeypatch.setattr("admin_cli.importing.batch_sending.REFUSED_FORMS_MAX", 3)
    service = FakeService()
    service.malformed_ids = {str(number) for number in range(20)}

    summary = run(service, write_csv(tmp_path, numbered(19)), tmp_path)

    assert summary.failure is not None
    assert summary.failure.code == "invalid_request"


@pytest.mark.parametrize("code", ["forbidden", "not_signed_in"])
def test_who_may_not_import_is_told_at_the_first_request(tmp_path, code):
    service = FakeService()
    service.faults = [lambda: problem(403, code)]

    summary = run(service, write_csv(tmp_path, numbered(3)), tmp_path)

    assert summary.failure is not None
    assert summary.failure.exit_code is ExitCode.FORBIDDEN
    assert summary.booked == 0


def test_a_category_that_the_rulebook_does_not_have_is_found_before_anything_is_sent(tmp_path):
    service = FakeService()
    write_mapping(tmp_path, MAPPING.replace("ENV-01", "ENV-99"))

    with pytest.raises(Failure, match=r"ENV-99.*ENV-01") as caught:
        run(service, write_csv(tmp_path, numbered(3)), tmp_path)

    assert caught.value.exit_code is ExitCode.USAGE
    assert service.requests == []


def test_a_file_with_a_header_only_is_an_import_of_nothing(tmp_path):
    service = FakeService()

    summary = run(service, write_csv(tmp_path, []), tmp_path)

    assert (summary.rows_read, summary.is_complete, service.requests) == (0, True, [])
