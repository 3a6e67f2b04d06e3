"""Pages: one shape for every list, and cursors that say where the next page begins.

A cursor is the sort key of the last item, signed: it cannot be forged, mixed up between lists, or carried to another
programme.
"""

import base64
import binascii
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec
from litestar.params import QueryParameter

from ledger.domain.errors import InvalidCursor
from ledger.queries.slices import Slice, SortKey
from ledger.services.credentials import Vault

T = TypeVar("T")
U = TypeVar("U")

PAGE_SIZE_DEFAULT = 50
PAGE_SIZE_MAX = 200
"""Items on one page: what a screen or a program digests at once; the rest follows by cursor."""

CURSOR_LENGTH_MAX = 600
_MAC_BYTES = 8

Limit = Annotated[
    int,
    QueryParameter(ge=1, le=PAGE_SIZE_MAX, description=f"Items on the page, 1 to {PAGE_SIZE_MAX}."),
]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=CURSOR_LENGTH_MAX, description="`next` of the page before; none for the first."),
]


class Page(msgspec.Struct, Generic[T], kw_only=True):
    """`next` is the cursor of the next page, null on the last."""

    items: list[T]
    next: str | None


class Cursors:
    """Cursors of one list of one programme."""

    def __init__(self, vault: Vault, programme_id: int, list_name: str) -> None:
        self._vault = vault
        self._context = f"cursor {programme_id} {list_name} "

    def read(self, cursor: str | None) -> SortKey | None:
        """Raises InvalidCursor for anything this list did not hand out."""
        if cursor is None:
            return None
        try:
            sealed = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        except (binascii.Error, UnicodeEncodeError):
            raise InvalidCursor from None
        mac, payload = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            raise InvalidCursor
        return tuple(_from_plain(item) for item in msgspec.json.decode(payload))

    def write(self, key: SortKey | None) -> str | None:
        if key is None:
            return None
        payload = msgspec.json.encode([_to_plain(item) for item in key])
        return base64.urlsafe_b64encode(self._mac(payload) + payload).rstrip(b"=").decode("ascii")

    def page(self, found: Slice[T], to_item: Callable[[T], U]) -> Page[U]:
        return Page(items=[to_item(item) for item in found.items], next=self.write(found.after))

    def _mac(self, payload: bytes) -> bytes:
        return self._vault.keyed_hash(self._context + payload.decode("utf-8", "replace"))[:_MAC_BYTES]


def _to_plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, UUID):
        return {"u": str(value)}
    return value


def _from_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return datetime.fromisoformat(value["t"]) if "t" in value else UUID(value["u"])
    return value
