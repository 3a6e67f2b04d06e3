"""Stored answers take fewer bytes and come back as they were."""

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from ledger.storage import schema
from ledger.storage.idempotency import Answer, IdempotencyKey, read_answers, store_answers
from ledger.storage.packing import DICTIONARIES, pack, unpack
from tests.storage.test_unit_of_work import unit
from tests.world import World

SHA256 = {1: "409955637e123c6f3fa226542f2d9ff4f9818fe68a7140335da7d8cd0ba0e819"}
ANSWER = b'{"report":{"id":"01a21664-3a9a-7739-8789-7bba80e9c901","code":"18JKE0AQVB","state":"verified","bonus":null}}'


@pytest.mark.parametrize("number", DICTIONARIES)
def test_a_dictionary_never_changes(number: int) -> None:
    # Whoever changes it makes the answers unreadable that were stored with it. Add the next number instead.
    assert hashlib.sha256(DICTIONARIES[number]).hexdigest() == SHA256[number]


@given(st.binary(max_size=2_000))
def test_what_is_packed_comes_back(body: bytes) -> None:
    assert unpack(pack(body)) == body
    assert len(pack(body)) <= max(len(body), len(body) + 8 if body[:1] == b"\x01" else 0)


def test_half_a_packed_answer_is_refused() -> None:
    packed = pack(ANSWER)
    with pytest.raises(zlib.error):
        unpack(packed[: len(packed) // 2])


def test_an_answer_from_before_is_read_as_it_is_and_the_way_back_unpacks(world: World) -> None:
    key = IdempotencyKey(actor="operator/test", key="packed", request_sha256=bytes(32))
    with unit(world) as uow:
        store_answers(uow, [(key, Answer(status=200, body=ANSWER))])
        uow.commit()
    assert len(stored_body(world)) < len(ANSWER)

    schema.downgrade(world.runtime.database, "0015")
    assert stored_body(world) == ANSWER

    schema.upgrade(world.runtime.database)
    with unit(world) as uow:
        assert read_answers(uow, [key]) == {
            ("operator/test", "packed"): (bytes(32), Answer(status=200, body=ANSWER, is_replay=True))
        }


def stored_body(world: World) -> bytes:
    with world.runtime.reading() as connection:
        return bytes(connection.scalar(text("SELECT body FROM idempotency_keys WHERE key = 'packed'")))
