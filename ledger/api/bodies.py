"""Bodies, read strictly before anything else is done with them: JSON in UTF-8, of exactly the documented types.

The framework alone takes "29.8" for a number, calls a broken character an internal error and falls over deep nesting.
"""

from typing import Any

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import ClientException, HTTPException, ValidationException
from litestar.handlers.base import BaseRouteHandler

MEDIA_TYPE = "application/json"
CHARSETS = {"", "utf-8", "utf8"}


async def check_body(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard. Raises, in this order: unsupported media type, too large, malformed, what is wrong with which field."""
    definition = handler.parsed_data_field
    if definition is None:
        return
    assert isinstance(connection, Request), "only HTTP requests have bodies"
    body = await connection.body()
    if not body:
        if definition.is_optional:
            return
        raise ValidationException(extra=[{"message": "Body is empty", "key": ""}])
    if not _is_json(connection.headers.get("content-type")):
        raise HTTPException(status_code=415)
    try:
        msgspec.json.decode(body, type=definition.annotation)
    except msgspec.ValidationError as error:
        raise ValidationException(extra=[{"message": str(error), "key": ""}]) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ClientException from None


def _is_json(content_type: str | None) -> bool:
    """Nothing said is taken as JSON: there is nothing else it could be."""
    if content_type is None:
        return True
    media_type, _, parameters = content_type.lower().partition(";")
    name, _, value = parameters.strip().partition("=")
    return media_type.strip() == MEDIA_TYPE and (name != "charset" or value.strip(' "') in CHARSETS)
