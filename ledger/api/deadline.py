"""Every request is answered in time, whatever the database does.

Locks and statements have limits of their own. A COMMIT that waits for a standby has none, and a frozen server answers
nothing at all; then the client is told to ask again by its key, and whether its request was done is known to that key.
"""

import asyncio

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from ledger.storage.engine import Failure
from ledger.storage.group_commit import ANSWER_SECONDS_MAX, unavailable

SECONDS_OPTION = "answer_seconds_max"
"""Of a route handler that may take longer before it begins to answer: `@get(…, answer_seconds_max=60)`."""

WHOLE_BOOKS_SECONDS_MAX = 600.0
"""For who reads all the books: what comes before the first line may take minutes, too."""


def answer_in_time(app: ASGIApp) -> ASGIApp:
    """Raises StorageUnavailable inside a request that has not begun to answer in time."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        seconds = scope["route_handler"].opt.get(SECONDS_OPTION, ANSWER_SECONDS_MAX)
        try:
            async with asyncio.timeout(seconds) as limit:

                async def begin_answer(message: Message) -> None:
                    # A long list may take its time, once it has begun.
                    limit.reschedule(None)
                    await send(message)

                await app(scope, receive, begin_answer)
        except TimeoutError:
            if not limit.expired():
                raise
            raise unavailable(Failure.TRANSIENT) from None

    return answer
