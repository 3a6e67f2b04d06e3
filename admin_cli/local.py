"""The one module that may import the service: the app inside this process, its server, its database, its demo.

Everything else in the terminal speaks HTTP. Importing this costs a second or two, so it is imported late.
"""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Self

from litestar.static_files import create_static_files_router
from sqlalchemy.exc import SQLAlchemyError

from admin_cli.bridge import Bridge
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from ledger.api.runtime import Runtime
from ledger.app import create_app, create_runtime
from ledger.domain.access import PrincipalKind
from ledger.queries.programmes import read_programmes
from ledger.serve import HostNotHere, PortTaken, reserve_port, run_server
from ledger.services.access import CloseSession, close_sessions
from ledger.services.credentials import token_sha256
from ledger.settings import Settings, SettingsError
from ledger.storage import schema
from ledger.storage.engine import Database, open_database
from ledger.storage.schema import SchemaVersion
from seed.demo import (
    PHOTOS,
    PHOTOS_PATH,
    FolderInUse,
    SignIn,
    embedded_settings,
    hold_folder,
    open_sign_ins,
    prepare_demo,
    write_sign_ins,
)
from seed.district import Progress
from seed.owner import ensure_programme, find_owner, open_session, play

BASE_URL = "http://points.local"
"""Never resolved: requests go straight into the app."""


class LocalApp:
    """The app in this process for the length of a `with`: a transport for a client, and the owner's token."""

    def __init__(self, settings: Settings, *, is_embedded: bool) -> None:
        self.base_url = BASE_URL
        self.platform_token = settings.platform_token or secrets.token_urlsafe(32)
        self.token: str | None = None
        self._settings = replace(settings, platform_token=self.platform_token)
        self._is_embedded = is_embedded

    def __enter__(self) -> Self:
        self._runtime = create_runtime(self._settings)
        try:
            _check_schema(self._runtime.database, may_upgrade=self._is_embedded)
            self._runtime.writer.start()
            if self._is_embedded:
                ensure_programme(self._runtime)
            self._programme_id = _chosen_programme(self._runtime)
            self._open_session()
            self.transport = Bridge(create_app(self._settings, runtime=self._runtime))
        except BaseException:
            self._runtime.database.dispose()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.close()
        if self.token is not None and self._programme_id is not None:
            play(self._runtime, self._programme_id, close_sessions, CloseSession(token_sha256=token_sha256(self.token)))
        self._runtime.writer.stop()
        self._runtime.database.dispose()

    def _open_session(self) -> None:
        """Whoever may open the database file is its owner: there is nobody else to ask."""
        if self._programme_id is None:
            return
        owner_id = find_owner(self._runtime, self._programme_id)
        if owner_id is not None:
            self.token = open_session(self._runtime, self._programme_id, PrincipalKind.OPERATOR, owner_id)


@dataclass(frozen=True, slots=True)
class _Found:
    settings: Settings
    is_embedded: bool


def open_local_transport(data: Path | None) -> LocalApp:
    """The app on `data`, or on LEDGER_DATABASE_URL, or on the embedded database of this user."""
    found = find_settings(data)
    return LocalApp(found.settings, is_embedded=found.is_embedded)


def find_settings(data: Path | None) -> _Found:
    """Which database: `--data`, else the environment, else `~/.local/share/city-partner-ledger`."""
    if data is None and os.environ.get("LEDGER_DATABASE_URL"):
        try:
            return _Found(Settings.from_environment(), is_embedded=False)
        except SettingsError as error:
            raise usage_failure(str(error)) from None
    folder = data or default_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _Found(embedded_settings(folder), is_embedded=True)
    except OSError as error:
        raise _unusable(folder, error) from None


def default_folder() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "city-partner-ledger"


def read_schema_version(data: Path | None) -> SchemaVersion:
    database = _open_database(find_settings(data).settings)
    try:
        return _read_version(database)
    finally:
        database.dispose()


def upgrade_schema(data: Path | None) -> tuple[str | None, str]:
    """(version before, version now) of the database that `data` or the environment names."""
    database = _open_database(find_settings(data).settings)
    try:
        before = _read_version(database)
        return before.current, schema.upgrade(database).newest
    finally:
        database.dispose()


def run_service(data: Path | None, *, host: str, port: int, on_ready: Callable[[], None]) -> None:
    """Serves until it is told to stop."""
    found = find_settings(data)
    with _reserved(host, port) as reserved:
        database = _open_database(found.settings)
        _check_schema(database, may_upgrade=found.is_embedded)
        database.dispose()
        runtime = create_runtime(found.settings)
        runtime.writer.start()
        try:
            if found.is_embedded:
                ensure_programme(runtime)
            run_server(create_app(found.settings, runtime=runtime, runs_jobs=True), reserved, on_ready=on_ready)
        finally:
            runtime.writer.stop()
            runtime.database.dispose()


