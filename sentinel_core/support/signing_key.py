"""The key of hashes and signatures that are made while the server runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class SigningKey(Protocol):
    """A key that is read where it is used: the first API key of a running server may bring it."""

    def read(self) -> bytes:
        """Return the key, empty where there is no secret."""


@dataclass(frozen=True, slots=True)
class FixedKey:
    """A key that never changes."""

    content: bytes = field(default=b"", repr=False)

    def read(self) -> bytes:
        return self.content
