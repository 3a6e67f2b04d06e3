"""One-time codes on their way out: to the console, to a gateway over HTTP, or nowhere."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from litestar.testing import TestClient

from ledger.app import create_app
from ledger.sms import SmsFailed, send_code
from tests.world import PROGRAMME_ID, World

PHONE = "13812345678"


class Gateway(BaseHTTPRequestHandler):
    """Keeps what it was sent; answers with the status of the moment."""

    received: ClassVar[list[dict[str, Any]]] = []
    status: ClassVar[int] = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(json.loads(body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing."""


@pytest.fixture
def gateway() -> Iterator[str]:
    Gateway.received, Gateway.status = [], 200
    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/sms"
        server.shutdown()


def test_the_console_gets_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    send_code("console", phone=PHONE, code="123456")
    captured = capsys.readouterr()
    assert "验证码 123456" in captured.err
    assert captured.out == ""


def test_a_gateway_gets_phone_and_text(gateway: str) -> None:
    send_code(gateway, phone=PHONE, code="123456")
    [message] = Gateway.received
    assert message["phone"] == PHONE
    assert "123456" in message["text"]


def test_a_gateway_that_refuses_or_is_not_there_is_a_failure_without_the_number_in_the_log(
    gateway: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Gateway.status = 500
    for target in (gateway, "http://127.0.0.1:9/sms"):
        with pytest.raises(SmsFailed):
            send_code(target, phone=PHONE, code="123456")
    captured = capsys.readouterr()
    assert PHONE not in captured.err + captured.out
    assert "123456" not in captured.err + captured.out


def test_a_rider_signs_in_with_the_code_from_the_gateway(world: World, gateway: str) -> None:
    world.enroll_with_phone("R00001", PHONE)
    runtime = replace(world.runtime, settings=replace(world.runtime.settings, sms=gateway))
    with TestClient(create_app(runtime.settings, runtime=runtime)) as client:
        client.post("/v1/one_time_codes", json={"programme": PROGRAMME_ID, "phone": PHONE})
        code = Gateway.received[0]["text"].split("验证码 ")[1][:6]
        body = {"programme": PROGRAMME_ID, "phone": PHONE, "code": code}
        assert client.post("/v1/sessions", json=body).status_code == 201


def test_without_a_way_to_send_codes_the_rider_is_told_where_to_go(world: World) -> None:
    runtime = replace(world.runtime, settings=replace(world.runtime.settings, sms=None))
    with TestClient(create_app(runtime.settings, runtime=runtime)) as client:
        answer = client.post("/v1/one_time_codes", json={"programme": PROGRAMME_ID, "phone": PHONE})
        assert (answer.status_code, answer.json()["code"]) == (503, "sms_unavailable")
        assert answer.headers["retry-after"] == "60"
        assert "驿站" in answer.json()["detail"]
