"""Single awards from one hot budget account: 1 to 512 clients in process, beside the peers and the floor.

An award is a report verified through group commit, as the API does it: award, transaction, entries, standing, event and
the stored answer under the request's key.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from tests.benchmarks.contenders import InFunctions, OnePerRequest, Ours, evenly
from tests.benchmarks.databases import Place
from tests.benchmarks.measuring import Contender, Series, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Goal, Line, at_least, at_most
from tests.benchmarks.programmes import create_template

NAME = "awards"
ONE, MANY = 1, 32
"""With so many clients the goals compare with the peers."""


def measure(place: Place, options: Options) -> Iterator[Line]:
    seconds = options.seconds
    with ExitStack() as stack:
        template, rider_ids = create_template(place, rider_count=options.rider_count)
        draw = evenly(rider_ids)
        contenders: dict[str, Contender] = {}
        for clients in sorted({*options.clients, ONE, MANY}):
            ours = Ours(stack, place, template, draw=draw, clients=clients, seconds=seconds, has_floor=clients == MANY)
            contenders[f"ours {clients}"] = ours.run
            if clients == MANY:
                contenders["floor"] = ours.replay
        usual = OnePerRequest(stack, place, template, draw=draw, seconds=seconds)
        contenders |= {f"usual {clients}": usual.contender(clients) for clients in (ONE, MANY)}
        if place.engine == "postgresql":
            functions = InFunctions(stack, place, rider_ids, draw=draw, seconds=seconds)
            contenders |= {
                "lean": functions.contender(MANY, is_full=False),
                "full": functions.contender(MANY, is_full=True),
            }
        found = take_turns(contenders, rounds=options.rounds)
    yield from _findings(place.engine, found)


def _findings(engine: str, found: dict[str, Series]) -> Iterator[Line]:
    def line(clients: int, beside: str, name: str, goal: Goal | None = None) -> Finding:
        return Finding(
            benchmark=NAME,
            engine=engine,
            what=f"{clients} clients" if clients > 1 else "1 client",
            unit="awards/s",
            figures=found[f"ours {clients}"].rates,
            beside=beside,
            beside_figures=found[name].rates,
            goal=goal,
        )

    yield line(ONE, "one unit of work per request", f"usual {ONE}", at_least(0.9))
    is_postgresql = engine == "postgresql"
    yield line(MANY, "one unit of work per request", f"usual {MANY}", at_least(6 if is_postgresql else 4))
    if is_postgresql:
        yield line(MANY, "pgledger's method, lean", "lean", at_least(10))
        yield line(MANY, "pgledger's method, all rows", "full")
    yield line(MANY, "floor: bare set-based writes", "floor")
    for name in found:
        clients = int(name.removeprefix("ours ")) if name.startswith("ours ") else 0
        if clients > MANY:
            yield line(clients, f"{MANY} clients", f"ours {MANY}", at_least(1))
        elif ONE < clients < MANY:
            yield line(clients, "1 client", f"ours {ONE}")
    yield from _latencies(engine, found[f"ours {MANY}"])
    yield from _processor_time(engine, found)


def _latencies(engine: str, ours: Series) -> Iterator[Line]:
    for percent in (50, 99):
        yield Finding(
            benchmark=NAME,
            engine=engine,
            what=f"{MANY} clients, p{percent} of an answer",
            unit="ms",
            figures=[1_000 * done.latency(percent) for done in ours.slices],
        )


def _processor_time(engine: str, found: dict[str, Series]) -> Iterator[Line]:
    """Steadier than rates on a busy machine. The server's is told apart where /proc knows it."""

    def line(what: str, name: str, beside: str, of: Callable[[Series], list[float]], goal: Goal | None = None) -> Line:
        return Finding(
            benchmark=NAME,
            engine=engine,
            what=what,
            unit="µs",
            figures=[1_000_000 * each for each in of(found[f"ours {MANY}"])],
            beside=beside,
            beside_figures=[1_000_000 * each for each in of(found[name])],
            goal=goal,
        )

    whole = "processor time per award, clients and server"
    yield line(whole, f"usual {MANY}", "one unit of work per request", Series.seconds_each)
    if "lean" not in found:
        return
    yield line(whole, "lean", "pgledger's method, lean", Series.seconds_each)
    of_server = Series.server_seconds_each
    if of_server(found[f"ours {MANY}"]) and of_server(found["lean"]):
        server = "processor time of PostgreSQL per award"
        yield line(server, "lean", "pgledger's method, lean", of_server, at_most(1 / 8))
        yield line(server, "full", "pgledger's method, all rows", of_server)
