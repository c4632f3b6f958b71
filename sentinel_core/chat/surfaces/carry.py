"""What a translation does with fields that no chat can carry: refuse them, or keep them for a provider that can."""

from __future__ import annotations

from dataclasses import dataclass

from sentinel_core.chat.messages import Json
from sentinel_core.chat.surfaces.fields import Fields, refuse


@dataclass(slots=True)
class Carry:
    """
    `is_native` says that the provider speaks the caller's API, so that nothing need be refused.

    `only` is the path of the first field that no chat can carry. Such fields belong to the scope, without their
    `cache_control`, which changes no answer.
    """

    is_native: bool = False
    only: str | None = None

    def raw(self, holder: Fields, name: str, reason: str) -> dict[str, Json]:
        """Return the whole object for the scope; raise InvalidRequestError where the provider cannot take it."""
        self.check(holder, name, reason)
        return {key: value for key, value in holder.value.items() if key != "cache_control"}

    def check(self, holder: Fields, name: str, reason: str) -> None:
        """Note a field that no chat can carry, or refuse it."""
        if not self.is_native:
            refuse(holder.at(name), reason)
        self.only = self.only or holder.at(name)
