"""The source itself under test: what a reviewer would otherwise have to say again and again.

Each rule is a `find_…` function from a text to its findings, so that every rule is first shown to find a bad sample.
Not for what ruff, mypy and the import contracts already see (`python3 dev.py check`).
"""

import ast
import hashlib
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("ledger/", "admin_cli/", "migrations/", "seed/", "tests/")

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Below the services there is neither time nor chance: `now` and ids are handed down, so a replay gives the same books.
TIMELESS = ("ledger/domain/", "ledger/storage/", "ledger/queries/")
CLOCK_AND_DICE = re.compile(
    r"datetime\.datetime\.(now|utcnow|today)|datetime\.date\.today|time\.(time|monotonic|perf_counter)(_ns)?"
    r"|(random|secrets)\..+|os\.urandom|(uuid|uuid_utils|uuid_utils\.compat)\.uuid[1-8]"
)
CLOCK_AND_DICE_ALLOWED = {
    # How long a request has waited in the queue is measured, and decides nothing in the books.
    "ledger/storage/group_commit.py": {"time.monotonic"},
}

# A name that says nothing collects everything.
EMPTY_NAMES = {"common", "helper", "helpers", "misc", "util", "utils"}

# Dots in brackets, so that this file is not a finding of its own.
REGISTRY = re.compile(r"\b(pypi|files[.]pythonhosted|registry[.]npmjs|(deb|snapshot)[.]debian)[.]org\b")
ARCHIVE = re.compile(r"https?://[^\s\"'<>)]+[.](whl|tar[.]gz|tgz|zip|deb)\b")
MACHINE_FOLDERS = (ROOT.parent, Path(os.environ.get("HOME", "/")))
# Folders that a text may name without having been written there.
SHARED_FOLDERS = {Path("/", name) for name in ("", "app", "data", "home", "mnt", "opt", "srv", "tmp", "usr", "var")}

Check = Callable[[str], Iterable[str]]


@cache
def list_files() -> list[Path]:
    """Every file that is or could be committed, relative to the checkout."""
    # A checkout may belong to somebody else, as it does in a container; listing it is harmless.
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(path for name in set(listed.split("\0")) - {""} if (ROOT / (path := Path(name))).is_file())


def list_modules(*folders: str) -> list[Path]:
    return [path for path in list_files() if path.suffix == ".py" and path.as_posix().startswith(folders)]


def check_all(check: Check, paths: list[Path]) -> None:
    """Fails with the findings of all files together."""
    assert paths, "the rule is applied to nothing"
    if findings := [f"{path}: {finding}" for path in paths for finding in check(read_text(path))]:
        pytest.fail("\n".join(findings), pytrace=False)


@cache
def read_text(path: Path) -> str:
    """Binary files hold no text, so no rule finds anything in them."""
    try:
        return (ROOT / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def parse(text: str) -> ast.Module:
    return ast.parse(text)


# The rules.


def find_long_parts(text: str) -> Iterator[str]:
    lines_count = len(text.splitlines())
    if lines_count > MODULE_LINES_MAX:
        yield f"{lines_count} lines, at most {MODULE_LINES_MAX}: probably two modules"
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines_count = (node.end_lineno or 0) - node.lineno + 1
            if lines_count > FUNCTION_LINES_MAX:
                yield f"{node.name} has {lines_count} lines, at most {FUNCTION_LINES_MAX}: probably two functions"


def find_missing_docstring(text: str) -> Iterator[str]:
    if not ast.get_docstring(parse(text)):
        yield "no docstring says what this module is for"


def find_code_in_package(text: str) -> Iterator[str]:
    for statement in parse(text).body:
        if isinstance(statement, ast.ImportFrom):  # what the list `__all__` names comes from somewhere
            continue
        try:
            ast.literal_eval(getattr(statement, "value", statement))
        except ValueError:
            yield f"line {statement.lineno}: an __init__.py holds prose or a list, no code"


def find_clock_and_dice(text: str) -> Iterator[str]:
    """Names by which a clock is read or dice are thrown, as `module.name`, whatever they were imported as."""
    tree = parse(text)
    origins = {
        alias.asname or alias.name: f"{node.module}.{alias.name}" if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute):
            first, dot, rest = ast.unparse(node).partition(".")
            name = origins.get(first, first) + dot + rest
            if CLOCK_AND_DICE.fullmatch(name):
                yield name


def find_prints(text: str) -> Iterator[str]:
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.Name) and node.id == "print":
            yield f"line {node.lineno}: the service logs, only the terminal prints"


