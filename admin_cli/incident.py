"""`points incident`: reports of one hazard, their shares, and merging and splitting with a preview."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, Yes
from admin_cli.output import make_console, print_table, show_list, show_rows, show_with_rows, write_json
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, text, word
from admin_cli.printing.words import REPORT_STATES, SHARES
from admin_cli.terminal import check_can_confirm, is_on_terminal, say, stop_unless_confirmed

if TYPE_CHECKING:
    from admin_cli.client import Answer

app = typer.Typer(help=t("同一隐患的多条上报：名次和分数", "Incidents: reports of one hazard, and their shares"))

LIST_COLUMNS = [
    code("code", t("隐患", "Incident")),
    code("category_code", t("类别", "Category")),
    text("category_name", t("名称", "Name"), rank=2),
    number("reporters", t("报告人", "Reporters")),
    text("address", t("地址", "Address"), rank=4),
    moment("founded_at", t("合并时间", "Founded"), rank=3),
    code("founded_by", t("经办", "By"), rank=5),
]

COLUMNS = [
    code("code", t("隐患", "Incident")),
    code("category_code", t("类别", "Category")),
    text("category_name", t("名称", "Name")),
    text("address", t("地址", "Address")),
    number("reporters", t("报告人", "Reporters")),
    moment("founded_at", t("合并时间", "Founded")),
    code("founded_by", t("经办", "By")),
]

REPORT_COLUMNS = [
    number("number", t("第几位", "No.")),
    code("report", t("上报", "Report")),
    code("rider_code", t("骑手", "Rider")),
    word("share", t("份额", "Share"), SHARES),
    number("points_share", t("应得", "Points wanted"), rank=2),
    number("points_granted", t("积分", "Points"), rank=1),
    word("state", t("状态", "State"), REPORT_STATES, rank=3),
    moment("submitted_at", t("上报时间", "Submitted"), rank=4),
    text("address", t("地址", "Address"), rank=5),
]

REBOOKED_COLUMNS = [
    code("report", t("上报", "Report")),
    code("rider_code", t("骑手", "Rider")),
    number("number", t("第几位", "No."), rank=2),
    word("share", t("份额", "Share"), SHARES),
    number("points_before", t("原积分", "Points before")),
    number("points_granted", t("新积分", "Points now")),
    number("balances.available", t("骑手可用", "Rider's points"), rank=3),
    number("balances.owed", t("骑手欠分", "Rider owes"), rank=3),
]

IncidentName = Annotated[
    str,
    typer.Argument(
        metavar="REPORT", help=t("隐患编号，即其中任一上报的编号", "The incident: the code of any of its reports")
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=t("理由，骑手看得到", "Why; the riders read it"))]


@app.command("list", help=t("列出多人上报的隐患，新的在前", "Hazards that several reported, the latest first"))
def list_incidents(
    ctx: typer.Context,
    category: Annotated[
        str | None,
        typer.Option("--category", metavar="CODE", help=t("类别代码，例如 SAF-02", "Category, such as SAF-02")),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    show_list(
        ctx.obj,
        path("incidents"),
        LIST_COLUMNS,
        params=given(category=category),
        limit=limit,
        everything=everything,
    )


@app.command("show", help=t("查看一起隐患：谁先报、各得多少", "Show an incident: who came first, who gets what"))
def show_incident(ctx: typer.Context, incident: IncidentName) -> None:
    run: Run = ctx.obj
    show_with_rows(run, run.client().get(path("incidents", incident)), COLUMNS, REPORT_COLUMNS, "items")


@app.command(
    "merge",
    help=t(
        "把一起隐患并入另一起，积分重记\n先给出谁的积分怎么变，确认后才办；拆分可以还原。",
        "Merge an incident into another; points are booked anew\n"
        "Shows whose points change and asks. A split takes it back.",
    ),
)
def merge_incident(
    ctx: typer.Context,
    incident: IncidentName,
    into: Annotated[
        str,
        typer.Option("--into", metavar="REPORT", help=t("并入的隐患（任一上报）", "The other incident, by any report")),
    ],
    reason: Reason,
    dry_run: DryRun = False,
    yes: Yes = False,
    key: Key = None,
) -> None:
    body = {"into": into, "reason": reason}
    question = t("这样合并？", "Merge them so?")
    _regroup(ctx.obj, path("incidents", incident, "merger"), body, question, dry_run=dry_run, yes=yes, key=key)


@app.command(
    "split",
    help=t(
        "把几条上报从隐患中拆出，另成一起，积分重记\n先给出谁的积分怎么变，确认后才办；合并可以还原。",
        "Split reports off an incident, to be one of their own\n"
        "Shows whose points change and asks. A merger takes it back.",
    ),
)
def split_incident(
    ctx: typer.Context,
    incident: IncidentName,
    reports: Annotated[
        list[str],
        typer.Argument(metavar="LEAVING", help=t("要拆出的上报，可以多条", "The reports that leave, one or many")),
    ],
    reason: Reason,
    dry_run: DryRun = False,
    yes: Yes = False,
    key: Key = None,
) -> None:
    body = {"reports": reports, "reason": reason}
    question = t("这样拆分？", "Split it so?")
    _regroup(ctx.obj, path("incidents", incident, "split"), body, question, dry_run=dry_run, yes=yes, key=key)


def _regroup(
    run: Run, where: str, body: Mapping[str, object], question: str, *, dry_run: bool, yes: bool, key: str | None
) -> None:
    if not (dry_run or yes):
        check_can_confirm()
        _show(run, run.client().post(where, body, is_dry_run=True), is_error=True)
        stop_unless_confirmed(question)
    answer = run.client().post(where, body, key=key, is_dry_run=dry_run)
    _show(run, answer)
    if dry_run:
        say(t("这是预演，什么都没有保存。", "This was a try: nothing was stored."))


def _show(run: Run, answer: "Answer", *, is_error: bool = False) -> None:
    """The incidents as they are then, and whose points changed; a pipe gets the latter."""
    if run.json:
        if not is_error:
            write_json(answer)
        return
    rebooked = answer.body["rebooked"]
    if not is_error and not is_on_terminal():
        show_rows(run, REBOOKED_COLUMNS, rebooked)
        return
    columns = [column for column in REPORT_COLUMNS if column.key != "points_granted"]
    for incident in (answer.body["incident"], answer.body["split_off"]):
        if incident:
            heading = t(f"隐患 {incident['code']}", f"Incident {incident['code']}")
            make_console(is_error=is_error).print(f"{heading}  {incident['category_name']}", style="bold")
            print_table(columns, incident["items"], run.zone(), is_error=is_error)
    if rebooked:
        make_console(is_error=is_error).print(t("积分重记", "Points booked anew"), style="bold")
        print_table(REBOOKED_COLUMNS, rebooked, run.zone(), is_error=is_error)
    else:
        say(t("没有人的积分改变。", "Nobody's points change."))
