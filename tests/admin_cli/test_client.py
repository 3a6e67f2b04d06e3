"""The client: what it repeats, how, and what it makes of every way to fail."""

import json
import ssl
from collections.abc import Callable

import httpx2
import pytest

from admin_cli.client import RETRY_AFTER_MAX_SECONDS, RETRY_WAITS_SECONDS, Client, open_http
from admin_cli.exits import ExitCode
from admin_cli.failures import Failure

WHERE = "http://ledger.test"
ATTEMPTS = len(RETRY_WAITS_SECONDS) + 1

Reply = httpx2.Response | Exception


class Line:
    """A connection that gives the replies in their order, the last one for ever, and keeps what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.asked: list[httpx2.Request] = []
        self.waits: list[float] = []
        self._replies = list(replies)
        http = open_http(WHERE, httpx2.MockTransport(self._reply))
        self.client = Client(http, where=WHERE, token="secret", sleep=self.waits.append)

    def _reply(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


def ok(**body: object) -> httpx2.Response:
    return httpx2.Response(200, json=body or {"done": True})


def no(status: int, code: str = "some_code", headers: dict[str, str] | None = None, **more: object) -> httpx2.Response:
    body = {"status": status, "code": code, "detail": "No, because of 3.", **more}
    return httpx2.Response(status, json=body, headers={"Content-Type": "application/problem+json", **(headers or {})})


def failure_of(call: Callable[[], object]) -> Failure:
    with pytest.raises(Failure) as caught:
        call()
    return caught.value


# --- repeating -------------------------------------------------------------------------------------------------------

LOST = [
    httpx2.ConnectError("refused"),
    httpx2.ReadError("reset"),
    httpx2.ReadTimeout("slow"),
    no(503),
    no(502),
    no(429),
]


@pytest.mark.parametrize("lost", LOST, ids=repr)
def test_a_write_is_repeated_with_the_same_key_and_the_same_body(lost) -> None:
    line = Line(lost, lost, ok())

    line.client.post("/v1/reports", {"name": "王"})

    assert len(line.asked) == 3
    assert len({request.headers["Idempotency-Key"] for request in line.asked}) == 1
    assert {request.content for request in line.asked} == {'{"name": "王"}'.encode()}


def test_two_writes_have_two_keys() -> None:
    line = Line(ok())

    line.client.post("/v1/reports", {})
    line.client.post("/v1/reports", {})

    assert len({request.headers["Idempotency-Key"] for request in line.asked}) == 2


def test_a_given_key_is_used() -> None:
    line = Line(ok())

    line.client.post("/v1/reports", {}, key="mine")

    assert line.asked[0].headers["Idempotency-Key"] == "mine"


def test_repeating_ends_and_the_failure_names_the_key_for_asking_again() -> None:
    line = Line(httpx2.ConnectError("refused"))

    failure = failure_of(lambda: line.client.post("/v1/reports", {}, key="mine"))

    assert len(line.asked) == ATTEMPTS
    assert line.waits == list(RETRY_WAITS_SECONDS)
    assert failure.exit_code is ExitCode.UNAVAILABLE
    assert "--idempotency-key mine" in failure.message


def test_a_write_without_a_key_is_sent_once() -> None:
    line = Line(httpx2.ReadError("reset"), ok())

    failure = failure_of(lambda: line.client.post("/v1/sessions", {"password": "x"}, needs_key=False))

    assert len(line.asked) == 1
    assert "Idempotency-Key" not in line.asked[0].headers
    assert "--idempotency-key" not in failure.message


def test_a_dry_run_is_a_query_and_carries_no_key() -> None:
    line = Line(httpx2.ReadError("reset"), ok())

    line.client.post("/v1/reports", {}, key="mine", is_dry_run=True)

    assert [request.url.query for request in line.asked] == [b"dry_run=true", b"dry_run=true"]
    assert "Idempotency-Key" not in line.asked[1].headers


def test_a_thing_is_put_as_it_is_to_be_under_a_key_and_tried_without_one() -> None:
    line = Line(httpx2.ReadError("reset"), ok())

    line.client.put("/v1/catalog/G-001", {"name": "x"}, key="mine")
    line.client.put("/v1/catalog/G-001", {"name": "x"}, is_dry_run=True)

    assert [request.method for request in line.asked] == ["PUT"] * 3
    assert [request.headers.get("Idempotency-Key") for request in line.asked] == ["mine", "mine", None]
    assert line.asked[2].url.query == b"dry_run=true"


@pytest.mark.parametrize("refusal", [400, 401, 403, 404, 409, 422, 500])
def test_an_answer_that_would_be_the_same_again_is_not_asked_for_again(refusal) -> None:
    line = Line(no(refusal))

    failure_of(lambda: line.client.get("/v1/riders"))

    assert len(line.asked) == 1


def test_a_wish_for_a_short_pause_is_granted() -> None:
    line = Line(no(503, headers={"Retry-After": "3"}), ok())

    line.client.get("/v1/riders")

    assert line.waits == [3.0]


def test_a_wish_for_a_long_pause_is_left_to_the_person() -> None:
    line = Line(no(503, headers={"Retry-After": str(int(RETRY_AFTER_MAX_SECONDS) + 1)}))

    failure = failure_of(lambda: line.client.get("/v1/riders"))

    assert line.waits == []
    assert failure.exit_code is ExitCode.UNAVAILABLE


# --- failing ---------------------------------------------------------------------------------------------------------

EXITS = [
    (400, ExitCode.USAGE),
    (401, ExitCode.FORBIDDEN),
    (403, ExitCode.FORBIDDEN),
    (404, ExitCode.NOT_FOUND),
    (409, ExitCode.REFUSED),
    (413, ExitCode.USAGE),
    (422, ExitCode.REFUSED),
    (429, ExitCode.UNAVAILABLE),
    (500, ExitCode.UNAVAILABLE),
    (503, ExitCode.UNAVAILABLE),
]


@pytest.mark.parametrize(("status", "exit_code"), EXITS)
def test_a_problem_becomes_its_sentence_its_code_and_an_exit_code(status, exit_code) -> None:
    failure = failure_of(lambda: Line(no(status, "the_code")).client.get("/v1/riders"))

    assert failure.exit_code is exit_code
    assert failure.message.startswith("No, because of 3.")
    assert str(failure).endswith("[the_code]")


def test_every_fault_of_an_invalid_request_is_named() -> None:
    errors = [{"field": "lat", "message": "too \x1b[31mfar"}, {"field": "lon", "message": "missing"}]

    failure = failure_of(lambda: Line(no(400, "invalid_request", errors=errors)).client.get("/v1/riders"))

    assert failure.message.split("\n")[1:] == ["  lat: too ␛[31mfar", "  lon: missing"]


def test_who_is_not_signed_in_is_told_how_to() -> None:
    failure = failure_of(lambda: Line(no(401)).client.get("/v1/riders"))

    assert "points login" in failure.message


def test_a_page_of_something_else_is_called_no_ledger() -> None:
    page = httpx2.Response(200, text="<html>router</html>", headers={"Content-Type": "text/html"})

    failure = failure_of(lambda: Line(page).client.get("/v1/riders"))

    assert failure.exit_code is ExitCode.UNAVAILABLE
    assert WHERE in failure.message
    assert "--server" in failure.message


@pytest.mark.parametrize(
    "answer",
    [httpx2.Response(200, json=[1]), httpx2.Response(200, text="{", headers={"Content-Type": "application/json"})],
)
def test_json_that_is_no_object_is_called_no_ledger(answer) -> None:
    assert "--server" in failure_of(lambda: Line(answer).client.get("/v1/riders")).message


def test_a_redirect_is_not_followed_so_that_the_token_stays_here() -> None:
    line = Line(httpx2.Response(301, headers={"Location": "http://elsewhere.test/"}))

    failure_of(lambda: line.client.get("/v1/riders"))

    assert [request.url.host for request in line.asked] == ["ledger.test"]


def test_a_proxys_error_page_is_an_outage_and_not_a_wrong_address() -> None:
    page = httpx2.Response(502, text="<html>bad gateway</html>", headers={"Content-Type": "text/html"})

    failure = failure_of(lambda: Line(page).client.get("/v1/riders"))

    assert "502" in failure.message
    assert "--server" not in failure.message


def test_a_refused_connection_names_the_remedy() -> None:
    failure = failure_of(lambda: Line(httpx2.ConnectError("refused")).client.get("/v1/riders"))

    assert "points serve" in failure.message


def test_a_certificate_that_does_not_hold_is_not_tried_again() -> None:
    error = httpx2.ConnectError("tls")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed")
    line = Line(error)

    failure = failure_of(lambda: line.client.get("/v1/riders"))

    assert len(line.asked) == 1
    assert "tls" in failure.message


@pytest.mark.parametrize("address", ["ftp://x.test", "http://", "nonsense"])
def test_an_address_that_is_none_is_a_usage_error(address) -> None:
    failure = failure_of(lambda: Client(open_http(address), where=address, token=None).get("/v1/riders"))

    assert failure.exit_code is ExitCode.USAGE


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_request_says_who_asks_and_in_which_language() -> None:
    line = Line(ok())

    line.client.get("/v1/riders", {"query": "王", "status": None})

    headers = line.asked[0].headers
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Accept-Language"][:2] in ("zh", "en")
    assert dict(line.asked[0].url.params) == {"query": "王"}


def pages_of(total: int) -> Callable[[httpx2.Request], httpx2.Response]:
    def reply(request: httpx2.Request) -> httpx2.Response:
        start = int(request.url.params.get("cursor", "0"))
        stop = min(total, start + int(request.url.params["limit"]))
        return ok(items=list(range(start, stop)), next=str(stop) if stop < total else None)

    return reply


@pytest.mark.parametrize(
    ("limit", "limits", "items"),
    [
        (10, [10], 10),
        (200, [200], 200),
        (250, [200, 50], 250),
        (None, [200, 200, 200], 450),
        (1000, [200, 200, 200], 450),
    ],
)
def test_pages_ask_for_no_more_than_is_wanted(limit, limits, items) -> None:
    asked: list[str] = []
    reply = pages_of(450)

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params["limit"])
        return reply(request)

    client = Client(open_http(WHERE, httpx2.MockTransport(handle)), where=WHERE, token=None)
    pages = list(client.pages("/v1/riders", limit=limit))

    # Each page asks for what is still wanted, which for a wish beyond the end is still a full page.
    assert [int(one) for one in asked] == limits
    assert sum(len(page.body["items"]) for page in pages) == items


def test_an_answer_keeps_the_bytes_that_came() -> None:
    content = b'{ "b":1,\n "a" : 1.0 }'
    line = Line(httpx2.Response(200, content=content, headers={"Content-Type": "application/json"}))

    answer = line.client.get("/v1/riders")

    assert answer.content == content
    assert answer.body == json.loads(content)
