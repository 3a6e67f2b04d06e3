"""The state of one run: what the common options said, and the connection opened from it. It travels as `ctx.obj`."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.printing.times import ZONE_DEFAULT
from admin_cli.profile import Profile, read_profile

if TYPE_CHECKING:
    from admin_cli.client import Client
    from admin_cli.local import LocalApp

LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Run:
    """`server`, `token`, `data`, `json` are set by the common options before the command's own code runs.

    Where the token comes from depends on the server: the saved one goes only to the server it was saved with.
    """

    def __init__(self) -> None:
        self.server: str | None = None
        self.token: str | None = None
        self.data: Path | None = None
        self.json = False
        self._stack = ExitStack()
        self._client: Client | None = None
        self._local: LocalApp | None = None
        self._profile: Profile | None = None
        self._profile_was_read = False
        self._zone: ZoneInfo | None = None

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def client(self) -> Client:
        """The connection of this run, as whoever is signed in; opened by the first call."""
        if self._client is None:
            self._client = self._open(self._token())
        return self._client

    def platform_client(self) -> Client:
        """A connection with the platform's token, which founds programmes and may do nothing else."""
        token = self.token or os.environ.get("POINTS_PLATFORM_TOKEN")
        if not token and self.server_address() is None:
            token = self._open_local().platform_token
        if not token:
            raise usage_failure(
                t(
                    "这条命令要用平台令牌；请用 --token 或环境变量 POINTS_PLATFORM_TOKEN 给出。",
                    "This command takes the platform's token. Give it with --token or in POINTS_PLATFORM_TOKEN.",
                )
            )
        return self._open(token)

    def anonymous_client(self, server: str) -> Client:
        """A connection without a token, for signing in."""
        from admin_cli.client import Client, open_http

        return Client(self._stack.enter_context(open_http(server)), where=server, token=None)

    def saved_client(self) -> Client | None:
        """A connection as the saved profile has it, whatever the options say; None when there is none."""
        from admin_cli.client import Client, open_http

        profile = self.profile()
        if profile is None:
            return None
        return Client(self._stack.enter_context(open_http(profile.server)), where=profile.server, token=profile.token)

    def server_address(self) -> str | None:
        """`--server`, else `POINTS_SERVER`, else the profile's; None means the app runs inside this process.

        `--data` asks for exactly that, so it silences the environment and the profile.
        """
        if self.server is not None and self.data is not None:
            raise usage_failure(
                t(
                    "--server 和 --data 只能二选一：一个连服务器，一个直接用本机的数据目录。",
                    "Give --server or --data, not both: one speaks to a server, the other uses a folder here.",
                )
            )
        if self.data is not None:
            return None
        if server := self.server or os.environ.get("POINTS_SERVER"):
            return full_address(server)
        profile = self.profile()
        return profile.server if profile else None

    def profile(self) -> Profile | None:
        if not self._profile_was_read:
            self._profile = read_profile()
            self._profile_was_read = True
        return self._profile

    def zone(self) -> ZoneInfo:
        """The programme's own zone, asked for once a run."""
        if self._zone is None:
            try:
                name = self.client().get("/v1/programme").body.get("time_zone") or ZONE_DEFAULT
            except Failure as failure:
                # Riders and other systems may not read the programme; their times are shown in the product's zone, and
                # every table names the zone it uses.
                if failure.code not in ("forbidden", "not_found"):
                    raise
                name = ZONE_DEFAULT
            self._zone = ZoneInfo(name)
        return self._zone

    def _token(self) -> str | None:
        if token := self.token or os.environ.get("POINTS_TOKEN"):
            return token
        server = self.server_address()
        if server is None:
            return self._open_local().token
        profile = self.profile()
        return profile.token if profile and profile.server == server else None

    def _open(self, token: str | None) -> Client:
        from admin_cli.client import Client, open_http  # `--help` must not pay for an HTTP library

        server = self.server_address()
        if server is not None:
            return Client(self._stack.enter_context(open_http(server)), where=server, token=token)
        local = self._open_local()
        http = self._stack.enter_context(open_http(local.base_url, local.transport))
        return Client(http, where=t("本机数据", "the data on this machine"), token=token)

    def _open_local(self) -> LocalApp:
        if self._local is None:
            # The only door to the server's code, and it takes seconds to open: never before it is needed.
            from admin_cli.local import open_local_transport

            self._local = self._stack.enter_context(open_local_transport(self.data))
        return self._local


def full_address(server: str) -> str:
    """`host:port` becomes an address: plain HTTP on this machine, TLS to any other."""
    address = server.strip().rstrip("/")
    if "://" not in address:
        address = f"{'http' if is_loopback(f'//{address}') else 'https'}://{address}"
    return address.removesuffix("/v1")


def is_loopback(address: str) -> bool:
    try:
        return urlsplit(address).hostname in LOOPBACK
    except ValueError:
        return False
