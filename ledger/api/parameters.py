"""An unknown query parameter is an error: a filter that is misspelt must not silently list everything."""

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import QueryParameter

from ledger.domain.errors import UnknownParameter


def refuse_unknown_parameters(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    """Raises UnknownParameter naming the first one and those there are."""
    known = known_parameters(handler)
    for parameter in connection.query_params:
        if parameter not in known:
            raise UnknownParameter(parameter=parameter[:40], known=", ".join(sorted(known)) or "-")


def known_parameters(handler: BaseRouteHandler) -> set[str]:
    """The query parameters of a handler by the names clients use. Each must be marked as one in the signature."""
    return {
        definition.name or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(definition := field.kwarg_definition, QueryParameter)
    }
