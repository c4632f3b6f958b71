"""Whether a value fits the parts of JSON Schema that OpenAI's structured outputs know."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

MAX_COMPARISONS = 10_000
"""After so many, a few milliseconds, the rest passes: schemas are the caller's, and may be made to take for ever."""
MAX_DEPTH = 32
MAX_REFERENCE = 1_000
"""Characters; a longer reference lets everything pass."""

_COMPARED = 256
"""Characters of a text that are compared in the time of one number."""

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
        if not _has_type(value, schema.get("type")) or not self._is_allowed(value, schema):
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
        names = required if isinstance(required, list) and self._may_spend(len(required)) else []
        if not all(name in value for name in names if isinstance(name, str)):
            return False
        if not isinstance(properties, dict):
            return True
        known = (name for name in value if name in properties)
        return all(self._fits(value[name], properties[name], depth) for name in known)

    def _is_allowed(self, value: Any, schema: Mapping[str, Any]) -> bool:
        allowed = schema.get("enum")
        if isinstance(allowed, list) and self._may_spend(len(allowed), value) and value not in allowed:
            return False
        return "const" not in schema or not self._may_spend(1, value) or value == schema["const"]

    def _may_spend(self, times: int, value: Any = None) -> bool:
        """Count `times` comparisons with a value, by its size; return whether they are not too many."""
        self._left -= times * self._size(value, self._left // max(1, times))
        return self._left > 0

    def _size(self, value: Any, most: int) -> int:
        """Return about how many comparisons one with the value may take, as soon as there are `most`."""
        size, left = 0, [value]
        while left and size <= most:
            part = left.pop()
            size += 1 + (len(part) // _COMPARED if isinstance(part, str) else 0)
            if isinstance(part, dict):
                size += len(part)
                left += islice(part.values(), most + 1)
            elif isinstance(part, list):
                left += part[: most + 1]
        return size

    def _resolved(self, schema: Any) -> Any:
        """Follow one local reference (`#/$defs/name`); a schema that is not found lets everything pass."""
        reference = schema.get("$ref") if isinstance(schema, dict) else None
        if not isinstance(reference, str):
            return schema
        if len(reference) > MAX_REFERENCE:
            return True
        found: Any = self._root
        for name in filter(None, reference.removeprefix("#").split("/")):
            found = found.get(name) if isinstance(found, dict) else None
        return found


def _has_type(value: Any, wanted: Any) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(names, list) and len(names) > len(_TYPES):
        return True
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
