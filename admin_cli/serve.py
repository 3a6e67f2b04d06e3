"""`points serve`: the service on this machine, until Ctrl-C."""

from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.terminal import say

HOST_DEFAULT = "127.0.0.1"
PORT_DEFAULT = 8000

Port = Annotated[int, typer.Option("--port", min=1, max=65535, help=t("端口", "The port"))]
Host = Annotated[
    str,
    typer.Option(
        "--host",
        help=t("监听地址；对外开放时前面要有 TLS 代理", "The address; put a TLS proxy in front of an open one"),
    ),
]


def serve(ctx: typer.Context, port: Port = PORT_DEFAULT, host: Host = HOST_DEFAULT) -> None:
    from admin_cli.local import run_service  # imports the service, which takes a second

    run: Run = ctx.obj
    address = f"http://{host}:{port}"
    run_service(
        run.data,
        host=host,
        port=port,
        on_ready=lambda: say(
            t(
                f"服务已启动：{address}   接口文档：{address}/schema   停止：Ctrl-C",
                f"Serving at {address}   API docs: {address}/schema   Stop: Ctrl-C",
            )
        ),
    )
    say(t("服务已停止。", "Stopped."))
