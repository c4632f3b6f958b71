"""Reads JSON objects of a request by path, so that each error names the field at fault."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NoReturn

from sentinel_core.chat.messages import Json
from sentinel_core.errors import InvalidRequestError

_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object of a request and its path; every method raises InvalidRequestError with the path."""

    value: Mapping[str, Json]
    path: str = ""

    def get(self, name: str) -> Json:
        return self.value.get(name)

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name[:_LONGEST_NAME]}" if self.path else name[:_LONGEST_NAME]

    def text(self, name: str) -> str:
        """Return a field that must be text."""
        value = self.value.get(name)
        if not isinstance(value, str):
            refuse(self.at(name), "must be text", code="invalid_type")
        return value

    def optional_text(self, name: str) -> str | None:
        return None if self.value.get(name) is None else self.text(name)

    def child(self, name: str) -> Fields:
        """Return a field that must be an object."""
        return as_fields(self.value.get(name), self.at(name))

    def children(self, name: str) -> list[Fields]:
        """Return a list of objects; [] where the field is absent."""
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            refuse(self.at(name), "must be a list", code="invalid_type")
        return [as_fields(item, f"{self.at(name)}[{index}]") for index, item in enumerate(value)]

    def chosen(self, *names: str) -> dict[str, Json]:
        """Return the named fields that are there and not null."""
        return {name: self.value[name] for name in names if self.value.get(name) is not None}

    def only(self, known: Collection[str], reason: str) -> None:
        """Refuse the first field that is not `known` and not null."""
        for name, value in self.value.items():
            if name not in known and value is not None:
                refuse(self.at(name), reason)


def as_fields(value: Json, path: str) -> Fields:
    """Return a value that must be an object."""
    if not isinstance(value, dict):
        refuse(path, "must be an object", code="invalid_type")
    return Fields(value, path)


def refuse(path: str, reason: str, *, code: str = "unsupported_parameter") -> NoReturn:
    """Raise InvalidRequestError that names the field."""
    raise InvalidRequestError(f"{path}: {reason}", code=code, param=path)
