"""A demo folder: its database, its secret, its sign-ins. One server at a time; a half-made one is made anew."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledger.api.runtime import Runtime
from ledger.app import create_runtime
from ledger.domain.access import PrincipalKind
from ledger.domain.calendar import local_day, read_zone
from ledger.queries import access as access_queries
from ledger.queries import riders as rider_queries
from ledger.settings import Settings
from ledger.storage import schema
from seed.district import DEMO_OPERATORS, MovingClock, Progress, Stage, play_district
from seed.owner import PROGRAMME_ID, TIME_ZONE, open_session

DATABASE = "ledger.db"
PHOTOS = Path(__file__).parent / "photos"
PHOTOS_PATH = "/demo-photos"
"""Drawings that stand for riders' photos, and where the demo's server shows them."""

DEMO_RIDER = "R00001"
PASSWORD = "demo-password"
"""Every demo operator's. The demo listens on the loopback address only."""

RIDERS_DEFAULT = 300
RIDERS_MAX = 50_000


class FolderInUse(Exception):
    """Another demo runs on the folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """One way into the demo. `role` is a role's name, or `rider`."""

    name: str
    role: str
    token: str


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """The folder, made if need be, is ours until the end of the block. Raises FolderInUse."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(str(folder)) from None
        yield


def prepare_demo(folder: Path, *, riders: int, fresh: bool, address: str, progress: Progress) -> Settings:
    """The settings of a demo whose database is filled. Hold the folder. Keeps what is there unless `fresh`.

    The district is played into a file of another name and takes its own when it is whole, so that an interrupted start
    is simply done again.
    """
    database = folder / DATABASE
    if fresh:
        _remove(database)
    settings = embedded_settings(folder)
    if not database.exists():
        unfinished = folder / "unfinished.db"
        _remove(unfinished)
        _play(
            replace(settings, database_url=f"sqlite:///{unfinished}"), riders=riders, address=address, progress=progress
        )
        unfinished.rename(database)
    else:
        runtime = create_runtime(settings)
        schema.upgrade(runtime.database)
        runtime.database.dispose()
    return settings


def open_sign_ins(runtime: Runtime) -> list[SignIn]:
    """Fresh tokens for one rider and each demo operator. The writer must be running."""
    with runtime.reading() as connection:
        rider = rider_queries.read_rider(connection, PROGRAMME_ID, DEMO_RIDER)
        operators = [access_queries.read_operator(connection, PROGRAMME_ID, name) for name in DEMO_OPERATORS]
    subjects = [(PrincipalKind.RIDER, rider.id, rider.code, "rider")]
    subjects += [
        (PrincipalKind.OPERATOR, operator.id, operator.name, operator.roles[0].value) for operator in operators
    ]
    return [
        SignIn(name=name, role=role, token=open_session(runtime, PROGRAMME_ID, kind, subject_id))
        for kind, subject_id, name, role in subjects
    ]


def write_sign_ins(folder: Path, address: str, sign_ins: list[SignIn]) -> Path:
    """`demo.json`, readable by its owner alone: address, programme, password, and the sign-ins with their tokens."""
    path = folder / "demo.json"
    document = {
        "address": address,
        "programme": PROGRAMME_ID,
        "password": PASSWORD,
        "sign_ins": [asdict(sign_in) for sign_in in sign_ins],
    }
    _write_private(path, json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    return path


def embedded_settings(folder: Path) -> Settings:
    """The settings of a database in a folder of its own, with a secret of its own beside it."""
    return Settings(database_url=f"sqlite:///{folder / DATABASE}", secret=read_secret(folder), sms="console")


def read_secret(folder: Path) -> str:
    """The folder's own secret, made at the first call."""
    path = folder / "secret"
    if not path.exists():
        _write_private(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()


def _play(settings: Settings, *, riders: int, address: str, progress: Progress) -> None:
    clock = MovingClock(datetime.now(UTC))
    runtime = create_runtime(settings, clock=clock)
    schema.upgrade(runtime.database)
    runtime.writer.start()
    try:
        yesterday = local_day(clock.now, read_zone(TIME_ZONE)) - timedelta(days=1)
        play_district(
            Stage(runtime=runtime, clock=clock),
            riders=riders,
            last_day=yesterday,
            password=PASSWORD,
            photos=f"{address}{PHOTOS_PATH}",
            progress=progress,
        )
    finally:
        runtime.writer.stop()
        # The last connection to close folds the write-ahead log into the one file, which can then be renamed.
        runtime.database.dispose()


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
