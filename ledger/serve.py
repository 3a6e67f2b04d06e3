"""Running the service as one process on one port, until it is told to stop."""

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

import uvicorn
from litestar import Litestar

SWITCH_SECONDS = 0.0002
"""How long one thread computes before another may. The writer gives way at each statement, and would get its turn back
after Python's usual 5 ms whenever the loop is busy: with 32 clients that was a third of its time."""

GRACE_SECONDS = 10
"""How long running requests may take to end after a stop was asked for."""
BACKLOG = 1_024


class PortTaken(Exception):
    """Somebody else listens there."""


class HostNotHere(Exception):
    """The address is not one of this machine's."""


def reserve_port(host: str, port: int) -> socket.socket:
    """A bound socket, before anything expensive is done. Raises PortTaken or HostNotHere."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        reserved = socket.socket(family, kind, protocol)
    except OSError as error:
        raise HostNotHere(host) from error
    reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        reserved.bind(address)
        reserved.listen(BACKLOG)
    except OSError as error:
        reserved.close()
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            raise PortTaken(f"{host}:{port}") from error
        raise HostNotHere(host) from error
    return reserved


def run_server(app: Litestar, reserved: socket.socket, *, on_ready: Callable[[], None]) -> None:
    """Serves until SIGINT or SIGTERM; every accepted write is answered before it returns.

    One process, because one writer thread is what makes group commit fast; on PostgreSQL several may run side by side.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    server = _AnnouncingServer(config, on_ready)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn shuts down in order and then repeats the signal for whoever listened before: that is us, and not the
    # default handler, which would end the process before `run_server` has returned.
    numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        server.run(sockets=[reserved])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _AnnouncingServer(uvicorn.Server):
    """Says when it is ready: after the lifespan has begun and the socket is served."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()
