"""The terminal's side of HTTP: sends, repeats what may be repeated, and turns every way of failing into a `Failure`.

A write carries an idempotency key and a body made once, so sending it again after a lost connection cannot do it twice.
The few writes without a key (signing in, making a service key) are sent once.
"""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2

from admin_cli.exits import ExitCode
from admin_cli.failures import Failure, problem_failure, usage_failure
from admin_cli.language import current_language, t

CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 30.0
"""A bulk of 1,000 takes the server a second or two; ten times that and more is a server that will not answer."""

RETRY_WAITS_SECONDS = (0.2, 0.8, 2.0)
"""Four attempts in three seconds: enough for a restart or a switch-over, short enough for somebody who waits."""

RETRY_AFTER_MAX_SECONDS = 5.0
"""A server that asks for more patience than this gets none: the person should decide, not a silent terminal."""

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Nothing was done, or a proxy does not know; with the same key either may be asked again."""

ADDRESS = re.compile(r"https?://[^/?#@]+")
"""A scheme that we speak and a host. Anything finer the HTTP library finds."""

PIECE_BYTES = 64 * 1024
"""Of a file that is downloaded: what is in memory at a time."""

PAGE_SIZE_MAX = 200
"""The API's own maximum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`content` is what the API said, byte for byte; `body` the same as objects (an empty object for 204).

    `is_replay`: the answer to an earlier request under the same key.
    """

    status: int
    content: bytes
    body: dict[str, Any]
    is_replay: bool = False


class Client:
    """One server, one token. `where` is the address as a person knows it."""

    def __init__(
        self, http: httpx2.Client, *, where: str, token: str | None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._http = http
        self.where = where
        self._sleep = sleep
        self._headers = {
            "Accept": "application/json, application/problem+json",
            "Accept-Language": "zh-CN,zh" if current_language() == "zh" else "en",
            "User-Agent": "points",
        }
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Answer:
        return self._send("GET", path, params=params)

    def post(
        self,
        path: str,
        body: Mapping[str, object],
        *,
        key: str | None = None,
        is_dry_run: bool = False,
        needs_key: bool = True,
    ) -> Answer:
        """Sent under `key`, or a fresh one. A dry run stores nothing and takes no key; signing in takes none either."""
        if is_dry_run:
            return self._send("POST", path, params={"dry_run": "true"}, body=body)
        return self._send("POST", path, body=body, key=key or uuid4().hex if needs_key else None)

    def put(self, path: str, body: Mapping[str, object], *, key: str | None = None, is_dry_run: bool = False) -> Answer:
        """As `post`, for a thing as it is to be."""
        if is_dry_run:
            return self._send("PUT", path, params={"dry_run": "true"}, body=body)
        return self._send("PUT", path, body=body, key=key or uuid4().hex)

    def patch(
        self, path: str, body: Mapping[str, object], *, key: str | None = None, is_dry_run: bool = False
    ) -> Answer:
        """As `put`, for the members that change."""
        if is_dry_run:
            return self._send("PATCH", path, params={"dry_run": "true"}, body=body)
        return self._send("PATCH", path, body=body, key=key or uuid4().hex)

    def delete(self, path: str) -> Answer:
        return self._send("DELETE", path)

    @contextmanager
    def download(
        self, path: str, params: Mapping[str, object], *, body: Mapping[str, object] | None = None
    ) -> Iterator[Iterator[bytes]]:
        """A file, piece by piece, whole when the last piece has come. Asked for again only before anything came.

        `body` is for a question that is too long for an address; asking it changes nothing either.
        """
        request = self._http.build_request(
            "GET" if body is None else "POST",
            path,
            params=_given(params),
            json=body,
            headers={**self._headers, "Accept": "*/*, application/problem+json"},
        )
        for wait in (*RETRY_WAITS_SECONDS, None):
            try:
                response = self._http.send(request, stream=True)
            except httpx2.TransportError as error:
                if wait is None or _is_tls(error):
                    raise _connection_failure(self.where, error) from None
                self._sleep(wait)
                continue
            break
        with closing(response):
            try:
                if response.status_code != 200 or "Content-Disposition" not in response.headers:
                    response.read()
                    outcome = _read(self.where, response)
                    raise outcome if isinstance(outcome, Failure) else _not_ours(self.where, response)
                yield response.iter_bytes(PIECE_BYTES)
            except httpx2.TransportError as error:
                raise _connection_failure(self.where, error) from None

    def pages(self, path: str, params: Mapping[str, object] | None = None, *, limit: int | None) -> Iterator[Answer]:
        """Page after page, `limit` items in all (None: to the end). Each page asks for no more than is still wanted."""
        wanted = dict(params or {})
        left = limit
        while left is None or left > 0:
            wanted["limit"] = PAGE_SIZE_MAX if left is None else min(left, PAGE_SIZE_MAX)
            answer = self.get(path, wanted)
            yield answer
            if answer.body.get("next") is None:
                return
            wanted["cursor"] = answer.body["next"]
            if left is not None:
                left -= len(answer.body["items"])

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        body: Mapping[str, object] | None = None,
        key: str | None = None,
    ) -> Answer:
        headers = dict(self._headers)
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode("utf-8", errors="backslashreplace")
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        given = _given(params or {})
        may_repeat = method != "POST" or key is not None or "dry_run" in given
        for wait in (*RETRY_WAITS_SECONDS, None):
            outcome, pause = self._try(method, path, given, headers, content, wait if may_repeat else None)
            if isinstance(outcome, Answer):
                return outcome
            if pause is None:
                raise _with_key(outcome, key)
            self._sleep(pause)
        raise AssertionError("the last attempt has no pause")

    def _try(
        self,
        method: str,
        path: str,
        params: Mapping[str, str],
        headers: Mapping[str, str],
        content: bytes | None,
        wait: float | None,
    ) -> tuple[Answer | Failure, float | None]:
        """The answer, or why not and how long to wait before the next attempt (None: there is none)."""
        try:
            response = self._http.request(method, path, params=params, headers=headers, content=content)
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol):
            return _wrong_address(self.where), None
        except httpx2.TransportError as error:
            failure = _connection_failure(self.where, error)
            return failure, None if _is_tls(error) else wait
        outcome = _read(self.where, response)
        if isinstance(outcome, Answer) or response.status_code not in RETRIED_STATUSES or wait is None:
            return outcome, None
        asked = _seconds(response.headers.get("Retry-After"))
        return outcome, max(wait, asked) if asked <= RETRY_AFTER_MAX_SECONDS else None


def _given(params: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in params.items() if value is not None}


def open_http(base_url: str, transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """Redirects are not followed: an address that redirects is not the service, and the token stays here."""
    if not ADDRESS.match(base_url):
        raise _wrong_address(base_url)
    timeout = httpx2.Timeout(READ_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS)
    try:
        return httpx2.Client(base_url=base_url, transport=transport, timeout=timeout, follow_redirects=False)
    except (httpx2.InvalidURL, ValueError):
        raise _wrong_address(base_url) from None


def _read(where: str, response: httpx2.Response) -> Answer | Failure:
    status = response.status_code
    if status == 204:
        return Answer(status=status, content=b"", body={})
    body = _json_object(response)
    if body is None:
        return _not_ours(where, response)
    if 200 <= status < 300:
        is_replay = response.headers.get("Idempotency-Replayed") == "true"
        return Answer(status=status, content=response.content, body=body, is_replay=is_replay)
    return problem_failure(status, body)


def _json_object(response: httpx2.Response) -> dict[str, Any] | None:
    """None when it is no JSON object: every answer of ours is one."""
    if "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        body = json.loads(response.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _not_ours(where: str, response: httpx2.Response) -> Failure:
    status = response.status_code
    if status in RETRIED_STATUSES or status >= 500:
        return Failure(
            t(
                f"{where} 现在不可用（{status}）；请稍后再试，一直这样就找管理员。",
                f"{where} is not available now ({status}). Try again later; if it stays so, ask its keeper.",
            ),
            ExitCode.UNAVAILABLE,
        )
    kind = response.headers.get("Content-Type", "?").partition(";")[0]
    return Failure(
        t(
            f"{where} 不是积分账本的服务器（答复 {status} {kind}）；请检查 --server 或 POINTS_SERVER。",
            f"{where} is not a points ledger server (it answered {status} {kind}). Check --server or POINTS_SERVER.",
        ),
        ExitCode.UNAVAILABLE,
    )


def _wrong_address(where: str) -> Failure:
    return usage_failure(
        t(
            f"「{where}」不是服务器地址；请写成 https://名称 或 http://127.0.0.1:8000 这样。",
            f"{where!r} is not a server address. Write it as https://name or http://127.0.0.1:8000.",
        )
    )


def _connection_failure(where: str, error: httpx2.TransportError) -> Failure:
    if _is_tls(error):
        message = t(
            f"与 {where} 建立不了安全连接（{error}）；请检查地址、证书和本机时间。",
            f"No secure connection to {where} ({error}). Check the address, its certificate and this machine's clock.",
        )
    elif isinstance(error, httpx2.ConnectError):
        message = t(
            f"连不上 {where}；请检查服务器是否在运行（points serve），地址是否正确（--server）。",
            f"Cannot connect to {where}. Check that the server is running (points serve) and the address (--server).",
        )
    elif isinstance(error, httpx2.TimeoutException):
        message = t(
            f"{where} 超时没有答复；请稍后再试，一直这样就找管理员。",
            f"{where} did not answer in time. Try again later; if it stays so, ask its keeper.",
        )
    else:
        message = t(
            f"与 {where} 的连接中断（{error}）；请再试一次。", f"The connection to {where} broke ({error}). Try again."
        )
    return Failure(message, ExitCode.UNAVAILABLE)


def _with_key(failure: Failure, key: str | None) -> Failure:
    """After a write whose fate is unknown the person learns the key under which asking again is safe."""
    if key is None or failure.exit_code is not ExitCode.UNAVAILABLE:
        return failure
    remedy = t(
        f"如果不确定是否已经办成，加上 --idempotency-key {key} 重做一次，不会重复。",
        f"If you cannot tell whether it was done, repeat it with --idempotency-key {key}: it will not be done twice.",
    )
    return Failure(f"{failure.message}\n{remedy}", failure.exit_code, failure.code)


def _is_tls(error: BaseException) -> bool:
    """Whether a TLS error stands anywhere in the chain of causes: the transport wraps it once or twice."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _seconds(value: str | None) -> float:
    """Retry-After in seconds; the form with a date is taken as "no wish"."""
    return float(value) if value is not None and value.isdigit() else 0.0
