"""Enrolling riders: codes given and codes found, phones once, refusals in their order."""

import pytest

from ledger.domain.errors import AlreadyExists, InvalidField, Refusal
from ledger.queries import riders as rider_queries
from ledger.services.riders import Enrolled, EnrollRider, enroll_riders
from tests.world import World


def enrolment(code: str | None = None, phone: bytes | None = None, industry: str | None = "01") -> EnrollRider:
    return EnrollRider(
        code=code,
        name="李雷",
        industry_code=industry,
        subdistrict="",
        source="tests",
        actor="operator/manager",
        phone_hash=phone.ljust(32) if phone else None,
        phone_encrypted=phone,
        phone_masked="138****0000" if phone else None,
    )


def codes(outcomes: list[Enrolled | Refusal]) -> list[str]:
    return [outcome.code if isinstance(outcome, Refusal) else outcome.rider.code for outcome in outcomes]


def test_codes_are_found_one_after_the_other(world: World) -> None:
    assert codes(world.run(enroll_riders, *[enrolment()] * 3)) == ["R00001", "R00002", "R00003"]
    assert codes(world.run(enroll_riders, enrolment(), enrolment("R00009"), enrolment())) == [
        "R00004",
        "R00009",
        "R00005",
    ]
    assert codes(world.run(enroll_riders, enrolment())) == ["R00010"]


def test_a_code_found_steps_over_one_given_before_it_in_the_batch(world: World) -> None:
    assert codes(world.run(enroll_riders, enrolment("R00001"), enrolment())) == ["R00001", "R00002"]


@pytest.mark.parametrize("foreign", ["RABCDE", "R9999A", "R9-X01", "R-1234", "R999999", "RA", "Z99999"])
def test_another_systems_codes_do_not_disturb_the_numbering(world: World, foreign: str) -> None:
    world.enroll(foreign)
    assert codes(world.run(enroll_riders, enrolment())) == ["R00001"]


def test_after_the_last_code_one_has_to_be_given(world: World) -> None:
    assert codes(world.run(enroll_riders, enrolment("R99999"), enrolment())) == ["R99999", "R00001"]
    assert codes(world.run(enroll_riders, enrolment(), enrolment("X-1"))) == ["invalid_field", "X-1"]


def test_a_code_is_given_once(world: World) -> None:
    world.enroll("R00001")
    assert codes(world.run(enroll_riders, enrolment("R00001"), enrolment("X-1"), enrolment("X-1"))) == [
        "already_exists",
        "X-1",
        "already_exists",
    ]


def test_a_phone_belongs_to_one_rider(world: World) -> None:
    found = world.run(enroll_riders, enrolment(phone=b"a"), enrolment(phone=b"a"), enrolment(phone=b"b"))
    assert codes(found) == ["R00001", "already_exists", "R00002"]
    assert codes(world.run(enroll_riders, enrolment(phone=b"b"))) == ["already_exists"]


def test_a_phone_that_is_taken_is_named_masked(world: World) -> None:
    world.run(enroll_riders, enrolment(phone=b"a"))
    refusal = world.refuse(enroll_riders, enrolment(phone=b"a"))
    assert isinstance(refusal, AlreadyExists)
    assert (refusal.noun, refusal.name) == ("phone", "138****0000")


def test_refusals_come_in_their_order(world: World) -> None:
    world.run(enroll_riders, enrolment("R00001", phone=b"a"))
    wrong = [
        enrolment("r1", phone=b"a", industry="99"),
        enrolment("R00001", phone=b"a", industry="99"),
        enrolment("R00001", phone=b"a"),
        enrolment("R00002", phone=b"a"),
    ]
    refusals = world.run(enroll_riders, *wrong)
    assert [refusal.field if isinstance(refusal, InvalidField) else refusal.noun for refusal in refusals] == [
        "rider_code",
        "industry_code",
        "rider",
        "phone",
    ]


def test_what_was_refused_before_is_its_own_outcome(world: World) -> None:
    early = InvalidField(field="phone", problem_zh="", problem_en="")
    outcomes = world.run(enroll_riders, early, enrolment())
    assert outcomes[0] is early
    assert codes(outcomes[1:]) == ["R00001"]


def test_two_processes_give_no_code_twice(world: World, other_process: World) -> None:
    found = [codes(process.run(enroll_riders, enrolment()))[0] for process in (world, other_process) * 5]
    assert found == [f"R{number:05d}" for number in range(1, 11)]


def test_a_rider_is_found_by_code_with_the_phone_sealed(world: World) -> None:
    world.enroll_with_phone("R00001", "13812345678")
    with world.runtime.reading() as connection:
        known = rider_queries.read_known_rider(connection, world.programme_id, "R00001")
        by_phone = rider_queries.read_rider_by_phone(
            connection, world.programme_id, world.runtime.vault.keyed_hash("13812345678")
        )
    assert known.phone_encrypted
    assert b"13812345678" not in known.phone_encrypted
    assert world.runtime.vault.decrypt(known.phone_encrypted) == "13812345678"
    assert by_phone == known.rider
