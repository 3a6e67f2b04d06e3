"""The program `points`: its nouns in one place, and `main`, which turns what happens into words and an exit code."""

import os
import sys
from typing import Any

import typer
from typer.exceptions import Abort, Exit, TyperException

from admin_cli import (
    account,
    audit,
    budget,
    catalog,
    category,
    db,
    event,
    export,
    fulfilment,
    honor,
    incident,
    key,
    me,
    me_redemptions,
    month,
    operator,
    programme,
    proposal,
    proposal_decisions,
    ranking,
    redemption,
    redemption_decisions,
    report,
    rider,
    rulebook,
    rulebook_proposals,
    session,
    settlements,
    simulating,
    station,
    topics,
    transaction,
)
from admin_cli import dashboard as watching
from admin_cli.commands import PointsGroup, adopt
from admin_cli.context import Run
from admin_cli.demo import demo
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.help import BOOKS, DAILY, KEEPING, SIGNING_IN
from admin_cli.importing import command as importing
from admin_cli.language import t
from admin_cli.reviewing import command as reviewing
from admin_cli.serve import serve
from admin_cli.sheets import redemptions as redemption_sheets
from admin_cli.terminal import say
from admin_cli.usage import usage_message

PROGRAM = "points"

app = typer.Typer(
    cls=PointsGroup,
    add_completion=False,
    help=t(
        "城市合伙人积分账本的终端\n没有配置服务器时，直接使用本机数据。",
        "The terminal of the City Partner Ledger\nWithout a server it works on the data of this machine.",
    ),
    epilog=t(
        "名词在前，动词在后：points report list。终端里是表格，管道里是制表符分隔，--json 是接口原样。",
        "Noun, then verb: points report list. A table in a terminal, tabs in a pipe, --json as the API said it.",
    ),
)


@app.callback()
def _root() -> None:
    """Makes the program a group even for the parser; the common options are added by `PointsGroup`."""


app.command("review", rich_help_panel=DAILY, help=reviewing.HELP)(reviewing.review)
app.command("dashboard", rich_help_panel=DAILY, help=watching.HELP)(watching.dashboard)
app.add_typer(report.app, name="report", rich_help_panel=DAILY)
app.add_typer(incident.app, name="incident", rich_help_panel=DAILY)
app.add_typer(rider.app, name="rider", rich_help_panel=DAILY)
app.add_typer(ranking.app, name="ranking", rich_help_panel=DAILY)
app.add_typer(month.app, name="month", rich_help_panel=DAILY)
app.add_typer(honor.app, name="honor", rich_help_panel=DAILY)
app.add_typer(redemption.app, name="redemption", rich_help_panel=DAILY)
app.add_typer(catalog.app, name="catalog", rich_help_panel=DAILY)
app.add_typer(me.app, name="me", rich_help_panel=DAILY)
app.add_typer(account.app, name="account", rich_help_panel=BOOKS)
app.add_typer(transaction.app, name="transaction", rich_help_panel=BOOKS)
app.add_typer(budget.app, name="budget", rich_help_panel=BOOKS)
app.add_typer(proposal.app, name="proposal", rich_help_panel=BOOKS)
app.add_typer(category.app, name="category", rich_help_panel=BOOKS)
app.add_typer(rulebook.app, name="rulebook", rich_help_panel=BOOKS)
app.add_typer(station.app, name="station", rich_help_panel=BOOKS)
app.add_typer(event.app, name="event", rich_help_panel=BOOKS)
app.command("audit", rich_help_panel=BOOKS, help=audit.HELP)(audit.audit)
app.add_typer(export.app, name="export", rich_help_panel=BOOKS)
app.add_typer(programme.app, name="programme", rich_help_panel=KEEPING)
app.add_typer(operator.app, name="operator", rich_help_panel=KEEPING)
app.add_typer(key.app, name="key", rich_help_panel=KEEPING)
app.command("serve", rich_help_panel=KEEPING, help=t("启动服务", "Start the server"))(serve)
app.command("demo", rich_help_panel=KEEPING, help=t("启动带有演示数据的服务", "Start a server with demo data"))(demo)
app.add_typer(
    db.app,
    name="db",
    rich_help_panel=KEEPING,
    help=t("数据库：结构的版本和升级", "The database: its schema and upgrades"),
)
app.command("login", rich_help_panel=SIGNING_IN, help=session.LOGIN_HELP)(session.login)
app.command("logout", rich_help_panel=SIGNING_IN, help=t("退出登录，令牌立即失效", "Sign out; the token ends at once"))(
    session.logout
)
app.command("whoami", rich_help_panel=SIGNING_IN, help=t("现在是谁、在哪个项目", "Who is signed in, and where"))(
    session.whoami
)
app.command("exits", rich_help_panel=SIGNING_IN, help=t("退出码的含义", "What the exit codes mean"))(topics.show_exits)
app.command(
    "help", rich_help_panel=SIGNING_IN, help=t("命令的说明，例如 points help report list", "Help on a command")
)(topics.show_help)
report.app.command("settle", help=settlements.HELP)(settlements.settle_reports)
report.app.command("import", help=importing.HELP)(importing.import_reports)
redemption_decisions.add_decision_commands(redemption.app)
proposal_decisions.add_decision_commands(proposal.app)
rulebook_proposals.add_proposal_commands(rulebook.app)
rulebook.app.command("simulate", help=simulating.HELP)(simulating.simulate_rulebook)
redemption.app.command("fulfil", help=fulfilment.HELP)(fulfilment.fulfil_redemptions)
redemption_sheets.add_sheet_commands(redemption.app)
me_redemptions.add_redemption_commands(me.app)
adopt(app)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command line and returns its exit code. Never raises for what a person or a server can cause."""
    _make_output_safe()
    try:
        try:
            code = _run(sys.argv[1:] if arguments is None else arguments)
        finally:
            # Here and not at the interpreter's end, where a closed pipe could no longer be caught.
            sys.stdout.flush()
    except BrokenPipeError:
        # `| head` has seen enough. What is still buffered must not be tried again at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except KeyboardInterrupt:
        say("")
        return ExitCode.INTERRUPTED
    return code


def _run(arguments: list[str]) -> int:
    command: Any = typer.main.get_command(app)
    command._main_shell_completion({}, PROGRAM)
    try:
        with Run() as run, command.make_context(PROGRAM, arguments, obj=run) as ctx:
            command.invoke(ctx)
    except Exit as exit_:
        return exit_.exit_code
    except Failure as failure:
        say(t(f"错误：{failure}", f"Error: {failure}"))
        return failure.exit_code
    except TyperException as error:
        say(t(f"错误：{usage_message(error)}", f"Error: {usage_message(error)}"))
        return ExitCode.USAGE
    except Abort:
        raise KeyboardInterrupt from None
    return ExitCode.OK


def _make_output_safe() -> None:
    """A terminal that cannot show Chinese gets escapes instead of a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
