"""Whether a value fits the parts of JSON Schema that OpenAI's structured outputs know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_COMPARISONS = 10_000
"""After so many, a few milliseconds, the rest passes: schemas are the caller's, and may be made to take for ever."""
MAX_DEPTH = 32

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class SchemaCheck:
    """
    Compares type, required, properties, items, enum, const, anyOf and local references.

    Everything else in a schema passes, and so do parts deeper than MAX_DEPTH.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._root = schema
        self._left = MAX_COMPARISONS

    def fits(self, value: Any) -> bool:
        """Return whether the value fits; never raises."""
        return self._fits(value, self._root, MAX_DEPTH)

    def _fits(self, value: Any, schema: Any, depth: int) -> bool:
        self._left -= 1
        schema = self._resolved(schema)
        if depth == 0 or self._left <= 0 or not isinstance(schema, dict):
            return True
        if not _has_type(value, schema.get("type")) or not _is_allowed(value, schema):
            return False
        choices = schema.get("anyOf")
        if isinstance(choices, list) and not any(self._fits(value, choice, depth - 1) for choice in choices):
            return False
        return self._parts_fit(value, schema, depth - 1)

    def _parts_fit(self, value: Any, schema: Mapping[str, Any], depth: int) -> bool:
        if isinstance(value, list):
            return all(self._fits(item, schema.get("items"), depth) for item in value)
        if not isinstance(value, dict):
            return True
        required, properties = schema.get("required"), schema.get("properties")
        if isinstance(required, list) and not all(name in value for name in required if isinstance(name, str)):
            return False
        if not isinstance(properties, dict):
            return True
        return all(self._fits(value[name], part, depth) for name, part in properties.items() if name in value)

    def _resolved(self, schema: Any) -> Any:
        """Follow one local reference (`#/$defs/name`); a schema that is not found lets everything pass."""
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            return schema
        found: Any = self._root
        for name in filter(None, reference.removeprefix("#").split("/")):
            found = found.get(name) if isinstance(found, dict) else None
        return found


def _has_type(value: Any, wanted: Any) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    return not isinstance(names, list) or any(_is_of(value, name) for name in names)


def _is_of(value: Any, name: Any) -> bool:
    types = _TYPES.get(name) if isinstance(name, str) else None
    if types is None:
        return True
    if isinstance(value, bool):
        return bool in types
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, types)


def _is_allowed(value: Any, schema: Mapping[str, Any]) -> bool:
    allowed = schema.get("enum")
    if isinstance(allowed, list) and value not in allowed:
        return False
    return "const" not in schema or value == schema["const"]
