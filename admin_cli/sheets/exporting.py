"""A list of the API into a file, page by page: whole or not at all, and never over another file without asking."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from admin_cli.context import Run
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, usage_failure
from admin_cli.importing.progress import ImportProgress
from admin_cli.importing.whole_file import whole_file
from admin_cli.language import t
from admin_cli.output import write_fields
from admin_cli.sheets.columns import Kind, SheetColumn
from admin_cli.sheets.writing import CSV, open_writer, suffix_of
from admin_cli.terminal import check_can_confirm, say, stop_unless_confirmed

TO_STDOUT = Path("-")


def export_list(
    run: Run,
    file: Path,
    *,
    path: str,
    columns: Sequence[SheetColumn],
    title: str,
    params: Mapping[str, object] | None = None,
    yes: bool = False,
) -> None:
    """All of the list at `path` is in the file (or on stdout, as CSV). Says how many rows, and the zone of times."""
    is_stdout = file == TO_STDOUT
    suffix = CSV if is_stdout else suffix_of(file)
    if is_stdout:
        _check_stdout(is_json=run.json)
    else:
        check_target(file)
        if file.exists() and not yes:
            ask_to_overwrite(file)
    has_times = any(column.kind is Kind.MOMENT for column in columns)
    client, zone = run.client(), run.zone()
    count = 0
    with (
        ImportProgress() as progress,
        open_target(None if is_stdout else file) as target,
        open_writer(target, suffix, columns, title=title, zone=zone) as writer,
    ):
        progress.begin(t("导出", "exporting"), None)
        for page in client.pages(path, params, limit=None):
            for item in page.body["items"]:
                writer.write(item)
            count += len(page.body["items"])
            progress.advance(len(page.body["items"]))
    if not is_stdout:
        _show(run, file, count)
    if has_times and count:
        say(t(f"时间为 {zone.key}", f"times in {zone.key}"))


def ask_to_overwrite(file: Path) -> None:
    try:
        check_can_confirm()
    except Failure:
        raise usage_failure(
            t(
                f"{file} 已存在；要覆盖就加上 --yes，或换一个文件名。",
                f"{file} exists. Add --yes to overwrite it, or name another file.",
            )
        ) from None
    stop_unless_confirmed(t(f"{file} 已存在，要覆盖吗？", f"{file} exists. Overwrite it?"))


def _check_stdout(*, is_json: bool) -> None:
    if is_json:
        raise usage_failure(
            t(
                "- 是把 CSV 写到标准输出，不能同时用 --json；请只用一个。",
                "- writes CSV to standard output, where --json would write too; use one of them.",
            )
        )
    if sys.stdout.isatty():
        raise usage_failure(
            t(
                "- 要接管道或重定向，终端上看请用 list；要存文件就写文件名。",
                "- is for a pipe or a redirection. To look at the rows use list; to keep them name a file.",
            )
        )


def check_target(file: Path) -> None:
    """Raises Failure for a path that no file can be written at."""
    if file.is_dir() or not file.resolve().parent.is_dir():
        raise usage_failure(
            t(
                f"写不了 {file}：它是文件夹，或所在的文件夹不存在；请检查路径。",
                f"Cannot write {file}: it is a folder, or lies in one that does not exist. Check the path.",
            )
        )


@contextmanager
def open_target(file: Path | None) -> Iterator[BinaryIO]:
    """The file, which appears whole or not at all; None is standard output."""
    if file is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        with whole_file(file) as target:
            yield target
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Failure(
            t(
                f"写不了 {file}（{error.strerror}）；请检查权限和剩余空间，或换一个位置。",
                f"Cannot write {file} ({error.strerror}); check its permissions and the space left, or name another "
                "place.",
            ),
            ExitCode.USAGE,
        ) from error


def _show(run: Run, file: Path, count: int) -> None:
    facts = {"file": str(file), "rows": count}
    if run.json:
        print(json.dumps(facts, ensure_ascii=False))
    elif sys.stdout.isatty():
        print(t(f"已写入 {file}，共 {count:,} 行。", f"{count:,} rows are in {file}."))
    else:
        write_fields(facts)
