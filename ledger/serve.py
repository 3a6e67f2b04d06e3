"""Running the service as one process on one port, until it is told to stop."""

import errno
import socket
from collections.abc import Callable

import uvicorn
from litestar import Litestar

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
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    server = _AnnouncingServer(config, on_ready)
    try:
        server.run(sockets=[reserved])
    except KeyboardInterrupt:
        # uvicorn has shut down in order and then repeats the signal; there is nothing left to interrupt.
        return


class _AnnouncingServer(uvicorn.Server):
    """Says when it is ready: after the lifespan has begun and the socket is served."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._on_ready()
