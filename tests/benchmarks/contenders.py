"""Who is measured: the product, its floor, and the peers; each on a database of its own, copied from one template."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from random import Random
from uuid import UUID

from ledger.app import read_clock
from ledger.storage.engine import Database, open_database
from ledger.storage.group_commit import Command
from tests.benchmarks.clients import run_commands, run_threads
from tests.benchmarks.databases import Place
from tests.benchmarks.floors import AwardFloor
from tests.benchmarks.functions import Functions
from tests.benchmarks.measuring import Contender, Slice
from tests.benchmarks.per_request import PerRequest
from tests.benchmarks.processor_time import read_server_seconds
from tests.benchmarks.programmes import Waiting, insert_reports, open_runtime, verification

FIRST_RATE = 3_000
"""Awards a second that a slice is prepared for before anything is known; one that runs out of them ends early."""

Draw = Callable[[int], Sequence[UUID]]
"""So many riders, each as often as is to be measured."""


def evenly(rider_ids: Sequence[UUID]) -> Draw:
    random = Random(1)
    return lambda number: random.choices(rider_ids, k=number)


class Supply:
    """Waiting reports, about as many as the next slice can need."""

    def __init__(self, draw: Draw, *, seconds: float, at_least: int = 0) -> None:
        self._draw = draw
        self._seconds = seconds
        self._at_least = at_least
        self._wanted = FIRST_RATE * seconds

    def submit(self, databases: Sequence[Database]) -> list[Waiting]:
        """The same reports in each of the databases."""
        return insert_reports(databases, self._draw(max(math.ceil(self._wanted), self._at_least)))

    def learn(self, done: Slice) -> Slice:
        self._wanted = 1.5 * done.rate * self._seconds
        return done


class Ours:
    """The product, with so many clients in process. With a floor, `replay` writes again what the last slice wrote."""

    def __init__(
        self,
        stack: ExitStack,
        place: Place,
        template: str,
        *,
        draw: Draw,
        clients: int,
        seconds: float,
        bulk: int = 1,
        has_floor: bool = False,
    ) -> None:
        url = place.create(like=template)
        self._runtime = stack.enter_context(open_runtime(url))
        self.databases = [self._runtime.database]
        if has_floor:
            copy = open_database(place.create(like=template))
            stack.callback(copy.dispose)
            self.databases.append(copy)
            self._floor = AwardFloor(self._runtime.database, copy)
        self._postmaster = place.postmaster
        self._clients = clients
        self._seconds = seconds
        self._bulk = bulk
        self._supply = Supply(draw, seconds=seconds, at_least=clients * bulk * 2)
        self._began: datetime | None = None

    def run(self) -> Slice:
        waiting = self._supply.submit(self.databases)
        commands = iter(commands_for(waiting, self._bulk))
        self._began = read_clock()
        return self._supply.learn(
            timed_on_server(
                self._postmaster,
                lambda: run_commands(self._runtime.writer, commands, clients=self._clients, seconds=self._seconds),
            )
        )

    def replay(self) -> Slice:
        assert self._began is not None
        return self._floor.replay(self._began)


def commands_for(waiting: Sequence[Waiting], bulk: int) -> list[Command]:
    return [verification(waiting[first : first + bulk]) for first in range(0, len(waiting) - bulk + 1, bulk)]


class OnePerRequest:
    """The usual way, on a copy of the same template."""

    def __init__(self, stack: ExitStack, place: Place, template: str, *, draw: Draw, seconds: float) -> None:
        self.url = place.create(like=template)
        self._database = open_database(self.url)
        stack.callback(self._database.dispose)
        self._peer = PerRequest(self.url)
        stack.callback(self._peer.dispose)
        self._postmaster = place.postmaster
        self._draw = draw
        self._seconds = seconds

    def contender(self, clients: int) -> Contender:
        supply = Supply(self._draw, seconds=self._seconds, at_least=clients * 2)

        def run() -> Slice:
            items = iter(supply.submit([self._database]))
            do_one = self._peer.clients(clients)
            return supply.learn(
                timed_on_server(self._postmaster, lambda: run_threads(do_one, items, seconds=self._seconds))
            )

        return run


class InFunctions:
    """pgledger's method, lean and full. PostgreSQL only."""

    def __init__(
        self, stack: ExitStack, place: Place, rider_ids: Sequence[UUID], *, draw: Draw, seconds: float
    ) -> None:
        self.url = place.create()
        self._peer = Functions(self.url, rider_ids)
        stack.callback(self._peer.dispose)
        self._postmaster = place.postmaster
        self._draw = draw
        self._seconds = seconds

    def contender(self, clients: int, *, is_full: bool) -> Contender:
        supply = Supply(self._draw, seconds=self._seconds, at_least=clients * 2)

        def run() -> Slice:
            waiting = supply.submit([])
            if is_full:
                self._peer.submit(waiting)
            do_one = self._peer.full(clients) if is_full else self._peer.lean(clients)
            return supply.learn(
                timed_on_server(self._postmaster, lambda: run_threads(do_one, iter(waiting), seconds=self._seconds))
            )

        return run


def timed_on_server(postmaster: int | None, run: Callable[[], Slice]) -> Slice:
    """The slice, with the processor time that the server took meanwhile, where that can be read."""
    if postmaster is None:
        return run()
    before = read_server_seconds(postmaster)
    done = run()
    return done.with_server_seconds(read_server_seconds(postmaster) - before)
