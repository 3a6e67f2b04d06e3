"""`points key`: credentials of other systems. The secret is shown once, when it is made."""

from enum import StrEnum
from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, Yes
from admin_cli.output import show_list, show_written
from admin_cli.paths import path
from admin_cli.printing.columns import code, moment
from admin_cli.terminal import say, stop_unless_confirmed

app = typer.Typer(help=t("密钥：给其他系统用", "Service keys, for other systems"))


class Scope(StrEnum):
    REPORTS_WRITE = "reports:write"
    REPORTS_READ = "reports:read"
    IMPORTS_WRITE = "imports:write"
    EVENTS_READ = "events:read"
    EXPORTS_READ = "exports:read"


SCOPES = ", ".join(Scope)

COLUMNS = [
    code("name", t("名称", "Name")),
    code("scopes", t("权限", "Scopes")),
    moment("created_at", t("建立时间", "Created")),
    moment("revoked_at", t("注销时间", "Revoked"), rank=2),
    code("id", "ID", rank=5),
]

CREATED_COLUMNS = [*COLUMNS, code("secret", t("密钥", "Secret"))]

Name = Annotated[str, typer.Argument(metavar="NAME", help=t("名称，例如 grid", "A name, such as grid"))]


@app.command("list", help=t("列出密钥（不含密钥本身）", "List the keys (never their secrets)"))
def list_keys(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("service_keys"), COLUMNS, limit=limit, everything=everything)


@app.command("create", help=t("新建一个密钥\n密钥只显示这一次。", "Make a key\nIts secret is shown this once."))
def create_key(
    ctx: typer.Context,
    name: Name,
    scope: Annotated[
        list[Scope],
        typer.Option("--scope", metavar="SCOPE", help=t(f"权限：{SCOPES}", f"What it may do: {SCOPES}")),
    ],
    dry_run: DryRun = False,
) -> None:
    run: Run = ctx.obj
    body = {"name": name, "scopes": scope}
    # Without an idempotency key: the answer holds the secret and is not stored, so it could not be replayed.
    answer = run.client().post(path("service_keys"), body, is_dry_run=dry_run, needs_key=False)
    show_written(run, answer, CREATED_COLUMNS, is_dry_run=dry_run)
    if not dry_run:
        say(t("请现在保存密钥，以后看不到了。", "Keep the secret now; it will not be shown again."))


@app.command("revoke", help=t("注销一个密钥，立即失效，不能恢复", "End a key, at once and for good"))
def revoke_key(ctx: typer.Context, name: Name, yes: Yes = False, dry_run: DryRun = False, key: Key = None) -> None:
    run: Run = ctx.obj
    if not (yes or dry_run):
        stop_unless_confirmed(t(f"注销密钥 {name}？以后不能恢复。", f"End the key {name}? This cannot be undone."))
    answer = run.client().post(path("service_keys", name, "revocation"), {}, key=key, is_dry_run=dry_run)
    show_written(run, answer, COLUMNS, is_dry_run=dry_run)
