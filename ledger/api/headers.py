"""Headers that every answer carries: nothing with a name, a balance or a token in it is kept by anybody on the way."""

from litestar.types import Message, Scope

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The docs page loads from here and talks to here. `unsafe-inline`: Swagger UI writes styles into its elements."""

_ALWAYS = [(b"x-content-type-options", b"nosniff")]
_PRIVATE = [*_ALWAYS, (b"cache-control", b"no-store")]
_PAGE = [
    *_ALWAYS,
    (b"content-security-policy", DOCS_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
]
_FILE = [*_ALWAYS, (b"cache-control", b"public, max-age=86400")]
"""Vendored files change with a release; a day is what an old page may show."""


async def add_headers(message: Message, scope: Scope) -> None:
    """Before an answer is sent, an error's too."""
    if message["type"] == "http.response.start":
        message.setdefault("headers", [])
        message["headers"] = [*message["headers"], *_headers_of(scope["path"])]


def _headers_of(path: str) -> list[tuple[bytes, bytes]]:
    if path.startswith("/schema"):
        return _PAGE
    return _FILE if path.startswith("/static/") else _PRIVATE
