"""Running as a process: the port, the announcement, and a stop that answers what is in flight."""

import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx2
import pytest

from ledger.serve import HostNotHere, PortTaken, reserve_port
from tests.test_tidy import ROOT

SERVER = """
import asyncio, sys
from litestar import get
from ledger.app import create_app
from ledger.serve import reserve_port, run_server
from ledger.settings import Settings

@get("/slow")
async def answer_late() -> str:
    print("asked", flush=True)
    await asyncio.sleep(1)
    return "late"

app = create_app(Settings(database_url="sqlite:///" + sys.argv[1], secret="s" * 32))
app.register(answer_late)
reserved = reserve_port("127.0.0.1", 0)
run_server(app, reserved, on_ready=lambda: print(reserved.getsockname()[1], flush=True))
print("stopped", flush=True)
"""


def test_a_taken_port_is_said_before_anything_is_done() -> None:
    with reserve_port("127.0.0.1", 0) as taken, pytest.raises(PortTaken):
        reserve_port("127.0.0.1", taken.getsockname()[1])


def test_an_address_of_another_machine_is_said() -> None:
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(HostNotHere):
            reserve_port(host, 0)


def test_a_port_is_free_again_at_once() -> None:
    with reserve_port("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
    reserve_port("127.0.0.1", port).close()


def test_a_reserved_port_listens() -> None:
    with reserve_port("127.0.0.1", 0) as reserved, socket.create_connection(reserved.getsockname(), timeout=1):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_answers_what_is_in_flight_and_ends_in_order(stop: signal.Signals, tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path / "ledger.db")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout
    answers: list[str] = []
    with server:
        try:
            url = f"http://127.0.0.1:{int(server.stdout.readline())}"
            asking = threading.Thread(target=lambda: answers.append(httpx2.get(f"{url}/slow", timeout=10).text))
            asking.start()
            assert server.stdout.readline() == "asked\n"
            server.send_signal(stop)
            asking.join()
            assert server.stdout.read() == "stopped\n"
        finally:
            if server.poll() is None:
                server.kill()
    assert answers == ["late"]
    assert server.returncode == 0
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{url}/healthz", timeout=1)
