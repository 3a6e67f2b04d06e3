"""`points export journal`: the whole file or none, never over another one unasked, and no parquet on a screen."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from admin_cli.exits import ExitCode
from tests.admin_cli.conftest import OnTerminal, RunPoints
from tests.admin_cli.fake_api import FakeApi, Said, problem

CONTENT = "\ufeffdate,memo\r\n2026-03-10,井盖\r\n".encode()
JOURNAL = ("export", "journal", "--format")


@pytest.fixture(autouse=True)
def file(api: FakeApi) -> None:
    api.answers["GET /v1/exports/journal"] = Said(
        body=CONTENT, content_type="text/csv", headers={"Content-Disposition": 'attachment; filename="journal.csv"'}
    )


def test_without_a_file_it_is_on_stdout_byte_for_byte(api: FakeApi, piped: RunPoints) -> None:
    done = piped(*JOURNAL, "csv", "--from", "2026-03-01", "--to", "2026-03-31")
    assert (done.returncode, done.stdout.encode(), done.stderr) == (ExitCode.OK, CONTENT, "")
    assert api.asked[-1].query == {"format": "csv", "from": "2026-03-01", "to": "2026-03-31"}


def test_a_file_is_written_whole_and_its_size_said(piped: RunPoints, tmp_path: Path) -> None:
    out = tmp_path / "books.csv"
    done = piped(*JOURNAL, "csv", "--out", str(out))
    assert (done.returncode, out.read_bytes()) == (ExitCode.OK, CONTENT)
    assert f"bytes\t{len(CONTENT)}" in done.stdout


def test_another_file_is_not_overwritten_unasked(api: FakeApi, piped: RunPoints, tmp_path: Path) -> None:
    out = tmp_path / "books.csv"
    out.write_text("mine")
    refused = piped(*JOURNAL, "csv", "--out", str(out))
    assert (refused.returncode, out.read_text(), api.asked) == (ExitCode.USAGE, "mine", [])
    assert "--yes" in refused.stderr

    assert piped(*JOURNAL, "csv", "--out", str(out), "--yes").returncode == ExitCode.OK
    assert out.read_bytes() == CONTENT


def test_a_refusal_leaves_the_old_file_and_says_why(api: FakeApi, piped: RunPoints, tmp_path: Path) -> None:
    out = tmp_path / "books.csv"
    out.write_text("old")
    api.answers["GET /v1/exports/journal"] = problem(422, "nothing_to_export", "No transaction took effect.")
    refused = piped(*JOURNAL, "csv", "--out", str(out), "--yes")
    assert refused.returncode == ExitCode.REFUSED
    assert "No transaction took effect." in refused.stderr
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["books.csv"]
    assert out.read_text() == "old"


@contextmanager
def breaking_server() -> Iterator[str]:
    """The address of a server that answers each request with the beginning of a file, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(65_536)
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Disposition: attachment\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
                    )

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_an_answer_that_breaks_off_is_no_file(piped: RunPoints, tmp_path: Path) -> None:
    with breaking_server() as address:
        done = piped(*JOURNAL, "csv", "--out", str(tmp_path / "books.csv"), POINTS_SERVER=address)
    assert done.returncode == ExitCode.UNAVAILABLE, done.stderr
    assert list(tmp_path.glob("*books*")) == list(tmp_path.glob(".*books*")) == []


def test_an_unknown_format_names_those_there_are(api: FakeApi, piped: RunPoints) -> None:
    refused = piped(*JOURNAL, "pdf")
    assert (refused.returncode, api.asked) == (ExitCode.USAGE, [])
    assert "hledger, beancount, csv, parquet" in refused.stderr


def test_json_and_a_file_on_stdout_exclude_each_other(api: FakeApi, piped: RunPoints) -> None:
    refused = piped(*JOURNAL, "csv", "--json")
    assert (refused.returncode, api.asked) == (ExitCode.USAGE, [])
    assert "--out" in refused.stderr


def test_parquet_is_not_for_a_screen(api: FakeApi, typed: OnTerminal) -> None:
    with typed(*JOURNAL, "parquet") as terminal:
        code, words = terminal.finish()
    assert (code, api.asked) == (ExitCode.USAGE, [])
    assert "--out" in words


def test_the_books_of_this_machine_come_out_too(started: RunPoints, tmp_path: Path) -> None:
    """The service is in the same process, and its answer is handed over piece by piece."""
    data = ("--data", str(tmp_path / "data"))
    done = started(*JOURNAL, "hledger", *data, POINTS_SERVER="", POINTS_TOKEN="")
    assert done.returncode == ExitCode.OK, done.stderr
    assert "programme:issuance  0 POINTS == 10000000 POINTS" in done.stdout
