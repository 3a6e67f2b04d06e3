"""`points programme`: the programme one works in, and, with the platform's token, founding another."""

from typing import Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit
from admin_cli.output import show_answer, show_list, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, text
from admin_cli.printing.words import REPORT_STATES
from admin_cli.terminal import ask_new_secret, read_secret_from_stdin

app = typer.Typer(help=t("项目：一个区县一个", "Programmes: one a district"))

LIST_COLUMNS = [
    code("id", t("编号", "Number")),
    text("name", t("名称", "Name"), rank=2),
    code("time_zone", t("时区", "Time zone")),
    code("created_at", t("建立时间（UTC）", "Created (UTC)"), rank=3),
]
"""Each programme has its own zone, so a list of them shows instants as the API gives them."""

COLUMNS = [
    code("id", t("编号", "Number")),
    text("name", t("名称", "Name")),
    code("time_zone", t("时区", "Time zone")),
    moment("created_at", t("建立时间", "Created")),
    number("rulebook_version", t("规则版本", "Rulebook")),
    number("riders", t("骑手", "Riders")),
    *(number(f"reports.{state}", t(f"上报 {words}", f"Reports {words}")) for state, words in REPORT_STATES.items()),
    number("points.issued", t("积分 发行", "Points issued")),
    number("points.budgeted", t("积分 预算中", "Points budgeted")),
    number("points.available", t("积分 可用", "Points available")),
    number("points.held", t("积分 占用", "Points held")),
    number("points.owed", t("积分 欠分", "Points owed")),
    number("points.redeemed", t("积分 已兑换", "Points redeemed")),
    number("points.expired", t("积分 已过期", "Points expired")),
]


@app.command("show", help=t("查看自己所在的项目", "Show the programme one works in"))
def show_programme(ctx: typer.Context) -> None:
    run: Run = ctx.obj
    show_answer(run, run.client().get(path("programme")), COLUMNS)


@app.command("list", help=t("列出所有项目（平台令牌）", "List all programmes (platform token)"))
def list_programmes(ctx: typer.Context, limit: Limit = None, everything: All = False) -> None:
    run: Run = ctx.obj
    client = run.platform_client()
    show_list(run, path("programmes"), LIST_COLUMNS, limit=limit, everything=everything, client=client)


Number = Annotated[
    int,
    typer.Argument(
        metavar="CODE",
        min=1,
        max=999_999_999_999,
        help=t("区划代码（GB/T 2260），例如 330212", "GB/T 2260 code, such as 330212"),
    ),
]
OwnerPassword = Annotated[
    str | None,
    typer.Option(
        "--owner-password",
        metavar="PASSWORD",
        help=t(
            "负责人密码；不写就会问，写在这里别人能看到",
            "The owner's password; asked for if left out, as others can see it here",
        ),
    ),
]
PasswordFromStdin = Annotated[
    bool,
    typer.Option("--owner-password-stdin", help=t("从标准输入读负责人密码", "Read the owner's password from stdin")),
]
Budget = Annotated[
    int | None,
    typer.Option(
        "--budget",
        metavar="POINTS",
        min=0,
        help=t("首笔预算积分，默认 10,000,000", "First budget, 10,000,000 if not given"),
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option("--time-zone", metavar="ZONE", help=t("时区，默认 Asia/Shanghai", "Zone, Asia/Shanghai if not given")),
]


@app.command(
    "create",
    help=t(
        "建立一个项目（平台令牌）\n同时建立第一位负责人；他的密码会问两次，不显示。",
        "Found a programme (platform token)\nIts first owner is made with it; the password is asked for twice, unseen.",
    ),
)
def create_programme(
    ctx: typer.Context,
    number: Number,
    name: Annotated[str, typer.Argument(metavar="NAME", help=t("名称", "Name"))],
    time_zone: TimeZone = None,
    owner_name: Annotated[
        str | None,
        typer.Option(
            "--owner-name", metavar="NAME", help=t("负责人登录名，默认 owner", "The owner's name, owner if not given")
        ),
    ] = None,
    owner_password: OwnerPassword = None,
    password_stdin: PasswordFromStdin = False,
    budget: Budget = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    client = run.platform_client()
    if password_stdin:
        owner_password = read_secret_from_stdin()
    if owner_password is None:
        owner_password = ask_new_secret(t("负责人的密码", "The owner's password"), option="--owner-password-stdin")
    body = given(
        id=number,
        name=name,
        time_zone=time_zone,
        owner_name=owner_name,
        owner_password=owner_password,
        budget_points=budget,
    )
    answer = client.post(path("programmes"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, LIST_COLUMNS, is_dry_run=dry_run)
