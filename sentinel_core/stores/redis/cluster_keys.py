"""Names and slots of keys in a Redis Cluster, where a hash tag keeps a namespace's keys in one slot."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from redis.crc import key_slot

from sentinel_core.stores.redis import key_names
from sentinel_core.stores.redis.connection import Command, Reply

EVERYWHERE = frozenset({"PING", "INFO"})
"""Commands for every master."""

KEYLESS = EVERYWHERE | {"ECHO"}
MANY_KEYS = frozenset({"MGET", "DEL", "UNLINK"})

_PLACES = {"SCAN": (3,), "RENAME": (1, 2)}
"""Where a command has its key, or its pattern, if not in the first place only."""

_NAMESPACED = re.compile(
    f"({re.escape(key_names.ROOT)})(?!(?:count|key|alert|check):)([^:]+)"
    "(:(?:entry|index|vectors|lease|stats|ring|series):.*|:scopes|:curated(?:-log|-version)?|:top-[a-z_]+:.*)",
    re.DOTALL,
)

_TAGGED = re.compile(f"^({re.escape(key_names.ROOT)})\\{{([^:{{}}]+)\\}}(:.*)$", re.DOTALL)


def tagged(key: str) -> str:
    """Return a key's name in a cluster: keys of a namespace carry it as hash tag, `sentinel:v1:{ns}:entry:…`."""
    return _NAMESPACED.sub(r"\1{\2}\3", key) if _NAMESPACED.fullmatch(key) else key


def is_scan_of_all(command: Command) -> bool:
    """Whether a command scans all namespaces, whose keys lie on every master."""
    return command[0] == "SCAN" and command[3].startswith(f"{key_names.ROOT}*:")


def scan_of(command: Command, masters: int) -> tuple[int, Command]:
    """
    Return the master that a scan of all namespaces has come to, by its number, and the scan there.

    The cursor counts in steps of `masters`: its remainder is the master, for Redis's own is a number as well.
    """
    cursor, master = divmod(int(command[1]), masters)
    [there] = pieces((command[0], str(cursor), *command[2:]))
    return master, there


def following(command: Command, reply: Reply, masters: int) -> Reply:
    """Return the page of a scan of all namespaces, with the cursor that goes on: with the next master at an end."""
    page = _untagged(reply)
    if not isinstance(page, list) or len(page) != 2:
        return page
    cursor, master = int(str(page[0])), int(command[1]) % masters
    if cursor == 0:
        return [str(master + 1) if master + 1 < masters else "0", page[1]]
    return [str(cursor * masters + master), page[1]]


def slot_of(command: Command) -> int:
    """Return the slot of a tagged command's first key; commands without one go with the log of purges."""
    key = key_names.PURGES if command[0] in KEYLESS else command[_PLACES.get(command[0], (1,))[0]]
    slot: int = key_slot(key.encode("utf-8", "replace"))
    return slot


def pieces(command: Command) -> list[Command]:
    """Tag a command's keys, and split it into one command for each slot if it has many."""
    if command[0] in KEYLESS:
        return [command]
    if command[0] not in MANY_KEYS:
        places = _PLACES.get(command[0], (1,))
        return [tuple(tagged(part) if place in places else part for place, part in enumerate(command))]
    by_slot: dict[int, list[str]] = {}
    for key in map(tagged, command[1:]):
        by_slot.setdefault(slot_of((command[0], key)), []).append(key)
    return [(command[0], *keys) for keys in by_slot.values()]


def joined(command: Command, parts: Sequence[Command], replies: Sequence[Reply]) -> Reply:
    """Put the replies to the pieces of a command together; the first error among them is the reply."""
    if len(parts) == 1:
        return _untagged(replies[0]) if command[0] == "SCAN" else replies[0]
    for reply in replies:
        if isinstance(reply, Exception):
            return reply
    if command[0] == "PING":
        return replies[0]
    if command[0] == "INFO":
        return "\n".join(map(str, replies))
    if command[0] in ("DEL", "UNLINK"):
        return sum(reply for reply in replies if isinstance(reply, int))
    values = dict(_values(parts, replies))
    return [values.get(tagged(key)) for key in command[1:]]


def _untagged(page: Reply) -> Reply:
    """Return what SCAN found, with keys as they are named outside of clusters."""
    if not isinstance(page, list) or len(page) != 2 or not isinstance(page[1], list):
        return page
    return [page[0], [_TAGGED.sub(r"\1\2\3", str(key)) for key in page[1]]]


def _values(parts: Sequence[Command], replies: Sequence[Reply]) -> Iterable[tuple[str, Reply]]:
    for part, reply in zip(parts, replies, strict=True):
        if isinstance(reply, list):
            yield from zip(part[1:], reply, strict=False)
