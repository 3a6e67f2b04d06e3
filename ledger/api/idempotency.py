"""The Idempotency-Key header: who needs it, what it may look like, and the hash of the request it belongs to."""

from typing import Any

from litestar import Request

from ledger.domain.access import Principal
from ledger.domain.errors import IdempotencyKeyRequired
from ledger.services.credentials import Vault
from ledger.storage.idempotency import IdempotencyKey

HEADER = "Idempotency-Key"
KEY_LENGTH_MAX = 200


async def read_key(
    request: Request[Any, Any, Any], vault: Vault, principal: Principal, *, is_required: bool
) -> IdempotencyKey | None:
    """The request's key under its actor. Raises IdempotencyKeyRequired when missing or not 1–200 visible ASCII.

    The hash covers method, path and body: the same key with anything else is another request. It is keyed, because a
    body may hold a password or a phone number, and a plain hash of those can be guessed from a stolen database.
    """
    key = request.headers.get(HEADER)
    if key is None and not is_required:
        return None
    if key is None or not 1 <= len(key) <= KEY_LENGTH_MAX or not all("!" <= character <= "~" for character in key):
        raise IdempotencyKeyRequired
    body = (await request.body()).decode("latin-1")
    digest = vault.keyed_hash(f"{request.method} {request.scope['path']}\n{body}")
    return IdempotencyKey(actor=principal.actor, key=key, request_sha256=digest)
