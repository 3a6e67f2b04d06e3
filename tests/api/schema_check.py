"""Does a value fit a schema of our OpenAPI document? Only the keywords that it uses; an unknown one is an error."""

import re
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

PROSE = {"description", "title", "examples", "example", "default", "format", "deprecated"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def find_faults(document: Json, schema: Json, value: Any, at: str = "$") -> Iterator[str]:
    """Every place where the value is not what the schema says."""
    for keyword, expected in schema.items():
        if keyword in PROSE:
            continue
        yield from _CHECKS[keyword](document, schema, expected, value, at)


def _ref(document: Json, _schema: Json, expected: str, value: Any, at: str) -> Iterator[str]:
    target: Any = document
    for part in expected.removeprefix("#/").split("/"):
        target = target[part]
    yield from find_faults(document, target, value, at)


def _type(_document: Json, _schema: Json, expected: Any, value: Any, at: str) -> Iterator[str]:
    names = [expected] if isinstance(expected, str) else expected
    allowed = tuple(kind for name in names for kind in _TYPES[name])
    if not isinstance(value, allowed) or (isinstance(value, bool) and bool not in allowed):
        yield f"{at}: {value!r} is no {expected}"


def _properties(document: Json, schema: Json, expected: Json, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name in expected:
                yield from find_faults(document, expected[name], item, f"{at}.{name}")
            elif "additionalProperties" not in schema:
                yield f"{at}.{name} is not documented"


def _additional(document: Json, schema: Json, expected: Any, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name in value.keys() - schema.get("properties", {}).keys():
            if expected is False:
                yield f"{at}.{name} is not allowed"
            elif isinstance(expected, dict):
                yield from find_faults(document, expected, value[name], f"{at}.{name}")


def _required(_document: Json, _schema: Json, expected: list[str], value: Any, at: str) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{at}.{name} is missing" for name in expected if name not in value)


def _items(document: Json, _schema: Json, expected: Json, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from find_faults(document, expected, item, f"{at}[{index}]")


def _one_of(document: Json, _schema: Json, expected: list[Json], value: Any, at: str) -> Iterator[str]:
    fitting = [option for option in expected if not list(find_faults(document, option, value, at))]
    if not fitting:
        yield f"{at}: {value!r} fits none of {len(expected)}"


def _enum(_document: Json, _schema: Json, expected: list[Any], value: Any, at: str) -> Iterator[str]:
    if value not in expected:
        yield f"{at}: {value!r} is none of {expected}"


def _pattern(_document: Json, _schema: Json, expected: str, value: Any, at: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(expected, value):
        yield f"{at}: {value!r} does not match {expected}"


def _bound(fits: Any) -> Any:
    def check(_document: Json, _schema: Json, expected: int, value: Any, at: str) -> Iterator[str]:
        if value is not None and not fits(value, expected):
            yield f"{at}: {value!r} is out of bounds ({expected})"

    return check


_CHECKS: dict[str, Any] = {
    "$ref": _ref,
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "required": _required,
    "items": _items,
    "oneOf": _one_of,
    "anyOf": _one_of,
    "enum": _enum,
    "const": lambda document, schema, expected, value, at: _enum(document, schema, [expected], value, at),
    "pattern": _pattern,
    "minimum": _bound(lambda value, bound: value >= bound),
    "maximum": _bound(lambda value, bound: value <= bound),
    "minLength": _bound(lambda value, bound: len(value) >= bound),
    "maxLength": _bound(lambda value, bound: len(value) <= bound),
    "minItems": _bound(lambda value, bound: len(value) >= bound),
    "maxItems": _bound(lambda value, bound: len(value) <= bound),
}
