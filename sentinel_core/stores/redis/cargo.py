"""Data that travels with other round trips: queues of amounts, merged and bounded while they wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sentinel_core.errors import RefusedError, StoreError
from sentinel_core.stores.redis.connection import Command, Reply

CARRIED = 500
"""Amounts that one round trip takes from one queue."""

_LASTING = frozenset({"ERR", "WRONGTYPE"})


@dataclass(frozen=True, slots=True)
class Load:
    """
    Commands for the next round trip.

    `unload` is called once: with a reply for each command, or with None if the round trip failed.
    """

    commands: Sequence[Command]
    unload: Callable[[Sequence[Reply] | None], None]


class Queue(Protocol):
    """Amounts on their way to Redis; while Redis is away they add up by name, up to a fixed number of names."""

    def take(self, now: float, *, is_flush: bool = False) -> Load | None:
        """Take the due amounts by the monotonic clock, or all with `is_flush`, at most `CARRIED`; None if none."""


def may_pass(reply: Reply) -> bool:
    """Whether an amount failed for a reason that sending it again may cure."""
    return isinstance(reply, StoreError) and not (isinstance(reply, RefusedError) and reply.code in _LASTING)
