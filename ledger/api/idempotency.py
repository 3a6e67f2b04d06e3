"""The Idempotency-Key header: who needs it, what it may look like, and the hash of the request it belongs to."""

import hashlib
from typing import Any

from litestar import Request

from ledger.domain.access import Principal
from ledger.domain.errors import IdempotencyKeyRequired
from ledger.storage.idempotency import IdempotencyKey

HEADER = "Idempotency-Key"
KEY_LENGTH_MAX = 200


async def read_key(
    request: Request[Any, Any, Any], principal: Principal, *, is_required: bool
) -> IdempotencyKey | None:
    """The request's key under its actor. Raises IdempotencyKeyRequired when missing or not 1–200 visible ASCII.

    The hash covers method, path and body: the same key with anything else is another request.
    """
    key = request.headers.get(HEADER)
    if key is None and not is_required:
        return None
    if key is None or not 1 <= len(key) <= KEY_LENGTH_MAX or not all("!" <= character <= "~" for character in key):
        raise IdempotencyKeyRequired
    body = await request.body()
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + body).digest()
    return IdempotencyKey(actor=principal.actor, key=key, request_sha256=digest)
