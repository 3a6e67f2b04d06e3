"""The OpenAPI document and its page. What the framework derives from the handlers is completed here, in one place:
problems as they are sent, examples, the language header, whole numbers as whole numbers.

The page loads nothing from elsewhere; its security header forbids it to.
"""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from litestar import Request
from litestar.enums import MediaType, OpenAPIMediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme, Tag

from ledger.api.audits import MEDIA_TYPE as AUDIT
from ledger.api.errors import PROBLEM_JSON
from ledger.api.example_names import Example
from ledger.api.examples import ANSWERS, EXAMPLES, PROBLEM_EXAMPLE
from ledger.api.exports import MEDIA_TYPES
from ledger.api.idempotency import HEADER, KEY_LENGTH_MAX
from ledger.api.permissions import PUBLIC
from ledger.api.simulations import MEDIA_TYPE as SIMULATION

Json = dict[str, Any]

DESCRIPTION = """\
城市合伙人积分账本的接口：上报、审核、积分、账目、榜单。先在 `POST /v1/sessions` 登录，把得到的令牌填进 Authorize。

- 改动数据的请求要带 `Idempotency-Key`；重发同一个请求得到同一个答复。`?dry_run=true` 只预览，不保存。
- 出错时答复 `application/problem+json`，`code` 固定不变，文字按 `Accept-Language` 用中文或英文。
- 列表：`{"items": […], "next": 翻页标记或 null}`。

Reports, review, points, books and rankings. Sign in at `POST /v1/sessions` and put the token into Authorize.

- What changes something takes an `Idempotency-Key`; the same request again gets the same answer. `?dry_run=true`
  previews and stores nothing.
- Errors are `application/problem+json` with a stable `code`, worded in the language of `Accept-Language`.
- Lists are `{"items": […], "next": cursor or null}`.
"""

TAGS = {
    "sessions": "登录 · Signing in and out",
    "me": "骑手自己的 · A rider's own things",
    "reports": "上报 · Hazards, sent in and looked at",
    "decisions": "审核 · Decisions on reports",
    "incidents": "同一隐患 · Reports of one hazard and their shares",
    "imports": "导入 · Historical reports",
    "rankings": "榜单 · The month's ranking",
    "months": "月度榜单 · Publishing and finalizing a month's list, and its corrections",
    "honors": "荣誉 · Titles, who has earned them and why",
    "dashboard": "总览 · Everything at a glance",
    "catalog": "商品 · What points buy, and the stations that keep it",
    "redemptions": "兑换 · Requests, approvals, vouchers",
    "proposals": "提案 · Corrections that one person proposes and another approves",
    "riders": "骑手 · Riders, their points and why they changed",
    "books": "账目 · Accounts, transactions, budgets",
    "rules": "规则 · Rulebooks and categories",
    "events": "事件 · The outbox for other systems",
    "operators": "工作人员 · The staff",
    "service_keys": "服务密钥 · Other systems' credentials",
    "programmes": "项目 · Programmes",
    "health": "运行 · For whoever keeps the service running",
}

