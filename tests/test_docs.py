"""The docs under test: what they tell a reader to type works when pasted, what they point at is there."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
START_SECONDS_MAX = 60
TOUR_SECONDS_MAX = 240
"""Patience, not a goal: the tour starts some twenty processes one after the other."""


def code_block(markdown: str, heading: str) -> str:
    """The first sh block under the heading."""
    section = markdown.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.search(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, f"there is no sh block under {heading!r}"
    return found[1]


def relative_links(markdown: str) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)#]+)\)", markdown) if "://" not in link]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.name)
def test_every_link_between_the_docs_leads_to_a_file(page: Path):
    missing = [
        link for link in relative_links(page.read_text("utf-8")) if not (page.parent / link.replace("\\", "")).exists()
    ]
    assert missing == []


def test_a_broken_link_would_be_found():
    assert relative_links("see [this](docs/nowhere.md)") == ["docs/nowhere.md"]


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[int]:
    """The README's first command, on a free port and a folder of its own; it is stopped with Ctrl-C."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path / "demo-data"
    command = [sys.executable, "-m", "admin_cli", "demo", "--port", str(port), "--data", str(folder)]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(port, process)
        yield port
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
        assert process.returncode == 0, errors
        assert f"127.0.0.1:{port}/schema" in output
        assert "Traceback" not in errors
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        assert process.poll() is None, process.communicate()
        with socket.socket() as probe:
            probe.settimeout(1)
            # The port is reserved early; whoever speaks on it is ready.
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                probe.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
                try:
                    if probe.recv(64).startswith(b"HTTP/1.1 200"):
                        return
                except TimeoutError:
                    continue
        time.sleep(0.1)
    raise AssertionError("the demo did not start")


def environment(tmp_path: Path) -> dict[str, str]:
    """A person with an empty home and nothing configured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("POINTS_", "LEDGER_", "XDG_"))}
    return {**kept, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "POINTS_LANG": "zh"}


@pytest.mark.slow
def test_the_tour_of_the_readme_works_when_pasted(demo: int, tmp_path: Path):
    tour = code_block((ROOT / "README.md").read_text("utf-8"), "A tour")
    assert tour.startswith('points() { python3 dev.py points "$@"; }')
    script = tour.replace("python3 dev.py points", f"{sys.executable} -m admin_cli").replace(":8000", f":{demo}")

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=TOUR_SECONDS_MAX,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "booked\t300\n" in done.stdout, "the sample's 300 reports were imported"
    assert "unchanged\t300\n" in done.stdout, "and a second time nothing changed"
    ranking = json.loads(done.stdout.strip().splitlines()[-1])
    assert ranking["items"][0]["rank"] == 1
    assert [path.name for path in ROOT.glob("*.bad-rows.csv")] == []


def test_the_readme_names_the_two_commands_and_says_what_it_is_in_three_lines():
    readme = (ROOT / "README.md").read_text("utf-8")
    description = readme.split("\n## ", 1)[0].split("\n", 2)[2].strip()
    assert len(description.splitlines()) == 3
    commands = code_block(readme, "Two commands")
    assert "python3 dev.py demo" in commands
    assert "python3 dev.py test" in commands
