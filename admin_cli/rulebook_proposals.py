"""`points rulebook validate`, `propose`, `approve` and `reject`: a version from a file to its day.

Deciding is deciding a proposal; the version's number stands for the proposal's code.
"""

from pathlib import Path
from typing import Annotated, Any

import typer

from admin_cli import proposal_decisions
from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.language import t
from admin_cli.options import DryRun, Key, Yes
from admin_cli.output import print_table, show_written
from admin_cli.paths import given, path
from admin_cli.printing.columns import code, moment, number, pick, text, word
from admin_cli.printing.times import ask_day
from admin_cli.printing.words import PROPOSAL_STATES
from admin_cli.proposal_decisions import APPROVE, REJECT
from admin_cli.rulebook import CHANGE_COLUMNS, Version
from admin_cli.terminal import check_can_confirm, say

Versions = list[dict[str, Any]]
"""A history as the API gives it."""

DOCUMENT_BYTES_MAX = 1_000_000
"""A rulebook is some hundred lines; a megabyte is a data file given in its place."""

PROPOSED_COLUMNS = [
    number("proposal.version", t("版本", "Version")),
    word("proposal.state", t("状态", "State"), PROPOSAL_STATES),
    code("proposal.valid_from", t("生效日", "Valid from")),
    text("proposal.reason", t("说明", "Memo")),
    code("proposal.proposed_by", t("提出", "Proposed by")),
    moment("proposal.lapses_at", t("最晚批准", "Approve by")),
    code("proposal.code", t("提案", "Proposal")),
]

File = Annotated[
    Path, typer.Argument(metavar="FILE", help=t("规则文件（TOML，UTF-8）", "The document (TOML, in UTF-8)"))
]
ValidFrom = Annotated[
    str,
    typer.Option(
        "--valid-from",
        metavar="DATE",
        help=t(
            "从哪天起生效，最早明天，例如 2026-12-01", "First day in force, such as 2026-12-01; not before tomorrow"
        ),
    ),
]
Memo = Annotated[
    str, typer.Option("--memo", metavar="TEXT", help=t("为什么改；批准的人看得到", "Why; who approves it reads this"))
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=t("为什么否决", "Why it is rejected"))]


def validate_rulebook(ctx: typer.Context, file: File) -> None:
    run: Run = ctx.obj
    body = {"document": read_document(file), "memo": str(file.name)[:100] or "-"}
    answer = run.client().post(path("rulebooks"), body, is_dry_run=True)
    if run.json:
        show_written(run, answer, PROPOSED_COLUMNS, is_dry_run=True)
        return
    version, day = pick(answer.body, "proposal.version"), pick(answer.body, "proposal.valid_from")
    say(
        t(
            f"规则文件有效；现在提出就是版本 {version}，最早 {day} 生效。什么都没有保存。",
            f"The document is valid. Proposed now it is version {version}, in force from {day} at the earliest. "
            "Nothing was stored.",
        )
    )


def propose_rulebook(
    ctx: typer.Context, file: File, valid_from: ValidFrom, memo: Memo, dry_run: DryRun = False, key: Key = None
) -> None:
    run: Run = ctx.obj
    body = {"document": read_document(file), "valid_from": ask_day(valid_from), "memo": memo}
    answer = run.client().post(path("rulebooks"), body, key=key, is_dry_run=dry_run)
    show_written(run, answer, PROPOSED_COLUMNS, is_dry_run=dry_run)


def approve_rulebook(
    ctx: typer.Context, version: Version, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    run: Run = ctx.obj
    history = _read_history(run)
    codes = [_find_proposal(history, version)]
    if not (yes or dry_run):
        _show_changes(run, history, version)
    proposal_decisions.decide(run, APPROVE, codes, {}, yes=yes, dry_run=dry_run, key=key)


def reject_rulebook(
    ctx: typer.Context, version: Version, reason: Reason, yes: Yes = False, dry_run: DryRun = False, key: Key = None
) -> None:
    run: Run = ctx.obj
    codes = [_find_proposal(_read_history(run), version)]
    proposal_decisions.decide(run, REJECT, codes, given(reason=reason), yes=yes, dry_run=dry_run, key=key)


def _read_history(run: Run) -> Versions:
    items: Versions = run.client().get(path("rulebooks", "history")).body["items"]
    return items


def _show_changes(run: Run, history: Versions, version: str) -> None:
    """What it changes of the version in force, on stderr: nobody should approve what they have not seen."""
    check_can_confirm()
    [in_force] = [found["version"] for found in history if found["state"] == "in_force"]
    changes = run.client().get(path("rulebooks", version, "changes"), {"since": in_force}).body["items"]
    say(t(f"与生效中的版本 {in_force} 相比：", f"Compared with version {in_force}, which is in force:"))
    print_table(CHANGE_COLUMNS, changes, run.zone(), is_error=True)


def _find_proposal(history: Versions, version: str) -> str:
    """The code of the proposal that the version's number stands for."""
    for found in history:
        if str(found["version"]) == version and found["proposal_code"]:
            return str(found["proposal_code"])
    raise Failure(
        t(
            f"没有提议过版本 {version}；看看有哪些：points rulebook history",
            f"No version {version} was proposed. See which there are: points rulebook history",
        ),
        ExitCode.NOT_FOUND,
    )


def read_document(file: Path) -> str:
    """The text of the file. Raises Failure for what cannot be a document; what is in it is for the service to say."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(DOCUMENT_BYTES_MAX + 1)
    except OSError as error:
        raise usage_failure(
            t(
                f"读不了 {file}（{error.strerror}）；请检查路径。",
                f"Cannot read {file} ({error.strerror}). Check the path.",
            )
        ) from error
    if len(raw) > DOCUMENT_BYTES_MAX:
        raise usage_failure(
            t(
                f"{file} 超过 {DOCUMENT_BYTES_MAX:,} 字节，不像规则文件；请检查是不是给错了文件。",
                f"{file} has more than {DOCUMENT_BYTES_MAX:,} bytes and is hardly a rulebook. Check which file it is.",
            )
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise usage_failure(
            t(
                f"{file} 第 {line} 行不是 UTF-8（可能存成了 GBK）；请另存为 UTF-8 再来。",
                f"{file}, line {line}: not UTF-8 (saved as GBK, perhaps). Save it as UTF-8 and try again.",
            )
        ) from error


def add_proposal_commands(app: typer.Typer) -> None:
    """`validate`, `propose`, `approve` and `reject` are verbs of the noun."""
    app.command(
        "validate",
        help=t(
            "检查规则文件，说出哪一行、哪一项、怎么改\n什么都不保存。",
            "Check a document: which line, which key, what to do\nStores nothing.",
        ),
    )(validate_rulebook)
    app.command(
        "propose",
        help=t(
            "提议一个新版本\n由另一位负责人批准，从生效日起使用；已经发的积分不变。",
            "Propose a new version\nAnother manager approves it; it is in force from its day on. "
            "What was awarded stays.",
        ),
    )(propose_rulebook)
    app.command("approve", help=t("批准别人提议的版本；先问", "Approve a version that somebody else proposed; asks"))(
        approve_rulebook
    )
    app.command(
        "reject", help=t("否决别人提议的版本，写明理由；先问", "Reject a version, with the reason; asks first")
    )(reject_rulebook)
