"""An HTTP client's transport that leads straight into an application of this process.

The client waits and the application does not: a loop in a thread of its own stands between them. An answer is handed
over as it is made, so that a long one is never whole in memory; the library's own transport would collect it first.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, MutableMapping
from typing import Any, TypeVar

import httpx2

MESSAGES_WAITING_MAX = 4
"""Pieces of an answer that may wait for the client; then the application waits."""

T = TypeVar("T")
Message = MutableMapping[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]


class Bridge(httpx2.BaseTransport):
    def __init__(self, app: Any) -> None:
        self._app: App = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="points-local", daemon=True)
        self._thread.start()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        exchange = _Exchange(request)
        self.wait_for(exchange.begin(self._app))
        start = self.wait_for(exchange.next_message())
        if start is None:
            return httpx2.Response(500)
        return httpx2.Response(start["status"], headers=start["headers"], stream=_Body(self, exchange))

    def wait_for(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        """Safe to call twice: the client closes its transport, and so does the app it leads to."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


class _Exchange:
    """One request and its answer. Everything here runs in the loop."""

    def __init__(self, request: httpx2.Request) -> None:
        self._scope = _scope_of(request)
        self._body = request.read()
        self._is_read = False

    async def begin(self, app: App) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue(MESSAGES_WAITING_MAX)
        self._gone = asyncio.Event()
        self._task = asyncio.ensure_future(app(self._scope, self._receive, self._messages.put))

    async def next_message(self) -> Message | None:
        """What the application sends next; None when it has ended."""
        getting = asyncio.ensure_future(self._messages.get())
        await asyncio.wait({getting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if getting.done() or not self._messages.empty():
            return await getting
        getting.cancel()
        return None

    async def end(self) -> None:
        """The client has all, or wants no more: the application is told, and done when this returns."""
        self._gone.set()
        while not self._task.done():
            await self.next_message()
        self._task.exception()  # it has been logged where it happened

    async def _receive(self) -> Message:
        if self._is_read:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._is_read = True
        return {"type": "http.request", "body": self._body, "more_body": False}


class _Body(httpx2.SyncByteStream):
    def __init__(self, bridge: Bridge, exchange: _Exchange) -> None:
        self._bridge = bridge
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        has_more = True
        while has_more:
            message = self._bridge.wait_for(self._exchange.next_message())
            if message is None:
                raise httpx2.RemoteProtocolError("the answer broke off")
            yield message.get("body", b"")
            has_more = message.get("more_body", False)

    def close(self) -> None:
        self._bridge.wait_for(self._exchange.end())


def _scope_of(request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (url.host, url.port),
        "client": ("127.0.0.1", 123),
    }
