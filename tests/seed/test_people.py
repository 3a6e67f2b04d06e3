"""The district's people are the same each time, and as many in each industry as the programme says."""

from collections import Counter

from ledger.domain.riders import check_phone, check_rider_code
from seed.people import DISTRICT_SIZE, HEAD_COUNTS, people


def test_the_whole_district_has_the_head_counts_of_the_programme():
    found = Counter(person.industry_code for person in people(DISTRICT_SIZE, seed=1))
    assert found == HEAD_COUNTS
    assert DISTRICT_SIZE == 50_000


def test_a_small_district_has_the_same_proportions():
    found = Counter(person.industry_code for person in people(500, seed=1))
    assert found == {code: count // 100 for code, count in HEAD_COUNTS.items()}


def test_the_same_seed_gives_the_same_people():
    assert list(people(50, seed=7)) == list(people(50, seed=7))
    assert list(people(50, seed=7)) != list(people(50, seed=8))


def test_codes_and_phones_are_well_formed_and_nobody_shares_one():
    found = list(people(300, seed=1))
    assert all(check_rider_code(person.code) is None and check_phone(person.phone) is None for person in found)
    assert len({person.code for person in found}) == len({person.phone for person in found}) == 300
