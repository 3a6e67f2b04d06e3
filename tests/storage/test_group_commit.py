"""The writer: one effect a key, one commit for many, one bad command alone in its harm, nothing answered too early."""

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.domain.errors import BrokenInvariant, IdempotencyKeyReused, NotFound, ServiceBusy, StorageUnavailable
from ledger.storage import group_commit
from ledger.storage.group_commit import ITEMS_PER_COMMIT_MAX, QUEUE_COMMANDS_MAX, QUEUE_ITEMS_MAX, GroupCommit
from ledger.storage.idempotency import Answer
from ledger.storage.unit_of_work import UnitOfWork
from tests.conftest import open_world
from tests.storage.writers import (
    break_on_bad,
    busy,
    command,
    counted_commits,
    read_numbers,
    read_recorded,
    record,
    refuse_odd,
)
from tests.world import World, found_programme

REPEATS = 50


@pytest.fixture
def writer(world: World) -> GroupCommit:
    return world.runtime.writer


def check_one_effect(world: World, answers: list[Answer]) -> None:
    assert {(answer.status, answer.body) for answer in answers} == {(200, b'["one done"]')}
    assert Counter(answer.is_replay for answer in answers) == {False: 1, True: len(answers) - 1}
    assert read_recorded(world) == ["one"]


