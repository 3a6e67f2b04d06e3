"""`points honor`: what can be earned, awarding a month or a year with a preview, deciding proposals, the roll."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.options import All, DryRun, Key, Limit, RiderCode, Yes
from admin_cli.output import (
    make_console,
    print_definitions,
    print_table,
    show_list,
    show_rows,
    show_written,
    write_json,
)
from admin_cli.paths import given, path
from admin_cli.printing.columns import Column, code, moment, number, text, word
from admin_cli.printing.times import ask_day
from admin_cli.printing.words import HONOR_PERIODS, TITLE_STATES
from admin_cli.terminal import check_can_confirm, is_on_terminal, say, stop_unless_confirmed

if TYPE_CHECKING:
    from admin_cli.client import Answer

app = typer.Typer(help=t("荣誉：称号的规则、评定和名单", "Honors: the rules, the awarding and the list of titles"))

State = Literal["proposed", "granted", "declined"]

HONOR_COLUMNS = [
    code("code", t("代码", "Code")),
    text("title", t("称号", "Title"), rank=2),
    word("period", t("周期", "Period"), HONOR_PERIODS, rank=3),
    number("seats", t("名额", "Seats"), rank=3),
    text("condition", t("条件", "Condition"), rank=2),
]

TITLE_COLUMNS = [
    code("rider_code", t("骑手", "Rider")),
    text("rider_name", t("姓名", "Name"), rank=3),
    text("title", t("称号", "Title"), rank=2),
    code("period", t("周期", "Period"), rank=2),
    word("state", t("状态", "State"), TITLE_STATES, rank=2),
    text("why", t("依据", "Why"), rank=2),
    code("under_review", t("因更正待复核", "Under review"), rank=5),
    code("honor_code", t("代码", "Code"), rank=6),
    code("industry_code", t("行业", "Industry"), rank=7),
    moment("awarded_at", t("评定时间", "Awarded"), rank=8),
    code("awarded_by", t("评定人", "Awarded by"), rank=9),
    code("id", t("编号", "Id"), rank=9),
]

SUMMARY_COLUMNS = [
    text("title", t("称号", "Title"), rank=2),
    code("honor_code", t("代码", "Code")),
    number("granted", t("新授予", "Granted")),
    number("proposed", t("新提名", "Proposed")),
    number("unchanged", t("已有", "Had it before")),
]

APPOINTED_COLUMNS = [
    code("rider_code", t("骑手", "Rider")),
    code("appointment.appointed_on", t("任命日", "Appointed")),
    code("appointment.trained_on", t("培训日", "Trained")),
    code("appointment.ends_on", t("任期至", "Until")),
    code("appointment.appointed_by", t("经办", "By")),
]

Period = Annotated[
    str,
    typer.Argument(metavar="PERIOD", help=t("月份或年份，例如 2026-10 或 2026", "A month or a year: 2026-10 or 2026")),
]
TitleId = Annotated[
    str,
    typer.Argument(
        metavar="TITLE",
        help=t(
            "称号的编号，或骑手编号（只有一个待确认时）", "The title's id, or the rider's code if one proposal waits"
        ),
    ),
]


@app.command("list", help=t("列出称号和条件", "List the titles and how they are earned"))
def list_honors(ctx: typer.Context) -> None:
    run: Run = ctx.obj
    answer = run.client().get(path("honors"))
    if run.json:
        write_json(answer)
        return
    honors = answer.body["items"]
    if not is_on_terminal():
        show_rows(run, HONOR_COLUMNS, honors)
        return
    print_definitions([(f"{honor['title']} {honor['code']}", str(honor["condition"])) for honor in honors])


@app.command("titles", help=t("列出获得的称号，新的在前", "List the titles given, newest first"))
def list_titles(
    ctx: typer.Context,
    period: Annotated[
        str | None, typer.Option("--period", metavar="PERIOD", help=t("月份或年份", "A month or a year"))
    ] = None,
    honor: Annotated[
        str | None,
        typer.Option("--honor", metavar="CODE", help=t("只看这种，例如 M-STAR", "Only this, such as M-STAR")),
    ] = None,
    rider: Annotated[
        str | None, typer.Option("--rider", metavar="CODE", help=t("只看这位骑手", "Only this rider"))
    ] = None,
    state: Annotated[State | None, typer.Option("--state", help=t("只看这种状态", "Only in this state"))] = None,
    under_review: Annotated[
        bool | None,
        typer.Option(
            "--under-review/--not-under-review",
            help=t("只看因更正待复核的，或不在复核的", "Only those that a correction put in doubt, or only others"),
        ),
    ] = None,
    limit: Limit = None,
    everything: All = False,
) -> None:
    filters = given(period=period, honor=honor, rider=rider, state=state, under_review=under_review)
    show_list(ctx.obj, path("titles"), TITLE_COLUMNS, params=filters, limit=limit, everything=everything)


@app.command(
    "award",
    help=t(
        "评定一个月或一年的称号\n先给出名单和依据，确认后才评定；重复评定不会多给。需要确认的只是提名。",
        "Award the titles of a month or a year\n"
        "Shows who gets what and why, and asks. Twice gives nobody more; some titles are only proposed.",
    ),
)
def award_titles(
    ctx: typer.Context, period: Period, dry_run: DryRun = False, yes: Yes = False, key: Key = None
) -> None:
    run: Run = ctx.obj
    where, body = path("titles", "awards"), {"period": period}
    if not (dry_run or yes):
        check_can_confirm()
        preview = run.client().post(where, body, is_dry_run=True)
        if not (preview.body["granted"] or preview.body["proposed"]):
            say(t("没有新的称号可评定。", "There is no new title to award."))
            show_awarded(run, preview)
            return
        show_awarded(run, preview, is_error=True)
        stop_unless_confirmed(
            t(
                f"授予 {preview.body['granted']:,} 个称号，提名 {preview.body['proposed']:,} 个？",
                f"Grant {preview.body['granted']:,} titles and propose {preview.body['proposed']:,}?",
            )
        )
    answer = run.client().post(where, body, key=key, is_dry_run=dry_run)
    show_awarded(run, answer)
    if dry_run:
        say(t("（只是预览，没有保存）", "(a preview: nothing was stored)"))


@app.command(
    "confirm",
    help=t("授予一个提名的称号，或保留一个待复核的", "Grant a title that was proposed, or keep one under review"),
)
def confirm_title(ctx: typer.Context, title: TitleId, dry_run: DryRun = False, key: Key = None) -> None:
    run: Run = ctx.obj
    where = path("titles", find_proposal(run, title), "confirmation")
    answer = run.client().post(where, {}, key=key, is_dry_run=dry_run)
    show_written(run, answer, TITLE_COLUMNS, is_dry_run=dry_run)


@app.command(
    "decline",
    help=t(
        "不授予一个提名的称号，或取消一个待复核的，写明理由",
        "Do not grant a title that was proposed, or take back one under review; say why",
    ),
)
def decline_title(
    ctx: typer.Context,
    title: TitleId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help=t("理由", "The reason"))],
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    where = path("titles", find_proposal(run, title), "refusal")
    answer = run.client().post(where, {"reason": reason}, key=key, is_dry_run=dry_run)
    show_written(run, answer, TITLE_COLUMNS, is_dry_run=dry_run)


@app.command(
    "appoint",
    help=t(
        "把骑手列入新锋骑手名册\n再次执行就是更改：没写的日期会清空。",
        "Put a rider on the roll of vanguard riders\nDoing it again changes it: a day that is left out is cleared.",
    ),
)
def appoint_rider(
    ctx: typer.Context,
    rider: RiderCode,
    on: Annotated[
        str, typer.Option("--on", metavar="DAY", help=t("任命日，例如 2026-03-01", "The day, such as 2026-03-01"))
    ],
    trained: Annotated[
        str | None, typer.Option("--trained", metavar="DAY", help=t("完成培训的日期", "Trained on this day"))
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help=t("任期最后一天", "The last day of the term"))
    ] = None,
    dry_run: DryRun = False,
    key: Key = None,
) -> None:
    run: Run = ctx.obj
    body = {
        "appointed_on": ask_day(on),
        "trained_on": ask_day(trained) if trained else None,
        "ends_on": ask_day(until) if until else None,
    }
    answer = run.client().put(path("riders", rider, "appointment"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, APPOINTED_COLUMNS, is_dry_run=dry_run)


def show_awarded(run: Run, answer: "Answer", *, is_error: bool = False) -> None:
    """Who gets what and why, honor by honor, then the numbers; a pipe gets the titles alone."""
    if run.json:
        if not is_error:
            write_json(answer)
        return
    awarded = answer.body
    if not is_error and not is_on_terminal():
        show_rows(run, TITLE_COLUMNS, awarded["items"])
        return
    columns = [column for column in TITLE_COLUMNS if column.key in {"rider_code", "rider_name", "why", "state"}]
    for honor in awarded["by_honor"]:
        mine = [title for title in awarded["items"] if title["honor_code"] == honor["honor_code"]]
        if mine:
            _print_block(run, f"{honor['title']}  {honor['honor_code']}", columns, mine, is_error=is_error)
    heading = t(f"{awarded['period']} 评定", f"Awarding {awarded['period']}")
    _print_block(run, heading, SUMMARY_COLUMNS, awarded["by_honor"], is_error=is_error)
    shown, found = len(awarded["items"]), awarded["granted"] + awarded["proposed"]
    if shown < found:
        say(t(f"只列出前 {shown:,} 个，共 {found:,} 个。", f"The first {shown:,} of {found:,} are shown."))
    if waiting := awarded["reports_waiting"]:
        say(
            t(
                f"注意：这段时间还有 {waiting:,} 条上报待审；审完后再评定一次，可能还有人得到称号。",
                f"Note: {waiting:,} reports of this time still wait for review; award again when they are decided.",
            )
        )


def _print_block(
    run: Run, heading: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], *, is_error: bool
) -> None:
    make_console(is_error=is_error).print(heading, style="bold")
    print_table(columns, rows, run.zone(), is_error=is_error)


def find_proposal(run: Run, name: str) -> str:
    """The id itself; or that of the one proposal waiting for the rider of this code."""
    if "-" in name and len(name) == len("01a20b7d-52c0-7e11-9d3c-0b6f2f1f6a10"):
        return name
    found = run.client().get(path("titles"), params={"rider": name, "state": "proposed"}).body["items"]
    if len(found) != 1:
        raise usage_failure(
            t(
                f"骑手 {name} 有 {len(found)} 个待确认的提名；请用称号的编号：points honor titles --state proposed",
                f"{len(found)} proposals wait for rider {name}. Name the title by its id: "
                "points honor titles --state proposed",
            )
        )
    return str(found[0]["id"])
