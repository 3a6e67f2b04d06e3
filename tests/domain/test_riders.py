"""What a rider's code and phone may look like, and how much of a person a public list shows."""

import pytest

from ledger.domain.riders import check_phone, check_rider_code, mask_name, mask_phone


@pytest.mark.parametrize("code", ["R00001", "AB", "X-1", "RABCDE", "A" * 16])
def test_a_code_of_capitals_digits_and_hyphens_is_taken(code: str) -> None:
    assert check_rider_code(code) is None


@pytest.mark.parametrize("code", ["", "R", "r00001", "1R", "R 1", "R_1", "骑手1", "R１", "A" * 17, "R00001\n"])
def test_any_other_code_is_refused(code: str) -> None:
    assert check_rider_code(code) is not None


@pytest.mark.parametrize("phone", ["13812345678", "19912345678"])
def test_a_mobile_number_is_taken(phone: str) -> None:
    assert check_phone(phone) is None


@pytest.mark.parametrize(
    "phone", ["", "12812345678", "1381234567", "138123456789", "+8613812345678", "138-1234-5678", "1381234567８"]
)
def test_what_is_no_mobile_number_is_refused(phone: str) -> None:
    assert check_phone(phone) is not None


@pytest.mark.parametrize(
    ("name", "masked"), [("王小明", "王**"), ("王明", "王*"), ("王", "王*"), ("", ""), ("Ann Lee", "A******")]
)
def test_a_masked_name_shows_its_first_character(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_masked_phone_shows_its_ends() -> None:
    assert mask_phone("13812341234") == "138****1234"