def test_fifty_identical_requests_from_threads_have_one_effect(world: World, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(REPEATS) as pool:
        answers = list(pool.map(lambda _: writer.run(command("one", key="k")), range(REPEATS)))
    check_one_effect(world, answers)


def test_fifty_identical_requests_of_one_loop_have_one_effect(world: World, writer: GroupCommit) -> None:
    async def send() -> list[Answer]:
        return await asyncio.gather(*(writer.submit(command("one", key="k")) for _ in range(REPEATS)))

    check_one_effect(world, asyncio.run(send()))


def test_fifty_identical_requests_in_one_unit_of_work_have_one_effect(world: World, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(REPEATS) as pool, busy(writer):
        waiting = [pool.submit(writer.run, command("one", key="k")) for _ in range(REPEATS)]
        wait_for(writer, REPEATS)
    check_one_effect(world, [future.result() for future in waiting])


def test_identical_requests_to_two_processes_have_one_effect(world: World, other_process: World) -> None:
    writers = [world.runtime.writer, other_process.runtime.writer]
    with ThreadPoolExecutor(REPEATS) as pool:
        answers = list(pool.map(lambda n: writers[n % 2].run(command("one", key="k")), range(REPEATS)))
    check_one_effect(world, answers)


def test_a_repeat_after_a_restart_is_answered_from_the_store(world: World, database_url: str) -> None:
    first = world.runtime.writer.run(command("one", key="k"))
    with open_world(database_url) as restarted:
        again = restarted.runtime.writer.run(command("one", key="k"))
        assert again == first.as_replay()
        assert read_recorded(restarted) == ["one"]


def test_another_body_under_the_same_key_is_refused_and_changes_nothing(world: World, writer: GroupCommit) -> None:
    writer.run(command("one", key="k"))
    with pytest.raises(IdempotencyKeyReused, match="k"):
        writer.run(command("two", key="k", request=b"another"))
    assert read_recorded(world) == ["one"]


def test_another_body_under_the_same_key_is_refused_within_one_unit_of_work(world: World, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(2) as pool, busy(writer):
        first = pool.submit(writer.run, command("one", key="k"))
        wait_for(writer, 1)
        second = pool.submit(writer.run, command("two", key="k", request=b"another"))
        wait_for(writer, 2)
    assert first.result().body == b'["one done"]'
    with pytest.raises(IdempotencyKeyReused):
        second.result()
    assert read_recorded(world) == ["one"]


def test_two_clients_may_choose_the_same_key(world: World, writer: GroupCommit) -> None:
    for actor in ("operator/wang", "operator/li"):
        assert not writer.run(command(actor, key="k", actor=actor)).is_replay
    assert read_recorded(world) == ["operator/wang", "operator/li"]


def test_a_stored_refusal_is_repeated_too(writer: GroupCommit) -> None:
    first = writer.run(command("item-1", use_case=refuse_odd, key="k"))
    assert first.body == b'["refused not_found"]'
    assert writer.run(command("item-1", use_case=refuse_odd, key="k")) == first.as_replay()


def test_a_megabyte_of_answer_is_repeated_byte_by_byte(writer: GroupCommit) -> None:
    def answer_at_length(_uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        return [item * 1_000 for item in batch]

    items = [f"鄞{number}" for number in range(400)]
    first = writer.run(command(*items, use_case=answer_at_length, key="k"))
    assert len(first.body) > 2**20
    assert writer.run(command(*items, use_case=answer_at_length, key="k")) == first.as_replay()


def test_what_waits_together_is_committed_together(world: World, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(100) as pool, counted_commits(world.runtime.database) as commits:
        with busy(writer):
            waiting = [pool.submit(writer.run, command(f"item-{n:03d}")) for n in range(100)]
            wait_for(writer, 100)
        answers = [future.result() for future in waiting]
    assert len(commits) == 2  # of what held the writer up, and of the hundred
    assert sorted(answer.body for answer in answers) == [b'["item-%03d done"]' % n for n in range(100)]
    assert sorted(read_recorded(world)) == [f"item-{n:03d}" for n in range(100)]


def test_a_lone_command_is_committed_at_once(world: World, writer: GroupCommit) -> None:
    with counted_commits(world.runtime.database) as commits:
        for item in "abc":
            writer.run(command(item))
    assert len(commits) == 3


def test_each_command_gets_the_outcomes_of_its_own_items(writer: GroupCommit) -> None:
    sizes = [3, 1, 5, 2]
    batches = [[f"{n}-{m}" for m in range(size)] for n, size in enumerate(sizes)]
    with ThreadPoolExecutor(len(sizes)) as pool, busy(writer):
        waiting = [pool.submit(writer.run, command(*batch, use_case=refuse_odd)) for batch in batches]
        wait_for(writer, len(sizes))
    for batch, future in zip(batches, waiting, strict=True):
        said = ["refused not_found" if int(item[-1]) % 2 else f"{item} done" for item in batch]
        assert future.result().body.decode() == str(said).replace("'", '"').replace(", ", ",")


def test_a_refusal_rolls_nothing_back(world: World, writer: GroupCommit) -> None:
    writer.run(command("item-0", "item-1", "item-2", use_case=refuse_odd))
    assert read_recorded(world) == ["item-0", "item-2"]


def test_a_command_that_breaks_hurts_only_itself(world: World, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(10) as pool, busy(writer):
        items = ["a", "b", "bad", "c"]
        same = [pool.submit(writer.run, command(item, use_case=break_on_bad, key=item)) for item in items]
        other = pool.submit(writer.run, command("d"))
        wait_for(writer, 5)
    assert [same[n].result().body for n in (0, 1, 3)] == [b'["a done"]', b'["b done"]', b'["c done"]']
    assert other.result().body == b'["d done"]'
    with pytest.raises(ZeroDivisionError):
        same[2].result()
    assert sorted(read_recorded(world)) == ["a", "b", "c", "d"]
    assert read_numbers(world) == list(range(1, len(read_numbers(world)) + 1))


def test_a_command_that_broke_may_be_repeated_with_its_key(world: World, writer: GroupCommit) -> None:
    with pytest.raises(ZeroDivisionError):
        writer.run(command("bad", use_case=break_on_bad, key="k"))
    assert not writer.run(command("bad", key="k")).is_replay
    assert read_recorded(world) == ["bad"]


def test_a_use_case_that_loses_an_outcome_is_stopped(world: World, writer: GroupCommit) -> None:
    def lose_one(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
        return record(uow, batch)[1:]

    with pytest.raises(BrokenInvariant, match="2 items"):
        writer.run(command("a", "b", use_case=lose_one))
    assert read_recorded(world) == []


def test_an_answer_that_cannot_be_written_undoes_its_work(world: World, writer: GroupCommit) -> None:
    def answer_nonsense(uow: UnitOfWork, batch: Sequence[str]) -> list[object]:
        record(uow, batch)
        return [object() for _ in batch]

    with pytest.raises(TypeError):
        writer.run(command("a", use_case=answer_nonsense))
    assert read_recorded(world) == []


def test_a_dry_run_answers_the_same_and_leaves_no_trace(world: World, writer: GroupCommit) -> None:
    before = read_numbers(world)
    preview = writer.run(command("a", "b", use_case=refuse_odd_or_record, is_dry_run=True))
    assert read_numbers(world) == before
    done = writer.run(command("a", "b", use_case=refuse_odd_or_record))
    assert preview == done
    assert read_numbers(world) == [*before, before[-1] + 1, before[-1] + 2]


def refuse_odd_or_record(uow: UnitOfWork, batch: Sequence[str]) -> list[str]:
    return record(uow, batch)


def test_previews_and_writes_that_wait_together_do_not_see_each_other(world: World, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(2) as pool, busy(writer):
        preview = pool.submit(writer.run, command("preview", is_dry_run=True))
        done = pool.submit(writer.run, command("done"))
        wait_for(writer, 2)
    assert (preview.result().body, done.result().body) == (b'["preview done"]', b'["done done"]')
    assert read_recorded(world) == ["done"]


def test_nothing_is_answered_before_another_connection_sees_it(world: World, writer: GroupCommit) -> None:
    async def send(number: int) -> bool:
        await writer.submit(command(f"item-{number}"))
        return f"item-{number}" in read_recorded(world)

    async def send_all() -> list[bool]:
        return await asyncio.gather(*(send(number) for number in range(30)))

    assert all(asyncio.run(send_all()))


def test_the_work_of_a_client_that_went_away_is_stored(world: World, writer: GroupCommit) -> None:
    async def send_and_leave() -> None:
        with busy(writer):
            task = asyncio.create_task(writer.submit(command("one", key="k")))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(send_and_leave())
    assert writer.run(command("one", key="k")).is_replay
    assert read_recorded(world) == ["one"]


def test_a_loop_that_ended_before_its_answer_stops_nobody_else(world: World, writer: GroupCommit) -> None:
    loop = asyncio.new_event_loop()
    with busy(writer):
        left = loop.create_task(writer.submit(command("left")))
        loop.run_until_complete(asyncio.sleep(0))
        left.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    assert writer.run(command("later")).status == 200
    assert read_recorded(world) == ["left", "later"]


def test_a_full_queue_refuses_and_goes_on_when_it_has_room(world: World, writer: GroupCommit) -> None:
    async def fill() -> list[Answer]:
        with busy(writer):
            tasks = [asyncio.create_task(writer.submit(command("x"))) for _ in range(QUEUE_COMMANDS_MAX)]
            await asyncio.sleep(0)
            assert writer.waiting == QUEUE_COMMANDS_MAX
            with pytest.raises(ServiceBusy):
                await writer.submit(command("one too many"))
        return await asyncio.gather(*tasks)

    assert len(asyncio.run(fill())) == QUEUE_COMMANDS_MAX
    assert writer.run(command("room again")).status == 200
    assert Counter(read_recorded(world)) == {"x": QUEUE_COMMANDS_MAX, "room again": 1}


def test_a_few_large_commands_fill_the_queue_too(writer: GroupCommit) -> None:
    whole = command(*range(ITEMS_PER_COMMIT_MAX), use_case=count_off)
    room = QUEUE_ITEMS_MAX // ITEMS_PER_COMMIT_MAX

    async def fill() -> list[Answer]:
        with busy(writer):
            tasks = [asyncio.create_task(writer.submit(whole)) for _ in range(room)]
            await asyncio.sleep(0)
            assert writer.waiting == room
            with pytest.raises(ServiceBusy):
                await writer.submit(command("one item too many"))
        return await asyncio.gather(*tasks)

    assert len(asyncio.run(fill())) == room
    assert writer.run(whole).status == 200


def test_a_command_larger_than_the_queue_is_taken_when_nothing_waits(writer: GroupCommit) -> None:
    assert writer.run(command(*range(QUEUE_ITEMS_MAX + 1), use_case=count_off)).status == 200


def count_off(_uow: UnitOfWork, batch: Sequence[int]) -> list[int]:
    return list(batch)


def test_what_its_client_gave_up_waiting_for_is_not_begun(
    world: World, writer: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "ANSWER_SECONDS_MAX", 0.1)

    async def wait_too_long() -> None:
        with busy(writer):
            task = asyncio.create_task(writer.submit(command("late", key="k")))
            await asyncio.sleep(0.2)
        with pytest.raises(StorageUnavailable):
            await task

    asyncio.run(wait_too_long())
    assert read_recorded(world) == []
    # A job without a loop has nobody who would ask again.
    with ThreadPoolExecutor(1) as pool, busy(writer):
        patient = pool.submit(writer.run, command("patient"))
        threading.Event().wait(0.2)
    assert patient.result().status == 200
    assert not writer.run(command("late", key="k")).is_replay


def test_stopping_answers_what_is_waiting_and_refuses_what_comes(world: World, database_url: str) -> None:
    with open_world(database_url) as stopping, ThreadPoolExecutor(5) as pool:
        writer = stopping.runtime.writer
        with busy(writer):
            waiting = [pool.submit(writer.run, command(f"item-{n}")) for n in range(5)]
            wait_for(writer, 5)
            stopper = threading.Thread(target=writer.stop)
            stopper.start()
        stopper.join()
        assert {future.result().status for future in waiting} == {200}
        with pytest.raises(ServiceBusy):
            writer.run(command("too late"))
    assert len(read_recorded(world)) == 5


def test_a_unit_of_work_never_spans_programmes(world: World, writer: GroupCommit) -> None:
    second = World(runtime=world.runtime, clock=world.clock, programme_id=2)
    found_programme(second, name="第二区")
    units: list[tuple[int, list[int]]] = []

    def note(uow: UnitOfWork, batch: Sequence[int]) -> list[str]:
        units.append((uow.programme_id, list(batch)))
        return ["noted"] * len(batch)

    with ThreadPoolExecutor(20) as pool, busy(writer):
        ids = [world.programme_id, second.programme_id] * 10
        waiting = [pool.submit(writer.run, command(n, use_case=note, programme_id=n)) for n in ids]
        wait_for(writer, 20)
    assert {future.result().body for future in waiting} == {b'["noted"]'}
    assert sorted(units) == [(2, [2] * 10), (world.programme_id, [world.programme_id] * 10)]


def test_a_programme_with_a_long_queue_does_not_keep_another_waiting(world: World, writer: GroupCommit) -> None:
    second = World(runtime=world.runtime, clock=world.clock, programme_id=2)
    found_programme(second, name="第二区")
    order: list[int] = []

    def note(uow: UnitOfWork, batch: Sequence[int]) -> list[str]:
        order.append(uow.programme_id)
        return ["noted"] * len(batch)

    with ThreadPoolExecutor(10) as pool, busy(writer):
        whole = [0] * ITEMS_PER_COMMIT_MAX
        waiting = [pool.submit(writer.run, command(*whole, use_case=note)) for _ in range(4)]
        wait_for(writer, 4)
        waiting.append(pool.submit(writer.run, command(0, use_case=note, programme_id=2)))
        wait_for(writer, 5)
    for future in waiting:
        future.result()
    assert order == [world.programme_id, 2, *[world.programme_id] * 3]


def test_a_programme_nobody_founded_is_not_found(world: World) -> None:
    nowhere = World(runtime=world.runtime, clock=world.clock, programme_id=9)
    with pytest.raises(NotFound):
        nowhere.enroll()


def wait_for(writer: GroupCommit, waiting: int) -> None:
    """Until so many commands are in the queue; the clients' threads need a moment to put them there."""
    for _ in range(2_000):
        if writer.waiting >= waiting:
            return
        threading.Event().wait(0.005)
    raise AssertionError(f"{writer.waiting} commands are waiting, not {waiting}")
