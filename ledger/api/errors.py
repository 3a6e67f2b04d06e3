"""Problems (RFC 9457): the one place where a refusal becomes a status number and a body."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from ledger.api.auth import PRINCIPAL
from ledger.api.languages import language_of
from ledger.api.parameters import parameter_names
from ledger.api.validation import field_errors
from ledger.domain.errors import InvalidRequest, Kind, Language, Refusal, StorageUnavailable, Text

PROBLEM_JSON = "application/problem+json"

STATUS: dict[Kind, int] = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.REFUSED: 422,
    Kind.LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}

log = structlog.get_logger(__name__)


class Problem(msgspec.Struct, kw_only=True):
    """A problem as RFC 9457 has it. Beside these, each code has members of its own; docs/errors.md lists them."""

    type: str
    title: str
    status: int
    detail: str
    code: str


def problem_of(refusal: Refusal, language: Language, zone: tzinfo = UTC) -> dict[str, Any]:
    """The body of a refusal: its own data, then the standard members, which nothing may overwrite."""
    return {
        **refusal.data(),
        "type": f"/problems/{refusal.code}",
        "title": refusal.title.in_language(language),
        "status": STATUS[refusal.kind],
        "detail": refusal.sentence(language, zone),
        "code": refusal.code,
    }


def problem_response(body: Mapping[str, Any], headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        content=msgspec.json.encode(body), media_type=PROBLEM_JSON, status_code=body["status"], headers=headers
    )


def problem_headers(problem: Mapping[str, Any]) -> dict[str, str]:
    """What a client's library looks for before it reads the body. Source: RFC 9110 §10.2.3 and §11.6.1."""
    headers = {}
    if (retry_after := problem.get("retry_after_seconds")) is not None:
        headers["Retry-After"] = str(retry_after)
    if problem["status"] == STATUS[Kind.UNAUTHENTICATED]:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def handle_refusal(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    problem = problem_of(refusal, language_of(request), zone_of(request))
    return problem_response(problem, problem_headers(problem))


def zone_of(request: Request[Any, Any, Any]) -> tzinfo:
    """The zone of the programme of whoever asks; UTC before anybody is known or while the database is away."""
    principal = request.scope.get("state", {}).get(PRINCIPAL)
    if principal is None or not principal.programme_id:
        return UTC
    try:
        zone: tzinfo = request.app.state.runtime.zone_of(principal.programme_id)
    except (Refusal, StorageUnavailable):
        return UTC
    return zone


PLAIN_PROBLEMS: dict[int, tuple[str, Text, Text]] = {
    404: (
        "no_such_path",
        Text("没有这个地址", "No such path"),
        Text("没有这个地址，请对照接口文档 /schema。", "There is nothing at this path; see /schema."),
    ),
    405: (
        "method_not_allowed",
        Text("不支持这种请求方法", "Method not allowed"),
        Text(
            "这个地址不支持这种请求方法，请对照接口文档 /schema。", "This path does not take this method; see /schema."
        ),
    ),
    413: (
        "request_too_large",
        Text("请求太大", "The request is too large"),
        Text("请求超过 10 MB，请分成几批发送。", "The request exceeds 10 MB; send it in several batches."),
    ),
    415: (
        "unsupported_media_type",
        Text("请求正文要用 JSON", "The body must be JSON"),
        Text(
            "请求头 Content-Type 要是 application/json，字符集 UTF-8。",
            "Send the body as JSON in UTF-8 with `Content-Type: application/json`.",
        ),
    ),
    400: (
        "malformed_request",
        Text("请求读不懂", "The request cannot be read"),
        Text(
            "请求正文要是 UTF-8 编码的 JSON，请检查内容和 Content-Type。",
            "The body must be JSON in UTF-8; check it and its Content-Type.",
        ),
    ),
    500: (
        "internal_error",
        Text("系统内部错误", "Internal error"),
        Text(
            "系统出了内部错误，没有做任何改动，已记入日志；请用同一个幂等键重试，或告知管理员。",
            "Something broke here and is in the log; nothing was changed. Repeat with the same key, or tell the staff.",
        ),
    ),
}
"""Problems that no refusal stands behind: status → (code, title, detail)."""

PLAIN_CODES = frozenset(code for code, _, _ in PLAIN_PROBLEMS.values())


def plain_problem(status: int, language: Language) -> dict[str, Any]:
    code, title, detail = PLAIN_PROBLEMS.get(status) or PLAIN_PROBLEMS[500 if status >= 500 else 400]
    return {
        "type": f"/problems/{code}",
        "title": title.in_language(language),
        "status": status,
        "detail": detail.in_language(language),
        "code": code,
    }


def handle_validation(request: Request[Any, Any, Any], error: ValidationException) -> Response[bytes]:
    language = language_of(request)
    errors = field_errors(error, language, names=parameter_names(request.route_handler))
    return problem_response(problem_of(InvalidRequest(errors=errors), language))


def handle_http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    return problem_response(plain_problem(error.status_code, language_of(request)), error.headers)


def handle_unexpected(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
    return problem_response(plain_problem(500, language_of(request)))


EXCEPTION_HANDLERS: dict[Any, Any] = {
    Refusal: handle_refusal,
    ValidationException: handle_validation,
    NotFoundException: handle_http,
    MethodNotAllowedException: handle_http,
    ClientException: handle_http,
    HTTPException: handle_http,
    Exception: handle_unexpected,
}
