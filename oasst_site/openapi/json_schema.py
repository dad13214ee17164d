"""Python's types as JSON Schema (2020-12, as OpenAPI 3.1 has it)."""

import types
from collections.abc import Mapping
from inspect import getdoc
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    None: {"type": "null"},
    Any: {},
}


def schema_of(hint: Any) -> dict[str, Any]:
    """The schema of a type hint. A TypedDict is named; `component_of` writes it out.

    Raises TypeError for a hint that has no JSON.
    """
    if hint in _PLAIN:
        return dict(_PLAIN[hint])
    if is_typeddict(hint):
        return reference_to(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is NotRequired:
        return schema_of(arguments[0])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return _union([schema_of(argument) for argument in arguments])
    if origin is list:
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1])}
    raise TypeError(f"{hint!r} has no JSON Schema: write it with TypedDict, list, dict, unions and plain types.")


def reference_to(shape: type) -> dict[str, Any]:
    """A reference to a TypedDict's component."""
    return {"$ref": f"#/components/schemas/{shape.__name__}"}


def component_of(shape: type) -> dict[str, Any]:
    """A TypedDict's component: its fields by name, the required ones, its docstring."""
    hints = get_type_hints(shape, include_extras=True)
    optional = {name for name, hint in hints.items() if get_origin(hint) is NotRequired}
    return {
        "type": "object",
        "description": getdoc(shape) or "",
        "properties": {name: schema_of(hint) for name, hint in hints.items()},
        "required": [name for name in hints if name not in optional],
    }


def _union(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    plain = [each["type"] for each in schemas if set(each) == {"type"}]
    return {"type": plain} if len(plain) == len(schemas) else {"anyOf": schemas}
