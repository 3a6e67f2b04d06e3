"""Voucher codes: nine characters that survive being read out at a counter, the last of them a check character.

Crockford's base 32 with a Luhn check over its alphabet: any one wrong character is found, and any two neighbours that
changed places, unless they are 0 and Z. Source: ISO/IEC 7812-1 annex B, generalised to 32 characters.
"""

from dataclasses import dataclass
from typing import ClassVar

from stdnum import luhn

from ledger.domain import codes
from ledger.domain.errors import Kind, Refusal, Text

VOUCHER_BITS = 40
"""Of chance in a code: a guess meets one of 10,000 open vouchers with a chance of 1 in 100 million."""
VOUCHER_LENGTH = VOUCHER_BITS // 5 + 1


@dataclass(eq=False)
class VoucherMalformed(Refusal):
    voucher: str

    code: ClassVar[str] = "voucher_malformed"
    kind: ClassVar[Kind] = Kind.INVALID
    title: ClassVar[Text] = Text("券码不对", "The voucher code is not right")
    detail: ClassVar[Text] = Text(
        "「{voucher}」不是有效的券码，可能输错了一位；券码有 9 位字母和数字，请重新扫码或核对后再输。",
        "{voucher!r} is no voucher code; a character may be wrong. It has 9 letters and digits: scan or type it again.",
    )


def voucher_code(number: int) -> str:
    """The code of a number of `VOUCHER_BITS` bits: its eight digits in base 32 and the check character."""
    payload = codes.spell(number, VOUCHER_LENGTH - 1)
    return payload + luhn.calc_check_digit(payload, codes.ALPHABET)


def read_voucher_code(text: str) -> str | VoucherMalformed:
    """The code somebody meant: in small letters, with hyphens and spaces, or O, I, L for 0, 1, 1."""
    code = codes.read(text, VOUCHER_LENGTH)
    if code is None or not luhn.is_valid(code, codes.ALPHABET):
        return VoucherMalformed(voucher=text[:40])
    return code


def spell_voucher_code(code: str) -> str:
    """In groups, as it is shown: 7K3M-9QX2-T."""
    return "-".join(code[begin : begin + 4] for begin in range(0, len(code), 4))