def find_late_annotations(text: str) -> Iterator[str]:
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            yield f"line {node.lineno}: the framework reads annotations and would find strings"


def find_loose_sql(text: str) -> Iterator[str]:
    for node in ast.walk(parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(r"(?i)select\s+\*", node.value):
            yield f"line {node.lineno}: a query names its columns"
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "relationship":
            yield f"line {node.lineno}: rows are read by queries, not followed by attributes"


def find_unhashed_requirements(text: str) -> Iterator[str]:
    for requirement in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:]:
        if not re.match(r"[\w.-]+==\S+ .*\\\n(    --hash=sha256:[0-9a-f]{64}( \\)?\n)+(    #|\Z)", requirement):
            yield f"{requirement.split()[0]} is not pinned by hashes"
    if "://" in text or re.search(r"^\s*--(?!hash)", text, re.MULTILINE):
        yield "a lock names packages, not where they lie"


def find_download_addresses(text: str) -> Iterator[str]:
    for match in (*REGISTRY.finditer(text), *ARCHIVE.finditer(text)):
        yield f"{match[0]} is a place to download from"


def find_machine_paths(text: str, folders: Iterable[Path] = MACHINE_FOLDERS) -> Iterator[str]:
    for folder in set(folders) - SHARED_FOLDERS:
        if f"{folder}/" in text:
            yield f"{folder} is a folder of this machine"


def find_source_maps(text: str) -> Iterator[str]:
    if "# sourceMappingURL=" in text:
        yield "asks the browser for a source map that is not served"


def find_manifest_differences(folder: Path) -> Iterator[str]:
    expected = tomllib.loads((folder / "MANIFEST.toml").read_text(encoding="utf-8"))["sha256"]
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del found["MANIFEST.toml"]
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"{name} is not the file that was taken over"


# Each rule finds what it is for.

A_LOCKED = "six==1.17.0 \\\n    --hash=sha256:" + "0" * 64 + "\n    # via demo\n"
ADDRESS = "://".join(("https", "example.test/six-1.17.0-py3-none-any.whl"))
BAD_SAMPLES: list[tuple[Check, str]] = [
    (find_long_parts, "x = 1\n" * (MODULE_LINES_MAX + 1)),
    (find_long_parts, "class A:\n    async def f(self):\n" + "        pass\n" * FUNCTION_LINES_MAX),
    (find_missing_docstring, "import os\n"),
    (find_code_in_package, "import os\n"),
    (find_code_in_package, "LIMIT = compute()\n"),
    (find_clock_and_dice, "from datetime import datetime\nx = datetime.now()\n"),
    (find_clock_and_dice, "import datetime as dt\nx = dt.date.today()\n"),
    (find_clock_and_dice, "import time\nx = field(default_factory=time.time)\n"),
    (find_clock_and_dice, "from random import choice as pick\nx = pick([1])\n"),
    (find_clock_and_dice, "from uuid_utils.compat import uuid7\nx = uuid7()\n"),
    (find_clock_and_dice, "import uuid\nx = uuid.uuid4()\n"),
    (find_prints, "print('hello')\n"),
    (find_late_annotations, "from __future__ import annotations\n"),
    (find_loose_sql, "x = text('''SELECT\n * FROM accounts''')\n"),
    (find_loose_sql, "x = orm.relationship('Account')\n"),
    (find_unhashed_requirements, A_LOCKED + "seven==1.0\n    # via demo\n"),
    (find_unhashed_requirements, A_LOCKED.replace("==", ">=")),
    (find_unhashed_requirements, "--index-url somewhere\n" + A_LOCKED),
    (find_unhashed_requirements, A_LOCKED + f"seven @ {ADDRESS}\n"),
    (find_download_addresses, f"curl {ADDRESS}"),
    (find_download_addresses, ".".join(("see pypi", "org"))),
    (find_source_maps, "body{}\n/*# sourceMappingURL=a.css.map */"),
]


