"""Pieces of a file to a client, made in threads: the event loop only passes them on.

The framework's own stream closes what it reads from when it is collected as garbage. Here it holds one of the few
reading connections and a snapshot, so it is closed the moment the client has all, has gone, or has stopped reading.
"""

import asyncio
from collections.abc import Callable, Generator
from threading import Lock
from typing import Any

import structlog
from litestar.response import Stream
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

SEND_SECONDS_MAX = 20.0
"""How long a client may take in nothing before it is cut off. PostgreSQL would end the idle snapshot after 30, and an
old snapshot lets SQLite's log grow and keeps PostgreSQL from clearing up."""

log = structlog.get_logger(__name__)

Pieces = Generator[bytes, None, None]


class PieceStream(Stream):
    """An answer made of pieces. `make_pieces` is called in a thread, when everything before it has gone well.

    What it raises before its first piece is answered as a problem; later, the connection is broken off, so that nobody
    takes half a file for a whole one.
    """

    def __init__(self, make_pieces: Callable[[], Pieces], *, media_type: str, headers: dict[str, str]) -> None:
        super().__init__((), media_type=media_type, headers=headers)
        self._make_pieces = make_pieces

    def to_asgi_response(self, app: Any, request: Any, **options: Any) -> ASGIResponse:
        headers = {**(options.get("headers") or {}), **self.headers}
        return _PieceResponse(
            self._make_pieces,
            media_type=self.media_type,
            headers=headers,
            status_code=self.status_code or options.get("status_code"),
        )


class _PieceResponse(ASGIResponse):
    _should_set_content_length = False

    def __init__(self, make_pieces: Callable[[], Pieces], **options: Any) -> None:
        super().__init__(**options)
        self._make_pieces = make_pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        source = _Source(self._make_pieces())
        gone: asyncio.Future[None] | None = None
        try:
            piece = await asyncio.to_thread(source.read)
            await self.start_response(send)
            gone = asyncio.ensure_future(_wait_until_gone(receive))
            while piece is not None and not gone.done():
                async with asyncio.timeout(SEND_SECONDS_MAX):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await asyncio.to_thread(source.read)
            if piece is None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            # Without the end of the answer the server breaks the connection off.
            log.warning("client_stopped_reading", path=scope["path"], seconds=SEND_SECONDS_MAX)
        finally:
            if gone is not None:
                gone.cancel()
            await asyncio.to_thread(source.close)


class _Source:
    """A generator that one thread at a time may touch: who closes it waits for the piece that is being made."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._lock = Lock()

    def read(self) -> bytes | None:
        with self._lock:
            return next(self._pieces, None)

    def close(self) -> None:
        with self._lock:
            self._pieces.close()


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
