"""`points review`: one case after another, one key per decision: reports, or redemptions with `--redemptions`."""

from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.options import Limit
from admin_cli.terminal import is_on_terminal, say

if TYPE_CHECKING:
    from admin_cli.reviewing.session import Queue

HELP = t(
    "审核队列：一条一条看，一键一个决定\n"
    "最早到期的先看。v 核实，r 驳回，d 重复，s 跳过，u 撤回刚才的决定（几秒之内），? 说明，q 结束。\n"
    "--redemptions 是兑换的审批队列：a 批准，r 驳回，o 明细，其余相同。",
    "The review queue: one report after another, one key per decision\n"
    "Oldest due first. v verify, r reject, d duplicate, s skip, u undo (for some seconds), ? help, q quit.\n"
    "With --redemptions the approvers' queue: a approve, r reject, o open, and the rest as above.",
)


def review(
    ctx: typer.Context,
    redemptions: Annotated[
        bool,
        typer.Option("--redemptions", help=t("审批兑换，不是审核上报", "Redemptions to approve instead of reports")),
    ] = False,
    category: Annotated[
        str | None,
        typer.Option(
            "--category", metavar="CODE", help=t("只看这个类别，例如 SAF-02", "Only this category, such as SAF-02")
        ),
    ] = None,
    limit: Limit = None,
) -> None:
    if redemptions and category is not None:
        raise usage_failure(
            t(
                "--category 只用于上报；审批兑换时请去掉。",
                "--category is for reports. Leave it out with --redemptions.",
            )
        )
    if not is_on_terminal():
        raise usage_failure(_needs_a_terminal(redemptions))
    from admin_cli.reviewing.keys import Keys
    from admin_cli.reviewing.screen import Screen
    from admin_cli.reviewing.session import Session

    run: Run = ctx.obj
    queue = _open_queue(run, redemptions, category)
    session = Session(run, queue, limit=limit)
    if not session.refill():
        say(queue.nothing_waits)
        return
    try:
        with Keys() as keys, Screen(keys, run.zone(), queue.keys) as screen:
            session.work(keys, screen)
    finally:
        session.say_what_became()


def _needs_a_terminal(is_redemptions: bool) -> str:
    if is_redemptions:
        return t(
            "审批队列要在终端里用；在脚本里请用 points redemption list --state requested，"
            "再用 points redemption approve。",
            "The queue needs a terminal. In a script use points redemption list --state requested and "
            "points redemption approve.",
        )
    return t(
        "审核队列要在终端里用；在脚本里请用 points report list 和 points report verify。",
        "The queue needs a terminal. In a script use points report list and points report verify.",
    )


def _open_queue(run: Run, is_redemptions: bool, category: str | None) -> "Queue":
    if is_redemptions:
        from admin_cli.reviewing.redemptions import RedemptionQueue

        return RedemptionQueue(run)
    from admin_cli.reviewing.reports import ReportQueue

    return ReportQueue(run, category=category)