def run_demo(
    folder: Path,
    *,
    host: str,
    port: int,
    riders: int,
    fresh: bool,
    progress: Progress,
    on_ready: Callable[[Path, list[SignIn]], None],
) -> None:
    """Fills the folder if it is empty, then serves it until it is told to stop."""
    with _reserved(host, port) as reserved, _held(folder):
        address = f"http://{host}:{port}"
        settings = prepare_demo(folder, riders=riders, fresh=fresh, address=address, progress=progress)
        runtime = create_runtime(settings)
        runtime.writer.start()
        try:
            sign_ins = open_sign_ins(runtime)
            path = write_sign_ins(folder, address, sign_ins)
            app = create_app(settings, runtime=runtime, runs_jobs=True)
            app.register(create_static_files_router(PHOTOS_PATH, directories=[PHOTOS], include_in_schema=False))
            run_server(app, reserved, on_ready=lambda: on_ready(path, sign_ins))
        finally:
            runtime.writer.stop()
            runtime.database.dispose()


@contextmanager
def _reserved(host: str, port: int) -> Iterator[socket]:
    """The port, before anything expensive is done."""
    try:
        reserved = reserve_port(host, port)
    except PortTaken:
        raise usage_failure(
            t(
                f"端口 {port} 已被占用；请用 --port 换一个，例如 --port {port + 1}。",
                f"Port {port} is taken. Choose another, for example --port {port + 1}.",
            )
        ) from None
    except HostNotHere:
        raise usage_failure(
            t(f"地址 {host} 不是本机的；请检查 --host。", f"{host} is not an address of this machine. Check --host.")
        ) from None
    with reserved:
        yield reserved


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(hold_folder(folder))
        except FolderInUse:
            raise usage_failure(
                t(
                    f"目录 {folder} 上已经有一个演示在运行；请先停掉它，或用 --data 换一个目录。",
                    f"A demo is running on {folder} already. Stop it first, or name another folder with --data.",
                )
            ) from None
        except OSError as error:
            raise _unusable(folder, error) from None
        yield


def _open_database(settings: Settings) -> Database:
    try:
        return open_database(settings.database_url)
    except (ValueError, SQLAlchemyError) as error:
        raise usage_failure(str(error)) from None


def _read_version(database: Database) -> SchemaVersion:
    """Raises a Failure that says the database cannot be reached."""
    try:
        return schema.read_version(database)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        raise Failure(
            t(
                f"数据库连不上：{reason}。请检查 LEDGER_DATABASE_URL，以及数据库是否在运行。",
                f"The database cannot be reached: {reason}. Check LEDGER_DATABASE_URL and that it is running.",
            ),
            ExitCode.UNAVAILABLE,
        ) from None


def _check_schema(database: Database, *, may_upgrade: bool) -> None:
    version = _read_version(database)
    if version.is_newest:
        return
    if may_upgrade:
        schema.upgrade(database)
        return
    raise usage_failure(
        t(
            f"数据库的结构是 {version.current or '空'}，程序需要 {version.newest}；请先运行 points db upgrade。",
            f"The database's schema is {version.current or 'empty'}, this program needs {version.newest}. "
            "Run points db upgrade first.",
        )
    )


def _unusable(folder: Path, error: OSError) -> Failure:
    return usage_failure(
        t(
            f"数据目录 {folder} 用不了（{error.strerror}）；请用 --data 换一个能写的目录。",
            f"The data folder {folder} cannot be used ({error.strerror}). Name a writable one with --data.",
        )
    )


def _chosen_programme(runtime: Runtime) -> int | None:
    """POINTS_PROGRAMME, else the first; None in a database without any."""
    with runtime.reading() as connection:
        known = [programme.id for programme in read_programmes(connection, limit=200, after=None).items]
    wanted = os.environ.get("POINTS_PROGRAMME")
    if wanted is None:
        return known[0] if known else None
    with suppress(ValueError):
        if int(wanted) in known:
            return int(wanted)
    raise usage_failure(
        t(
            f"POINTS_PROGRAMME={wanted} 不在这个数据库里；有：{', '.join(map(str, known)) or '无'}。",
            f"POINTS_PROGRAMME={wanted} is not in this database. There is: {', '.join(map(str, known)) or 'none'}.",
        )
    )
