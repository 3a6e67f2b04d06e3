"""What an example of an operation is, and the names that stand for what the service gives out."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

REPORT = "7K3M9QX2TB"
OTHER_REPORT = "4D8Z1C6W0A"
VERIFIED_REPORT = "9F2H5N7P3R"
SHARED_REPORT = "6B0J4S8V2X"
SHARING_REPORT = "1C9E7G5K3M"
ACCOUNT_ID = "01a20b7d-4fd3-7508-942b-8fb1c6b7213b"
TRANSACTION_ID = "01a20b7d-4fd3-7508-942b-8fb067d2deb3"
REQUESTED_REDEMPTION = "2QW8E4R6T0"
READY_REDEMPTION = "5Y1V3A9S7D"
VOUCHER = "8JKL-42MN-6"
PROPOSED_TITLE = "01a20b7d-52c0-7e11-9d3c-0b6f2f1f6a10"
PROPOSAL = "6T8B0N2M4K"
OWN_PROPOSAL = "1C3X5Z7W9Y"
MY_REDEMPTION = "3F5G7H9J1K"
PROGRAMME = 330_212
OTHER_PROGRAMME = 330_203
PHONE = "13812345678"
PAGE: Json = {"limit": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The path's and the query's parameters by name, and the body."""

    path: Json = field(default_factory=dict)
    query: Json = field(default_factory=dict)
    body: Json | None = None
