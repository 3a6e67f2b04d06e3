"""What the commands of all tables share: their options, their help, and how an import is run and ends.

Only light modules are imported here, so that `--help` stays fast.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.context import Run
from admin_cli.language import t
from admin_cli.sheets.columns import SheetColumn, list_titles
from admin_cli.terminal import say

if TYPE_CHECKING:
    from admin_cli.sheets.run import MakePlan
    from admin_cli.sheets.summary import SheetSummary

REASONS_SHOWN_MAX = 10
"""Rows whose reasons are printed in a terminal; all of them are in the bad-rows file."""

ExportFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=t(
            "存成哪个文件：以 .xlsx 或 .csv 结尾；- 是把 CSV 写到标准输出",
            "The file to write: NAME.xlsx or NAME.csv; - is CSV on standard output",
        ),
    ),
]
Overwrite = Annotated[
    bool, typer.Option("--yes", help=t("文件已存在时直接覆盖，不再询问", "Overwrite a file without asking"))
]
ImportFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE",
        help=t("XLSX 或 CSV 文件；编码和分隔符自动识别", "An XLSX or CSV file; encoding and delimiter are found"),
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet",
        metavar="NAME",
        help=t("工作簿里的哪个工作表；只有一个有内容就不用写", "Which sheet of a workbook with several"),
    ),
]
BadRows = Annotated[
    Path | None,
    typer.Option(
        "--bad-rows",
        metavar="PATH",
        help=t(
            "被拒的行写到这里，改正后可再导入；默认是当前文件夹的「文件名.bad-rows.csv」",
            "Where refused rows go, to be corrected and imported again; NAME.bad-rows.csv in this folder if not given",
        ),
    ),
]
RetryRefused = Annotated[
    bool,
    typer.Option(
        "--retry-refused",
        help=t(
            "同一文件以前被拒的行再试一次（先确认没有用坏行文件导入过）",
            "Try again the rows of this file that were refused before (unless they went in by the bad-rows file)",
        ),
    ),
]


def columns_help(columns: Sequence[SheetColumn]) -> str:
    """One paragraph of an import's help."""
    titles = list_titles(columns)
    return t(f"第一行是列名，中英文都行（* 必填）：{titles}。", f"Headers, in either language (* required): {titles}.")


def import_sheet(
    run: Run,
    file: Path,
    *,
    columns: tuple[SheetColumn, ...],
    make_plan: "MakePlan",
    sheet: str | None,
    bad_rows: Path | None,
    is_dry_run: bool,
    retries: bool = False,
    counts_points: bool = False,
) -> None:
    """Imports the file and shows what came of it. Ends the command with the exit code that says so."""
    from admin_cli.importing.bad_rows import default_bad_rows_path
    from admin_cli.importing.ending import end_import, show_summary
    from admin_cli.importing.progress import ImportProgress
    from admin_cli.sheets.run import run_sheet_import
    from admin_cli.sheets.summary import SheetSummary

    summary = SheetSummary(file=str(file), is_dry_run=is_dry_run, points=0 if counts_points else None)
    with ImportProgress() as progress:
        run_sheet_import(
            run.client(),
            file=file,
            columns=columns,
            make_plan=make_plan,
            summary=summary,
            sheet=sheet,
            retries=retries,
            bad_rows_path=bad_rows or default_bad_rows_path(file),
            progress=progress,
        )
    show_summary(summary, is_json=run.json)
    if sys.stdout.isatty() and not run.json:
        _show_reasons(summary)
    _say_what_next(summary)
    end_import(summary)


def _show_reasons(summary: "SheetSummary") -> None:
    """The first refused rows in full: most tables are short, and then nobody has to open the other file to look."""
    from admin_cli.output import print_definitions

    lines = sorted(summary.problems)
    rows = [
        (t(f"第 {line:,} 行", f"line {line:,}"), " ".join(problem.text for problem in summary.problems[line]))
        for line in lines[:REASONS_SHOWN_MAX]
    ]
    print_definitions(rows, is_error=True)
    if len(lines) > REASONS_SHOWN_MAX:
        more = len(lines) - REASONS_SHOWN_MAX
        say(t(f"……还有 {more:,} 行", f"… and {more:,} more"))


def _say_what_next(summary: "SheetSummary") -> None:
    if summary.ignored_columns:
        names = t("、", ", ").join(summary.ignored_columns)
        say(
            t(f"这些列只供阅读，没有导入：{names}。", f"These columns are for reading only and were left out: {names}.")
        )
    if summary.is_dry_run:
        say(t("这是预演，什么都没有保存。", "This was a try: nothing was stored."))
        if summary.is_once:
            say(
                t(
                    "这个文件以前导入过没有，预演看不出来；导入过的不会再做一次。",
                    "Whether this file was imported before, a dry run cannot see; what was, is not done again.",
                )
            )
    if not summary.is_complete:
        say(
            t(
                "没有做完；再运行同一条命令会接着完成，不会重复。",
                "Not finished. Run the same command again: it goes on and does nothing twice.",
            )
        )
    if summary.refused_before:
        say(
            t(
                f"这个文件导入过；其中 {summary.refused_before:,} 行被拒是那时的答复，要再试就加 --retry-refused。",
                f"This file was imported before; {summary.refused_before:,} of the refusals are the answer of then. To "
                "try again add --retry-refused.",
            )
        )
    if summary.bad_rows_file:
        say(
            t(
                f"被拒的 {summary.bad:,} 行和原因在 {summary.bad_rows_file}；改正后导入那个文件即可。",
                f"The {summary.bad:,} refused rows are in {summary.bad_rows_file}, with reasons. Correct them there "
                "and import that file.",
            )
        )
