"""`points audit`: the books checked against every invariant, with what is wrong, where, and how to mend it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any, Self

import typer

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure
from admin_cli.language import t
from admin_cli.output import make_console, write_row
from admin_cli.paths import path
from admin_cli.printing.columns import raw_value
from admin_cli.printing.text import visible
from admin_cli.terminal import say

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

HELP = t(
    "核查账目：重算全部账目并检查每条不变式\n"
    "有错误时退出码为 1，没有为 0；每条发现都说在哪里、怎么改正。只读，不耽误别人。",
    "Audit the books: replay everything and check every invariant\n"
    "The exit code is 1 when something is wrong, else 0; each finding says where and how to mend it. "
    "It only reads, and holds nobody up.",
)

FINDINGS_DEFAULT = 20
FINDINGS_MAX = 1_000
FINDING_KEYS = ("check", "severity", "table", "id", "code", "problem", "remedy")
MARKS = {"error": ("✗", "red"), "warning": ("!", "yellow")}

Line = Mapping[str, Any]


def audit(
    ctx: typer.Context,
    findings: Annotated[
        int,
        typer.Option(
            "--findings",
            min=1,
            max=FINDINGS_MAX,
            metavar="N",
            help=t("每项检查最多列出几条，其余只计数", "Findings listed of each check; the rest are counted"),
        ),
    ] = FINDINGS_DEFAULT,
) -> None:
    run: Run = ctx.obj
    found: list[Line] = []
    summary: Line | None = None
    with run.client().download(path("audits"), {"findings": findings}) as pieces, _Watched() as watched:
        for content in read_lines(pieces):
            line: Line = json.loads(content)
            if line["type"] == "progress":
                watched.show(line)
                continue
            if run.json:
                print(content.decode())
            if line["type"] == "finding":
                found.append(line)
            else:
                summary = line
    if summary is None:
        raise _broken_off()
    if not run.json:
        show = _show_findings if sys.stdout.isatty() else _write_findings
        show(found)
        say(_sentence(summary, told=len(found)))
    if not summary["is_clean"]:
        raise typer.Exit(ExitCode.REFUSED)


def read_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Whole lines; what comes after the last line's end was cut off."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole


def _broken_off() -> Failure:
    return Failure(
        t(
            "核查没有做完连接就断了，结论不能算数；请再核查一次。",
            "The answer broke off before the audit's end, so nothing is proven; audit again.",
        ),
        ExitCode.UNAVAILABLE,
    )


class _Watched:
    """How far it is, on stderr, while somebody watches."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

            columns = (MofNCompleteColumn(), BarColumn(bar_width=20), TextColumn("{task.description}", markup=False))
            self._bar = Progress(*columns, console=make_console(is_error=True), transient=True)
            self._task: TaskID = self._bar.add_task("", total=None)
            self._bar.start()
        return self

    def show(self, line: Line) -> None:
        if self._bar is None:
            return
        rows = f"{line['done']:,}/{line['total']:,}" if line["total"] else ""
        self._bar.update(
            self._task,
            completed=line["number"] - 1,
            total=line["checks"],
            description=f"{visible(line['title'])}  {rows}",
        )

    def __exit__(self, *_error: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def _show_findings(found: Sequence[Line]) -> None:
    """Check by check: what is wrong with each row, then once how to mend it."""
    from rich.padding import Padding
    from rich.text import Text

    console = make_console()
    console.soft_wrap = False
    for _, group in groupby(found, key=lambda line: line["check"]):
        lines = list(group)
        for line in lines:
            mark, style = MARKS.get(line["severity"], ("?", ""))
            where = " ".join(visible(str(part)) for part in (line["table"], line["code"], line["id"]) if part)
            console.print(Text.assemble((f"{mark} {line['check']}", style), "  ", (where, "bold")))
            console.print(Padding(Text(visible(line["problem"])), (0, 0, 0, 2)))
        remedy = t("改正：", "To mend it: ")
        console.print(Padding(Text(remedy + visible(lines[0]["remedy"]), style="dim"), (0, 0, 1, 2)))


def _write_findings(found: Sequence[Line]) -> None:
    write_row(FINDING_KEYS)
    for line in found:
        write_row(visible(str(raw_value(line[key]))) for key in FINDING_KEYS)


def _sentence(summary: Line, *, told: int) -> str:
    checks, errors, warnings = len(summary["checks"]), summary["errors"], summary["warnings"]
    read = t(
        f"核查 {checks} 项，读了 {summary['accounts']:,} 个账户、{summary['transactions']:,} 笔交易、"
        f"{summary['entries']:,} 条分录、{summary['events']:,} 个事件，用时 {summary['duration_seconds']:.1f} 秒：",
        f"{checks} checks over {summary['accounts']:,} accounts, {summary['transactions']:,} transactions, "
        f"{summary['entries']:,} entries and {summary['events']:,} events took {summary['duration_seconds']:.1f} s: ",
    )
    if not errors:
        verdict = t("账目无误。", "the books are right.")
    else:
        verdict = t(f"有 {errors:,} 处错误。", f"{errors:,} errors.")
    if warnings:
        verdict += t(f"另有 {warnings:,} 处提醒。", f" {warnings:,} warnings.")
    if told < errors + warnings:
        verdict += t("没有全部列出，用 --findings 多要一些。", " Not all are listed; ask for more with --findings.")
    return read + verdict
