"""`points report import`: reports that were made and decided elsewhere, booked as if it had been here.

The command only. What it does is in `run`, which is imported when the command runs, so that `--help` stays fast.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from admin_cli.context import Run
from admin_cli.importing.ending import end_import, show_summary
from admin_cli.language import t
from admin_cli.options import DryRun
from admin_cli.terminal import say

if TYPE_CHECKING:
    from admin_cli.importing.summary import ImportSummary

HELP = t(
    "导入历史上报（CSV、XLSX）\n按上报时间先后入账，不认识的骑手自动登记。坏行写到一个文件，不影响其余；"
    "同一文件再导入一次不会改变任何东西，中断后重新运行会接着完成。",
    "Import historical reports (CSV, XLSX)\nCredited in the order of their opening times; unknown riders are enrolled. "
    "Bad rows go to a file and do not stop the rest. Importing a file again changes nothing; after an interruption, "
    "run it again to finish.",
)


def import_reports(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=t("CSV 或 XLSX 文件", "A CSV or XLSX file"))],
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping",
            metavar="TOML",
            help=t(
                "对应表：每列是什么意思，例如 seed/boston311.toml",
                "What each column means, such as seed/boston311.toml",
            ),
        ),
    ],
    bad_rows: Annotated[
        Path | None,
        typer.Option(
            "--bad-rows",
            metavar="PATH",
            help=t(
                "坏行写到这里，改正后可再导入；默认是当前文件夹的「文件名.bad-rows.csv」",
                "Where bad rows go, to be corrected and imported again; NAME.bad-rows.csv in this folder if not given",
            ),
        ),
    ] = None,
    is_dry_run: DryRun = False,
) -> None:
    from admin_cli.importing.bad_rows import default_bad_rows_path
    from admin_cli.importing.progress import ImportProgress
    from admin_cli.importing.run import run_import

    run: Run = ctx.obj
    try:
        with ImportProgress() as progress:
            summary = run_import(
                run.client(),
                file=file,
                mapping_path=mapping,
                bad_rows_path=bad_rows or default_bad_rows_path(file),
                is_dry_run=is_dry_run,
                progress=progress,
                now=datetime.now(UTC),
            )
    except KeyboardInterrupt:
        say(
            t(
                "已中断。入了账的都在；再运行同一条命令会接着完成，不会重复。",
                "Stopped. What was booked stays. Run the same command again: it goes on and books nothing twice.",
            )
        )
        raise
    show_summary(summary, is_json=run.json)
    _say_what_next(summary)
    end_import(summary)


def _say_what_next(summary: "ImportSummary") -> None:
    for line in summary.warning_lines():
        say(line)
    if summary.is_dry_run:
        say(
            t(
                "这是预演，没有入账。每名骑手的行放在一起预演，所以封顶和新登记人数与正式导入一致；"
                "预算是否够用，预演看不出来。",
                "This was a dry run: nothing was booked. Each rider's rows were previewed together, so caps and "
                "enrolments are what the import will give. Whether the budget lasts for all, a dry run cannot tell.",
            )
        )
    if not summary.is_complete and summary.is_dry_run:
        say(t("没有预演完，以上数字只是一部分。", "The dry run was not finished: the figures are a part only."))
    elif not summary.is_complete:
        say(
            t(
                f"没有导完：这次入账 {summary.booked:,} 行，以前已有 {summary.unchanged:,} 行。"
                "再运行同一条命令会接着完成，不会重复。",
                f"Not finished: {summary.booked:,} rows were booked now, {summary.unchanged:,} had been before. "
                "Run the same command again: it goes on and books nothing twice.",
            )
        )
    if summary.bad_rows_file:
        say(
            t(
                f"{summary.bad:,} 行没有入账，已写到 {summary.bad_rows_file}；改正后用同一个对应表再导入它。",
                f"{summary.bad:,} rows did not go in; they are in {summary.bad_rows_file}. Correct them there and "
                "import that file with the same mapping.",
            )
        )
