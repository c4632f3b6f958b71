"""Names and slots of keys in a Redis Cluster, where a hash tag keeps a namespace's keys in one slot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from redis.crc import key_slot

from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply

KEYLESS = frozenset({"PING", "ECHO"})
MANY_KEYS = frozenset({"MGET", "DEL"})

_NAMESPACED = re.compile(
    f"({re.escape(key_names.ROOT)})(?!(?:count|key|alert|check):)([^:]+)"
    "(:(?:entry|index|vectors|lease|stats):.*|:scopes|:top-[a-z_]+:.*)",
    re.DOTALL,
)


def tagged(key: str) -> str:
    """Return a key's name in a cluster: keys of a namespace carry it as hash tag, `sentinel:v1:{ns}:entry:…`."""
    return _NAMESPACED.sub(r"\1{\2}\3", key) if _NAMESPACED.fullmatch(key) else key


def slot_of(command: Command) -> int:
    """Return the slot of a tagged command's first key; commands without one go with the log of purges."""
    key = key_names.PURGES if command[0] in KEYLESS else command[1]
    slot: int = key_slot(key.encode("utf-8", "replace"))
    return slot


def pieces(command: Command) -> list[Command]:
    """Tag a command's keys, and split it into one command for each slot if it has many."""
    if command[0] in KEYLESS:
        return [command]
    if command[0] not in MANY_KEYS:
        return [(command[0], tagged(command[1]), *command[2:])]
    by_slot: dict[int, list[str]] = {}
    for key in map(tagged, command[1:]):
        by_slot.setdefault(slot_of((command[0], key)), []).append(key)
    return [(command[0], *keys) for keys in by_slot.values()]


def joined(command: Command, parts: Sequence[Command], replies: Sequence[Reply]) -> Reply:
    """Put the replies to the pieces of a command together; the first error among them is the reply."""
    if len(parts) == 1:
        return replies[0]
    for reply in replies:
        if isinstance(reply, Exception):
            return reply
    if command[0] == "PING":
        return replies[0]
    if command[0] == "DEL":
        return sum(reply for reply in replies if isinstance(reply, int))
    values = dict(_values(parts, replies))
    return [values.get(tagged(key)) for key in command[1:]]


def _values(parts: Sequence[Command], replies: Sequence[Reply]) -> Iterable[tuple[str, Reply]]:
    for part, reply in zip(parts, replies, strict=True):
        if isinstance(reply, list):
            yield from zip(part[1:], reply, strict=False)
