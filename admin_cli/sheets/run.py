"""One table from end to end: looked through, sent window by window, and written down what did not go in.

The file is gone through twice, so that one that cannot be read to its end is refused before anything is sent, and
neither time is it whole in memory (but a workbook's sheet is: its reader knows no other way).
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from admin_cli.client import Client
from admin_cli.failures import Failure
from admin_cli.importing.bad_rows import BadRowsFile
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.stop import StopRequest
from admin_cli.language import t
from admin_cli.sheets.columns import SheetColumn
from admin_cli.sheets.finding import find_form
from admin_cli.sheets.reading import open_table
from admin_cli.sheets.rows import ImportPlan, RowSource
from admin_cli.sheets.sending import SheetSender, digest_of
from admin_cli.sheets.summary import SheetSummary

MakePlan = Callable[[Client, Mapping[str, str]], ImportPlan]
"""Made when the file's columns are known (key → its header there), because some plans ask the API about them."""


def run_sheet_import(
    client: Client,
    *,
    file: Path,
    columns: tuple[SheetColumn, ...],
    make_plan: MakePlan,
    summary: SheetSummary,
    sheet: str | None,
    retries: bool,
    bad_rows_path: Path,
    progress: ImportProgress,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """`summary` says what came of it, also when the server failed or the person stopped it half-way.

    Raises Failure for what is found before the first row is sent: the file, its header, rights.
    """
    began_at = clock()
    form = find_form(file, columns, sheet)
    progress.begin(t("读取", "reading"), None)
    with open_table(file, form, columns) as table:
        plan = make_plan(client, table.headers)
        summary.is_once = plan.once
        imported = {column.key for column in columns if column.is_imported}
        summary.ignored_columns = [header for key, header in table.headers.items() if key not in imported]
        bad_rows = BadRowsFile(bad_rows_path, source=file, form=form)
        total = sum(1 for _ in table.rows)
    digest = digest_of(file) if plan.once else None
    progress.begin(t("预演", "previewing") if summary.is_dry_run else t("导入", "importing"), total)
    try:
        with open_table(file, form, columns) as table, StopRequest() as stop:
            rows = RowSource(plan=plan, table=table, problems=summary.problems)
            sender = SheetSender(
                client,
                path=plan.path,
                digest=digest,
                retries=retries,
                summary=summary,
                progress=progress,
                stop=stop,
            )
            try:
                summary.is_complete = sender.send(rows.batches())
            except Failure as failure:
                summary.failure = failure
            summary.is_interrupted = stop.is_asked and not summary.is_complete
            summary.rows_read = rows.rows_read
    finally:
        bad_rows.write(summary.problems)
    summary.bad_rows_file = str(bad_rows.path) if summary.problems else None
    summary.seconds = clock() - began_at
