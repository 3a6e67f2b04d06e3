"""Parameters in path and query, checked before the handler sees them.

An unknown one is an error: a filter that is misspelt must not silently list everything.
"""

import re
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler
from litestar.params import QueryParameter

from ledger.api.forms import LINE, PATTERN_WORDINGS
from ledger.domain.errors import InvalidField, UnknownParameter

VALUE_LENGTH_MAX = 100
"""Of what stands in a path: twice the longest name there is."""


async def refuse_unknown_parameters(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raises UnknownParameter naming the first one and those there are; InvalidField for one that is given twice."""
    if not connection.query_params:
        return
    known = set(parameter_names(handler).values())
    for parameter in connection.query_params:
        if parameter not in known:
            raise UnknownParameter(parameter=parameter[:40], known=", ".join(sorted(known)) or "-")
        if len(connection.query_params.getall(parameter)) > 1:
            raise InvalidField(field=parameter, problem_zh="只能给一次。", problem_en="give it once.")


async def refuse_control_characters(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """For path and query, as the patterns of `forms.py` are for the body. Raises InvalidField."""
    for field, value in (*connection.path_params.items(), *connection.query_params.multi_items()):
        if isinstance(value, str) and not re.search(LINE, field + value):
            wording = PATTERN_WORDINGS[LINE]
            raise InvalidField(field=field[:40], problem_zh=f"{wording.zh}。", problem_en=f"{wording.en}.")
    for field, value in connection.path_params.items():
        if len(str(value)) > VALUE_LENGTH_MAX:
            limit = VALUE_LENGTH_MAX
            raise InvalidField(
                field=field, problem_zh=f"最多 {limit} 个字符。", problem_en=f"takes at most {limit} characters."
            )


def parameter_names(handler: BaseRouteHandler) -> dict[str, str]:
    """The query parameters of a handler and its dependencies: the name in Python → the name that clients use."""
    signatures = [handler.parsed_fn_signature]
    dependencies = handler.resolve_dependencies()
    signatures += [dependencies[name].parsed_fn_signature for name in signatures[0].parameters if name in dependencies]
    return {
        name: definition.name or name
        for signature in signatures
        for name, field in signature.parameters.items()
        if isinstance(definition := field.kwarg_definition, QueryParameter)
    }
