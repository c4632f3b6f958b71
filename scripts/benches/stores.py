"""The stores Sentinel can be measured with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

KINDS = ("memory",)


@contextmanager
def environ(kind: str) -> Iterator[Mapping[str, str]]:
    """Have a store of this kind ready; gives the variables that point Sentinel at it."""
    yield {"SENTINEL_STORE": kind}
