"""Riders and what may be known of them. The books know a rider by id; name and phone live in one erasable table."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from ledger.domain.errors import InvalidField

RIDER_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,15}")
"""R00001, or another system's own: a capital letter, then capitals, digits, hyphens; 2 to 16 characters."""

PHONE = re.compile(r"1[3-9][0-9]{9}")
"""A Chinese mobile number without prefix, in ASCII digits: one number must not have two hashes.

Source: MIIT numbering plan.
"""

NAME_MAX = 40


class RiderStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rider:
    id: UUID
    code: str
    industry_code: str | None
    subdistrict: str
    status: RiderStatus
    enrolled_at: datetime
    source: str


def check_rider_code(code: str) -> InvalidField | None:
    if RIDER_CODE.fullmatch(code):
        return None
    return InvalidField(
        field="rider_code",
        problem_zh=f"「{code[:20]}」不是骑手编号；要 2 到 16 位大写字母和数字，字母开头，例如 R00001。",
        problem_en=f"{code[:20]!r} is no rider code: 2 to 16 capitals and digits, a letter first, such as R00001.",
    )


def check_phone(phone: str) -> InvalidField | None:
    if PHONE.fullmatch(phone):
        return None
    return InvalidField(
        field="phone",
        problem_zh="手机号要 11 位数字，例如 13812345678。",
        problem_en="a phone number has 11 digits, such as 13812345678.",
    )


def mask_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}"


def mask_name(name: str) -> str:
    """王小明 → 王**. Public lists show this and nothing more."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""
