"""kill -9 of the server under load: what was acknowledged is in the books once, and nothing that was not sent.

Every second kill comes at the sight of a commit, to hit the moment in which work is done and nobody has been told: at
random it is hardly ever hit.
"""

import time
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.faults.conftest import Length, Premises
from tests.faults.evidence import check_consistent, compare, find_faults
from tests.faults.load import Asked, Load, ask_again
from tests.faults.servers import running_server

ROUNDS_SHORT, ROUNDS_LONG = 2, 50
ROUNDS_MORE = 10
"""So many more at most, where no kill has come between a commit and its answers."""
REPLAYS = 20
"""Of the acknowledged so many are asked for again after each kill; of the unknown, all."""


@pytest.mark.slow
def test_a_killed_server_has_lost_nothing_it_acknowledged(
    premises: Premises, tmp_path: Path, dice: Random, length: Length
) -> None:
    asked: list[Asked] = []
    rounds = length.of(ROUNDS_SHORT, ROUNDS_LONG)
    unknown = found_done = hits = 0
    with running_server(premises.url, tmp_path) as server:
        for round_number in count():
            if round_number >= rounds and (hits or round_number >= rounds + ROUNDS_MORE):
                break
            with Load(port=server.port, tokens=premises.tokens, name=f"round{round_number}") as load:
                load.wait_for_answers(100)
                time.sleep(dice.uniform(0, 0.5))
                if round_number % 2:
                    server.kill_at_commit()
                else:
                    server.kill()
            asked += load.asked
            compared = compare(premises.url, asked)
            assert compared.is_equal, compared

            server.start()
            open_ends = [found for found in load.asked if not found.is_done]
            chosen = open_ends + dice.sample([found for found in load.asked if found.is_done], REPLAYS)
            again = ask_again(server.port, chosen)
            check_consistent(chosen, again)
            asked += again
            unknown += len(open_ends)
            done_in_secret = sum(found.is_replay for found in again[: len(open_ends)])
            found_done += done_in_secret
            hits += done_in_secret > 0
    compared = compare(premises.url, asked)
    assert compared.is_equal
    assert compared.stored == compared.sent == compared.acknowledged
    assert find_faults(premises.url) == []
    assert hits, "no kill came between a commit and its answers: the test has lost its aim"
    print(
        f"{round_number} kills, {compared.acknowledged} acknowledged and stored once; "
        f"{unknown} were open at a kill, {found_done} of them done; {hits} kills came between a commit and its answers"
    )
