"""`points demo`: the service with the demo district on SQLite, ready to be tried."""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.serve import PORT_DEFAULT, Port
from admin_cli.terminal import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

FOLDER_DEFAULT = Path("demo-data")
RIDERS_DEFAULT = 300
RIDERS_MAX = 50_000
HOST = "127.0.0.1"
"""The demo's passwords are printed, so it never listens to the outside."""

Riders = Annotated[
    int,
    typer.Option(
        "--riders",
        min=1,
        max=RIDERS_MAX,
        help=t("骑手人数；50000 是整个区", "How many riders; 50000 is the whole district"),
    ),
]
Fresh = Annotated[
    bool,
    typer.Option(
        "--fresh", help=t("丢掉目录里的演示数据，重新生成", "Throw the folder's demo data away and begin anew")
    ),
]


def demo(ctx: typer.Context, port: Port = PORT_DEFAULT, riders: Riders = RIDERS_DEFAULT, fresh: Fresh = False) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from admin_cli.local import run_demo  # imports the service, which takes a second

    run: Run = ctx.obj
    folder = run.data or FOLDER_DEFAULT
    began = time.monotonic()
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    ) as bar:
        run_demo(
            folder,
            host=HOST,
            port=port,
            riders=riders,
            fresh=fresh,
            progress=_Shown(bar),
            on_ready=lambda path, sign_ins: _welcome(bar, path, sign_ins, began),
        )
    say(t("演示已停止；数据还在，下次接着用。", "The demo has stopped; its data stays for the next time."))


class _Shown:
    """The making of the district on a progress bar: people first, then day by day."""

    def __init__(self, bar: "Progress") -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, phase: str, done: int, total: int) -> None:
        if phase not in self._tasks:
            self._tasks[phase] = self._bar.add_task(_PHASES.get(phase, phase), total=total)
        self._bar.update(self._tasks[phase], completed=done)


_PHASES = {"riders": t("登记骑手", "Enrolling riders"), "days": t("回放日常", "Playing the days")}


def _welcome(bar: "Progress", path: Path, sign_ins: Sequence[Any], began: float) -> None:
    """What the person needs now: the address, who to be, and what to type next. On stdout: it is the result."""
    bar.stop()
    document = json.loads(path.read_text(encoding="utf-8"))
    address = document["address"]
    print(
        t(f"城市合伙人积分账本已就绪（{time.monotonic() - began:.1f} 秒）", f"Ready ({time.monotonic() - began:.1f} s)")
    )
    print(t(f"地址      {address}", f"Address   {address}"))
    print(t(f"接口文档  {address}/schema", f"API docs  {address}/schema"))
    print()
    print(
        t(
            f"登录（密码都是 {document['password']}；令牌在 {path}）：",
            f"Sign-ins (password {document['password']}; tokens in {path}):",
        )
    )
    for sign_in in sign_ins:
        print(f"  {sign_in.name:<10} {_ROLES.get(sign_in.role, sign_in.role)}")
    print()
    print(t("接下来试试：", "Try next:"))
    login = f"login --server {address} --programme {document['programme']} --name reviewer"
    for command in (login, "report list --state submitted", "review"):
        print(f"  {os.environ.get('POINTS_CALLED_AS', 'points')} {command}")
    print(t("停止：Ctrl-C", "Stop: Ctrl-C"), flush=True)


_ROLES = {
    "rider": t("骑手（验证码登录；令牌见文件）", "rider (signs in by code; token in the file)"),
    "owner": t("负责人", "owner"),
    "reviewer": t("审核员", "reviewer"),
    "approver": t("审批员", "approver"),
    "keeper": t("驿站管理员", "station keeper"),
    "manager": t("项目经理", "manager"),
    "auditor": t("审计员", "auditor"),
}