@pytest.mark.parametrize(("check", "sample"), BAD_SAMPLES, ids=range(len(BAD_SAMPLES)))
def test_each_rule_finds_what_it_is_for(check: Check, sample: str) -> None:
    assert list(check(sample))


GOOD_MODULE = '''"""What it is for."""

from datetime import UTC, date, datetime
from uuid import UUID


def decide_day(report_id: UUID, *, now: datetime) -> date:
    return now.astimezone(UTC).date()


QUERY = "SELECT id, count(*) FROM reports GROUP BY id"
'''


def test_no_rule_finds_fault_with_a_tidy_sample() -> None:
    for check in (find_long_parts, find_missing_docstring, find_clock_and_dice, find_prints, find_loose_sql):
        assert not list(check(GOOD_MODULE))
    assert not list(
        find_code_in_package(
            '"""Prose."""\n\nfrom ledger.domain import journal\n__all__ = ["journal"]\nPAGE_SIZE_MAX: int = 100\n'
        )
    )
    assert not list(find_unhashed_requirements(A_LOCKED + A_LOCKED.replace(" \\", " ; sys_platform != 'win32' \\", 1)))


def test_a_recorded_folder_is_found_unless_many_machines_have_it() -> None:
    assert list(find_machine_paths("see /somewhere/else/file", [Path("/somewhere/else")]))
    assert not list(find_machine_paths("see /srv/points/file", [Path("/srv")]))


def test_a_changed_missing_or_added_vendored_file_is_found(tmp_path: Path) -> None:
    for name in ("changed", "added"):
        (tmp_path / name).write_text(name)
    (tmp_path / "MANIFEST.toml").write_text('[sha256]\nchanged = "0"\nmissing = "0"\n')
    assert [finding.split()[0] for finding in find_manifest_differences(tmp_path)] == ["added", "changed", "missing"]


# The source keeps the rules.


def test_modules_and_functions_are_short_enough_to_read() -> None:
    check_all(find_long_parts, list_modules(*PACKAGES))


def test_every_module_says_what_it_is_for() -> None:
    check_all(find_missing_docstring, list_modules(*PACKAGES))


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in list_modules(*PACKAGES) if not EMPTY_NAMES.isdisjoint([path.stem, *path.parts])]


def test_package_files_hold_prose_or_a_list() -> None:
    check_all(find_code_in_package, [path for path in list_modules(*PACKAGES) if path.name == "__init__.py"])


def test_nothing_below_the_services_reads_the_clock_or_throws_dice() -> None:
    for path in list_modules(*TIMELESS):
        allowed = CLOCK_AND_DICE_ALLOWED.get(path.as_posix(), set())
        assert not set(find_clock_and_dice(read_text(path))) - allowed, path


def test_the_service_prints_nothing() -> None:
    check_all(find_prints, list_modules("ledger/"))


def test_annotations_in_the_api_are_no_strings() -> None:
    check_all(find_late_annotations, list_modules("ledger/api/"))


def test_sql_names_its_columns_and_follows_no_relationships() -> None:
    check_all(find_loose_sql, list_modules("ledger/", "migrations/", "seed/"))


def test_every_dependency_is_locked_with_hashes() -> None:
    check_all(find_unhashed_requirements, [Path("requirements.lock"), Path("requirements-dev.lock")])


def test_no_file_records_a_place_to_download_from() -> None:
    check_all(find_download_addresses, list_files())


def test_no_file_records_a_folder_of_the_machine_it_was_written_on() -> None:
    check_all(find_machine_paths, list_files())


def test_vendored_files_are_the_ones_taken_over() -> None:
    manifests = [path for path in list_files() if path.name == "MANIFEST.toml"]
    assert manifests
    assert not [(path, *found) for path in manifests if (found := list(find_manifest_differences(ROOT / path.parent)))]


def test_vendored_pages_ask_for_no_source_maps() -> None:
    check_all(find_source_maps, [path for path in list_files() if path.suffix in {".css", ".js"}])


def test_an_old_python_can_read_the_file_that_says_it_is_too_old() -> None:
    ast.parse(read_text(Path("dev.py")), feature_version=(3, 6))
