"""A voucher's code survives being typed, and a wrong character never becomes another voucher."""

from random import Random

import pytest

from ledger.domain.codes import ALPHABET
from ledger.domain.vouchers import (
    VOUCHER_BITS,
    VOUCHER_LENGTH,
    VoucherMalformed,
    read_voucher_code,
    spell_voucher_code,
    voucher_code,
)

DICE = Random(20_261_124)
CODES = [voucher_code(DICE.getrandbits(VOUCHER_BITS)) for _ in range(200)]


def test_codes_have_nine_characters_that_are_not_misread() -> None:
    assert {len(code) for code in CODES} == {VOUCHER_LENGTH}
    assert set("".join(CODES)) <= set(ALPHABET)
    assert voucher_code(0) != voucher_code(1)


def test_a_code_is_read_however_it_is_typed() -> None:
    for code in CODES:
        spelled = spell_voucher_code(code)
        for typed in (spelled, spelled.lower(), f"  {code} ", spelled.replace("-", " "), code.replace("0", "O")):
            assert read_voucher_code(typed) == code
    assert spell_voucher_code("7K3M9QX2T") == "7K3M-9QX2-T"


def test_every_single_wrong_character_is_found() -> None:
    for code in CODES[:20]:
        for place, right in enumerate(code):
            for wrong in set(ALPHABET) - {right}:
                assert isinstance(read_voucher_code(code[:place] + wrong + code[place + 1 :]), VoucherMalformed)


def test_neighbours_that_changed_places_are_found_unless_they_are_0_and_z() -> None:
    for code in CODES:
        for place in range(VOUCHER_LENGTH - 1):
            first, second = code[place], code[place + 1]
            swapped = code[:place] + second + first + code[place + 2 :]
            if first != second and {first, second} != {"0", "Z"}:
                assert isinstance(read_voucher_code(swapped), VoucherMalformed)


@pytest.mark.parametrize("typed", ["", "7K3M", "7K3M-9QX2-TT", "U" * 9, "七K3M9QX2T", "＊" * 9, "x" * 1_000])
def test_what_is_no_code_is_refused_with_what_was_typed(typed: str) -> None:
    refusal = read_voucher_code(typed)
    assert isinstance(refusal, VoucherMalformed)
    assert len(refusal.voucher) <= 40