MEANINGS = {
    400: "内容有误 · What was sent cannot be meant; `detail` and `errors` say why",
    401: "未登录 · No token, or one that is unknown, expired or revoked",
    403: "无权限 · The token's holder may not do this",
    404: "没有找到 · No such thing in this programme",
    409: "冲突 · Somebody was first; `detail` says who and when, where that is known",
    413: "请求太大 · More than 10 MB",
    415: "正文不是 JSON · The body is not `application/json` in UTF-8",
    422: "按规则不允许 · A rule or a balance says no",
    429: "太频繁 · Too many attempts; wait for `Retry-After` seconds",
    500: "内部错误 · Something broke; nothing was changed",
    503: "暂不可用 · Not available now; repeat with the same key after `Retry-After` seconds",
}
LANGUAGE = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "`zh` (default) or `en`: the language of problems.",
    "schema": {"type": "string", "examples": ["zh-CN", "en"]},
}
FILES = {
    "get_audit": [AUDIT],
    "simulate_rulebook": [SIMULATION],
    "get_journal_export": sorted(set(MEDIA_TYPES.values())),
}
"""Operations whose answer is a file, and the media types it may have: one a format."""
ANSWER_HEADERS = {
    "Idempotency-Replayed": {
        "description": "`true` when this answer was stored by an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "Dry-Run": {
        "description": "`true` when this was a preview and nothing was stored.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
FIELD_ERRORS = {
    "type": "array",
    "description": "Of `invalid_request`: one per fault.",
    "items": {
        "type": "object",
        "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
        "required": ["field", "message"],
    },
}


def create_config(*, version: str) -> OpenAPIConfig:
    return OpenAPIConfig(
        title="城市合伙人积分账本 · City Partner Ledger",
        version=version,
        description=DESCRIPTION,
        path="/schema",
        render_plugins=[DocsPage(path="/", media_type=MediaType.HTML), CompletedDocument()],
        components=Components(security_schemes={"bearer": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"bearer": []}],
        tags=[Tag(name=name, description=description) for name, description in TAGS.items()],
    )


class DocsPage(OpenAPIRenderPlugin):
    """Swagger UI from our own static files."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        return f"""<!DOCTYPE html>
<html lang="zh">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{openapi_schema["info"]["title"]}</title>
<link rel="icon" href="/static/swagger-ui/favicon-32x32.png">
<link rel="stylesheet" href="/static/swagger-ui/swagger-ui.css">
<script src="/static/swagger-ui/swagger-ui-bundle.js" defer></script>
<script src="/static/docs.js" defer></script>
</head>
<body>
<div id="docs"></div>
<noscript>这个页面需要 JavaScript；接口文档的原文在 <a href="/schema/openapi.json">openapi.json</a>。
This page needs JavaScript; the document itself is <a href="/schema/openapi.json">openapi.json</a>.</noscript>
</body>
</html>
""".encode()


class CompletedDocument(JsonRenderPlugin):
    """The document as JSON, completed once."""

    def __init__(self) -> None:
        super().__init__(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON)
        self._completed: bytes | None = None

    def render(self, request: Request[Any, Any, Any], openapi_schema: Json) -> bytes:
        if self._completed is None:
            self._completed = self.render_json(request, complete(openapi_schema))
        return self._completed


def complete(document: Json) -> Json:
    """A copy of the framework's document with everything in it that a client needs."""
    completed = deepcopy(document)
    components = completed["components"]
    components["parameters"] = {"Language": LANGUAGE}
    components["responses"] = {f"Problem{status}": _problem_response(status) for status in MEANINGS}
    components["schemas"]["Problem"]["properties"]["errors"] = FIELD_ERRORS
    components["schemas"]["Problem"]["additionalProperties"] = True
    components["schemas"]["Problem"]["examples"] = [PROBLEM_EXAMPLE]
    for path, operations in completed["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1/"):
                _complete_operation(path, operation)
            else:
                operation["security"] = []
                _use_shared_problems(operation)
    tidied: Json = _tidy(completed)
    return tidied


def _complete_operation(path: str, operation: Json) -> None:
    operation_id = operation["operationId"]
    if operation_id in PUBLIC:
        operation["security"] = []
    parameters = operation.setdefault("parameters", [])
    takes_key = any(parameter["name"] == HEADER for parameter in parameters)
    operation["responses"] |= dict.fromkeys(map(str, _problem_statuses(path, operation, takes_key=takes_key)))
    _use_shared_problems(operation)
    success = next(response for status, response in operation["responses"].items() if status.startswith("2"))
    success["description"] = "Done"
    if takes_key:
        success["headers"] = ANSWER_HEADERS
    if operation_id in FILES:
        success["content"] = {media: {"schema": {"type": "string"}} for media in FILES[operation_id]}
    if operation_id in ANSWERS:
        success["content"]["application/json"]["example"] = ANSWERS[operation_id]
    operation["responses"] = dict(sorted(operation["responses"].items()))
    _put_example(operation, EXAMPLES.get(operation_id, Example()))
    parameters.append({"$ref": "#/components/parameters/Language"})


def _use_shared_problems(operation: Json) -> None:
    for status in operation["responses"]:
        if int(status) >= 400:
            operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}


def _problem_statuses(path: str, operation: Json, *, takes_key: bool) -> list[int]:
    """Those the handler names, and those that any request of its form can end in."""
    found = {int(status) for status in operation["responses"] if int(status) >= 400} | {400, 500, 503}
    if operation["operationId"] not in PUBLIC:
        found |= {401, 403}
    if "{" in path:
        found.add(404)
    if "requestBody" in operation:
        found |= {413, 415}
    if takes_key:
        found.add(422)
    return sorted(found)


def _put_example(operation: Json, example: Example) -> None:
    values = {**example.path, **example.query}
    for parameter in operation["parameters"]:
        if parameter["name"] in values:
            parameter["example"] = values[parameter["name"]]
        if parameter["name"] == HEADER:
            parameter["schema"] = {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX}
            parameter["example"] = f"{operation['operationId']}-2026-11-24-0001"
    if example.body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example.body
        operation["requestBody"]["required"] = example.body != {}


def _problem_response(status: int) -> Json:
    response: Json = {
        "description": MEANINGS[status],
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status in {429, 503}:
        response["headers"] = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    if status == 401:
        response["headers"] = {"WWW-Authenticate": {"schema": {"type": "string", "enum": ["Bearer"]}}}
    return response


BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_GENERIC = re.compile(r"\bPage_(?:\w+\.)*?(\w+?)(?:Record|Body)?_(?=$|\W)")


def _tidy(value: Any, key: str = "") -> Any:
    """Whole bounds as whole numbers, patterns as JavaScript has them, `ReportPage` for the page of a generic class."""
    if isinstance(value, dict):
        return {_name_page(name): _tidy(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    return _TIDIED.get(key, _same)(value)


def _name_page(name: str) -> str:
    return _GENERIC.sub(r"\1Page", name)


def _same(value: Any) -> Any:
    return value


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


_TIDIED: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(BOUNDS, _whole),
    "$ref": _name_page,
    # Python's `$` lets a line break pass, so the patterns end in \Z, which JavaScript spells `$`.
    "pattern": lambda pattern: pattern.replace(r"\Z", "$"),
}
