"""Every command and every option explains itself, in both languages."""

import json
import subprocess
import sys
from typing import Any

import pytest
from rich.cells import cell_len

from tests.admin_cli.conftest import RunPoints
from tests.admin_cli.fake_api import ROOT, environment, plain

# In a process of its own, because the language is decided when the program is imported.
WALK = """
import json, sys
import typer
from admin_cli.app import app

def walk(command, path):
    page = command.get_help(command.context_class(command, info_name=" ".join(path)))
    options = {name: one.help for one in command.params for name in one.opts}
    yield {"path": path, "help": command.help, "options": options, "page": page}
    for name, child in getattr(command, "commands", {}).items():
        yield from walk(child, [*path, name])

json.dump(list(walk(typer.main.get_command(app), ["points"])), sys.stdout)
"""

NOUNS = {
    "incident": {"list", "show", "merge", "split"},
    "rider": {"list", "show", "enroll", "balance", "statement", "standings", "export", "import"},
    "report": {"list", "show", "nearby", "submit", "verify", "reject", "duplicate", "revoke", "settle", "import"},
    "ranking": {"show"},
    "account": {"list", "show", "balance", "statement", "trial-balance"},
    "transaction": {"list", "show"},
    "programme": {"create", "list", "show"},
    "operator": {"list", "create", "deactivate"},
    "key": {"list", "create", "revoke"},
    "budget": {"list"},
    "proposal": {"list", "show", "give", "take", "write-off", "fund", "return", "approve", "reject", "withdraw"},
    "rulebook": {"list", "show", "history", "diff", "validate", "propose", "approve", "reject", "simulate"},
    "category": {"list"},
    "event": {"list"},
    "me": {
        "show",
        "titles",
        "balance",
        "statement",
        "reports",
        "standings",
        "catalog",
        "redeem",
        "redemptions",
        "cancel",
    },
    "catalog": {"list", "show", "set", "restock", "export", "import"},
    "station": {"list", "set"},
    "redemption": {"list", "show", "request", "voucher", "approve", "reject", "cancel", "fulfil", "export", "import"},
}
WORDS = {"login", "logout", "whoami", "review", "exits", "help", "serve", "demo", "db"}


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for language in ("zh", "en"):
        run = subprocess.run(
            [sys.executable, "-c", WALK],
            cwd=ROOT,
            env=environment(None, tmp_path_factory.mktemp("home"), POINTS_LANG=language, COLUMNS="80"),
            capture_output=True,
            text=True,
            check=True,
        )
        found[language] = json.loads(run.stdout)
    return found


def test_every_noun_and_verb_is_there(pages) -> None:
    paths = {tuple(page["path"]) for page in pages["en"]}

    assert {("points", noun, verb) for noun, verbs in NOUNS.items() for verb in verbs} <= paths
    assert {("points", word) for word in WORDS} <= paths


def test_both_languages_have_the_same_commands(pages) -> None:
    assert [page["path"] for page in pages["zh"]] == [page["path"] for page in pages["en"]]


def test_every_command_and_every_option_is_explained_in_both_languages(pages) -> None:
    for page in pages["zh"]:
        path = " ".join(page["path"])
        assert has_chinese(page["help"]), path
        unexplained = [name for name, words in page["options"].items() if not (words and has_chinese(words))]
        # A word that is the same in both languages is no explanation either.
        assert not unexplained, (path, unexplained)
    for page in pages["en"]:
        path = " ".join(page["path"])
        assert page["help"] and not has_chinese(page["help"]), path
        unexplained = [name for name, words in page["options"].items() if not words or has_chinese(words)]
        assert not unexplained, (path, unexplained)


def test_the_pages_speak_one_language(pages) -> None:
    for page in pages["en"]:
        assert not has_chinese(page["page"]), page["path"]
    for page in pages["zh"]:
        assert "Usage" not in page["page"], page["path"]


def test_no_line_of_a_page_is_too_wide(pages) -> None:
    for page in (*pages["zh"], *pages["en"]):
        assert not [line for line in plain(page["page"]).splitlines() if cell_len(line) > 80], page["path"]


def test_every_write_can_be_tried_first(pages) -> None:
    writes = [
        ("rider", "enroll"),
        ("incident", "merge"),
        ("incident", "split"),
        ("operator", "create"),
        ("operator", "deactivate"),
        ("key", "create"),
        ("key", "revoke"),
        ("programme", "create"),
        *(("report", verb) for verb in ("submit", "verify", "reject", "duplicate", "revoke", "settle")),
        *(("redemption", verb) for verb in ("request", "approve", "reject", "cancel", "fulfil")),
        *(("proposal", verb) for verb in NOUNS["proposal"] - {"list", "show"}),
        *(("rulebook", verb) for verb in ("propose", "approve", "reject")),
        *(("catalog", verb) for verb in ("set", "restock")),
        ("station", "set"),
        ("me", "redeem"),
        ("me", "cancel"),
    ]
    options = {tuple(page["path"][1:]): page["options"] for page in pages["en"]}

    assert not [path for path in writes if "--dry-run" not in options[path]]


def test_the_common_options_are_on_every_command(pages) -> None:
    for page in pages["en"]:
        assert {"--json", "--server", "--token", "--data", "--lang"} <= set(page["options"]), page["path"]


@pytest.mark.parametrize("arguments", [["report", "verify", "--help"], ["help", "report", "verify"]])
def test_there_are_two_ways_to_a_page_and_they_lead_to_the_same(arguments, started: RunPoints) -> None:
    run = started(*arguments)

    assert run.stdout.startswith("Usage: points report verify REPORT … [OPTIONS]\n")
    assert run.returncode == 0


@pytest.mark.parametrize("arguments", [[], ["report"], ["help"]])
def test_a_noun_without_a_verb_shows_what_there_is(arguments, started: RunPoints) -> None:
    run = started(*arguments)

    assert run.stdout.startswith("Usage: points")
    assert (run.returncode, run.stderr) == (0, "")
