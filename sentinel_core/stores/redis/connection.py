"""The port of the Redis store to a connection: one batch of commands is one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, cast

from sentinel_core.errors import RefusedError, StoreError

Command: TypeAlias = tuple[str, ...]
Reply: TypeAlias = "str | int | list[Reply] | StoreError | None"

DEFAULT_TIMEOUT = 0.8
"""Seconds for a round trip, connecting included."""


class RedisConnection(Protocol):
    """A way to a Redis database; replies are RESP2's, as text."""

    async def run(self, commands: Sequence[Command]) -> list[Reply]:
        """
        Send all in one round trip and return a reply for each, a StoreError where that command failed.

        Raises StoreError, within the time budget, if the round trip as a whole failed.
        """

    async def aclose(self) -> None:
        """Give connections back; never raises. The wire may be used again."""


def refusal(message: object) -> RefusedError:
    """Keep an error's code and drop its text, which may quote keys and values."""
    code, _, _ = str(message).partition(" ")
    return RefusedError(code if code.isupper() else "ERR")


def checked(replies: Sequence[Reply]) -> list[Reply]:
    """Return the replies; raise the first error among them."""
    for reply in replies:
        if isinstance(reply, StoreError):
            raise reply
    return cast("list[Reply]", list(replies))


def listed(reply: Reply, length: int | None = None) -> list[Reply]:
    """Return the items of a list; raise the reply's error, or StoreError unless it is a list of this length."""
    if isinstance(reply, StoreError):
        raise reply
    if not isinstance(reply, list) or length not in (None, len(reply)):
        raise StoreError("not the list that was asked for")
    return reply


def paired(reply: Reply) -> dict[str, str]:
    """Return fields and their values, or members and their scores; raise StoreError for any other reply."""
    flat = [part for part in listed(reply) if isinstance(part, str)]
    if len(flat) % 2 or len(flat) != len(listed(reply)):
        raise StoreError("not the fields that were asked for")
    return dict(zip(flat[::2], flat[1::2], strict=True))


def amount(reply: Reply) -> float:
    """Read a number; raise StoreError for any other reply."""
    try:
        return float(str(reply))
    except ValueError as error:
        raise StoreError("not a number") from error


def is_refused(reply: Reply, code: str) -> bool:
    """Whether a command was refused for this reason."""
    return isinstance(reply, RefusedError) and reply.code == code


def is_of_another_type(reply: Reply) -> bool:
    """Whether the key holds a type that Sentinel does not write there, such as a list."""
    return is_refused(reply, "WRONGTYPE")
