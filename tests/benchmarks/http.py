"""Single awards over HTTP: 32 keep-alive connections from another process, beside a bare POST on the same server.

On PostgreSQL also beside the lean transfer of pgledger's method behind an equal handler.
"""

from collections.abc import Iterator
from contextlib import ExitStack

from ledger.storage.engine import open_database
from tests.benchmarks.contenders import Draw, Supply, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.functions import Functions
from tests.benchmarks.load import run_load
from tests.benchmarks.measuring import Contender, Series, Slice, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Goal, Line, at_least
from tests.benchmarks.programmes import Waiting, create_template, open_reviewer_session, open_runtime
from tests.benchmarks.serving import running_server

NAME = "http"
CONNECTIONS = 32
BARE_RATE = 20_000
"""Requests a second that the bare handler will not reach, so that its slices never run out of them."""


def measure(place: Place, options: Options) -> Iterator[Line]:
    with ExitStack() as stack:
        template, rider_ids = create_template(place, rider_count=options.rider_count)
        draw = evenly(rider_ids)
        contenders: dict[str, Contender] = {
            "ours": Ours(stack, place, template, draw=draw, seconds=options.seconds).run,
            "bare": bare(stack, options.seconds),
        }
        if place.engine == "postgresql":
            peer = Functions(place.create(), rider_ids)
            stack.callback(peer.dispose)
            contenders["functions"] = behind_handler(stack, peer, draw=draw, seconds=options.seconds)
        found = take_turns(contenders, rounds=options.rounds)
    yield from _findings(place.engine, found)


class Ours:
    """The product's server on a copy of the template. `bulk` reports a request."""

    def __init__(
        self,
        stack: ExitStack,
        place: Place,
        template: str,
        *,
        draw: Draw,
        seconds: float,
        connections: int = CONNECTIONS,
        bulk: int = 1,
    ) -> None:
        url = place.create(like=template)
        with open_runtime(url) as runtime:
            self._token = open_reviewer_session(runtime)
        self._database = open_database(url)
        stack.callback(self._database.dispose)
        self._server = stack.enter_context(running_server("ours", url))
        self._supply = Supply(draw, seconds=seconds, at_least=connections * bulk * 2)
        self._seconds = seconds
        self._connections = connections
        self._bulk = bulk

    def run(self) -> Slice:
        waiting = self._supply.submit([self._database])
        parts = [waiting[first : first + self._bulk] for first in range(0, len(waiting), self._bulk)]
        done = run_load(
            self._server.port,
            [_verification(part) for part in parts],
            token=self._token,
            connections=self._connections,
            seconds=self._seconds,
            each=self._bulk,
        )
        return self._supply.learn(done)


def _verification(part: list[Waiting]) -> tuple[str, str, str]:
    if len(part) == 1:
        return f"/v1/reports/{part[0].report_id}/verification", part[0].key, "{}"
    items = ", ".join(f'{{"report": "{item.report_id}"}}' for item in part)
    return "/v1/reports/verifications", part[0].key, f'{{"items": [{items}]}}'


def bare(stack: ExitStack, seconds: float) -> Contender:
    server = stack.enter_context(running_server("bare"))
    requests = [("/v1/reports/01a20b7d-0000-7000-8000-000000000000/verification", "key", "{}")]
    requests *= int(BARE_RATE * seconds)
    return lambda: run_load(server.port, requests, token="token", connections=CONNECTIONS, seconds=seconds)


def behind_handler(stack: ExitStack, peer: Functions, *, draw: Draw, seconds: float) -> Contender:
    server = stack.enter_context(running_server("functions", peer.url, str(peer.budget)))
    supply = Supply(draw, seconds=seconds, at_least=CONNECTIONS * 2)

    def run() -> Slice:
        waiting = supply.submit([])
        requests = [(f"/v1/reports/{item.rider_id}/verification", item.key, "{}") for item in waiting]
        done = run_load(server.port, requests, token="token", connections=CONNECTIONS, seconds=seconds)
        return supply.learn(done)

    return run


def _findings(engine: str, found: dict[str, Series]) -> Iterator[Line]:
    def line(beside: str, name: str, goal: Goal) -> Finding:
        return Finding(
            benchmark=NAME,
            engine=engine,
            what=f"{CONNECTIONS} connections",
            unit="awards/s",
            figures=found["ours"].rates,
            beside=beside,
            beside_figures=found[name].rates,
            goal=goal,
        )

    yield line("floor: a bare Litestar POST", "bare", at_least(0.5))
    if "functions" in found:
        yield line("pgledger's method, lean, equal handler", "functions", at_least(6))
    for name, what in (("ours", "load generator's share of a core"), ("bare", "the same, for the bare POST")):
        shares = found[name].figures(lambda done: done.own_seconds / done.seconds)
        yield Finding(benchmark=NAME, engine=engine, what=what, unit="", figures=shares)
