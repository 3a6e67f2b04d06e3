"""Redemptions of one hot item, beside awards: points held, a unit reserved, the voucher made, both floors checked."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import count, cycle
from typing import Any

import msgspec
from sqlalchemy import select

from ledger.domain.catalog import ItemKind
from ledger.services.catalog import PutItem, PutStation, RestockItem, put_items, put_stations, restock_items
from ledger.services.redemptions import RequestRedemption, request_redemptions
from ledger.storage.group_commit import Command
from ledger.storage.idempotency import Answer, IdempotencyKey
from ledger.storage.tables import riders
from seed.owner import PROGRAMME_ID, play
from tests.benchmarks.clients import run_commands
from tests.benchmarks.contenders import Ours, evenly, timed_on_server
from tests.benchmarks.databases import Place
from tests.benchmarks.measuring import Contender, Slice, take_turns
from tests.benchmarks.options import Options
from tests.benchmarks.printing import Finding, Line, at_least
from tests.benchmarks.programmes import create_template, open_runtime

NAME = "redemptions"
CLIENTS = 32
SKU, STATION = "G-001", "ZGM"
PRICE = 1
"""So little that the 50 points of each rider's lot last: the floors are checked all the same."""
STOCK = 1_000_000
MANAGER = "operator/manager"


def measure(place: Place, options: Options) -> Iterator[Line]:
    with ExitStack() as stack:
        template, rider_ids = create_template(place, rider_count=options.rider_count)
        contenders = {
            "redemptions": redeeming(stack, place, template, options.seconds),
            "awards": Ours(
                stack, place, template, draw=evenly(rider_ids), clients=CLIENTS, seconds=options.seconds
            ).run,
        }
        found = take_turns(contenders, rounds=options.rounds)
    yield Finding(
        benchmark=NAME,
        engine=place.engine,
        what=f"one hot item, {CLIENTS} clients",
        unit="redemptions/s",
        figures=found["redemptions"].rates,
        beside="awards",
        beside_figures=found["awards"].rates,
        goal=at_least(0.9),
    )


def redeeming(stack: ExitStack, place: Place, template: str, seconds: float) -> Contender:
    runtime = stack.enter_context(open_runtime(place.create(like=template)))
    play(runtime, PROGRAMME_ID, put_stations, PutStation(code=STATION, name="钟公庙驿站", actor=MANAGER))
    item = PutItem(sku=SKU, name="香皂", kind=ItemKind.GOODS, price_points=PRICE, actor=MANAGER)
    play(runtime, PROGRAMME_ID, put_items, item)
    restock = RestockItem(sku=SKU, station=STATION, quantity=STOCK, memo="进货", actor=MANAGER)
    play(runtime, PROGRAMME_ID, restock_items, restock)
    with runtime.reading() as connection:
        codes = connection.scalars(select(riders.c.code).order_by(riders.c.code)).all()
    # Everybody in turn, so that nobody runs out of points before all the others.
    wishes = (_wish(code, number) for code, number in zip(cycle(codes), count()))

    def run() -> Slice:
        return timed_on_server(
            place.postmaster, lambda: run_commands(runtime.writer, wishes, clients=CLIENTS, seconds=seconds)
        )

    return run


def _wish(rider_code: str, number: int) -> Command:
    key, actor = f"wish-{number}", f"rider/{rider_code}"
    return Command(
        programme_id=PROGRAMME_ID,
        use_case=request_redemptions,
        items=[RequestRedemption(rider_code=rider_code, sku=SKU, actor=actor, key=key)],
        render=_print,
        key=IdempotencyKey(actor=actor, key=key, request_sha256=bytes(32)),
    )


def _print(outcomes: Sequence[Any]) -> Answer:
    """About what the API prints. A refusal would be no measurement, so it ends the run."""
    redemption = outcomes[0].case.redemption
    body = {"redemption": {"id": redemption.id, "code": redemption.code, "state": redemption.state, "sku": SKU}}
    return Answer(status=200, body=msgspec.json.encode(body))
