"""`points export`: the journal for hledger, beancount, a spreadsheet or a data frame, in a file or on stdout."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.context import Run
from admin_cli.failures import usage_failure
from admin_cli.language import t
from admin_cli.output import write_fields
from admin_cli.paths import given, path
from admin_cli.sheets.commands import Overwrite

if TYPE_CHECKING:
    from collections.abc import Callable

app = typer.Typer(help=t("导出：把账目交给别的程序", "Exports: the books for other programs"))


class Format(StrEnum):
    HLEDGER = "hledger"
    BEANCOUNT = "beancount"
    CSV = "csv"
    PARQUET = "parquet"


FORMATS = ", ".join(Format)

JOURNAL_HELP = t(
    "导出日记账：hledger、beancount、csv 或 parquet\n"
    "hledger 和 beancount 文件末尾带有每个账户的余额断言，用 hledger check --strict 或 bean-check 就能核对。"
    "从中间开始时，先有一笔期初余额。",
    "Export the journal: hledger, beancount, csv or parquet\n"
    "hledger and beancount files end by asserting each account's balance: hledger check --strict or bean-check "
    "compares them. One that begins in the middle begins with opening balances.",
)


@app.command("journal", help=JOURNAL_HELP)
def export_journal(
    ctx: typer.Context,
    file_format: Annotated[
        Format, typer.Option("--format", metavar="FORMAT", help=t(f"格式：{FORMATS}", f"One of: {FORMATS}"))
    ],
    first_day: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help=t("第一天，例如 2026-03-01；默认从头", "The first day, such as 2026-03-01; else from the beginning"),
        ),
    ] = None,
    last_day: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="DAY",
            help=t(
                "最后一天，含当天（项目时区）；默认今天", "The last day, included (the programme's zone); else today"
            ),
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help=t("存成文件；默认写到标准输出", "The file to write; else stdout")),
    ] = None,
    yes: Overwrite = False,
) -> None:
    from admin_cli.sheets.exporting import ask_to_overwrite, check_target, open_target

    run: Run = ctx.obj
    if file is None:
        _check_stdout(file_format, is_json=run.json)
    else:
        check_target(file)
        if file.exists() and not yes:
            ask_to_overwrite(file)
    query = given(**{"format": file_format.value, "from": first_day, "to": last_day})
    size = 0
    with (
        run.client().download(path("exports", "journal"), query) as pieces,
        open_target(file) as target,
        _progress(is_shown=file is not None or not sys.stdout.isatty()) as advance,
    ):
        for piece in pieces:
            target.write(piece)
            size += len(piece)
            advance(len(piece))
    if file is not None:
        _show(run, file, size)


def _check_stdout(file_format: Format, *, is_json: bool) -> None:
    if is_json:
        raise usage_failure(
            t(
                "导出的内容不是 JSON；去掉 --json，或用 --out 存成文件。",
                "What is exported is not JSON; leave --json out, or name a file with --out.",
            )
        )
    if file_format is Format.PARQUET and sys.stdout.isatty():
        raise usage_failure(
            t(
                "parquet 不是文字，不能显示在终端里；请用 --out 存成文件，或接管道。",
                "Parquet is no text for a terminal; name a file with --out, or give it to a pipe.",
            )
        )


@contextmanager
def _progress(*, is_shown: bool) -> "Iterator[Callable[[int], object]]":
    """How much has come, on stderr. How much there will be nobody knows before the end."""
    if not (is_shown and sys.stderr.isatty()):
        yield lambda _size: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn(t("导出", "exporting"), markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda size: bar.advance(task, size)


def _show(run: Run, file: Path, size: int) -> None:
    facts = {"file": str(file), "bytes": size}
    if run.json:
        print(json.dumps(facts, ensure_ascii=False))
    elif sys.stdout.isatty():
        print(t(f"已写入 {file}，共 {size:,} 字节。", f"{size:,} bytes are in {file}."))
    else:
        write_fields(facts)
