"""`points operator`: the people of the staff who may sign in, and their roles."""

from enum import StrEnum
from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, Yes
from admin_cli.output import show_list, show_written
from admin_cli.paths import path
from admin_cli.printing.columns import code, flag, moment, text
from admin_cli.terminal import ask_new_secret, read_secret_from_stdin, stop_unless_confirmed

app = typer.Typer(help=t("工作人员：登录名和角色", "Operators: who may sign in, and as what"))


class Role(StrEnum):
    """What the API takes. An enumeration and not a Literal, because the parser wants one where an option repeats."""

    REVIEWER = "reviewer"
    APPROVER = "approver"
    KEEPER = "keeper"
    MANAGER = "manager"
    AUDITOR = "auditor"
    OWNER = "owner"


ROLES = ", ".join(Role)

COLUMNS = [
    code("name", t("登录名", "Name")),
    text("display_name", t("姓名", "Display name"), rank=2),
    code("roles", t("角色", "Roles")),
    flag("is_active", t("启用", "Active"), rank=1),
    moment("created_at", t("建立时间", "Created")),
    code("id", "ID", rank=5),
]

Name = Annotated[str, typer.Argument(metavar="NAME", help=t("登录名", "The name to sign in with"))]


@app.command("list", help=t("列出工作人员", "List the operators"))
def list_operators(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    show_list(ctx.obj, path("operators"), COLUMNS, limit=limit, everything=everything)


@app.command(
    "create",
    help=t("新建一名工作人员\n密码会问两次，不显示。", "Add an operator\nThe password is asked for twice, unseen."),
)
def create_operator(
    ctx: typer.Context,
    name: Name,
    role: Annotated[
        list[Role],
        typer.Option(
            "--role",
            metavar="ROLE",
            help=t(
                "角色：审核 reviewer、审批 approver、驿站 keeper、管理 manager、审计 auditor、负责人 owner",
                f"What the person may do: {ROLES}",
            ),
        ),
    ],
    display_name: Annotated[
        str | None,
        typer.Option("--display-name", metavar="NAME", help=t("姓名，默认同登录名", "Name to show; else the same")),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=t("从标准输入读密码", "Read the password from stdin"))
    ] = False,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    question = t(f"{name} 的密码", f"Password of {name}")
    password = read_secret_from_stdin() if password_stdin else ask_new_secret(question, option="--password-stdin")
    body = {"name": name, "display_name": display_name or name, "password": password, "roles": role}
    answer = run.client().post(path("operators"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, COLUMNS, is_dry_run=dry_run)


@app.command(
    "deactivate",
    help=t(
        "停用一名工作人员\n立即不能再登录；记过的账不变。不能恢复。",
        "Shut an operator out, for good\nWhat the person did stays in the books.",
    ),
)
def deactivate_operator(
    ctx: typer.Context, name: Name, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    run: Run = ctx.obj
    if not (yes or dry_run):
        stop_unless_confirmed(t(f"停用 {name}？以后不能恢复。", f"Shut {name} out? This cannot be undone."))
    answer = run.client().post(path("operators", name, "deactivation"), {}, key=key, is_dry_run=dry_run)
    show_written(run, answer, COLUMNS, is_dry_run=dry_run)
