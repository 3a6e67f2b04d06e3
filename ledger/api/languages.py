"""Which language a client reads. Chinese unless English is asked for first."""

from typing import Any

from litestar.connection import ASGIConnection

from ledger.domain.errors import Language


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """The best of Accept-Language by its weights; every zh-something is Chinese, every en-something English."""
    best, best_weight = Language.ZH, 0.0
    for part in connection.headers.get("accept-language", "").split(","):
        tag, _, parameters = part.partition(";")
        weight = _weight(parameters)
        primary = tag.strip().lower().split("-")[0]
        if primary in set(Language) and weight > best_weight:
            best, best_weight = Language(primary), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
