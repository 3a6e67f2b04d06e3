"""`points db`: the schema of the database that LEDGER_DATABASE_URL or --data names."""

import typer

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.language import t
from admin_cli.terminal import say

app = typer.Typer(help=t("数据库结构", "The database's schema"))


@app.command(
    "status", help=t("数据库结构是否最新；不是最新时退出码为 1", "Whether the schema is the newest; exits 1 if not")
)
def status(ctx: typer.Context) -> None:
    from admin_cli.local import read_schema_version

    run: Run = ctx.obj
    version = read_schema_version(run.data)
    say(
        t(
            f"数据库：{version.current or '空'}；程序需要：{version.newest}",
            f"Database: {version.current or 'empty'}; this program needs {version.newest}",
        )
    )
    if not version.is_newest:
        say(t("请运行 points db upgrade。", "Run points db upgrade."))
        raise typer.Exit(ExitCode.REFUSED)


@app.command(
    "upgrade", help=t("升级到本程序需要的结构；可以重复运行", "Bring the schema up to date; safe to run twice")
)
def upgrade(ctx: typer.Context) -> None:
    from admin_cli.local import upgrade_schema

    run: Run = ctx.obj
    before, after = upgrade_schema(run.data)
    if before == after:
        say(t(f"已经是最新：{after}", f"Up to date already: {after}"))
    else:
        say(t(f"已升级：{before or '空'} → {after}", f"Upgraded: {before or 'empty'} → {after}"))
