"""How rows are sorted and cut into requests, for a run and for a dry run."""

from datetime import UTC, datetime, timedelta

from admin_cli.importing.batches import (
    BATCH_SIZE_MAX,
    MappedRow,
    count_overfull_riders,
    cut_by_rider,
    cut_in_order,
    sort_rows,
)
from admin_cli.importing.rows import ImportItem
from tests.admin_cli.importing.builders import SHANGHAI

START = datetime(2015, 1, 1, tzinfo=UTC)


def mapped(number: int, rider: str = "R1", *, hours: float = 0) -> MappedRow:
    item = ImportItem(
        external_id=str(number),
        rider_code=rider,
        category_code="FAC-01",
        state="submitted",
        submitted_at=START + timedelta(hours=hours),
    )
    return MappedRow(item, number)


def test_rows_are_sorted_by_opening_time_and_then_by_id():
    rows = [mapped(2, hours=1), mapped(10, hours=1), mapped(3), mapped(1, hours=1)]

    sort_rows(rows)

    assert [row.item.external_id for row in rows] == ["3", "1", "10", "2"]


def test_batches_in_order_hold_every_row_once_and_none_is_too_large():
    rows = [mapped(number) for number in range(2 * BATCH_SIZE_MAX + 1)]

    batches = list(cut_in_order(rows))

    assert [len(batch) for batch in batches] == [BATCH_SIZE_MAX, BATCH_SIZE_MAX, 1]
    assert [row for batch in batches for row in batch] == rows


def test_batches_by_rider_never_split_a_rider_and_keep_the_order_within():
    rows = [mapped(number, f"R{number % 7}", hours=number) for number in range(3_000)]

    batches = list(cut_by_rider(rows, SHANGHAI))

    riders = [{row.item.rider_code for row in batch} for batch in batches]
    assert sum(map(len, riders)) == 7
    assert all(len(batch) <= BATCH_SIZE_MAX for batch in batches)
    for batch in batches:
        for rider in {row.item.rider_code for row in batch}:
            numbers = [row.line for row in batch if row.item.rider_code == rider]
            assert numbers == sorted(numbers)


def test_a_rider_with_more_rows_than_a_batch_is_split_between_local_months():
    rows = [mapped(number, hours=number * 1.2) for number in range(1_500)]

    months = [
        {f"{row.item.submitted_at.astimezone(SHANGHAI):%Y-%m}" for row in batch}
        for batch in cut_by_rider(rows, SHANGHAI)
    ]

    assert sum(map(len, months)) == len(set().union(*months))
    assert count_overfull_riders(rows, SHANGHAI) == 0


def test_a_rider_with_more_rows_in_a_month_than_a_batch_is_counted():
    rows = [mapped(number) for number in range(BATCH_SIZE_MAX + 1)] + [mapped(9_999, "R2")]

    assert count_overfull_riders(rows, SHANGHAI) == 1
    assert sum(map(len, cut_by_rider(rows, SHANGHAI))) == len(rows)


def test_no_rows_make_no_batches():
    assert list(cut_in_order([])) == list(cut_by_rider([], SHANGHAI)) == []
